"""The Oregonator, a model of the Belousov-Zhabotinsky reaction: three stiff parameters.

``y1' = s (y2 + y1 (1 - q y1 - y2))``, ``y2' = (y3 - (1 + y1) y2) / s``,
``y3' = w (y1 - y3)`` from (1, 2, 3); the unknowns are s, q, w. The states run over five
decades within a period of 303, so they are compared by their logarithms.
"""

from __future__ import annotations

import math

import numpy as np

from surrogo.checks import FloatArray
from surrogo.ode import Limits, integrate
from surrogo.problems.base import Problem, read_only
from surrogo.problems.recovery import Recovery, recovery
from surrogo.space import Real, Space

_TRUTH = (77.27, 8.375e-6, 0.161)
_TIMES = read_only(np.linspace(0, 360, 37))
_START = read_only(np.log([1, 2, 3]))

# The worst of 300 random points and the corners of the box needed 22,732 calls.
_LIMITS = Limits(max_steps=50_000, max_calls=200_000)


def oregonator() -> Problem:
    """Return the recovery of the Oregonator: 3 parameters, 108 residuals of logarithms.

    Notes
    -----
    Field & Noyes (1974), J. Chem. Phys. 60:1877; Hairer & Wanner (1996), Solving
    Ordinary Differential Equations II, section IV.10.

    Examples
    --------
    >>> oregonator()([77.27, 8.375e-6, 0.161])
    0.0
    """
    return recovery(
        "oregonator",
        Space.of([Real(k / 5, k * 5, scale="log") for k in _TRUTH]),
        residuals,
        ("s", "q", "w"),
        summary="three parameters of a stiff chemical oscillator, noise-free",
        source="Field & Noyes (1974), J. Chem. Phys. 60:1877",
    )


def simulate(x: FloatArray) -> FloatArray:
    """Return the logarithms of the states after the start, shape (36, 3)."""
    args = tuple(x.tolist())
    return integrate(
        _rhs, _TIMES, _START, args=args, rtol=1e-9, atol=1e-9, limits=_LIMITS
    )[1:]


residuals = Recovery(simulate, _TRUTH)


def _rhs(
    t: float, p: FloatArray, s: float, q: float, w: float
) -> tuple[float, float, float]:
    # In p = log(y) no concentration turns negative: p' = y' / y.
    y1, y2, y3 = map(math.exp, p.tolist())
    return (
        s * (y2 / y1 + 1 - q * y1 - y2),
        (y3 / y2 - 1 - y1) / s,
        w * (y1 / y3 - 1),
    )
