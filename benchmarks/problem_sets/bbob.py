"""COCO's noiseless functions: Hansen, Finck, Ros & Auger (2009), INRIA RR-6829.

``cocoex.BareProblem`` knows their optima and needs no network. Of COCO's suites it has
only this one so far; others (noisy, constrained, mixed-integer, two objectives) join by
one more line in `SETS` when it has them.
"""

from __future__ import annotations

from functools import partial

import numpy as np

from benchmarks.problem_sets.base import Case, ProblemSet

DIMS = (2, 3, 5, 10, 20, 40)

# The last function of each group, in the order of the suite.
GROUPS = {
    5: "separable",
    9: "moderate conditioning",
    14: "high conditioning",
    19: "multimodal",
    24: "weak structure",
}
FUNCTIONS = tuple(f"f{number:02d}" for number in range(1, max(GROUPS) + 1))


def group(number: int) -> str:
    """Return the group of a function."""
    return next(name for last, name in GROUPS.items() if number <= last)


def case(suite: str, function: str, d: int | None, instance: int) -> Case:
    """Return a function of a suite on its box [-5, 5]^d.

    Raises
    ------
    ValueError
        If there is no such function, or not in this dimension.
    """
    if function not in FUNCTIONS:
        raise ValueError(f"function must be f01 to {FUNCTIONS[-1]}, got {function!r}")
    if d not in DIMS:
        raise ValueError(f"d must be one of {DIMS}, got {d}")
    number = int(function[1:])
    fun = _problem(suite, number, d, instance)
    return Case(
        set=suite,
        name=function,
        d=d,
        instance=instance,
        group=group(number),
        lower=np.full(d, -5.0),
        upper=np.full(d, 5.0),
        fun=fun,
        f_opt=fun.best_value(),
    )


def _problem(suite: str, number: int, d: int, instance: int):
    try:
        import cocoex
    except ImportError as error:
        raise ValueError(
            "the problems of COCO need the package coco-experiment; install it by "
            "`pip install coco-experiment`"
        ) from error
    return cocoex.BareProblem(suite, number, d, instance)


SETS = tuple(
    ProblemSet(name, FUNCTIONS, DIMS, partial(case, name)) for name in ["bbob"]
)
