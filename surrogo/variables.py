"""The kinds of variables, and reading them back from plain data."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from surrogo import checks
from surrogo.variable_base import Condition, Plain, Variable
from surrogo.variable_choice import Categorical, Ordinal
from surrogo.variable_interval import Integer, Real

__all__ = [
    "KINDS",
    "Categorical",
    "Condition",
    "Integer",
    "Ordinal",
    "Plain",
    "Real",
    "Variable",
    "from_dict",
]

KINDS: dict[str, type[Variable]] = {
    cls.kind: cls for cls in (Real, Integer, Ordinal, Categorical)
}


def from_dict(data: Any) -> Variable:
    """Build a variable from the plain data of `Variable.to_dict`.

    Raises
    ------
    ValueError
        If the data describe no variable.

    Examples
    --------
    >>> from_dict({"kind": "integer", "low": 1, "high": 4, "active_if": []})
    Integer(1, 4)
    """
    kind = data.get("kind") if isinstance(data, Mapping) else None
    cls = KINDS[checks.one_of(kind, KINDS, "the kind of a variable")]
    arguments = {key: value for key, value in data.items() if key != "kind"}
    try:
        pairs = [(key, tuple(values)) for key, values in arguments["active_if"]]
        return cls(**{**arguments, "active_if": tuple(pairs)})
    except (KeyError, TypeError, ValueError) as error:
        raise ValueError(
            f"these data must describe a variable, got {checks.shown(dict(data))}: "
            f"{error}"
        ) from error
