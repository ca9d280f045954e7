"""BoTorch: a Gaussian process and the logarithm of expected improvement.

Balandat et al. (2020), NeurIPS 33; the criterion: Ament, Daulton, Eriksson, Balandat &
Bakshy (2023), NeurIPS 36; the priors: Hvarfner, Hellsten & Nardi (2024), ICML.
"""

from __future__ import annotations

import contextlib

import numpy as np

from benchmarks.solvers.base import solver
from benchmarks.solvers.box import in_unit_cube

NOISE = 1e-6  # of standardised values: what BoTorch's manual has for exact functions
FIELDS = {"environment": "torch", "packages": ("torch", "botorch"), "pace": "slow"}


@solver("botorch-logei", **FIELDS)
def botorch_logei(fun, lower, upper, budget, seed):
    """Run `SingleTaskGP` with its default kernel and priors on 2 d Sobol points.

    The criterion is maximised from 10 of 512 points, as in BoTorch's closed-loop
    tutorial.
    """
    g = in_unit_cube(fun, lower, upper)
    X = list(start(len(lower), 2 * len(lower), seed))
    y = [g(x) for x in X]
    while True:
        X.append(_suggest(np.array(X), y))
        y.append(g(X[-1]))


def start(d: int, n: int, seed: int) -> np.ndarray:
    """Seed PyTorch, keep it to one thread, and return n scrambled Sobol points."""
    import torch

    torch.set_num_threads(1)
    torch.manual_seed(seed)
    sobol = torch.quasirandom.SobolEngine(d, scramble=True, seed=seed)
    return sobol.draw(n, dtype=torch.double).numpy()


def tensors(X, y):
    """Return the points and what is to be maximised, standardised.

    Values that are not finite count as the worst finite one; BoTorch refuses them.
    """
    import torch

    y = np.array(y, dtype=float)
    finite = np.isfinite(y)
    y[~finite] = y[finite].max() if finite.any() else 0.0
    y = (y - y.mean()) / (y.std() or 1.0)
    return torch.tensor(np.array(X), dtype=torch.double), -torch.from_numpy(y)[:, None]


def fit(model):
    """Fit the parameters; where BoTorch gives up after five attempts, leave them."""
    from botorch.exceptions import ModelFittingError
    from botorch.fit import fit_gpytorch_mll
    from gpytorch.mlls import ExactMarginalLogLikelihood

    with contextlib.suppress(ModelFittingError):
        fit_gpytorch_mll(ExactMarginalLogLikelihood(model.likelihood, model))
    return model.eval()


def _suggest(X, y):
    import torch
    from botorch.acquisition import LogExpectedImprovement
    from botorch.models import SingleTaskGP
    from botorch.optim import optimize_acqf

    X, y = tensors(X, y)
    model = fit(SingleTaskGP(X, y, torch.full_like(y, NOISE)))
    criterion = LogExpectedImprovement(model, best_f=y.max())
    cube = torch.stack([torch.zeros_like(X[0]), torch.ones_like(X[0])])
    best, _ = optimize_acqf(criterion, cube, q=1, num_restarts=10, raw_samples=512)
    return best[0].numpy()
