"""A model's rates along smooth curves through its data, without a simulation."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from surrogo.calibration.ode_model import OdeModel
from surrogo.calibration.smoothing import Curves
from surrogo.checks import FloatArray

# Gauss-Legendre points between two data times: exact for polynomials of degree 7.
_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(4)
_INTERVALS = 100  # at most: enough for curves that turn twenty times


@dataclass(frozen=True, eq=False)
class Along:
    """The rise of the curves of one condition, and where to ask for the rates."""

    curves: Curves
    model: OdeModel
    constants: dict[str, Any]
    example: dict[str, Any]  # parameters to try how the right-hand side is to be asked

    @cached_property
    def _grid(self) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Return nodes (N,), states there (N, s) and half lengths (n - 1,)."""
        t = self._knots
        half = 0.5 * np.diff(t)
        nodes = (t[:-1, None] + half[:, None] * (1.0 + _NODES)).ravel()
        return nodes, self.curves.states(nodes), half

    @cached_property
    def _knots(self) -> FloatArray:
        """Return times between which to compare: those of the data, or some of them."""
        t = self.curves.times
        stride = -(-(len(t) - 1) // _INTERVALS)
        return t if stride <= 1 else np.append(t[:-1:stride], t[-1])

    @cached_property
    def size(self) -> int:
        """How many calls of the right-hand side one mismatch takes."""
        return 1 if self._rates is not rates_along else len(self._grid[0])

    @cached_property
    def _rise(self) -> FloatArray:
        return np.asarray(np.diff(self.curves.scaled(self._knots), axis=0))

    @cached_property
    def _unit(self) -> FloatArray:
        size = np.sqrt(np.mean(self._rise**2, axis=0))
        return np.where(size > 0, size, 1.0)

    @cached_property
    def _rates(self) -> Callable[..., FloatArray]:
        """Return how to ask for rates: at once, where that gives the same."""
        nodes, Y, _ = self._grid
        p = {**self.constants, **self.example}
        together = rates_at_once(self.model, nodes, Y, p)
        singly = rates_along(self.model, nodes, Y, p)
        if together is None or not np.allclose(together, singly, 1e-9, equal_nan=True):
            return rates_along
        return at_once_or_singly

    def mismatch(self, p: dict[str, Any]) -> FloatArray:
        """Return rise less integral of the rates, in units of the usual rise."""
        p = {**self.constants, **p}
        nodes, Y, half = self._grid
        rates = self._rates(self.model, nodes, Y, p) * self.curves.stretch(Y)
        by_step = rates.reshape(len(half), len(_NODES), -1)
        integrals = half[:, None] * np.einsum("k,nks->ns", _WEIGHTS, by_step)
        parts = [(self._rise - integrals) / self._unit, self._start(p)]
        return np.concatenate([part.ravel() for part in parts])

    def _start(self, p: dict[str, Any]) -> FloatArray:
        """Return how far the initial states are from the curves there."""
        begin = self.curves.times[:1]
        if self.model.steady_state_start is not False or begin[0] != self.model.start:
            return np.empty(0)
        Y = self.curves.states(begin)
        gap = (self._initial(p, Y) - Y) * self.curves.stretch(Y)
        return np.asarray(gap / self._unit)

    def _initial(self, p: dict[str, Any], Y: FloatArray) -> FloatArray:
        try:
            start = self.model.initial_states(p)
        except ArithmeticError:
            return np.full(Y.shape, np.nan)
        return start if start.shape == Y.shape[1:] else np.full(Y.shape, np.nan)


def rates_along(
    model: OdeModel, t: FloatArray, Y: FloatArray, p: dict[str, Any]
) -> FloatArray:
    """Return the right-hand side at times (N,) and states (N, s), shape (N, s).

    NaN where it raises: whatever is wrong with it, the first simulation will say so.
    """
    with np.errstate(all="ignore"):
        return np.array([_rate(model, *pair, p) for pair in zip(t, Y, strict=True)])


def _rate(model: OdeModel, t: float, y: FloatArray, p: dict[str, Any]) -> FloatArray:
    try:
        rate = np.array(model.rhs(float(t), y.copy(), p), dtype=np.float64)
    except Exception:
        return np.full(y.shape, np.nan)
    return rate if rate.shape == y.shape else np.full(y.shape, np.nan)


def rates_at_once(
    model: OdeModel, t: FloatArray, Y: FloatArray, p: dict[str, Any]
) -> FloatArray | None:
    """Return the same by one call with arrays, None where the function takes none."""
    try:
        with np.errstate(all="ignore"):
            rates = np.array(model.rhs(t, Y.T.copy(), p), dtype=np.float64)
    except Exception:
        return None
    return rates.T if rates.shape == Y.T.shape else None


def at_once_or_singly(
    model: OdeModel, t: FloatArray, Y: FloatArray, p: dict[str, Any]
) -> FloatArray:
    """Return what `rates_along` does, by one call where that is possible."""
    rates = rates_at_once(model, t, Y, p)
    return rates_along(model, t, Y, p) if rates is None else rates
