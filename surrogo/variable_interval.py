"""Numbers between two bounds: `Real` and `Integer`."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from surrogo import checks
from surrogo.checks import BoolArray, FloatArray
from surrogo.scales import UnitMap
from surrogo.variable_base import Variable

# Up to here log and exp bring every integer k back: they err by a few units in the last
# place of log k < 30, that is by 4e-15 k, which must stay well below 1/2.
_LARGEST_INTEGER = 2**43


@dataclass(frozen=True, repr=False)
class _Interval(Variable):
    """A number between two bounds, seen through a scale."""

    low: Any
    high: Any
    scale: str = "linear"

    _scales: ClassVar[tuple[str, ...]] = ()
    _room: ClassVar[float] = 0.0  # how far the unit interval reaches past the bounds

    def __post_init__(self) -> None:
        super().__post_init__()
        name = f"the scale of {type(self).__name__}"
        object.__setattr__(self, "scale", checks.one_of(self.scale, self._scales, name))
        object.__setattr__(self, "low", self._bound(self.low, "the lower bound"))
        object.__setattr__(self, "high", self._bound(self.high, "the upper bound"))
        if self.low > self.high:
            raise ValueError(
                "the lower bound must not be above the upper one, got "
                f"low={self.low!r}, high={self.high!r}; swap them"
            )
        self._check_scale()

    def _bound(self, value: Any, name: str) -> Any:
        raise NotImplementedError

    def _check_scale(self) -> None:
        """Refuse bounds that the scale, or floating-point numbers, cannot span."""
        raise NotImplementedError

    def to_unit(self, x: FloatArray) -> FloatArray:
        if self.low == self.high:  # fixed: the centre of its only bin
            return np.full(np.shape(x), 0.5)
        return self._map.to_unit(x)

    @property
    def _map(self) -> UnitMap:
        return UnitMap(self.low - self._room, self.high + self._room, self.scale)


@dataclass(frozen=True, repr=False)
class Real(_Interval):
    """A real number between two bounds.

    Parameters
    ----------
    low, high : float
        Bounds in the user's units, both included; equal bounds fix the variable.
    scale : {"linear", "log", "logit"}
        The scale on which the variable is searched. ``"log"`` needs ``low > 0``,
        ``"logit"`` needs ``0 < low`` and ``high < 1``.
    active_if : mapping, optional
        ``{"solver": "implicit"}``: the variable exists only where the discrete
        variable ``solver`` has this value (or one of a list of values).

    Raises
    ------
    ValueError
        If a bound is not finite, the bounds are in the wrong order, or the scale
        does not fit them.

    Examples
    --------
    >>> from surrogo import Real, Space
    >>> Space.of([Real(1e-6, 1e-2, scale="log")]).from_unit([[0.5]]).round(8)
    array([[0.0001]])
    """

    kind: ClassVar[str] = "real"
    _scales: ClassVar[tuple[str, ...]] = ("linear", "log", "logit")

    def _bound(self, value: Any, name: str) -> float:
        return checks.number(value, name) + 0.0  # there is one zero, not two

    def _check_scale(self) -> None:
        if self.scale != "linear" and self.low <= 0.0:
            raise ValueError(
                f"{self}: the {self.scale} scale needs a lower bound above 0, got "
                f"{self.low!r}; raise the bound or take scale='linear'"
            )
        if self.scale == "logit" and self.high >= 1.0:
            raise ValueError(
                f"{self}: the logit scale needs an upper bound below 1, got "
                f"{self.high!r}; lower the bound or take scale='linear'"
            )
        if not math.isfinite(self.high - self.low):
            raise ValueError(
                f"{self}: the range high - low must be a finite number, and it "
                "overflows; give narrower bounds or another unit"
            )

    @property
    def levels(self) -> float:
        return 1 if self.low == self.high else math.inf

    @property
    def options(self) -> str:
        return f"a number in [{self.low!r}, {self.high!r}]"

    def from_unit(self, u: FloatArray) -> FloatArray:
        if self.low == self.high:
            return np.full(np.shape(u), self.low)
        return self._map.from_unit(u)

    def contains(self, x: FloatArray) -> BoolArray:
        return np.asarray((x >= self.low) & (x <= self.high))

    def numbers(self) -> FloatArray:
        if self.low < self.high:
            raise ValueError(f"{self} has more values than can be listed")
        return np.array([self.low])

    def value(self, number: float) -> float:
        return float(number)

    def number(self, value: Any) -> float:
        out = checks.real(value)
        return math.nan if out is None else out + 0.0


@dataclass(frozen=True, repr=False)
class Integer(_Interval):
    """An integer between two bounds, both included.

    Parameters
    ----------
    low, high : int
        Bounds, at most 2**43 in size; equal bounds fix the variable.
    scale : {"linear", "log"}
        The scale on which the variable is searched; ``"log"`` needs ``low >= 1``.
    active_if : mapping, optional
        See `Real`.

    Raises
    ------
    ValueError
        If a bound is not an integer, the bounds are in the wrong order, or the scale
        does not fit them.

    Examples
    --------
    >>> from surrogo import Integer, Space
    >>> Space.of([Integer(1, 4)]).from_unit([[0.0], [0.3], [1.0]]).ravel()
    array([1., 2., 4.])
    """

    kind: ClassVar[str] = "integer"
    _scales: ClassVar[tuple[str, ...]] = ("linear", "log")
    _room: ClassVar[float] = 0.5  # each integer owns the interval of +-1/2 around it

    def _bound(self, value: Any, name: str) -> int:
        bound = checks.integer(value, name)
        if abs(bound) > _LARGEST_INTEGER:
            raise ValueError(
                f"{name} of an Integer must lie within +-2**43, beyond which the unit "
                f"interval cannot tell neighbours apart, got {checks.shown(value)}; "
                "take Real and round in your function"
            )
        return bound

    def _check_scale(self) -> None:
        if self.scale == "log" and self.low < 1:
            raise ValueError(
                f"{self}: the log scale of integers needs a lower bound of at least 1, "
                f"got {self.low!r}; raise the bound or take scale='linear'"
            )

    @property
    def levels(self) -> float:
        return int(self.high - self.low + 1)

    @property
    def options(self) -> str:
        return f"an integer in [{self.low!r}, {self.high!r}]"

    def to_unit(self, x: FloatArray) -> FloatArray:
        return super().to_unit(self._nearest(x))

    def from_unit(self, u: FloatArray) -> FloatArray:
        return self._nearest(self._map.from_unit(u))

    def _nearest(self, x: FloatArray) -> FloatArray:
        return np.asarray(np.clip(np.floor(x + 0.5), self.low, self.high))

    def contains(self, x: FloatArray) -> BoolArray:
        inside = (x >= self.low) & (x <= self.high)
        return np.asarray(inside & (x == np.floor(x)))

    def numbers(self) -> FloatArray:
        return np.arange(self.low, self.high + 1, dtype=np.float64)

    def value(self, number: float) -> int:
        return int(number)

    def number(self, value: Any) -> float:
        out = checks.real(checks.whole(value))
        return math.nan if out is None else out
