"""The Lorenz equations: three parameters from a noise-free trajectory.

``x' = s (y - x)``, ``y' = x (r - z) - y``, ``z' = x y - b z`` from (1, 0, 0), seen on
[0, 3] at steps of 0.01; the unknowns are s, r, b.
"""

from __future__ import annotations

import numpy as np

from surrogo.checks import FloatArray
from surrogo.ode import Limits, integrate
from surrogo.problems.base import Problem, read_only
from surrogo.problems.recovery import Recovery, recovery
from surrogo.space import Space

_TIMES = read_only(np.linspace(0, 3, 301))
_TRUTH = (10.0, 28.0, 8 / 3)

# The worst of 300 random points and the corners of the boxes needed 2,679 calls.
_LIMITS = Limits(max_steps=20_000, max_calls=50_000)

_SOURCE = "Lorenz (1963); Xiang et al. (2015); SciMLBenchmarks"


def lorenz() -> Problem:
    """Return the recovery in the tight box: 3 parameters, 900 residuals.

    Notes
    -----
    Lorenz (1963), J. Atmos. Sci. 20:130. Boxes and times are those of the parameter
    estimation benchmarks of SciMLBenchmarks, after Xiang et al. (2015).

    Examples
    --------
    >>> lorenz()([10, 28, 8 / 3])
    0.0
    """
    return _problem("lorenz", [(9, 11), (20, 30), (2, 3)])


def lorenz_wide() -> Problem:
    """Return the recovery in the wide box, of many local minima.

    Notes
    -----
    As `lorenz`.

    Examples
    --------
    >>> lorenz_wide()([10, 28, 8 / 3])
    0.0
    """
    return _problem("lorenz_wide", [(0, 22), (0, 60), (0, 6)])


def _problem(name: str, bounds: list[tuple[float, float]]) -> Problem:
    return recovery(
        name,
        Space.of(bounds),
        residuals,
        ("s", "r", "b"),
        summary="parameters of the Lorenz equations from a short trajectory",
        source=_SOURCE,
    )


def simulate(x: FloatArray) -> FloatArray:
    """Return the states after the start, shape (300, 3)."""
    args = tuple(x.tolist())
    start = [1.0, 0.0, 0.0]
    states = integrate(
        _rhs, _TIMES, start, args=args, rtol=1e-10, atol=1e-10, limits=_LIMITS
    )
    return states[1:]


residuals = Recovery(simulate, _TRUTH)


def _rhs(
    t: float, y: FloatArray, s: float, r: float, b: float
) -> tuple[float, float, float]:
    u, v, w = y.tolist()
    return s * (v - u), u * (r - w) - v, u * v - b * w
