"""Robertson's reaction: three rates of nine decades, seen over nine decades of time.

``y1' = -a y1 + c y2 y3``, ``y2' = a y1 - c y2 y3 - b y2^2``, ``y3' = b y2^2`` from
(1, 0, 0); the unknowns are a, b, c.
"""

from __future__ import annotations

import numpy as np

from surrogo.checks import FloatArray
from surrogo.ode import Limits, integrate
from surrogo.problems.base import Problem, read_only
from surrogo.problems.recovery import Recovery, recovery
from surrogo.space import Real, Space

_TRUTH = (0.04, 3e7, 1e4)
_TIMES = read_only([0, *np.geomspace(1e-4, 1e5, 28)])

# The worst of 300 random points and the corners of the box needed 10,661 calls.
_LIMITS = Limits(max_steps=20_000, max_calls=100_000)


def robertson() -> Problem:
    """Return the recovery of Robertson's rates: two decades each, 84 residuals.

    The residuals of each state are divided by its largest value.

    Notes
    -----
    Robertson (1966), in Numerical Analysis: an Introduction, 178; Hairer & Wanner
    (1996), Solving Ordinary Differential Equations II, section IV.10.

    Examples
    --------
    >>> robertson()([0.04, 3e7, 1e4])
    0.0
    """
    return recovery(
        "robertson",
        Space.of([Real(k / 10, k * 10, scale="log") for k in _TRUTH]),
        residuals,
        ("a", "b", "c"),
        summary="three rates of a stiff reaction over nine decades of time",
        source="Robertson (1966); Hairer & Wanner (1996), section IV.10",
    )


def simulate(x: FloatArray) -> FloatArray:
    """Return the three concentrations after the start, shape (28, 3)."""
    # y2 is a hundred thousand times smaller than the others.
    return integrate(
        _rhs,
        _TIMES,
        [1.0, 0.0, 0.0],
        args=tuple(x.tolist()),
        rtol=1e-9,
        atol=[1e-11, 1e-15, 1e-11],
        limits=_LIMITS,
    )[1:]


residuals = Recovery(simulate, _TRUTH, scaled=True)


def _rhs(
    t: float, y: FloatArray, a: float, b: float, c: float
) -> tuple[float, float, float]:
    y1, y2, y3 = y.tolist()
    back, forth = a * y1 - c * y2 * y3, b * y2 * y2
    return -back, back - forth, forth
