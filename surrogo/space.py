"""The box of variables, and the unit cube both ways."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import product
from typing import Any, TypeAlias

import numpy as np

from surrogo import checks, variables
from surrogo.bounds import ADVICE, read_bounds
from surrogo.checks import BoolArray, FloatArray
from surrogo.conditions import Conditions
from surrogo.variables import Categorical, Integer, Ordinal, Real, Variable

__all__ = ["Categorical", "Integer", "Ordinal", "Point", "Real", "Space", "Variable"]

# What a user's function receives: a (d,) array, or a dict where variables have names.
Point: TypeAlias = FloatArray | dict[str, Any]


@dataclass(frozen=True)
class Space:
    """The variables of a problem; build it with `Space.of`.

    Attributes
    ----------
    variables : tuple of Variable
    names : tuple of str
        ``x0, x1, ...`` where the user gave none.
    named : bool
        Whether points are dicts (True) or 1-D float arrays (False).

    Examples
    --------
    >>> from surrogo import Integer, Real, Space
    >>> space = Space.of({"rate": Real(1e-4, 1, scale="log"), "order": Integer(1, 4)})
    >>> space.d
    2
    >>> space.to_unit([[1e-2, 3]])
    array([[0.5  , 0.625]])
    >>> space.decode([1e-2, 3])
    {'rate': 0.01, 'order': 3}
    """

    variables: tuple[Variable, ...]
    names: tuple[str, ...]
    named: bool

    def __post_init__(self) -> None:
        object.__setattr__(self, "variables", tuple(self.variables))
        object.__setattr__(self, "names", tuple(self.names))
        self._check_names()
        if not self.named:
            self._check_numeric()
        _ = self._conditions  # raises on parents that do not exist, or in a ring

    @classmethod
    def of(cls, bounds: Any) -> Space:
        """Build a space from anything that describes one.

        Parameters
        ----------
        bounds : Space, sequence, array (d, 2), scipy.optimize.Bounds, mapping
            Each entry is a pair ``(low, high)`` or a variable.

        Raises
        ------
        ValueError
            If the bounds are not finite, in the wrong order or of the wrong shape.
        """
        return bounds if isinstance(bounds, Space) else cls(*read_bounds(bounds))

    @property
    def d(self) -> int:
        """Number of variables, fixed ones included."""
        return len(self.variables)

    @property
    def kinds(self) -> tuple[str, ...]:
        """Kind of each variable: real, integer, ordinal or categorical."""
        return tuple(variable.kind for variable in self.variables)

    @property
    def levels(self) -> FloatArray:
        """Number of values of each variable (d,): inf if continuous, 1 if fixed."""
        return np.array([v.levels for v in self.variables], dtype=np.float64)

    @property
    def d_free(self) -> int:
        """Number of variables that are not fixed."""
        return int(np.sum(self.levels > 1))

    def to_unit(self, X: Any) -> FloatArray:
        """Map points (n, d) in the user's units into the unit cube (n, d).

        Discrete and fixed variables go to the centre of their bin, variables that
        do not exist at a point (see ``active_if``) to 1/2, points outside to the
        nearest inside.

        Raises
        ------
        ValueError
            If a value is NaN or infinite where its variable exists.
        """
        X = checks.matrix(X, self.d)
        active = self._conditions.active(X)
        X = checks.finite(np.where(active, X, self._imputed), "X")
        pairs = zip(self.variables, np.ascontiguousarray(X.T), strict=True)
        U = np.stack([variable.to_unit(x) for variable, x in pairs], axis=1)
        return np.where(active, U, 0.5)

    def from_unit(self, U: Any) -> FloatArray:
        """Map points (n, d) of the unit cube to the nearest points of the space.

        Raises
        ------
        ValueError
            If a coordinate is NaN or infinite.
        """
        U = checks.finite(checks.matrix(U, self.d, "U"), "U")
        pairs = zip(self.variables, np.ascontiguousarray(U.T), strict=True)
        X = np.stack([variable.from_unit(u) for variable, u in pairs], axis=1)
        return self._with_inactive(X)

    def contains(self, X: Any) -> BoolArray:
        """Say for each point (n, d) whether it belongs to the space; shape (n,)."""
        X = checks.matrix(X, self.d)
        pairs = zip(self.variables, X.T, strict=True)
        inside = np.stack([variable.contains(x) for variable, x in pairs], axis=1)
        return np.asarray(np.all(inside | ~self._conditions.active(X), axis=1))

    def active(self, X: Any) -> BoolArray:
        """Say which variables exist at each point; shape (n, d)."""
        return self._conditions.active(checks.matrix(X, self.d))

    def decode(self, x: Any) -> Point:
        """Turn a row (d,) of ``X`` into what the user's function receives.

        A dict of the variables that exist at this point, or a float array in which
        the others are NaN.

        Raises
        ------
        ValueError
            If a value is NaN or infinite where its variable exists.
        """
        X = checks.matrix([x], self.d, "x")
        active = self._conditions.active(X)[0]
        row = checks.finite(np.where(active, X[0], 0.0), "x")
        if not self.named:
            return np.asarray(np.where(active, row, np.nan))
        there = zip(self.names, self.variables, row, active, strict=True)
        return {name: v.value(number) for name, v, number, on in there if on}

    def encode(self, point: Any, name: str = "x") -> FloatArray:
        """Turn a point of the user into a row (d,) of ``X``; inverse of `decode`.

        Raises
        ------
        ValueError
            If the point has the wrong length or names, or lies outside the space.
        """
        values = self._values(point, name)
        pairs = zip(self.variables, values, strict=True)
        X = np.array([[v.number(value) for v, value in pairs]])
        row: FloatArray = self._with_inactive(X)[0]
        self._check_inside(row, values, name)
        return row

    def to_dict(self) -> dict[str, Any]:
        """Return plain data."""
        return {
            "named": self.named,
            "names": list(self.names),
            "variables": [variable.to_dict() for variable in self.variables],
        }

    @classmethod
    def from_dict(cls, data: Any) -> Space:
        """Build a space from the plain data of `to_dict`.

        Raises
        ------
        ValueError
            If the data describe no space.
        """
        try:
            made = tuple(variables.from_dict(v) for v in data["variables"])
            return cls(made, tuple(data["names"]), bool(data["named"]))
        except (KeyError, TypeError) as error:
            raise ValueError(
                f"these data must describe a space, got {checks.shown(data)}; "
                f"reading them gave {error!r}"
            ) from error

    def _check_names(self) -> None:
        if not self.variables:
            raise ValueError(f"bounds must hold at least one variable; {ADVICE}")
        if not all(isinstance(name, str) for name in self.names):
            raise ValueError(
                f"the names of variables must be text, got {checks.shown(self.names)}"
            )
        if len(set(self.names)) != self.d or len(self.names) != self.d:
            raise ValueError(
                f"each of the {self.d} variables must have a name of its own, got "
                f"{checks.shown(self.names)}"
            )

    def _check_numeric(self) -> None:
        for name, variable in zip(self.names, self.variables, strict=True):
            if not variable.numeric:
                raise ValueError(
                    f"variable {name} has choices that are no numbers, and a function "
                    "with positional bounds is given a float array; name the "
                    f"variables: {{'name': {variable}}}"
                )

    def _values(self, point: Any, name: str) -> list[Any]:
        if self.named and not isinstance(point, Mapping):
            point = _with_labels(point)
        if isinstance(point, Mapping):
            if not self.named:
                raise ValueError(
                    f"{name} must be a sequence of {self.d} numbers because the "
                    f"bounds have no names, got {checks.shown(point)}"
                )
            return self._named_values(point, name)
        values = checks.listed(point)
        values = [point] if values is None else values
        if len(values) != self.d or any(checks.listed(v) is not None for v in values):
            raise ValueError(
                f"{name} must have {self.d} values, one for each of "
                f"{list(self.names)}, got {checks.shown(point)}"
            )
        return values

    def _named_values(self, point: Mapping[str, Any], name: str) -> list[Any]:
        pairs = zip(self.names, self.variables, strict=True)
        conditional = [key for key, variable in pairs if variable.active_if]
        filled = dict.fromkeys(conditional, _NOTHING) | dict(point)
        checks.rejected_keys(filled, self.names, name)
        return [filled[key] for key in self.names]

    def _check_inside(self, row: FloatArray, values: list[Any], name: str) -> None:
        X = row[None, :]
        active = self._conditions.active(X)[0]
        for j, variable in enumerate(self.variables):
            if active[j] and not variable.contains(X[:, j])[0]:
                raise ValueError(
                    f"{name} must lie inside the bounds: {self.names[j]!r} must be "
                    f"{variable.options}, got {checks.shown(values[j])}"
                )

    def _with_inactive(self, X: FloatArray) -> FloatArray:
        """Put the one fixed number where a variable does not exist."""
        return np.asarray(np.where(self._conditions.active(X), X, self._imputed))

    @cached_property
    def _imputed(self) -> FloatArray:
        half = np.array([0.5])
        return np.array([variable.from_unit(half)[0] for variable in self.variables])

    @cached_property
    def _conditions(self) -> Conditions:
        return Conditions.of(self.names, self.variables)


class _Nothing:
    """Stands for a value that a point does not have."""

    def __repr__(self) -> str:
        return "nothing"


_NOTHING = _Nothing()


def all_unit_points(space: Space, limit: int) -> FloatArray | None:
    """Return every point of a discrete space in the unit cube, shape (n, d).

    None where there are more than `limit` combinations. Points that differ only in
    variables that do not exist there come once.

    Examples
    --------
    >>> all_unit_points(Space.of([Integer(1, 2), Ordinal([0.1, 0.2])]), 100)
    array([[0.25, 0.25],
           [0.25, 0.75],
           [0.75, 0.25],
           [0.75, 0.75]])
    """
    if math.prod(space.levels.tolist()) > limit:
        return None
    numbers = [variable.numbers() for variable in space.variables]
    return np.unique(space.to_unit(np.array(list(product(*numbers)))), axis=0)


def _with_labels(point: Any) -> Any:
    """Return a pandas Series or a namedtuple as a dict: its labels count."""
    for method in ("_asdict", "to_dict"):
        if hasattr(point, method):
            return getattr(point, method)()
    return point
