"""Ask again for every point of a record, and compare bit for bit.

Each point must be a function of the events before it, in whatever order results came.
The level of effort, which a clock chose, is taken from the record. Points that a user
chose himself (``x0``, ``ask_at``) were not proposed, and cannot be replayed.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from surrogo import Optimizer


class _AtLevel(Optimizer):
    """An optimizer whose level of effort is given, and not chosen by a clock."""

    level = 1

    def _effort(self) -> int:
        return self.level


def replay(data: Mapping[str, Any]) -> list[str]:
    """Return in words every ask on record whose points come out otherwise.

    Parameters
    ----------
    data : mapping
        A run as `Optimizer.to_dict` or ``Contents.run_data`` describe it.
    """
    different: list[str] = []
    past: list[dict[str, Any]] = []
    for number, event in enumerate(data["events"]):
        if event["event"] == "ask":
            again = _asked_again({**data, "events": past}, event)
            if not _same(again, event):
                different.append(f"event {number}: {event['x']} became {again['x']}")
            past.append({**event, "memory": again["memory"]})
        else:
            past.append(event)
    return different


def _asked_again(before: dict[str, Any], event: dict[str, Any]) -> dict[str, Any]:
    optimizer = _AtLevel.from_dict(before)
    optimizer.level = event["effort"]
    optimizer.ask(len(event["ids"]))
    again: dict[str, Any] = optimizer.trials.events[-1]
    return again


def _same(again: dict[str, Any], event: dict[str, Any]) -> bool:
    """Compare points, and what the strategy remembers where that is on record."""
    mine, theirs = np.array(again["x"]), np.array(event["x"])
    remembered = event.get("memory", again["memory"])
    return mine.tobytes() == theirs.tobytes() and again["memory"] == remembered
