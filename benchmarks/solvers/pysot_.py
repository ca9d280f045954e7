"""pySOT: stochastic searches on radial basis functions, with restarts.

Eriksson, Bindel & Shoemaker (2019), arXiv:1908.00420.
"""

from __future__ import annotations

import numpy as np

from benchmarks.solvers.base import solver

FIELDS = {"environment": "pysot", "packages": ("pySOT", "POAP")}


@solver("pysot-dycors", **FIELDS)
def pysot_dycors(fun, lower, upper, budget, seed):
    """Cubic functions with a linear tail, 2 (d + 1) points to start with."""
    _run("DYCORSStrategy", fun, lower, upper, budget, seed)


@solver("pysot-srbf", **FIELDS)
def pysot_srbf(fun, lower, upper, budget, seed):
    """As above, with all variables perturbed."""
    _run("SRBFStrategy", fun, lower, upper, budget, seed)


def _run(strategy, fun, lower, upper, budget, seed):
    from poap.controller import SerialController
    from pySOT import strategy as strategies
    from pySOT.experimental_design import SymmetricLatinHypercube
    from pySOT.surrogate import CubicKernel, LinearTail, RBFInterpolant

    np.random.seed(seed)  # noqa: NPY002  the library takes no other generator
    d = len(lower)
    rbf = RBFInterpolant(d, lower, upper, kernel=CubicKernel(), tail=LinearTail(d))
    controller = SerialController(fun)
    controller.strategy = getattr(strategies, strategy)(
        max_evals=budget,
        opt_prob=_problem(fun, lower, upper),
        exp_design=SymmetricLatinHypercube(d, num_pts=2 * (d + 1)),
        surrogate=rbf,
        asynchronous=True,
    )
    controller.run()


def _problem(fun, lower, upper):
    from pySOT.optimization_problems import OptimizationProblem

    class Problem(OptimizationProblem):
        dim, lb, ub = len(lower), lower, upper
        int_var, cont_var = np.array([]), np.arange(len(lower))

        def __init__(self):
            """Everything is known already."""

        def eval(self, record):
            return fun(record)

    return Problem()
