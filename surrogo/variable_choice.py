"""One of a few values: `Ordinal` and `Categorical`."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from surrogo import checks
from surrogo.checks import BoolArray, FloatArray
from surrogo.variable_base import Plain, Variable, plain_value


@dataclass(frozen=True, repr=False)
class _Choices(Variable):
    """One of a few values; the unit value is the centre of the value's bin."""

    values: Any

    def __post_init__(self) -> None:
        super().__post_init__()
        listed = checks.listed(self.values)
        if listed is None or isinstance(self.values, set | frozenset):
            raise ValueError(
                f"{type(self).__name__} must be given a list of values, got "
                f"{checks.shown(self.values)} (text is one value, a set has no order)"
            )
        values = tuple(plain_value(value) for value in listed)
        if len(values) == 0 or len(set(values)) < len(values):
            raise ValueError(
                f"{type(self).__name__} must be given at least one value and no value "
                f"twice, got {checks.shown(listed)} (1, 1.0 and True are the same)"
            )
        object.__setattr__(self, "values", values)

    @property
    def numeric(self) -> bool:
        """Whether a float array can hold the values themselves."""
        return all(map(_is_float, self.values))

    @property
    def levels(self) -> float:
        return len(self.values)

    @property
    def options(self) -> str:
        return f"one of {checks.shown(list(self.values))}"

    def numbers(self) -> FloatArray:
        if self.numeric:
            return np.array(self.values, dtype=np.float64)
        return np.arange(len(self.values), dtype=np.float64)

    def to_unit(self, x: FloatArray) -> FloatArray:
        return np.asarray((self._codes(x) + 0.5) / len(self.values))

    def from_unit(self, u: FloatArray) -> FloatArray:
        k = len(self.values)
        codes = np.clip(np.floor(np.clip(u, 0.0, 1.0) * k), 0, k - 1)
        return np.asarray(self.numbers()[codes.astype(np.intp)])

    def contains(self, x: FloatArray) -> BoolArray:
        return np.isin(x, self.numbers())

    def value(self, number: float) -> Plain:
        out: Plain = self.values[int(self._codes(np.array([number]))[0])]
        return out

    def number(self, value: Any) -> float:
        if isinstance(value, np.generic | np.ndarray) and np.ndim(value) == 0:
            value = value.item()
        if value is not None and not isinstance(value, str | int | float):
            return math.nan
        # No value comes twice, so that 1, 1.0 and True can stand for each other.
        known = zip(self.values, self.numbers(), strict=True)
        return next((float(n) for v, n in known if v == value), math.nan)

    def _codes(self, x: FloatArray) -> NDArray[np.intp]:
        """Return the positions (n,) of the values that are nearest to numbers (n,)."""
        with np.errstate(over="ignore"):  # of the distance between +-1e308
            return np.asarray(np.argmin(np.abs(x[:, None] - self.numbers()), axis=1))


def _is_float(value: Plain) -> bool:
    """Whether a float holds the value exactly; 2**60 + 1 is one that it does not."""
    try:
        return not isinstance(value, str | None) and float(value) == value
    except OverflowError:
        return False


@dataclass(frozen=True, repr=False)
class Ordinal(_Choices):
    """One of several values that have an order, such as mesh sizes.

    Parameters
    ----------
    values : sequence of numbers or text
        In their order; neighbours are taken to be alike.
    active_if : mapping, optional
        See `Real`.

    Raises
    ------
    ValueError
        If there is no value, one comes twice, or one is not plain data.

    Examples
    --------
    >>> from surrogo import Ordinal, Space
    >>> space = Space.of({"mesh": Ordinal(["coarse", "medium", "fine"])})
    >>> space.decode(space.from_unit([[0.9]])[0])
    {'mesh': 'fine'}
    """

    kind: ClassVar[str] = "ordinal"


@dataclass(frozen=True, repr=False)
class Categorical(_Choices):
    """One of several values without an order, such as materials.

    Parameters
    ----------
    values : sequence of numbers or text
        The choices.
    active_if : mapping, optional
        See `Real`.

    Raises
    ------
    ValueError
        If there is no choice, one comes twice, or one is not plain data.

    Examples
    --------
    >>> from surrogo import Categorical, Real, Space
    >>> space = Space.of({
    ...     "material": Categorical(["steel", "wood"]),
    ...     "grain": Real(0, 90, active_if={"material": "wood"}),
    ... })
    >>> space.decode(space.from_unit([[0.1, 0.7]])[0])
    {'material': 'steel'}
    """

    kind: ClassVar[str] = "categorical"
