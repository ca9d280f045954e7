"""HIRES, the "high irradiance response" of a plant: ten rates of a stiff reaction.

Eight forms of phytochrome, from (1, 0, 0, 0, 0, 0, 0, 0.0057), with the rates k1 to k6,
p (of a complex being formed), m (falling apart), s (being broken down) and o (supply):

* ``y1' = -k1 y1 + k2 y2 + k6 y3 + o``;
* ``y2' = k1 y1 - (k2 + k3) y2``;
* ``y3' = -(k6 + k1) y3 + k2 y4 + k5 y5``;
* ``y4' = k3 y2 + k1 y3 - (k2 + k4) y4``;
* ``y5' = -(k1 + k5) y5 + k2 (y6 + y7)``;
* ``y6' = -p y6 y8 + k4 y4 + k1 y5 - k2 y6 + m y7``;
* ``y7' = p y6 y8 - (k2 + m + s) y7`` and ``y8' = -y7'``.

The twelve numbers of the Test Set's equations are these ten and their sums.
"""

from __future__ import annotations

import numpy as np

from surrogo.checks import FloatArray
from surrogo.ode import Limits, integrate
from surrogo.problems.base import Problem, read_only
from surrogo.problems.recovery import Recovery, recovery
from surrogo.space import Real, Space

PARAMETERS = ("k1", "k2", "k3", "k4", "k5", "k6", "p", "m", "s", "o")
_TRUTH = (1.71, 0.43, 8.32, 0.69, 0.035, 8.32, 280.0, 0.69, 0.69, 0.0007)
_START = read_only([1, 0, 0, 0, 0, 0, 0, 0.0057])

# The fast reactions end within a few units of time, the slow ones by 321.8122.
T_END = 321.8122
_TIMES = read_only([0, *np.geomspace(0.05, T_END, 24)])

# The worst of 300 random points and the corners of the box needed 11,312 calls.
_LIMITS = Limits(max_steps=20_000, max_calls=100_000)


def hires() -> Problem:
    """Return the recovery of HIRES: 10 rates over two decades each, 192 residuals.

    The residuals of each state are divided by its largest value.

    Notes
    -----
    Schaefer (1975), J. Math. Biol. 2:41; Hairer & Wanner (1996), Solving Ordinary
    Differential Equations II, section IV.10; Test Set for IVP Solvers.

    Examples
    --------
    >>> problem = hires()
    >>> problem(problem.x_opt[0])
    0.0
    """
    return recovery(
        "hires",
        Space.of([Real(k / 10, k * 10, scale="log") for k in _TRUTH]),
        residuals,
        PARAMETERS,
        summary="ten rates of a stiff reaction of eight species, noise-free",
        source="Hairer & Wanner (1996), section IV.10; Test Set for IVP Solvers",
    )


def simulate(x: FloatArray) -> FloatArray:
    """Return the states after the start, shape (24, 8)."""
    args = tuple(x.tolist())
    return integrate(
        _rhs, _TIMES, _START, args=args, rtol=1e-9, atol=1e-13, limits=_LIMITS
    )[1:]


residuals = Recovery(simulate, _TRUTH, scaled=True)


def _rhs(t: float, y: FloatArray, *rates: float) -> tuple[float, ...]:
    y1, y2, y3, y4, y5, y6, y7, y8 = y.tolist()
    k1, k2, k3, k4, k5, k6, p, m, s, o = rates
    bound = p * y6 * y8 - (k2 + m + s) * y7
    return (
        -k1 * y1 + k2 * y2 + k6 * y3 + o,
        k1 * y1 - (k2 + k3) * y2,
        -(k6 + k1) * y3 + k2 * y4 + k5 * y5,
        k3 * y2 + k1 * y3 - (k2 + k4) * y4,
        -(k1 + k5) * y5 + k2 * (y6 + y7),
        -p * y6 * y8 + k4 * y4 + k1 * y5 - k2 * y6 + m * y7,
        bound,
        -bound,
    )
