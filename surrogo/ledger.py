"""What the events of a record amount to: trials, the best of them, the rules in force.

A ledger is derived from events alone and takes in one after the other. An event that
makes no sense is refused and changes nothing.
"""

from __future__ import annotations

import copy
import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from surrogo import checks, events
from surrogo.checks import FloatArray
from surrogo.events import Event
from surrogo.plain import floats
from surrogo.space import Space
from surrogo.trial import Trial


class Ledger:
    """The state of a run after some events.

    Attributes
    ----------
    trials : list of Trial
        In the order of their ids.
    best : Trial or None
        The feasible one of the lowest value, the first of equals.
    max_evals : int or None
    rules : dict
        The other stop rules that are in force.
    memory : dict
        What the strategy remembered at the last ask.
    n_asks, effort : int

    Examples
    --------
    >>> ledger = Ledger(Space.of([(0, 1)]))
    >>> ledger.apply({"event": "ask", "ids": [0], "x": [[0.5]], "effort": 1})
    >>> ledger.apply({"event": "end", "id": 0, "evaluation": {"value": 2.0},
    ...               "seconds": None})
    >>> ledger.best.value
    2.0
    """

    def __init__(self, space: Space) -> None:
        self.space = space
        self.trials: list[Trial] = []
        self.best: Trial | None = None
        self._lowest = math.inf  # its value
        self.max_evals: int | None = None
        self.rules: dict[str, Any] = {}
        self.memory: dict[str, Any] = {}
        self.n_asks = 0
        self.effort = 1
        self._checked: list[FloatArray] | None = None  # rows of all trials to come

    @classmethod
    def replay(cls, space: Space, past: Sequence[Any]) -> Ledger:
        """Return the ledger of these events.

        Raises
        ------
        ValueError
            If one cannot be read or contradicts those before.
        """
        ledger = cls(space)
        ledger._checked = _rows_at_once(space, past)
        for number, event in enumerate(past):
            try:
                ledger.apply(event)
            except (KeyError, TypeError, ValueError) as error:
                problem = f"it has no {error}" if isinstance(error, KeyError) else error
                raise ValueError(
                    f"event {number} of the record cannot be read: {problem}; it is "
                    f"{checks.shown(event)}"
                ) from error
        ledger._checked = None
        return ledger

    def copied(self) -> Ledger:
        """Return a ledger that later events do not change."""
        out = copy.copy(self)
        out.trials = list(self.trials)
        return out

    def apply(self, event: Event) -> None:
        """Take in an event.

        Raises
        ------
        ValueError
            If it contradicts the events before.
        """
        apply = _APPLIERS.get(event["event"])
        if apply is None:
            checks.one_of(event["event"], _APPLIERS, "the kind of an event")
        else:
            apply(self, event)

    def known_id(self, id: Any) -> int:
        """Return the number of a trial that exists."""
        number = id if type(id) is int else checks.whole(id)
        if number is None or not 0 <= number < len(self.trials):
            raise ValueError(
                f"there is no trial {checks.shown(id)}, the run has "
                f"{len(self.trials)}, numbered from 0; give the id of a trial that ask "
                "returned"
            )
        return number

    def _ask(self, event: Event) -> None:
        trials = self._new_trials(event["ids"], event["x"])
        memory = events.read_memory(event)
        effort = checks.integer(event["effort"], "effort", 0)
        self.trials += trials
        self.effort = effort
        self.memory = memory
        self.n_asks += 1

    def _end(self, event: Event) -> None:
        old = self._running(event["id"])
        evaluation = events.read_evaluation(event["evaluation"])
        seconds = events.read_seconds(event["seconds"])
        self._put(old.ended_with(evaluation, seconds))

    def _fail(self, event: Event) -> None:
        failed = replace(
            self._running(event["id"]),
            state="failed",
            reason=events.read_text(event["reason"], "reason"),
            traceback=events.read_text(event["traceback"], "traceback"),
            seconds=events.read_seconds(event["seconds"]),
        )
        self._put(failed)

    def _retry(self, event: Event) -> None:
        trial = self._running(event["id"])
        for key in ("reason", "traceback"):
            events.read_text(event[key], key)
        events.read_seconds(event["seconds"])
        self.trials[trial.id] = replace(trial, retries=trial.retries + 1)

    def _add(self, event: Event) -> None:
        evaluation = events.read_evaluation(event["evaluation"])
        (trial,) = self._new_trials([event["id"]], [event["x"]])
        self.trials.append(trial)
        self._put(replace(trial, state="done", evaluation=evaluation, added=True))

    def _budget(self, event: Event) -> None:
        self.max_evals = events.budget(event["max_evals"])["max_evals"]

    def _rules(self, event: Event) -> None:
        self.rules = events.read_rules(event["rules"])

    def _put(self, trial: Trial) -> None:
        """Take in a trial that has ended."""
        self.trials[trial.id] = trial
        value, best = trial.value, self.best
        if value > self._lowest or math.isnan(value) or not trial.feasible:
            return
        if best is None or (value, trial.id) < (best.value, best.id):
            self.best, self._lowest = trial, value

    def _running(self, id: Any) -> Trial:
        trial = self.trials[self.known_id(id)]
        if trial.state != "running":
            raise ValueError(
                f"trial {id} has ended already ({trial.state}); a trial ends once"
            )
        return trial

    def _new_trials(self, ids: Any, x: Any) -> list[Trial]:
        first, known, space = len(self.trials), self._checked, self.space
        rows = _rows_of(space, x) if known is None else known[first : first + len(x)]
        trials = [Trial.new(id, row, space) for id, row in enumerate(rows, first)]
        expected = list(range(first, first + len(trials)))
        if ids != expected:
            raise ValueError(
                f"new trials must have the ids that come next, {expected}, got "
                f"{checks.shown(ids)}"
            )
        return trials


_APPLIERS: dict[Any, Callable[[Ledger, Event], None]] = {
    "ask": Ledger._ask,
    "end": Ledger._end,
    "fail": Ledger._fail,
    "retry": Ledger._retry,
    "add": Ledger._add,
    "budget": Ledger._budget,
    "rules": Ledger._rules,
}


def _rows_of(space: Space, x: Any) -> FloatArray:
    """Return the points (q, d) in an event; they cannot be changed.

    Raises
    ------
    ValueError
        If one does not belong to the space.
    """
    rows = checks.matrix(floats(x, "rows"), space.d, "rows")
    checks.finite(rows, "rows")
    outside = np.flatnonzero(~space.contains(rows))
    if len(outside):
        raise ValueError(
            "rows must belong to the space, got "
            f"{checks.shown(rows[outside[0]].tolist())}; Space.encode turns points "
            "into rows"
        )
    rows.flags.writeable = False
    return rows


def _rows_at_once(space: Space, past: Sequence[Any]) -> list[FloatArray] | None:
    """Return the points of all events, checked together: it is a hundred times quicker.

    None if anything is wrong with them; looking at one event after the other tells
    with which.
    """
    try:
        rows: list[Any] = []
        for event in past:
            if event["event"] == "ask":
                rows += event["x"]
            elif event["event"] == "add":
                rows.append(event["x"])
        return list(_rows_of(space, rows)) if rows else None
    except (KeyError, TypeError, ValueError):
        return None
