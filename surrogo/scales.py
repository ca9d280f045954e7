"""The scales on which an interval is searched, as maps to the unit interval."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from surrogo.checks import FloatArray

# On a scale as narrow as this every one of them is straight to 1e-7, while the
# difference of two logarithms has lost most of its digits.
_STRAIGHT = 1e-6


def _same(x: FloatArray) -> FloatArray:
    return x


def _logit(p: FloatArray) -> FloatArray:
    return np.asarray(np.log(p) - np.log1p(-p))


def _expit(t: FloatArray) -> FloatArray:
    e = np.exp(-np.abs(t))  # never above 1, so that nothing overflows
    return np.asarray(np.where(t < 0.0, e, 1.0) / (1.0 + e))


# The scale and its inverse, both elementwise and increasing.
SCALES: dict[str, tuple[Callable[..., FloatArray], Callable[..., FloatArray]]] = {
    "linear": (_same, _same),
    "log": (np.log, np.exp),
    "logit": (_logit, _expit),
}


@dataclass(frozen=True)
class UnitMap:
    """The map between an interval, low < high, and [0, 1] that a scale makes.

    Examples
    --------
    >>> import numpy as np
    >>> decades = UnitMap(1e-6, 1e-2, "log")
    >>> decades.to_unit(np.array([1e-6, 1e-4, 1e-2]))
    array([0. , 0.5, 1. ])
    """

    low: float
    high: float
    scale: str

    def to_unit(self, x: FloatArray) -> FloatArray:
        """Map numbers (n,) into [0, 1]; numbers beyond the ends count as the ends."""
        a, b, forward, _ = self._parts()
        x = np.clip(x, self.low, self.high)
        u = np.clip((forward(x) - a) / (b - a), 0.0, 1.0)
        return self._exact_ends(u, x, (self.low, self.high), (0.0, 1.0))

    def from_unit(self, u: FloatArray) -> FloatArray:
        """Map unit values (n,) into [low, high]."""
        a, b, _, backward = self._parts()
        u = np.clip(u, 0.0, 1.0)
        # a + (b - a) u rather than a (1 - u) + b u: where few floats lie between the
        # ends, only the former returns each of them to itself.
        x = np.clip(backward(a + (b - a) * u), self.low, self.high)
        return self._exact_ends(x, u, (0.0, 1.0), (self.low, self.high))

    def _parts(
        self,
    ) -> tuple[float, float, Callable[..., FloatArray], Callable[..., FloatArray]]:
        """Return both ends on the scale, the scale and its inverse."""
        forward, backward = SCALES[self.scale]
        a, b = forward(np.array([self.low, self.high])).tolist()
        if self.scale != "linear" and b - a < _STRAIGHT:
            return self.low, self.high, _same, _same
        return a, b, forward, backward

    @staticmethod
    def _exact_ends(
        out: FloatArray,
        given: FloatArray,
        from_ends: tuple[float, float],
        to_ends: tuple[float, float],
    ) -> FloatArray:
        """Take the ends to the ends, however the scale and its inverse round."""
        out = np.where(given == from_ends[0], to_ends[0], out)
        return np.where(given == from_ends[1], to_ends[1], out)
