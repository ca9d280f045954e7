"""The append-only record of a run: trials and the events behind them.

Everything that a `Trials` object knows is derived from the events, so that replaying
them rebuilds it exactly. What a strategy remembers is kept with the last ask only: the
next one needs no more, and a long run would be full of it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from surrogo import checks, events
from surrogo.checks import FloatArray
from surrogo.evaluation import Evaluation
from surrogo.events import Event
from surrogo.ledger import Ledger
from surrogo.plain import plain, revived
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
    keep : callable or None
        Called with all events after a new one was taken in, before anything else
        happens: what writes them down elsewhere. Copies of the record have none.

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
        self.keep: Callable[[list[Event]], None] | None = None
        self._ledger = Ledger(space)
        self._events: list[Event] = []
        self._last_ask: int | None = None  # its number among the events

    @property
    def max_evals(self) -> int | None:
        """How many trials the run may have, where known."""
        return self._ledger.max_evals

    @property
    def rules(self) -> dict[str, float]:
        """A copy of the other stop rules in force: ``{"target": 0.5}``."""
        return dict(self._ledger.rules)

    @property
    def n_asks(self) -> int:
        """How many times points were asked for."""
        return self._ledger.n_asks

    @property
    def effort(self) -> int:
        """The level of thinking of the last ask."""
        return self._ledger.effort

    @property
    def events(self) -> list[Event]:
        """A copy of the events, oldest first."""
        return [plain(event) for event in self._events]

    @property
    def memory(self) -> dict[str, Any]:
        """A copy of what the strategy remembered at the last ask."""
        out: dict[str, Any] = revived(self._ledger.memory)
        return out

    @property
    def best(self) -> Trial | None:
        """The feasible trial of the lowest value; the first of equals."""
        return self._ledger.best

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
        memory = self._ledger.memory if memory is None else memory
        self._record(events.ask(before, rows, memory, effort))
        return self._ledger.trials[before:]

    def end(
        self, id: int, evaluation: Evaluation, seconds: float | None = None
    ) -> None:
        """Record what the evaluation of trial `id` gave.

        Raises
        ------
        ValueError
            If there is no such trial, it has ended, or the evaluation has a defect.
        """
        self._record(events.end(self._ledger.known_id(id), evaluation, seconds))

    def fail(
        self, id: int, reason: str, traceback: str = "", seconds: float | None = None
    ) -> None:
        """Record that trial `id` failed, and why.

        Raises
        ------
        ValueError
            If there is no such trial or it has ended.
        """
        self._record(events.fail(self._ledger.known_id(id), reason, traceback, seconds))

    def retry(
        self, id: int, reason: str, traceback: str = "", seconds: float | None = None
    ) -> None:
        """Record that an attempt at trial `id` failed, and that another one follows.

        Raises
        ------
        ValueError
            If there is no such trial or it has ended.
        """
        id = self._ledger.known_id(id)
        self._record(events.retry(id, reason, traceback, seconds))

    def add(self, row: Any, evaluation: Evaluation) -> Trial:
        """Record a point (d,) that was evaluated elsewhere.

        Raises
        ------
        ValueError
            If the row does not belong to the space or the evaluation has a defect.
        """
        row = checks.matrix([row], self.space.d, "row")[0]
        self._record(events.add(len(self), row, evaluation))
        return self._ledger.trials[-1]

    def budget(self, max_evals: int | None) -> None:
        """Record how many trials the run may have; None is no limit."""
        if max_evals != self.max_evals:
            self._record(events.budget(max_evals))

    def follow(self, rules: Mapping[str, float]) -> None:
        """Record which stop rules are in force besides the budget."""
        if dict(rules) != self._ledger.rules:
            self._record(events.rules(rules))

    def __len__(self) -> int:
        return len(self._ledger.trials)

    def __getitem__(self, index: Any) -> Any:
        return self._ledger.trials[index]

    def __iter__(self) -> Iterator[Trial]:
        return iter(list(self._ledger.trials))

    def __repr__(self) -> str:
        states: tuple[State, ...] = ("done", "failed", "running")
        counts = [f"{len(self.in_state(state))} {state}" for state in states]
        return f"<Trials: {', '.join(counts)}>"

    def in_state(self, state: State) -> list[Trial]:
        """Return the trials that are running, done or failed."""
        return [trial for trial in self._ledger.trials if trial.state == state]

    def rows(self, trials: Sequence[Trial] | None = None) -> FloatArray:
        """Return the points of `trials` (all if None) as an array (n, d)."""
        chosen = self._ledger.trials if trials is None else trials
        return np.array([t.row for t in chosen]).reshape(-1, self.space.d)

    @property
    def n_asked(self) -> int:
        """How many trials were asked for: what counts against the budget."""
        return sum(not trial.added for trial in self._ledger.trials)

    @property
    def n_spent(self) -> int:
        """How many evaluations that were asked for have ended."""
        trials = self._ledger.trials
        return sum(t.state != "running" and not t.added for t in trials)

    def snapshot(self) -> Trials:
        """Return a record that later events do not change."""
        out = Trials(self.space)
        out._ledger, out._events = self._ledger.copied(), list(self._events)
        out._last_ask = self._last_ask
        return out

    def to_frame(self) -> pd.DataFrame:
        """Return a pandas data frame, a row for each trial (needs pandas).

        Columns: ``id``, the variables, ``value``, ``state``, ``reason``, ``seconds``.
        If a variable has one of these names, all variables are called ``x.name``.
        """
        return frame(self._ledger.trials, self.space.names)

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
        past = [plain(event) for event in data["events"]]
        return cls.of_events(Space.from_dict(data.get("space")), past)

    @classmethod
    def of_events(cls, space: Space, past: list[Event]) -> Trials:
        """Return the record of these events, which it keeps.

        Raises
        ------
        ValueError
            If one cannot be read, or contradicts those before.
        """
        trials = cls(space)
        trials._ledger = Ledger.replay(space, past)
        asks = [i for i, event in enumerate(past) if event["event"] == "ask"]
        for i in asks[:-1]:
            if "memory" in past[i]:
                past[i] = events.without_memory(past[i])
        trials._events, trials._last_ask = past, asks[-1] if asks else None
        return trials

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self).from_dict, (self.to_dict(),)

    def _record(self, event: Event) -> None:
        """Take in an event, and let it be kept; one that is refused changes nothing.

        What was paid for stays on this record even if it cannot be kept elsewhere. An
        ask does not: nobody has been given its points yet.
        """
        try:
            self._ledger.apply(event)
            self._events.append(event)
        except KeyboardInterrupt:  # in between: what is derived may be ahead
            self._ledger = Ledger.replay(self.space, self._events)
            raise
        try:
            if self.keep is not None:
                self.keep(self._events)
        except Exception:
            if event["event"] == "ask":
                self._events.pop()
                self._ledger = Ledger.replay(self.space, self._events)
            raise
        if event["event"] == "ask":
            self._forget_all_but(len(self._events) - 1)

    def _forget_all_but(self, number: int) -> None:
        """Drop the memory of the ask before event `number`."""
        if self._last_ask is not None:
            last = self._events[self._last_ask]
            self._events[self._last_ask] = events.without_memory(last)
        self._last_ask = number
