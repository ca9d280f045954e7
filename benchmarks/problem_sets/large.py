"""Six of COCO's functions in 40 variables, of all groups.

A thousand evaluations bring few functions there below a regret of 1e2, where COCO's
targets begin. So regrets are counted in hundredths of what a random point has: the
targets begin at such a point, and end ten powers of ten below.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from benchmarks.problem_sets import bbob
from benchmarks.problem_sets.base import Case, ProblemSet
from surrogo import checks

# Ellipsoid, attractive sector, Rosenbrock; rotated ellipsoid; Schaffer; Gallagher.
FUNCTIONS = ("f02", "f06", "f08", "f10", "f17", "f21")
D = 40
POINTS = 101  # at random; their median regret is where targets begin
FIRST = 1e2  # the easiest target


def case(function: str, d: int | None, instance: int) -> Case:
    """Return a function of the suite with its regrets scaled.

    Raises
    ------
    ValueError
        If there is no such function here, or not in this dimension.
    """
    checks.one_of(function, FUNCTIONS, "function")
    if d not in (None, D):
        raise ValueError(f"d must be {D}, got {d}")
    made = bbob.case("bbob", function, D, instance)
    return replace(made, set="large", scale=_typical(made) / FIRST)


def _typical(made: Case) -> float:
    """Return the median regret of random points."""
    points = np.random.default_rng(0).uniform(made.lower, made.upper, (POINTS, made.d))
    return float(np.median([made.fun(x) for x in points])) - made.f_opt


SETS = (ProblemSet("large", FUNCTIONS, (D,), case),)
