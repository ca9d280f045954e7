"""SMT's efficient global optimisation on Kriging: Saves et al. (2024), AES 188:103571."""

from __future__ import annotations

import numpy as np

from benchmarks.solvers.base import solver


@solver("smt-ego", environment="smt", packages=("smt",), pace="slow")
def smt_ego(fun, lower, upper, budget, seed):
    """Expected improvement and the other defaults; 2 d points to start with."""
    from smt.applications import EGO
    from smt.surrogate_models import KRG
    from smt.design_space import DesignSpace

    def rows(X):
        return np.array([[fun(x)] for x in X])

    space = DesignSpace(np.column_stack([lower, upper]), seed=seed)
    n_doe = min(2 * len(lower), budget)
    ego = EGO(
        n_iter=budget - n_doe,
        n_doe=n_doe,
        surrogate=KRG(design_space=space, print_global=False),
        seed=seed,
    )
    ego.optimize(fun=rows)
