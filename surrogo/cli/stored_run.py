"""What the command line reads of a store."""

from __future__ import annotations

import math
import time
from bisect import bisect_left, bisect_right
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from surrogo.collector import collector_paused
from surrogo.execution import Contents, Session, read_store, writer
from surrogo.execution.store_reader import understood
from surrogo.optimizers.saved import of_store
from surrogo.result import Result
from surrogo.trials import Trials


@dataclass(frozen=True)
class StoredRun:
    """A run as its store describes it at one moment.

    Attributes
    ----------
    writer : str or None
        The process that goes on with it, if there is one.
    now : float
        When it was read.
    """

    path: Path
    held: Contents
    trials: Trials
    writer: str | None
    now: float = field(default_factory=time.time)

    @classmethod
    @collector_paused()
    def read(cls, path: Path) -> StoredRun:
        """Read a store, which is not changed.

        Raises
        ------
        OSError
            If there is none, or it cannot be read.
        StoreError
            If it is damaged.
        """
        before = writer(path)
        held = read_store(path)
        with understood(path):
            _check_times(held)
            trials = held.trials()
        return cls(path, held, trials, before or writer(path))

    @cached_property
    def sessions(self) -> list[Session]:
        """Those of processes that went on with the run rather than being refused."""
        times = sorted(self.held.times)
        return [s for s in self.held.sessions if s.status or _wrote(s, times)]

    @property
    def result(self) -> Result:
        """The run summed up."""
        with understood(self.path):
            return of_store(self.held)

    @cached_property
    def asked(self) -> dict[int, float]:
        """When each trial was asked for, by its id."""
        return {
            id: time
            for event, time in self._timed()
            if event["event"] == "ask"
            for id in event["ids"]
        }

    @cached_property
    def ended(self) -> dict[int, float]:
        """When each trial ended or was added, by its id."""
        ends = ("end", "fail", "add")
        return {
            event["id"]: time for event, time in self._timed() if event["event"] in ends
        }

    @property
    def wall(self) -> float | None:
        """Seconds in which processes went on with the run; None if none ever did."""
        spans = [self._end(session) - session.begun for session in self.sessions]
        return sum(max(0.0, span) for span in spans) if spans else None

    def _end(self, session: Session) -> float:
        """Return when a session ended; of one that was killed, its last event."""
        if session.ended is not None:
            return session.ended
        last = session is self.sessions[-1]
        if last and self.writer is not None:
            return self.now
        later = [s.begun for s in self.sessions if s.begun > session.begun]
        until = min(later, default=self.now)
        wrote = [t for t in self.held.times if session.begun <= t <= until]
        return max(wrote, default=session.begun)

    def _timed(self) -> Any:
        return zip(self.held.events, self.held.times, strict=True)


def _wrote(session: Session, times: list[float]) -> bool:
    """Say whether there is an event of a session, which may still go on."""
    if session.ended is None:
        return True
    return bisect_left(times, session.begun) < bisect_right(times, session.ended)


def _check_times(held: Contents) -> None:
    """Refuse what is no time: columns of SQLite may hold anything."""
    times: list[object] = [*held.times, *(session.begun for session in held.sessions)]
    times += [session.ended for session in held.sessions if session.ended is not None]
    for moment in times:
        if not isinstance(moment, float) or not math.isfinite(moment):
            raise ValueError(f"a time must be a number, got {moment!r}")
