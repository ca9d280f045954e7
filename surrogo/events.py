"""The events of a record, each a dict of plain data.

::

    {"event": "ask", "ids": [3, 4], "x": [[..], [..]], "memory": {..}, "effort": 1}
    {"event": "end", "id": 3, "evaluation": {"value": 0.2}, "seconds": 1.3}
    {"event": "fail", "id": 4, "reason": "ValueError: mesh", "traceback": "..",
     "seconds": null}
    {"event": "retry", "id": 4, "reason": "ConnectionError", "traceback": "..",
     "seconds": 2.0}
    {"event": "add", "id": 5, "x": [..], "evaluation": {"value": 0.1}}
    {"event": "budget", "max_evals": 40}
    {"event": "rules", "rules": {"target": 0.5}}

``x`` holds rows of the space in the user's units, ``memory`` what the strategy wants
to know at the next ask: only the last ask on record has one. In a record without its
end none may be left; a strategy then begins anew with the points that are known.
"""

from __future__ import annotations

from collections.abc import Mapping
from math import isfinite
from typing import Any, TypeAlias

from surrogo import checks
from surrogo.checks import FloatArray
from surrogo.evaluation import Evaluation
from surrogo.plain import plain

Event: TypeAlias = dict[str, Any]


def ask(
    first_id: int, rows: FloatArray, memory: Mapping[str, Any], effort: int
) -> Event:
    """Say that points (q, d) are about to be evaluated."""
    return {
        "event": "ask",
        "ids": list(range(first_id, first_id + len(rows))),
        "x": plain(rows),
        "memory": plain(memory),
        "effort": checks.integer(effort, "effort", 0),
    }


def end(id: int, evaluation: Evaluation, seconds: float | None) -> Event:
    """Say what the evaluation of a trial gave."""
    return {
        "event": "end",
        "id": id,
        "evaluation": _described(evaluation),
        "seconds": read_seconds(seconds),
    }


def fail(id: int, reason: str, traceback: str, seconds: float | None) -> Event:
    """Say that a trial failed."""
    return {
        "event": "fail",
        "id": id,
        "reason": str(reason),
        "traceback": str(traceback),
        "seconds": read_seconds(seconds),
    }


def retry(id: int, reason: str, traceback: str, seconds: float | None) -> Event:
    """Say that an attempt at a trial failed, and that there will be another one."""
    return fail(id, reason, traceback, seconds) | {"event": "retry"}


def add(id: int, row: FloatArray, evaluation: Evaluation) -> Event:
    """Say that a point (d,) was evaluated elsewhere."""
    return {
        "event": "add",
        "id": id,
        "x": plain(row),
        "evaluation": _described(evaluation),
    }


def budget(max_evals: int | None) -> Event:
    """Say how many trials the run may have."""
    limit = None if max_evals is None else checks.integer(max_evals, "max_evals", 0)
    return {"event": "budget", "max_evals": limit}


def rules(chosen: Mapping[str, float]) -> Event:
    """Say which stop rules are in force besides the budget."""
    return {"event": "rules", "rules": read_rules(plain(chosen))}


def read_rules(data: Any) -> dict[str, float]:
    """Return the stop rules in an event."""
    if not isinstance(data, dict) or not all(isinstance(key, str) for key in data):
        raise ValueError(
            f"rules must be a dict of names and numbers, got {checks.shown(data)}"
        )
    return {key: checks.number(value, key) for key, value in data.items()}


def read_evaluation(data: Any) -> Evaluation:
    """Return the evaluation in an event; one with a defect is refused."""
    if type(data) is dict and len(data) == 1:  # most of all, and quick
        value = data.get("value")
        if type(value) is float and isfinite(value):
            return Evaluation.of_number(value)
    evaluation = Evaluation.from_dict(data)
    defect = evaluation.defect()
    if defect is not None:
        raise ValueError(
            f"an evaluation on record must be finite, and {defect}; record a failure"
        )
    return evaluation


def read_seconds(seconds: Any) -> float | None:
    """Return the duration in an event."""
    return None if seconds is None else checks.number(seconds, "seconds")


def read_text(text: Any, name: str) -> str:
    """Return a text in an event."""
    if not isinstance(text, str):
        raise ValueError(f"the {name} must be text, got {checks.shown(text)}")
    return text


def read_memory(event: Event) -> dict[str, Any]:
    """Return the memory in an ask event, {} if it has none."""
    memory = event.get("memory", {})
    if not isinstance(memory, dict):
        raise ValueError(f"the memory must be a dict, got {checks.shown(memory)}")
    return memory


def without_memory(event: Event) -> Event:
    """Return an ask event without what the strategy remembered."""
    return {key: value for key, value in event.items() if key != "memory"}


def _described(evaluation: Any) -> dict[str, Any]:
    if not isinstance(evaluation, Evaluation):
        raise ValueError(
            f"the record takes an Evaluation, got {checks.shown(evaluation)}; "
            "give Evaluation(value)"
        )
    return evaluation.to_dict()
