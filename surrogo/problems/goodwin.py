"""Goodwin's oscillator, a gene that represses itself: six parameters, noise-free.

``x' = a1 / (1 + a2 z^rho) - alpha x``, ``y' = k1 x - alpha y``, ``z' = k2 y - alpha z``
from (0, 0, 0), seen on [0, 80]; the unknowns are a1, a2, alpha, k1, k2, rho. Small
changes of the period move all later peaks: a fit with many local minima.
"""

from __future__ import annotations

import numpy as np

from surrogo.checks import FloatArray
from surrogo.ode import Limits, integrate
from surrogo.problems.base import Problem, read_only
from surrogo.problems.recovery import Recovery, recovery
from surrogo.space import Real, Space

PARAMETERS = ("a1", "a2", "alpha", "k1", "k2", "rho")
_TRUTH = (1.0, 3.0, 0.5, 2.0, 1.0, 10.0)
_TIMES = read_only(np.linspace(0, 80, 81))

# The worst of 300 random points and the corners of the box needed 46,473 calls.
_LIMITS = Limits(max_steps=100_000, max_calls=300_000)


def goodwin() -> Problem:
    """Return the recovery of Goodwin's oscillator: 6 parameters, 240 residuals.

    Notes
    -----
    Goodwin (1965), Adv. Enzyme Regul. 3:425; parameters as in Calderhead & Girolami
    (2009), Comput. Stat. Data Anal. 53:4028, without their noise.

    Examples
    --------
    >>> goodwin()([1, 3, 0.5, 2, 1, 10])
    0.0
    """
    rates = [Real(k / 10, k * 10, scale="log") for k in _TRUTH[:-1]]
    return recovery(
        "goodwin",
        Space.of([*rates, Real(1, 20)]),
        residuals,
        PARAMETERS,
        summary="six parameters of an oscillating gene, noise-free",
        source="Goodwin (1965); Calderhead & Girolami (2009), CSDA 53:4028",
    )


def simulate(x: FloatArray) -> FloatArray:
    """Return the three concentrations after the start, shape (80, 3)."""
    args, start = tuple(x.tolist()), [0.0, 0.0, 0.0]
    return integrate(
        _rhs, _TIMES, start, args=args, rtol=1e-10, atol=1e-12, limits=_LIMITS
    )[1:]


residuals = Recovery(simulate, _TRUTH)


def _rhs(
    t: float,
    y: FloatArray,
    a1: float,
    a2: float,
    alpha: float,
    k1: float,
    k2: float,
    rho: float,
) -> tuple[float, float, float]:
    u, v, w = y.tolist()
    made = a1 / (1 + a2 * max(w, 0.0) ** rho)  # no rounding error below zero
    return made - alpha * u, k1 * u - alpha * v, k2 * v - alpha * w
