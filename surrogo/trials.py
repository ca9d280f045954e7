"""The append-only record of a run: trials and the events behind them.

Everything that a `Trials` object knows is derived from the events, so that replaying
them rebuilds it exactly. What a strategy remembers is kept with the last ask only: the
next one needs no more, and a long run would be full of it.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from surrogo import checks, events
from surrogo.checks import FloatArray
from surrogo.evaluation import Evaluation
from surrogo.events import Event
from surrogo.plain import floats, plain, revived
from surrogo.space import Space
from surrogo.trial import State, Trial
from surrogo.trial_frame import frame

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Evaluation", "Event", "State", "Trial", "Trials"]


class Trials(Sequence[Trial]):
    """The trials of a run in the order of their ids, and the events behind them.

    Parameters
    ----------
    space : Space

    Attributes
    ----------
    max_evals : int or None
        How many trials the run may have, where known.
    n_asks, effort : int
        How many times points were asked for, and the level of thinking of the last one.

    Examples
    --------
    >>> from surrogo import Evaluation, Space, Trials
    >>> trials = Trials(Space.of([(0, 1)]))
    >>> _ = trials.ask([[0.25], [0.5]])
    >>> trials.end(1, Evaluation(3.0))
    >>> trials.fail(0, "the mesh did not close")
    >>> [t.state for t in trials], trials.best.value
    (['failed', 'done'], 3.0)
    """

    def __init__(self, space: Space) -> None:
        self.space = space
        self.max_evals: int | None = None
        self.n_asks = 0
        self.effort = 1
        self._memory: dict[str, Any] = {}
        self._last_ask: int | None = None  # its number among the events
        self._events: list[Event] = []
        self._trials: list[Trial] = []
        self._best: Trial | None = None

    @property
    def events(self) -> list[Event]:
        """A copy of the events, oldest first."""
        return [plain(event) for event in self._events]

    @property
    def memory(self) -> dict[str, Any]:
        """A copy of what the strategy remembered at the last ask."""
        out: dict[str, Any] = revived(self._memory)
        return out

    @property
    def best(self) -> Trial | None:
        """The feasible trial of the lowest value; the first of equals."""
        return self._best

    def ask(
        self, rows: Any, memory: Mapping[str, Any] | None = None, effort: int = 1
    ) -> list[Trial]:
        """Record that the points `rows` (q, d) are about to be evaluated.

        Parameters
        ----------
        rows : array (q, d)
            Points of the space in the user's units, as `Space.encode` makes them.
        memory : mapping, optional
            What the strategy wants to remember: numbers, text, lists and dicts. The
            last one if left out.
        effort : int
            The level of thinking that led to the points.

        Raises
        ------
        ValueError
            If a row does not belong to the space.
        """
        rows = checks.matrix(rows, self.space.d, "rows")
        before = len(self)
        memory = self._memory if memory is None else memory
        self._record(events.ask(before, rows, memory, effort))
        return self._trials[before:]

    def end(
        self, id: int, evaluation: Evaluation, seconds: float | None = None
    ) -> None:
        """Record what the evaluation of trial `id` gave.

        Raises
        ------
        ValueError
            If there is no such trial, it has ended, or the evaluation has a defect.
        """
        self._record(events.end(self._known_id(id), evaluation, seconds))

    def fail(
        self, id: int, reason: str, traceback: str = "", seconds: float | None = None
    ) -> None:
        """Record that trial `id` failed, and why.

        Raises
        ------
        ValueError
            If there is no such trial or it has ended.
        """
        self._record(events.fail(self._known_id(id), reason, traceback, seconds))

    def add(self, row: Any, evaluation: Evaluation) -> Trial:
        """Record a point (d,) that was evaluated elsewhere.

        Raises
        ------
        ValueError
            If the row does not belong to the space or the evaluation has a defect.
        """
        row = checks.matrix([row], self.space.d, "row")[0]
        self._record(events.add(len(self), row, evaluation))
        return self._trials[-1]

    def budget(self, max_evals: int | None) -> None:
        """Record how many trials the run may have; None is no limit."""
        if max_evals != self.max_evals:
            self._record(events.budget(max_evals))

    def __len__(self) -> int:
        return len(self._trials)

    def __getitem__(self, index: Any) -> Any:
        return self._trials[index]

    def __iter__(self) -> Iterator[Trial]:
        return iter(list(self._trials))

    def __repr__(self) -> str:
        states: tuple[State, ...] = ("done", "failed", "running")
        counts = [f"{len(self.in_state(state))} {state}" for state in states]
        return f"<Trials: {', '.join(counts)}>"

    def in_state(self, state: State) -> list[Trial]:
        """Return the trials that are running, done or failed."""
        return [trial for trial in self._trials if trial.state == state]

    def rows(self, trials: Sequence[Trial] | None = None) -> FloatArray:
        """Return the points of `trials` (all if None) as an array (n, d)."""
        chosen = self._trials if trials is None else trials
        return np.array([t.row for t in chosen]).reshape(-1, self.space.d)

    @property
    def n_asked(self) -> int:
        """How many trials were asked for: what counts against the budget."""
        return sum(not trial.added for trial in self._trials)

    def snapshot(self) -> Trials:
        """Return a record that later events do not change."""
        out = Trials(self.space)
        out.__dict__.update(self.__dict__)
        out._events, out._trials = list(self._events), list(self._trials)
        return out

    def to_frame(self) -> pd.DataFrame:
        """Return a pandas data frame, a row for each trial (needs pandas).

        Columns: ``id``, the variables, ``value``, ``state``, ``reason``, ``seconds``.
        If a variable has one of these names, all variables are called ``x.name``.
        """
        return frame(self._trials, self.space.names)

    def to_dict(self) -> dict[str, Any]:
        """Return plain data: the space and the events."""
        return {"space": self.space.to_dict(), "events": self.events}

    @classmethod
    def from_dict(cls, data: Any) -> Trials:
        """Rebuild a record from the plain data of `to_dict`.

        Raises
        ------
        ValueError
            If the data are not such a record, or the events contradict each other.
        """
        if not isinstance(data, Mapping) or not isinstance(data.get("events"), list):
            raise ValueError(
                "a record must be a dict with a space and a list of events, got "
                f"{checks.shown(data)}"
            )
        trials = cls(Space.from_dict(data.get("space")))
        for number, event in enumerate(data["events"]):
            trials._replay(number, event)
        return trials

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self).from_dict, (self.to_dict(),)

    def _replay(self, number: int, event: Any) -> None:
        try:
            self._record(plain(event))
        except (KeyError, TypeError, ValueError) as error:
            problem = f"it has no {error}" if isinstance(error, KeyError) else error
            raise ValueError(
                f"event {number} of the record cannot be read: {problem}; it is "
                f"{checks.shown(event)}"
            ) from error

    def _record(self, event: Event) -> None:
        """Apply an event and keep it; one that is refused changes nothing."""
        appliers = {
            "ask": self._apply_ask,
            "end": self._apply_end,
            "fail": self._apply_fail,
            "add": self._apply_add,
            "budget": self._apply_budget,
        }
        kind = checks.one_of(event["event"], appliers, "the kind of an event")
        try:
            appliers[kind](event)
            self._events.append(event)
            if kind == "ask":
                self._forget_all_but(len(self._events) - 1)
        except KeyboardInterrupt:  # in between: what is derived may be ahead
            self.__dict__.update(self._replayed(self._events).__dict__)
            raise

    def _forget_all_but(self, number: int) -> None:
        """Drop the memory of the ask before event `number`."""
        if self._last_ask is not None:
            last = self._events[self._last_ask]
            self._events[self._last_ask] = events.without_memory(last)
        self._last_ask = number

    def _replayed(self, past: list[Event]) -> Trials:
        """Return a record of these events."""
        replayed = Trials(self.space)
        for event in past:
            replayed._record(event)
        return replayed

    def _apply_ask(self, event: Event) -> None:
        trials = self._new_trials(event["ids"], event["x"])
        memory = events.read_memory(event)
        effort = checks.integer(event["effort"], "effort", 0)
        self._trials += trials
        self.effort = effort
        self._memory = memory
        self.n_asks += 1

    def _apply_end(self, event: Event) -> None:
        trial = self._running(event["id"])
        evaluation = events.read_evaluation(event["evaluation"])
        seconds = events.read_seconds(event["seconds"])
        self._put(replace(trial, state="done", evaluation=evaluation, seconds=seconds))

    def _apply_fail(self, event: Event) -> None:
        failed = replace(
            self._running(event["id"]),
            state="failed",
            reason=events.read_text(event["reason"], "reason"),
            traceback=events.read_text(event["traceback"], "traceback"),
            seconds=events.read_seconds(event["seconds"]),
        )
        self._put(failed)

    def _apply_add(self, event: Event) -> None:
        evaluation = events.read_evaluation(event["evaluation"])
        (trial,) = self._new_trials([event["id"]], [event["x"]])
        self._trials.append(trial)
        self._put(replace(trial, state="done", evaluation=evaluation, added=True))

    def _apply_budget(self, event: Event) -> None:
        self.max_evals = events.budget(event["max_evals"])["max_evals"]

    def _put(self, trial: Trial) -> None:
        """Take in a trial that has ended."""
        self._trials[trial.id] = trial
        if trial.feasible and not math.isnan(trial.value):
            rivals = [trial] if self._best is None else [trial, self._best]
            self._best = min(rivals, key=lambda t: (t.value, t.id))

    def _running(self, id: Any) -> Trial:
        trial = self._trials[self._known_id(id)]
        if trial.state != "running":
            raise ValueError(
                f"trial {id} has ended already ({trial.state}); a trial ends once"
            )
        return trial

    def _known_id(self, id: Any) -> int:
        number = checks.whole(id)
        if number is None or not 0 <= number < len(self):
            raise ValueError(
                f"there is no trial {checks.shown(id)}, the run has {len(self)}, "
                "numbered from 0; give the id of a trial that ask returned"
            )
        return number

    def _new_trials(self, ids: Any, x: Any) -> list[Trial]:
        rows = checks.matrix(floats(x, "rows"), self.space.d, "rows")
        checks.finite(rows, "rows")
        expected = list(range(len(self), len(self) + len(rows)))
        if ids != expected:
            raise ValueError(
                f"new trials must have the ids that come next, {expected}, got "
                f"{checks.shown(ids)}"
            )
        outside = np.flatnonzero(~self.space.contains(rows))
        if len(outside):
            raise ValueError(
                "rows must belong to the space, got "
                f"{checks.shown(rows[outside[0]].tolist())}; Space.encode turns points "
                "into rows"
            )
        rows.flags.writeable = False
        return [
            Trial(id, row, self.space) for id, row in zip(expected, rows, strict=True)
        ]
