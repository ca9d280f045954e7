"""Mackey & Glass: a delay-differential equation of blood cells.

``y' = b y(t - tau) / (1 + y(t - tau)^n) - g y`` with y = 1.2 up to t = 0, seen on
[0, 150]; the unknowns are b, g, n and the delay tau.
"""

from __future__ import annotations

import math

import numpy as np

from surrogo.checks import FloatArray
from surrogo.problems.base import Problem, read_only
from surrogo.problems.recovery import Recovery, recovery
from surrogo.space import Space

_TRUTH = (0.2, 0.1, 10.0, 17.0)
_HISTORY = 1.2
_T_END = 150.0
_TIMES = read_only(np.linspace(3, _T_END, 50))
_STEPS = 48  # to a delay: the error at the truth is 1e-7


def mackey_glass() -> Problem:
    """Return the recovery of the delay equation: 4 parameters, 50 residuals.

    Notes
    -----
    Mackey & Glass (1977), Science 197:287.

    Examples
    --------
    >>> mackey_glass()([0.2, 0.1, 10, 17])
    0.0
    """
    return recovery(
        "mackey_glass",
        Space.of([(0.05, 0.5), (0.02, 0.3), (2, 15), (5, 30)]),
        residuals,
        ("b", "g", "n", "tau"),
        summary="four parameters of a delay-differential equation, noise-free",
        source="Mackey & Glass (1977), Science 197:287",
    )


def simulate(x: FloatArray) -> FloatArray:
    """Return y at the times of the data, shape (50, 1).

    The method of steps: on an interval of one delay the delayed term is known.
    """
    from scipy.interpolate import CubicHermiteSpline

    *rates, tau = x.tolist()
    past, past_slopes = np.full(_STEPS + 1, _HISTORY), np.zeros(_STEPS + 1)
    y, slopes = [past[:1]], []
    for _ in range(math.ceil(_T_END / tau)):
        past, past_slopes = _one_delay(past, past_slopes, rates, tau / _STEPS)
        y.append(past[1:])
        slopes.append(past_slopes[:-1])
    times = tau / _STEPS * np.arange(len(slopes) * _STEPS + 1)
    joined = np.concatenate([*slopes, past_slopes[-1:]])
    spline = CubicHermiteSpline(times, np.concatenate(y), joined)
    return np.asarray(spline(_TIMES))[:, None]


residuals = Recovery(simulate, _TRUTH)


def _one_delay(
    past: FloatArray, past_slopes: FloatArray, rates: list[float], h: float
) -> tuple[FloatArray, FloatArray]:
    """Return y and y' (n + 1,) on the interval after the one of `past`.

    Variation of constants over a step, with Simpson's rule for the feed:
    ``y(t + h) = exp(-g h) y(t) + integral of exp(-g (t + h - r)) feed(r)``. The error
    is of fourth order, as is that of the cubic Hermite polynomial at mid-step.
    """
    b, g, n = rates
    middle = (past[1:] + past[:-1]) / 2 + h / 8 * (past_slopes[:-1] - past_slopes[1:])
    feed, mid_feed = _feed(past, b, n), _feed(middle, b, n)
    half = math.exp(-g * h / 2)
    gained = h / 6 * (half**2 * feed[:-1] + 4 * half * mid_feed + feed[1:])
    y = [float(past[-1])]
    for gain in gained.tolist():
        y.append(half**2 * y[-1] + gain)
    return np.array(y), feed - g * np.array(y)


def _feed(delayed: FloatArray, b: float, n: float) -> FloatArray:
    return b * delayed / (1 + delayed**n)
