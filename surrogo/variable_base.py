"""What every kind of variable can do, and when a conditional one exists."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import MISSING, dataclass, field, fields
from typing import Any, ClassVar, TypeAlias

import numpy as np

from surrogo import checks
from surrogo.checks import BoolArray, FloatArray

Plain: TypeAlias = str | bool | int | float | None
Condition: TypeAlias = tuple[tuple[str | int, tuple[Plain, ...]], ...]


@dataclass(frozen=True, repr=False)
class Variable:
    """What every kind of variable can do; use a subclass.

    A variable holds its values in two forms. The *number* is what a column of ``X``
    carries: the value itself, or the position of the choice where the choices are no
    numbers. The *unit* value lies in [0, 1]; discrete values sit inside equal bins (on
    the chosen scale), so that rounding back has no bias.
    """

    kind: ClassVar[str] = ""

    active_if: Any = field(default=(), kw_only=True)

    def __post_init__(self) -> None:
        object.__setattr__(self, "active_if", _condition(self.active_if))

    @property
    def levels(self) -> float:
        """How many values there are: ``inf`` if continuous, 1 if fixed."""
        raise NotImplementedError

    @property
    def numeric(self) -> bool:
        """Whether the numbers are the values themselves."""
        return True

    @property
    def options(self) -> str:
        """What the values are, in words, for errors."""
        raise NotImplementedError

    def to_unit(self, x: FloatArray) -> FloatArray:
        """Map numbers (n,) into [0, 1]."""
        raise NotImplementedError

    def from_unit(self, u: FloatArray) -> FloatArray:
        """Map unit values (n,) to the nearest numbers."""
        raise NotImplementedError

    def contains(self, x: FloatArray) -> BoolArray:
        """Say for each number (n,) whether it is one of the values."""
        raise NotImplementedError

    def numbers(self) -> FloatArray:
        """Return the numbers (levels,) of all values where these can be listed."""
        raise NotImplementedError

    def value(self, number: float) -> Any:
        """Return the user's value behind a number."""
        raise NotImplementedError

    def number(self, value: Any) -> float:
        """Return the number of a user's value; a foreign value gives NaN."""
        raise NotImplementedError

    def to_dict(self) -> dict[str, Any]:
        """Return plain data."""
        data = {f.name: getattr(self, f.name) for f in fields(self)}
        data["active_if"] = [[key, list(vals)] for key, vals in self.active_if]
        plain = {k: list(v) if isinstance(v, tuple) else v for k, v in data.items()}
        return {"kind": self.kind, **plain}

    def __repr__(self) -> str:
        shown = [(f, getattr(self, f.name)) for f in fields(self)]
        required = [repr(value) for f, value in shown if f.default is MISSING]
        given = [
            f"{f.name}={value!r}"
            for f, value in shown
            if f.default is not MISSING and value != f.default
        ]
        return f"{type(self).__name__}({', '.join(required + given)})"


def plain_value(value: Any) -> Plain:
    """Allow only what a record can hold as plain data, stripped of NumPy's types.

    Raises
    ------
    ValueError
        If it is anything but text, a finite number, True, False or None.
    """
    if isinstance(value, np.generic):
        value = value.item()
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        return str.__str__(value)
    if isinstance(value, int):
        return int(value)
    if isinstance(value, float) and math.isfinite(value):
        return float(value)
    raise ValueError(
        f"choices must be text, finite numbers, True, False or None, got "
        f"{checks.shown(value)}; name other objects and look them up in your function"
    )


def _condition(active_if: Any) -> Condition:
    """Bring ``{"solver": "rk4"}`` or ``{"order": (1, 2)}`` into its frozen form."""
    if isinstance(active_if, tuple):
        active_if = _mapping(active_if)
    keys = list(active_if) if isinstance(active_if, Mapping) else [None]
    if not all(isinstance(key, str | int) for key in keys):
        raise ValueError(
            "active_if must map a variable's name (or position) to the value or "
            f"values for which this one exists, got {checks.shown(active_if)}"
        )
    return tuple((key, _condition_values(value)) for key, value in active_if.items())


def _mapping(pairs: tuple[Any, ...]) -> Any:
    """Read back the frozen form; what is none comes back as it is."""
    try:
        return dict(pairs)
    except (TypeError, ValueError):
        return pairs


def _condition_values(values: Any) -> tuple[Plain, ...]:
    listed = checks.listed(values)
    if isinstance(
        values, set | frozenset
    ):  # in an order that is the same in every process
        listed = sorted(values, key=repr)
    out = tuple(plain_value(v) for v in ([values] if listed is None else listed))
    if not out:
        raise ValueError(
            "active_if must give at least one value for which the variable exists, got "
            f"{checks.shown(values)}; leave the variable out if it never does"
        )
    return out
