"""The text of a result, which fits one screen of 24 lines and 80 columns."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from surrogo import checks

_WIDTH = 69  # 80 columns less the longest key and what stands around it
_MESSAGE_LINES = 5
_VARIABLES = 12
_NAME, _VALUE = 30, 36  # characters of a variable's name and of its value


def summary(result: Mapping[str, Any]) -> list[tuple[str, list[str]]]:
    """Return keys and the lines of their values; what is missing is left out.

    Examples
    --------
    >>> summary({"fun": 1 / 3, "success": True, "status": 1})
    [('fun', ['0.3333333333']), ('success', ['True (status 1)'])]
    """
    writers: dict[str, Callable[[Mapping[str, Any]], list[str]]] = {
        "message": _message,
        "fun": lambda result: [f"{result['fun']:.10g}"],
        "x": _point,
        "success": _success,
        "nfev": _counts,
        "seed": lambda result: [checks.cut(str(result["seed"]), _WIDTH)],
    }
    return [(key, write(result)) for key, write in writers.items() if key in result]


def _message(result: Mapping[str, Any]) -> list[str]:
    text = checks.cut(str(result["message"]), 2 * _WIDTH * _MESSAGE_LINES)
    return textwrap.wrap(
        text, _WIDTH, max_lines=_MESSAGE_LINES, placeholder=" ..."
    ) or [""]


def _success(result: Mapping[str, Any]) -> list[str]:
    status = f" (status {int(result['status'])})" if "status" in result else ""
    return [f"{result['success']}{status}"]


def _counts(result: Mapping[str, Any]) -> list[str]:
    failed = sum(trial.state == "failed" for trial in result.get("trials", ()))
    return [f"{result['nfev']} evaluations, {failed} failed"]


def _point(result: Mapping[str, Any]) -> list[str]:
    return point(result["x"], result["space"].names if "space" in result else None)


def point(x: Any, names: Sequence[str] | None, most: int = _VARIABLES) -> list[str]:
    """Return a line for each variable of a point, at most so many and one."""
    if x is None:
        return ["none"]
    if isinstance(x, Mapping):
        pairs = [(name, x.get(name, math.nan)) for name in names or x]
    else:
        names = names or [f"x{j}" for j in range(len(x))]
        pairs = list(zip(names, map(float, x), strict=True))
    lines = [f"{checks.cut(name, _NAME)} = {_value(v)}" for name, v in pairs]
    hidden = len(lines) - most
    more = [f"... and {hidden} more"] if hidden > 0 else []
    return lines[:most] + more


def _value(value: Any) -> str:
    if isinstance(value, float):
        return "-" if math.isnan(value) else f"{value:.8g}"  # NaN: it does not exist
    return checks.cut(str(value), _VALUE)
