"""Snowshoe hare and Canada lynx, 1900 to 1920: the Lotka-Volterra model and its data.

With hares u and lynxes v, in thousands of pelts, ``u' = (a - b v) u`` and
``v' = (d u - c) v``, per year. The six unknowns are a, b, c, d and the populations u0,
v0 of 1900.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike

from surrogo.checks import FloatArray, shown
from surrogo.ode import Limits, integrate
from surrogo.problems.base import Problem, from_residuals, point, read_only
from surrogo.space import Real, Space

PARAMETERS = ("a", "b", "c", "d", "u0", "v0")

# Pelts collected by the Hudson's Bay Company, in thousands (posteriordb, data set
# hudson_lynx_hare).
YEARS = read_only(np.arange(1900, 1921))
HARE = read_only(
    [
        *(30, 47.2, 70.2, 77.4, 36.3, 20.6, 18.1, 21.4, 22, 25.4, 27.1),
        *(40.3, 57, 76.6, 52.3, 19.5, 11.2, 7.6, 14.6, 16.2, 24.7),
    ]
)
LYNX = read_only(
    [
        *(4, 6.1, 9.8, 35.2, 59.4, 41.7, 19, 13, 8.3, 9.1, 7.4),
        *(8, 12.3, 19.5, 45.7, 51.1, 29.7, 15.8, 9.7, 10.1, 8.6),
    ]
)
_DATA = read_only(np.column_stack([HARE, LYNX]))

# The worst point of the box was seen to need 1833 calls for the 21 years; the limit
# leaves room for longer simulations and still stops within half a second.
_LIMITS = Limits(max_steps=20_000, max_calls=100_000)

_SOURCE = "posteriordb, hudson_lynx_hare; Hewitt (1921); Howard (2009)"


def hare_lynx() -> Problem:
    """Return the fit on the log scale: 6 parameters, 42 residuals.

    Of 120 local searches from random starts, 9 end in the global minimum, 109 in that
    of 17.268658, where a is at its lower bound, and 2 in that of 16.149227.

    Notes
    -----
    The data set is hudson_lynx_hare of posteriordb. Minimum 2.0186612; the minimiser
    was refined here to ten digits.

    Examples
    --------
    >>> round(hare_lynx()([0.54, 0.0272, 0.796, 0.0237, 34.6, 5.84]), 2)
    2.02
    """
    return from_residuals(
        "hare_lynx",
        _space(),
        log_residuals,
        2.018661155195,
        [
            [
                *(0.54015899271170, 0.027165357183607, 0.79638604288799),
                *(0.023694638336344, 34.602424374055, 5.8445061410908),
            ]
        ],
        parameters=PARAMETERS,
        summary="Lotka-Volterra fit to 21 years of pelts, on the log scale",
        source=_SOURCE,
    )


def hare_lynx_plain() -> Problem:
    """Return the fit on the plain scale: 6 parameters, 42 residuals in thousands.

    The next local minimum is about 1.33e4.

    Notes
    -----
    The data set is hudson_lynx_hare of posteriordb. Minimum 594.74456; the minimiser
    was refined here to ten digits.

    Examples
    --------
    >>> round(hare_lynx_plain()([0.4812, 0.02483, 0.926, 0.02753, 34.91, 3.862]))
    595
    """
    return from_residuals(
        "hare_lynx_plain",
        _space(),
        plain_residuals,
        594.7445607579,
        [
            [
                *(0.48119903084979, 0.024831760567168, 0.92601834845633),
                *(0.027532950663180, 34.914287816359, 3.8618663480677),
            ]
        ],
        parameters=PARAMETERS,
        summary="Lotka-Volterra fit to 21 years of pelts, on the plain scale",
        source=_SOURCE,
    )


def _space() -> Space:
    bounds = [(0.01, 2), (0.001, 0.2), (0.01, 2), (0.001, 0.2), (1, 100), (0.1, 50)]
    return Space.of([Real(low, high, scale="log") for low, high in bounds])


def simulate(x: ArrayLike, times: ArrayLike = YEARS) -> FloatArray:
    """Return hares and lynxes, in thousands, at the given times.

    Parameters
    ----------
    x : array_like, shape (6,)
        The parameters (a, b, c, d, u0, v0).
    times : array_like, shape (n,)
        Increasing calendar years, from 1900 on; fractions for a smooth plot.

    Returns
    -------
    ndarray, shape (n, 2)

    Raises
    ------
    ValueError
        If `times` do not increase or begin before 1900.
    surrogo.ode.IntegrationError
        If the model explodes.

    Examples
    --------
    >>> simulate([0.54, 0.0272, 0.796, 0.0237, 34.6, 5.84], [1900, 1901.5]).round(1)
    array([[34.6,  5.8],
           [58.8,  9.1]])
    """
    t = np.asarray(times, dtype=np.float64)
    if t.ndim != 1 or t.size == 0 or t[0] < YEARS[0]:
        raise ValueError(
            f"times must be years of shape (n,) from {YEARS[0]:.0f} on, where u0 and "
            f"v0 belong, got {shown(times)}"
        )
    grid = t if t[0] == YEARS[0] else np.concatenate([YEARS[:1], t])
    logs = _log_populations(point(x, len(PARAMETERS)), grid)
    return np.exp(logs[-len(t) :])


def log_residuals(x: FloatArray) -> FloatArray:
    """Return ``log(model / pelts)``, shape (42,): hare and lynx of each year."""
    return np.ravel(_log_populations(x, YEARS) - np.log(_DATA))


def plain_residuals(x: FloatArray) -> FloatArray:
    """Return model minus pelts in thousands, shape (42,), ordered like the logs."""
    return np.ravel(np.exp(_log_populations(x, YEARS)) - _DATA)


def _log_populations(x: FloatArray, years: FloatArray) -> FloatArray:
    """Return the logarithms of the populations, shape (n, 2)."""
    # In p = log(u), q = log(v) a population of 1e-30 is an ordinary number, and no
    # population turns negative: p' = a - b exp(q), q' = d exp(p) - c.
    rates, start = tuple(x[:4].tolist()), np.log(x[4:])
    return integrate(
        _rhs, years, start, args=rates, rtol=1e-10, atol=1e-10, limits=_LIMITS
    )


def _rhs(
    t: float, y: FloatArray, a: float, b: float, c: float, d: float
) -> tuple[float, float]:
    p, q = y.tolist()
    return a - b * math.exp(q), d * math.exp(p) - c
