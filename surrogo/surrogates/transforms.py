"""Monotone transforms of the values, after which a Gaussian process may fit better.

They act on standardised values t, and what comes out is standardised again:
v = (T(t) - centre) / scale. All are defined on the whole line of v, so that every
prediction has an image.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from surrogo.checks import FloatArray

# Offset of the logarithm, in units of the distance from the lowest to the median
# value, as in the targets of the optimizers.
_OFFSET = 0.1
# A logarithm needs a scale: half of the values must not be the lowest one.
_SMALLEST = 1e-100
_ROUNDING = 1e-13  # share of a value that may be lost in differences
# Images end at about exp of this: 1e100, of values of order 1, so that they stay
# numbers in any units of y (and their slopes do, too).
_LARGEST = 230.0


@dataclass(frozen=True, kw_only=True)
class Transform:
    """A strictly increasing map; a subclass writes the methods with an underscore."""

    centre: float = 0.0
    scale: float = 1.0

    def forward(self, t: FloatArray) -> FloatArray:
        """Return v for values t of the data, elementwise."""
        return (self._forward(t) - self.centre) / self.scale

    def inverse(self, v: FloatArray) -> FloatArray:
        """Return t, elementwise, for any v."""
        return self._inverse(self.centre + self.scale * v)

    def log_slope(self, t: FloatArray) -> FloatArray:
        """Return log dv/dt, elementwise."""
        return self._log_slope(t) - math.log(self.scale)

    def inverse_slope(self, v: FloatArray) -> FloatArray:
        """Return dt/dv, elementwise."""
        return np.exp(-self.log_slope(self.inverse(v)))

    def including(self, t: FloatArray) -> Transform:
        """Return the transform that can take further values t, too."""
        return self

    def standardising(self, t: FloatArray) -> Any:
        """Return the same transform with v of mean 0 and standard deviation 1."""
        raw = self._forward(t)
        spread = float(np.std(raw))
        scale = spread if spread > 0.0 else 1.0
        return replace(self, centre=float(np.mean(raw)), scale=scale)

    def _forward(self, t: FloatArray) -> FloatArray:
        raise NotImplementedError

    def _inverse(self, raw: FloatArray) -> FloatArray:
        raise NotImplementedError

    def _log_slope(self, t: FloatArray) -> FloatArray:
        raise NotImplementedError


@dataclass(frozen=True, kw_only=True)
class ShiftedLog(Transform):
    """log((t - low) / size): for misfits and others that spread over decades."""

    low: float
    size: float

    @classmethod
    def of(cls, t: FloatArray) -> ShiftedLog | None:
        """Return the transform of values t (n,), or None where they give no scale."""
        least = float(np.min(t))
        size = float(np.median(t)) - least
        if size < max(_SMALLEST, _ROUNDING * abs(least)):
            return None
        found: ShiftedLog = cls(low=_below(least, size), size=size).standardising(t)
        return found

    def including(self, t: FloatArray) -> ShiftedLog:
        """Move down to as far below a new lowest value as it was below the old one."""
        low = _below(float(np.min(t)), self.size)
        return replace(self, low=low) if low < self.low else self

    def _forward(self, t: FloatArray) -> FloatArray:
        return np.asarray(np.log((t - self.low) / self.size))

    def _inverse(self, raw: FloatArray) -> FloatArray:
        return np.asarray(self.low + self.size * np.exp(np.minimum(raw, _LARGEST)))

    def _log_slope(self, t: FloatArray) -> FloatArray:
        return np.asarray(-np.log(np.maximum(t - self.low, _SMALLEST)))


@dataclass(frozen=True, kw_only=True)
class YeoJohnson(Transform):
    """The power transform of Yeo & Johnson 2000 (Biometrika 87, 954-959), eq. 2.1.

    lam = 1 is the identity, 0 a logarithm of high values, 2 one of low values. Only
    powers from 0 to 2, because beyond them some v have no image.
    """

    lam: float

    @classmethod
    def of(cls, t: FloatArray) -> YeoJohnson:
        """Return the power under which values t (n,) look most normal.

        By the profile likelihood of independent normal values, on a grid of 1/50.
        """
        powers = np.linspace(0.0, 2.0, 101)
        best = max((cls(lam=float(p)).standardising(t) for p in powers), key=_score(t))
        found: YeoJohnson = best
        return found

    def _forward(self, t: FloatArray) -> FloatArray:
        up, down = np.maximum(t, 0.0), np.minimum(t, 0.0)
        return _box_cox(up, self.lam) - _box_cox(-down, 2.0 - self.lam)

    def _inverse(self, raw: FloatArray) -> FloatArray:
        up, down = np.maximum(raw, 0.0), np.minimum(raw, 0.0)
        return _inverse_box_cox(up, self.lam) - _inverse_box_cox(-down, 2.0 - self.lam)

    def _log_slope(self, t: FloatArray) -> FloatArray:
        return np.asarray((self.lam - 1.0) * np.sign(t) * np.log1p(np.abs(t)))


def _below(least: float, size: float) -> float:
    """Return where the logarithm starts: clearly below the lowest value."""
    return least - max(_OFFSET * size, _ROUNDING * abs(least))


def _score(t: FloatArray) -> Any:
    """Return the log likelihood of normal v, up to a constant, as a function."""

    def score(transform: Transform) -> float:
        if not np.isfinite(transform.scale):
            return -math.inf
        return float(np.sum(transform.log_slope(t)))  # v has variance 1

    return score


def _box_cox(u: FloatArray, power: float) -> FloatArray:
    """Return ((1 + u)^power - 1) / power for u >= 0."""
    if power < 1e-12:
        return np.log1p(u)
    return np.asarray(np.expm1(power * np.log1p(u)) / power)


def _inverse_box_cox(w: FloatArray, power: float) -> FloatArray:
    """Return (1 + power w)^(1 / power) - 1 for w >= 0."""
    exponent = w if power < 1e-12 else np.log1p(power * w) / power
    return np.expm1(np.minimum(exponent, _LARGEST))
