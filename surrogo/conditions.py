"""Which variables exist at a point, where some exist only for values of others."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from surrogo import checks
from surrogo.checks import BoolArray, FloatArray
from surrogo.variables import Plain, Variable


@dataclass(frozen=True)
class Conditions:
    """The ``active_if`` of all variables, resolved to columns of ``X``.

    Attributes
    ----------
    parents : tuple
        For each variable the columns it depends on, each with the numbers there for
        which it exists.
    order : tuple of int
        Columns of the conditional variables, parents before children.
    """

    parents: tuple[tuple[tuple[int, FloatArray], ...], ...]
    order: tuple[int, ...]

    @classmethod
    def of(cls, names: Sequence[str], variables: Sequence[Variable]) -> Conditions:
        """Resolve the conditions of `variables`.

        Raises
        ------
        ValueError
            If a parent does not exist, cannot have the value, or depends on its child.
        """
        parents = tuple(
            tuple(
                _parent(j, key, values, names, variables)
                for key, values in variable.active_if
            )
            for j, variable in enumerate(variables)
        )
        columns = [{column for column, _ in some} for some in parents]
        return cls(parents, _parents_first(columns, names))

    def active(self, X: FloatArray) -> BoolArray:
        """Say which variables exist at each point of `X` (n, d); shape (n, d)."""
        out = np.ones(X.shape, dtype=bool)
        for j in self.order:
            for parent, numbers in self.parents[j]:
                out[:, j] &= out[:, parent] & np.isin(X[:, parent], numbers)
        return out


def _parent(
    j: int,
    key: str | int,
    values: tuple[Plain, ...],
    names: Sequence[str],
    variables: Sequence[Variable],
) -> tuple[int, FloatArray]:
    column = _column(j, key, names)
    parent = variables[column]
    if parent.kind == "real":
        raise ValueError(
            f"active_if of {names[j]!r} must depend on an integer, ordinal or "
            f"categorical variable, and {names[column]!r} is real; make it one of those"
        )
    numbers = np.array([parent.number(value) for value in values])
    if not np.all(parent.contains(numbers)):
        raise ValueError(
            f"active_if of {names[j]!r} must give values of {names[column]!r} "
            f"({parent.options}), got {checks.shown(list(values))}"
        )
    return column, numbers


def _column(j: int, key: str | int, names: Sequence[str]) -> int:
    column = key if isinstance(key, int) else [*names, key].index(key)
    if not 0 <= column < len(names) or column == j:
        others = [name for name in names if name != names[j]]
        raise ValueError(
            f"active_if of {names[j]!r} must name another variable, one of "
            f"{others}, got {key!r}"
        )
    return column


def _parents_first(
    columns: Sequence[set[int]], names: Sequence[str]
) -> tuple[int, ...]:
    """Order the variables that have parents so that these come first."""
    waiting = {j for j, parents in enumerate(columns) if parents}
    order: list[int] = []
    while waiting:
        ready = sorted(j for j in waiting if not columns[j] & waiting)
        if not ready:
            ring = [names[j] for j in sorted(waiting)]
            raise ValueError(
                f"active_if goes round in a ring among {ring}; one of them must not "
                "depend on the others"
            )
        order += ready
        waiting -= set(ready)
    return tuple(order)
