"""Reading bounds: whatever a user has, turned into named variables."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from surrogo import checks
from surrogo.variables import Real, Variable

ADVICE = (
    "give a list of (low, high), an array of shape (d, 2), scipy.optimize.Bounds, a "
    "dict of named variables, or Real, Integer, Ordinal and Categorical variables"
)


def read_bounds(bounds: Any) -> tuple[tuple[Variable, ...], tuple[str, ...], bool]:
    """Return variables, their names, and whether the user named them.

    Raises
    ------
    ValueError
        If the bounds cannot be read.

    Examples
    --------
    >>> read_bounds([(0, 1)])
    ((Real(0.0, 1.0),), ('x0',), False)
    """
    if isinstance(bounds, Mapping):
        names, entries = tuple(bounds), list(bounds.values())
        return _variables(entries, names), names, True
    entries = _entries([bounds] if isinstance(bounds, Variable) else bounds)
    names = tuple(f"x{i}" for i in range(len(entries)))
    return _variables(entries, names), names, False


def _entries(bounds: Any) -> list[Any]:
    if hasattr(bounds, "lb") and hasattr(bounds, "ub"):  # scipy.optimize.Bounds
        low, high = np.broadcast_arrays(bounds.lb, bounds.ub)
        return list(zip(np.ravel(low), np.ravel(high), strict=True))
    entries = checks.listed(bounds)
    if entries is None:
        raise ValueError(f"cannot read bounds from {checks.shown(bounds)}; {ADVICE}")
    return entries


def _variables(entries: list[Any], names: tuple[Any, ...]) -> tuple[Variable, ...]:
    pairs = zip(entries, names, strict=True)
    return tuple(_variable(entry, name) for entry, name in pairs)


def _variable(entry: Any, name: Any) -> Variable:
    if isinstance(entry, Variable):
        return entry
    pair = checks.listed(entry)
    if pair is None or len(pair) != 2:
        raise ValueError(
            f"the bounds of {name} must be a pair (low, high) or a variable, got "
            f"{checks.shown(entry)}; {ADVICE}"
        )
    try:
        return Real(pair[0], pair[1])
    except ValueError as error:
        raise ValueError(f"the bounds of {name}: {error}") from error
