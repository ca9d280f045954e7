"""Local solvers that begin at a random point of the box, another for each seed.

The others begin at its centre, so that ten seeds would be one run. All of these have
the same first point in runs of the same seed, and none of them knows more than the box.
They run where they are named.
"""

from __future__ import annotations

from dataclasses import fields

import numpy as np

from benchmarks.solvers import base, bobyqa, cma_, residual, scipy_, surrogo_
from benchmarks.solvers.base import solver
from benchmarks.solvers.box import in_unit_cube, starts, without_centre

ONES = (
    residual.dfo_ls,
    residual.least_squares,
    bobyqa.py_bobyqa,
    scipy_.cobyqa,
    scipy_.slsqp,
    cma_.cma_es,
    cma_.lq_cma_es,
)
SEEN = 20  # points of which the best is a start


def scattered(plain):
    """Register the variant of a solver that begins at a random point."""
    known = next(each for each in base.SOLVERS.values() if each.solve is plain)
    kept = {field.name: getattr(known, field.name) for field in fields(known)}
    kept |= {"name": f"{known.name}-scattered", "everywhere": False}
    del kept["solve"]

    @solver(**kept)
    def solve(fun, lower, upper, budget, seed):
        with without_centre():
            plain(fun, lower, upper, budget, seed)


for _one in ONES:
    scattered(_one)


DFO_LS = {
    "environment": "light",
    "packages": ("DFO-LS", "scipy"),
    "residuals": True,
    "everywhere": False,
}


@solver(
    "surrogo-residuals-scattered",
    residuals=True,
    everywhere=False,
    **surrogo_.FIELDS,
)
def surrogo_residuals(fun, lower, upper, budget, seed):
    """Run the strategy of `surrogo.least_squares`, given the first point."""
    with without_centre():
        first = lower + next(starts(len(lower), seed)) * (upper - lower)
    answer = surrogo_.of_residuals(fun)
    surrogo_.run("gauss_newton", answer, lower, upper, budget, seed, [first])


@solver("dfo-ls-sobol", **DFO_LS)
def dfo_ls_sobol(fun, lower, upper, budget, seed):
    """Each search begins at the best of 20 more points of a Sobol sequence."""
    from scipy.stats.qmc import Sobol

    np.random.seed(seed)  # noqa: NPY002  the library takes no other generator
    g, sobol = in_unit_cube(fun, lower, upper), Sobol(len(lower), seed=seed)
    while True:
        U = sobol.random(SEEN)
        sums = np.array([np.sum(g(u) ** 2) for u in U])
        best = U[np.argmin(np.where(np.isfinite(sums), sums, np.inf))]
        residual.dfo_ls_from(best, fun, lower, upper, budget)
