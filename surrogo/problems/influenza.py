"""Influenza in a boarding school, 1978: the SIR epidemic model and its data."""

from __future__ import annotations

import numpy as np

from surrogo.checks import FloatArray
from surrogo.ode import Limits, integrate
from surrogo.problems.base import Problem, from_residuals, read_only
from surrogo.space import Real, Space

_BOYS = 763

# Boys confined to bed on the days 1 to 14 (data set influenza_england_1978_school of
# the R package outbreaks; other tabulations differ by a case or two).
_IN_BED = read_only([3, 8, 26, 76, 225, 298, 258, 233, 189, 128, 68, 29, 14, 4])

# Ten times what the worst point of the box was seen to need.
_LIMITS = Limits(max_steps=5_000, max_calls=10_000)

_SOURCE = "Anonymous (1978), British Medical Journal 1:587"


def influenza() -> Problem:
    """Return the fit from one ill boy on day 0: 2 rates, 14 residuals in boys.

    Notes
    -----
    British Medical Journal (1978) 1:587. Minimum and minimiser computed here.

    Examples
    --------
    >>> round(influenza()([1.67, 0.443]))
    4123
    """
    return from_residuals(
        "influenza",
        _space(),
        residuals,
        4121.941482775,
        [[1.6692261364, 0.4434501938]],
        parameters=("b", "g"),
        summary="SIR model of an epidemic, from one ill boy on day 0",
        source=_SOURCE,
    )


def influenza_from_first() -> Problem:
    """Return the fit from the first datum, three ill boys: 2 rates, 13 residuals.

    Notes
    -----
    British Medical Journal (1978) 1:587. Minimum and minimiser computed here.

    Examples
    --------
    >>> round(influenza_from_first()([1.7, 0.447]))
    3874
    """
    return from_residuals(
        "influenza_from_first",
        _space(),
        residuals_from_first,
        3874.357317212,
        [[1.6997993937, 0.4468658968]],
        parameters=("b", "g"),
        summary="SIR model of an epidemic, from the first datum",
        source=_SOURCE,
    )


def _space() -> Space:
    # Rates per day over three decades: the log scale.
    return Space.of([Real(0.01, 10, scale="log"), Real(0.01, 5, scale="log")])


def residuals(x: FloatArray) -> FloatArray:
    """Return model minus data in boys, shape (14,), from one ill boy on day 0."""
    return _ill(x, 1, len(_IN_BED)) - _IN_BED


def residuals_from_first(x: FloatArray) -> FloatArray:
    """Return model minus data in boys, shape (13,), from the first datum on."""
    return _ill(x, 3, len(_IN_BED) - 1) - _IN_BED[1:]


def _ill(x: FloatArray, ill: int, days: int) -> FloatArray:
    """Return the ill boys on each day after the start, shape (days,)."""
    start = [_BOYS - ill, ill]
    args = tuple(x.tolist())
    states = integrate(
        _rhs, np.arange(days + 1), start, args=args, rtol=1e-10, limits=_LIMITS
    )
    return states[1:, 1]


def _rhs(t: float, y: FloatArray, b: float, g: float) -> tuple[float, float]:
    healthy, ill = y.tolist()
    caught = b * healthy * ill / _BOYS
    return -caught, caught - g * ill
