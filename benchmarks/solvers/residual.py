"""Solvers that are given the vector of residuals."""

from __future__ import annotations

import numpy as np

from benchmarks.solvers.base import solver
from benchmarks.solvers.box import in_unit_cube, starts


@solver("least-squares", packages=("scipy",), residuals=True)
def least_squares(fun, lower, upper, budget, seed):
    """SciPy's trust-region reflective method with finite differences, restarted."""
    from scipy.optimize import least_squares

    g = in_unit_cube(fun, lower, upper)
    for start in starts(len(lower), seed):
        try:
            least_squares(g, start, bounds=(0, 1), xtol=1e-12, ftol=1e-12)
        except ValueError:  # it refuses starts where the residuals are not finite
            continue


@solver("dfo-ls", environment="light", packages=("DFO-LS", "scipy"), residuals=True)
def dfo_ls(fun, lower, upper, budget, seed):
    """Defaults, with the box scaled; restarted at random points when it ends."""
    np.random.seed(seed)  # noqa: NPY002  the library takes no other generator
    for start in starts(len(lower), seed):
        dfo_ls_from(start, fun, lower, upper, budget)


def dfo_ls_from(start, fun, lower, upper, budget):
    """Search once, from a point of the unit cube."""
    import dfols

    x = lower + start * (upper - lower)
    box = (lower, upper)
    dfols.solve(fun, x, bounds=box, maxfun=budget, scaling_within_bounds=True)
