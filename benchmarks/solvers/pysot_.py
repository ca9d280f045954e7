"""pySOT: stochastic searches on radial basis functions, with restarts.

Eriksson, Bindel & Shoemaker (2019), arXiv:1908.00420.
"""

from __future__ import annotations

from contextlib import suppress

import numpy as np

from benchmarks.solvers.base import solver
from benchmarks.solvers.box import NoStart, finite, seeds

FIELDS = {"environment": "pysot", "packages": ("pySOT", "POAP")}


@solver("pysot-dycors", **FIELDS)
def pysot_dycors(fun, lower, upper, budget, seed):
    """Cubic functions with a linear tail on a symmetric Latin hypercube, 2 (d + 1)."""
    _restarted("DYCORSStrategy", fun, lower, upper, budget, seed)


@solver("pysot-srbf", **FIELDS)
def pysot_srbf(fun, lower, upper, budget, seed):
    """As above, with all variables perturbed."""
    _restarted("SRBFStrategy", fun, lower, upper, budget, seed)


def _restarted(strategy, fun, lower, upper, budget, seed):
    for each in seeds(seed):
        np.random.seed(each)  # noqa: NPY002  the library takes no other generator
        with suppress(NoStart):
            _run(strategy, finite(fun), lower, upper, budget)


def _run(strategy, fun, lower, upper, budget):
    from poap.controller import SerialController
    from pySOT import strategy as strategies
    from pySOT.surrogate import CubicKernel, LinearTail, RBFInterpolant

    d = len(lower)
    rbf = RBFInterpolant(d, lower, upper, kernel=CubicKernel(), tail=LinearTail(d))
    controller = SerialController(fun)
    controller.strategy = getattr(strategies, strategy)(
        max_evals=budget,
        opt_prob=_problem(fun, lower, upper),
        exp_design=_design(d),
        surrogate=rbf,
        asynchronous=True,
    )
    controller.run()


def _design(d):
    """Return the design in random order: the library has a corner row always first."""
    from pySOT.experimental_design import SymmetricLatinHypercube

    class Shuffled(SymmetricLatinHypercube):
        def generate_points(self, *args, **kwargs):
            points = super().generate_points(*args, **kwargs)
            return np.random.permutation(points)  # noqa: NPY002  as everywhere there

    return Shuffled(d, num_pts=2 * (d + 1))


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
