"""Barnes' predators and prey: the Lotka-Volterra model with one rate of predation.

With prey u and predators v, ``u' = a u - b u v`` and ``v' = b u v - c v``. The unknowns
are a, b, c, and in one of the two problems the start (u0, v0), too.
"""

from __future__ import annotations

import math

import numpy as np

from surrogo.checks import FloatArray
from surrogo.ode import Limits, integrate
from surrogo.problems.base import Problem, from_residuals, read_only
from surrogo.space import Real, Space

# van Domselaar & Hemker (1975), after Barnes (1967): prey, then predators.
_TIMES = read_only(np.linspace(0, 5, 11))
_PREY = read_only([1.0, 1.1, 1.3, 1.1, 0.9, 0.7, 0.5, 0.6, 0.7, 0.8, 1.0])
_PREDATORS = read_only([0.3, 0.35, 0.4, 0.5, 0.5, 0.4, 0.3, 0.25, 0.25, 0.3, 0.35])
_DATA = read_only(np.column_stack([_PREY, _PREDATORS]))

# The worst of 300 random points and the corners of the boxes needed 2,399 calls.
_LIMITS = Limits(max_steps=20_000, max_calls=100_000)

# Minimisers refined here to ten digits.
_F_OPT = 0.1644613539373
_X_OPT = read_only([[0.86094091409707, 2.0790292433567, 1.814944217594]])
_F_OPT_FREE = 0.1016752405746
_X_OPT_FREE = read_only(
    [
        [
            *(0.81896265639456, 2.2985229273273, 2.0087191584017),
            *(0.99387402224044, 0.21660863591396),
        ]
    ]
)

_SOURCE = "Barnes (1967); van Domselaar & Hemker (1975), Math. Centrum NW 18/75"


def barnes() -> Problem:
    """Return the fit from the first datum: 3 rates, 20 residuals.

    Notes
    -----
    Barnes (1967); van Domselaar & Hemker (1975), report NW 18/75 of the Mathematical
    Centre, Amsterdam. The minimiser was refined here to ten digits.

    Examples
    --------
    >>> round(barnes()([0.861, 2.08, 1.815]), 4)
    0.1645
    """
    return from_residuals(
        "barnes",
        Space.of(_rates()),
        residuals,
        _F_OPT,
        _X_OPT,
        parameters=("a", "b", "c"),
        summary="predators and prey, from the first datum",
        source=_SOURCE,
    )


def barnes_free() -> Problem:
    """Return the fit with an unknown start: 3 rates and 2 states, 22 residuals.

    Notes
    -----
    As `barnes`.

    Examples
    --------
    >>> round(barnes_free()([0.819, 2.3, 2.01, 0.994, 0.217]), 4)
    0.1017
    """
    return from_residuals(
        "barnes_free",
        Space.of([*_rates(), (0.05, 3), (0.05, 3)]),
        residuals_free,
        _F_OPT_FREE,
        _X_OPT_FREE,
        parameters=("a", "b", "c", "u0", "v0"),
        summary="predators and prey, with an unknown start",
        source=_SOURCE,
    )


def _rates() -> list[Real]:
    return [Real(0.01, 10, scale="log")] * 3


def residuals(x: FloatArray) -> FloatArray:
    """Return model minus data, shape (20,): prey and predators after the start."""
    return np.ravel(_populations(x, _DATA[0])[1:] - _DATA[1:])


def residuals_free(x: FloatArray) -> FloatArray:
    """Return model minus data, shape (22,), for x = (a, b, c, u0, v0)."""
    return np.ravel(_populations(x[:3], x[3:]) - _DATA)


def _populations(rates: FloatArray, start: FloatArray) -> FloatArray:
    """Return prey and predators at the times of the data, shape (11, 2)."""
    args = tuple(rates.tolist())
    logs = integrate(
        _rhs, _TIMES, np.log(start), args=args, rtol=1e-10, atol=1e-10, limits=_LIMITS
    )
    return np.exp(logs)


def _rhs(t: float, y: FloatArray, a: float, b: float, c: float) -> tuple[float, float]:
    p, q = y.tolist()  # the logarithms, as no population may turn negative
    return a - b * math.exp(q), b * math.exp(p) - c
