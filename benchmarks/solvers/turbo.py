"""TuRBO-1: Thompson sampling in one trust region, started again when it collapses.

Written from Eriksson, Pearce, Gardner, Turner & Poloczek (2019), Scalable global
optimization via local Bayesian optimization, NeurIPS 32, with models of BoTorch; the
authors' own code is not free for every use. Settings are those of the paper, q = 1.
"""

from __future__ import annotations

import numpy as np

from benchmarks.solvers.base import solver
from benchmarks.solvers.botorch_ import FIELDS, fit, start, tensors
from benchmarks.solvers.box import in_unit_cube, seeds

LENGTH, SHORTEST, LONGEST = 0.8, 2.0**-7, 1.6
SUCCESSES = 3


@solver("turbo-1", **FIELDS)
def turbo_1(fun, lower, upper, budget, seed):
    """Run one trust region after another, each from 2 d Sobol points."""
    g = in_unit_cube(fun, lower, upper)
    for each in seeds(seed):
        _one_region(g, len(lower), each)


def _one_region(g, d, seed):
    X = list(start(d, 2 * d, seed))
    y = [g(x) for x in X]
    length, successes, failures = LENGTH, 0, 0
    while length >= SHORTEST:
        X.append(_suggest(X, y, length))
        y.append(g(X[-1]))
        better = y[-1] < np.nanmin(y[:-1])
        successes, failures = (successes + 1, 0) if better else (0, failures + 1)
        if successes == SUCCESSES:
            length, successes = min(2 * length, LONGEST), 0
        elif failures == max(4, d):
            length, failures = length / 2, 0


def _suggest(X, y, length):
    """Return the best candidate by one draw of the posterior."""
    import torch
    from botorch.generation import MaxPosteriorSampling

    X, y = tensors(X, y)
    model = _model(X, y)
    scales = model.covar_module.base_kernel.lengthscale.detach().flatten()
    sides = length * scales / scales.log().mean().exp()  # their product is length^d
    candidates = _candidates(X[y.argmax()], sides)
    with torch.no_grad():
        return MaxPosteriorSampling(model)(candidates)[0].numpy()


def _model(X, y):
    """Return the fitted model: Matern 5/2, a length scale for each coordinate.

    The bounds of scales are the paper's; those of the noise are from BoTorch's tutorial
    on TuRBO, because the paper's (5e-4 at least) are for noisy functions.
    """
    from botorch.models import SingleTaskGP
    from gpytorch.constraints import Interval
    from gpytorch.kernels import MaternKernel, ScaleKernel
    from gpytorch.likelihoods import GaussianLikelihood

    d, bounds = X.shape[1], Interval(0.005, 2.0)
    matern = MaternKernel(nu=2.5, ard_num_dims=d, lengthscale_constraint=bounds)
    kernel = ScaleKernel(matern, outputscale_constraint=Interval(0.05, 20.0))
    likelihood = GaussianLikelihood(noise_constraint=Interval(1e-8, 1e-3))
    return fit(SingleTaskGP(X, y, likelihood=likelihood, covar_module=kernel))


def _candidates(centre, sides):
    """Return Sobol points of the region that share coordinates with the centre.

    Each coordinate is another than the centre's with probability min(20 / d, 1), and
    at least one is.
    """
    import torch

    d = len(centre)
    n = min(100 * d, 5000)
    low, high = (centre - sides / 2).clamp(0, 1), (centre + sides / 2).clamp(0, 1)
    seed = int(torch.randint(2**31, ()))
    sobol = torch.quasirandom.SobolEngine(d, scramble=True, seed=seed)
    moved = low + (high - low) * sobol.draw(n, dtype=torch.double)
    mask = torch.rand(n, d) < min(20 / d, 1)
    mask[torch.arange(n), torch.randint(d, (n,))] = True
    return torch.where(mask, moved, centre)
