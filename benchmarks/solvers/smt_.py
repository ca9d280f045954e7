"""SMT: efficient global optimisation on Kriging.

Saves et al. (2024), Advances in Engineering Software 188:103571.
"""

from __future__ import annotations

from contextlib import suppress

import numpy as np

from benchmarks.solvers.base import solver
from benchmarks.solvers.box import NoStart, finite, seeds


@solver("smt-ego", environment="smt", packages=("smt",), pace="slowest")
def smt_ego(fun, lower, upper, budget, seed):
    """Run with expected improvement, its default, and 2 d points to start with."""
    box = np.column_stack([lower, upper])
    for each in seeds(seed):
        with suppress(NoStart):
            _run(finite(fun), box, budget, each)


def _run(fun, box, budget, seed):
    from smt.applications import EGO
    from smt.design_space import DesignSpace
    from smt.surrogate_models import KRG

    def rows(X):
        return np.array([[fun(x)] for x in X])

    n_doe = min(2 * len(box), budget)
    ego = EGO(
        n_iter=budget - n_doe,
        n_doe=n_doe,
        surrogate=KRG(design_space=DesignSpace(box, seed=seed), print_global=False),
        seed=seed,
    )
    ego.optimize(fun=rows)
