"""Three smooth functions that a method with a local model solves to the last digit.

The optimum lies at a random place of the middle of the box, by instance; the ellipsoid
is turned at random, with the condition number 1e6 (f10 of Hansen, Finck, Ros & Auger
2009 without its oscillations).
"""

from __future__ import annotations

import zlib
from collections.abc import Callable

import numpy as np

from benchmarks.problem_sets.base import Case, ProblemSet
from surrogo import checks, problems

HALF, INNER = 5.0, 4.0  # half an edge of the box, and of where optima are: BBOB's
CONDITION = 1e6
DIMS = (2, 3, 5)


def sphere(z: np.ndarray) -> float:
    return float(z @ z)


def rosenbrock(z: np.ndarray) -> float:
    return float(problems.rosenbrock(len(z))(z + 1.0))  # its minimiser is all ones


def ellipsoid(d: int, rng: np.random.Generator) -> Callable[[np.ndarray], float]:
    """Return a quadratic with random axes, of lengths evenly spread in logarithm."""
    axes = np.linalg.qr(rng.standard_normal((d, d)))[0]
    weights = np.geomspace(1.0, CONDITION, d)
    return lambda z: float(weights @ (axes @ z) ** 2)


FUNCTIONS = ("sphere", "ellipsoid", "rosenbrock")


def case(function: str, d: int | None, instance: int) -> Case:
    """Return a function whose minimiser is at a random place.

    Raises
    ------
    ValueError
        If there is no such function, or not in this dimension.
    """
    checks.one_of(function, FUNCTIONS, "function")
    if d not in DIMS:
        raise ValueError(f"d must be one of {DIMS}, got {d}")
    rng = np.random.default_rng([zlib.crc32(function.encode()), d, instance])
    centre = rng.uniform(-INNER, INNER, d)
    fixed = {"sphere": sphere, "rosenbrock": rosenbrock}
    of_difference = fixed.get(function) or ellipsoid(d, rng)
    return Case(
        set="precision",
        name=function,
        d=d,
        instance=instance,
        group="one minimum",
        lower=np.full(d, -HALF),
        upper=np.full(d, HALF),
        fun=lambda x: of_difference(x - centre),
        f_opt=0.0,
    )


SETS = (ProblemSet("precision", FUNCTIONS, DIMS, case),)
