"""The way to a value in JSON: ``results.tip[0].x``, or a list of keys and indices."""

from __future__ import annotations

import re
from typing import Any, TypeAlias

from surrogo import checks
from surrogo.execution.external.errors import SimulatorError, did_you_mean

Steps: TypeAlias = tuple[str | int, ...]

_STEP = re.compile(r"(?:^|\.)([^.\[\]]+)|\[(-?\d+)\]")


def steps_of(path: Any) -> Steps:
    """Read a path.

    Raises
    ------
    ValueError
        If it is none.

    Examples
    --------
    >>> steps_of("results.tip[0].x")
    ('results', 'tip', 0, 'x')
    """
    if isinstance(path, list | tuple) and all(type(p) in (str, int) for p in path):
        return tuple(path)
    steps: list[str | int] = []
    end = 0
    text = path if isinstance(path, str) else ""
    while found := _STEP.match(text, end):
        key, index = found.groups()
        steps.append(int(index) if key is None else key)
        end = found.end()
    if not text or end < len(text):
        raise ValueError(
            "a path in JSON must look like 'results.tip[0].x', or be a list such as "
            f"['results', 0], got {checks.shown(path)}"
        )
    return tuple(steps)


def at(data: Any, steps: Steps, file: str) -> Any:
    """Return what is at the end of a path.

    Raises
    ------
    SimulatorError
        If there is nothing.
    """
    for i, step in enumerate(steps):
        try:
            data = data[_index(step, data)]
        except (LookupError, TypeError, ValueError):
            before = "".join(f"[{s!r}]" for s in steps[:i]) or "the top"
            raise SimulatorError(
                f"{file!r} has no {step!r} at {before}, where there is "
                f"{_contents(data, step)}"
            ) from None
    return data


def _index(step: str | int, data: Any) -> Any:
    """Let ``a.0`` count like ``a[0]`` in a list."""
    if isinstance(data, str):
        raise TypeError("the characters of a text are no values")
    return int(step) if isinstance(data, list) else step


def _contents(data: Any, step: str | int) -> str:
    if isinstance(data, dict):
        near = did_you_mean(step, [str(key) for key in data])
        return f"{checks.shown(list(data))}{near}"
    if isinstance(data, list):
        return f"a list of {len(data)}"
    return checks.shown(data)
