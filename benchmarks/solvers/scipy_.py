"""Solvers of scipy.optimize; the local ones are restarted until the budget is spent.

All work in the unit cube, because most of them take one step length for all variables.
"""

from __future__ import annotations

import itertools

from benchmarks.solvers.base import solver
from benchmarks.solvers.box import in_unit_cube, seeds, starts

PACKAGES = ("scipy",)


def _restarted(method, options, fun, lower, upper, seed):
    from scipy.optimize import minimize

    g, d = in_unit_cube(fun, lower, upper), len(lower)
    for start in starts(d, seed):
        minimize(g, start, method=method, bounds=[(0, 1)] * d, options=options)


@solver("slsqp", packages=PACKAGES)
def slsqp(fun, lower, upper, budget, seed):
    """Finite differences, tolerance 1e-11: the entry "SLSQP-11" of COCO's archive."""
    options = {"ftol": 1e-11, "maxiter": 10_000}
    _restarted("SLSQP", options, fun, lower, upper, seed)


@solver("l-bfgs-b", packages=PACKAGES)
def l_bfgs_b(fun, lower, upper, budget, seed):
    """Finite differences; tolerances as tight as rounding allows."""
    options = {"ftol": 1e-14, "gtol": 1e-10, "maxiter": 10_000, "maxfun": 10**9}
    _restarted("L-BFGS-B", options, fun, lower, upper, seed)


@solver("cobyqa", packages=PACKAGES)
def cobyqa(fun, lower, upper, budget, seed):
    """First radius a tenth of the box, last one 1e-8 of it."""
    options = {"initial_tr_radius": 0.1, "final_tr_radius": 1e-8, "maxfev": 10**6}
    _restarted("COBYQA", options, fun, lower, upper, seed)


@solver("differential-evolution", packages=PACKAGES)
def differential_evolution(fun, lower, upper, budget, seed):
    """SciPy's defaults: 15 d members, best/1/bin."""
    from scipy.optimize import differential_evolution

    for each in seeds(seed):
        differential_evolution(fun, list(zip(lower, upper, strict=True)), rng=each)


@solver("direct", packages=PACKAGES)
def direct(fun, lower, upper, budget, seed):
    """Locally biased, as is the default; deterministic, so it is not restarted."""
    from scipy.optimize import direct

    bounds = list(zip(lower, upper, strict=True))
    direct(fun, bounds, maxfun=budget, maxiter=10**6, vol_tol=0.0, len_tol=0.0)


@solver("shgo", packages=PACKAGES)
def shgo(fun, lower, upper, budget, seed):
    """Sobol points, twice as many in each round, with local searches by SLSQP."""
    from scipy.optimize import shgo

    bounds = list(zip(lower, upper, strict=True))
    for round_ in itertools.count(3 + len(lower).bit_length()):
        shgo(fun, bounds, n=2**round_, sampling_method="sobol")


@solver("dual-annealing", packages=PACKAGES)
def dual_annealing(fun, lower, upper, budget, seed):
    """SciPy's defaults, with local searches."""
    from scipy.optimize import dual_annealing

    for each in seeds(seed):
        dual_annealing(fun, list(zip(lower, upper, strict=True)), rng=each)
