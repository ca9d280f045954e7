"""Lotka-Volterra: four rates from a noise-free trajectory.

``x' = a x - b x y`` and ``y' = d x y - c y`` from (1, 1), seen on [0, 10]; the unknowns
are a, b, c, d.
"""

from __future__ import annotations

import math

import numpy as np

from surrogo.checks import FloatArray
from surrogo.ode import IntegrationError, Limits, integrate
from surrogo.problems.base import Problem, read_only
from surrogo.problems.recovery import Recovery, recovery
from surrogo.space import Space

_TIMES = read_only(np.linspace(0, 10, 51))
_TRUTH = (1.5, 1.0, 3.0, 1.0)

# The worst of 300 random points and the corners of the boxes needed 4,140 calls.
_LIMITS = Limits(max_steps=20_000, max_calls=100_000)

_LOG_MAX = 300.0  # a population of exp(300) has a square, and the sum of a hundred


def lotka_volterra() -> Problem:
    """Return the recovery in the box [0, 5]^4: 4 rates, 100 residuals.

    Without predation (b = 0) the populations explode: an `IntegrationError`.

    Notes
    -----
    Equations, truth, start and boxes of the tests of DiffEqParamEstim.jl.

    Examples
    --------
    >>> lotka_volterra()([1.5, 1, 3, 1])
    0.0
    """
    return _problem("lotka_volterra", 5)


def lotka_volterra_wide() -> Problem:
    """Return the recovery in the box [0, 10]^4.

    Notes
    -----
    As `lotka_volterra`.

    Examples
    --------
    >>> lotka_volterra_wide()([1.5, 1, 3, 1])
    0.0
    """
    return _problem("lotka_volterra_wide", 10)


def _problem(name: str, high: float) -> Problem:
    return recovery(
        name,
        Space.of([(0, high)] * 4),
        residuals,
        ("a", "b", "c", "d"),
        summary="four rates of predators and prey from a noise-free trajectory",
        source="Lotka (1925); Volterra (1926); tests of DiffEqParamEstim.jl",
    )


def simulate(x: FloatArray) -> FloatArray:
    """Return both populations after the start, shape (50, 2)."""
    args = tuple(x.tolist())
    logs = integrate(
        _rhs, _TIMES, [0.0, 0.0], args=args, rtol=1e-10, atol=1e-10, limits=_LIMITS
    )[1:]
    if logs.max() > _LOG_MAX:
        raise IntegrationError(f"a population grew to exp({logs.max():.3g})")
    return np.exp(logs)


residuals = Recovery(simulate, _TRUTH)


def _rhs(
    t: float, y: FloatArray, a: float, b: float, c: float, d: float
) -> tuple[float, float]:
    p, q = y.tolist()  # the logarithms, as no population may turn negative
    return a - b * math.exp(q), d * math.exp(p) - c
