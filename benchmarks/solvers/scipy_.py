"""Solvers of scipy.optimize; the local ones are restarted until the budget is spent.

Those, and the global ones with local searches, work in [-5, 5]^d, whatever the box is:
they take one step length for all variables, and SLSQP needs a length that suits its
first step, a whole gradient. That cube is the one of COCO's entries; on twelve BBOB
functions of ten variables SLSQP solves .42 of the targets within 1000 evaluations
there, and .28 in the unit cube.
"""

from __future__ import annotations

from contextlib import suppress

from benchmarks.solvers.base import solver
from benchmarks.solvers.box import NoStart, finite, in_unit_cube, seeds, starts

PACKAGES = ("scipy",)
HALF = 5.0  # half an edge of the cube


def _restarted(method, options, fun, lower, upper, seed):
    from scipy.optimize import minimize

    g, box = _in_cube(fun, lower, upper)
    for start in starts(len(lower), seed):
        z = (2 * start - 1) * HALF
        with suppress(NoStart):
            minimize(finite(g), z, method=method, bounds=box, options=options)


def _in_cube(fun, lower, upper):
    g = in_unit_cube(fun, lower, upper)
    return lambda z: g(0.5 + z / (2 * HALF)), [(-HALF, HALF)] * len(lower)


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
    """First radius a tenth of the box, as is the default; last one 1e-8 of it."""
    options = {"initial_tr_radius": 1.0, "final_tr_radius": 1e-7, "maxfev": 10**6}
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
    """Simplicial samples, 100 more (the default) in each iteration; SLSQP from them.

    The first complex has 2^d vertices, made before any is evaluated: with 12 variables
    that takes half a minute, with 20 it does not end.
    """
    from scipy.optimize import shgo

    if len(lower) > 12:
        raise ValueError(f"d must be at most 12, got {len(lower)}")
    shgo(*_in_cube(fun, lower, upper), n=100, iters=10**6)


@solver("dual-annealing", packages=PACKAGES)
def dual_annealing(fun, lower, upper, budget, seed):
    """SciPy's defaults, with local searches."""
    from scipy.optimize import dual_annealing

    for each in seeds(seed):
        dual_annealing(*_in_cube(fun, lower, upper), rng=each)
