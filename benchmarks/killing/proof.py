"""What must hold of a store after every kill, and at the end."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.killing.life import Plan
from benchmarks.killing.noted import SPACE, answer, notes
from benchmarks.killing.replay import replay
from surrogo import Result, Trials, optimize
from surrogo.events import without_memory
from surrogo.execution.store_reader import Contents, read_store


@dataclass
class Proof:
    """What is known of a run that is killed again and again.

    Attributes
    ----------
    violations : list of str
        What should never be.
    wasted : int
        Evaluations that ended just before a kill and were made again.
    compared : bool
        Whether the run was compared with the one that nobody killed, in the end.
    """

    plan: Plan
    violations: list[str] = field(default_factory=list)
    wasted: int = 0
    compared: bool = False
    _events: list[Any] = field(default_factory=list)
    _ended: set[bytes] = field(default_factory=set)
    _n_notes: int = 0

    def after_a_kill(self) -> None:
        """Look at copies of the files, so that the next life finds them untouched."""
        held = self._contents()
        if held is None:
            self._require(not self._events, "the store is gone")
            return
        events = [without_memory(event) for event in held.events]
        n = len(self._events)
        self._require(events[:n] == self._events, "committed events were lost")
        self._events = events
        self._compare_with_log(Trials.of_events(SPACE, list(held.events)))

    def in_the_end(self) -> None:
        """Look whether the run is complete, and what it should have been."""
        self.after_a_kill()
        held = self._contents()
        if held is None:
            return
        trials = Trials.of_events(SPACE, list(held.events))
        self._require(not trials.in_state("running"), "trials were left running")
        self._require(
            len(trials) == self.plan.budget, f"there are {len(trials)} trials"
        )
        for difference in replay(held.run_data):
            self._require(False, f"replaying: {difference}")
        if self.plan.mode.repeatable and all(_efforts(held)):
            self._compare(trials, uninterrupted(self.plan).trials)

    def _contents(self) -> Contents | None:
        copies = self.plan.folder / "copies"
        copies.mkdir(exist_ok=True)
        store = self.plan.store
        if not store.exists():
            return None
        copy = copies / store.name
        for ending in ("", "-wal", "-shm"):
            _copy(store.with_name(store.name + ending), copies)
        (copies / f"{store.name}-shm").unlink(missing_ok=True)
        try:
            held = read_store(copy)
            with closing(sqlite3.connect(copy)) as connection:
                said = connection.execute("PRAGMA integrity_check").fetchall()
            self._require(said == [("ok",)], f"integrity_check says {said}")
        except Exception as error:
            self._require(False, f"the store cannot be read: {error!r}")
            return None
        return held

    def _compare_with_log(self, trials: Trials) -> None:
        """Compare the record with what the function has noted itself."""
        noted = notes(self.plan.log)
        rows = [trial.x.tobytes() for trial in trials]
        self._require(len(set(rows)) == len(rows), "a point was asked for twice")
        for note in noted[self._n_notes :]:
            self._require(note.x not in self._ended, "evaluated after it was committed")
            self._require(note.x in rows, "evaluated before its ask was committed")
        values = {note.x: note.value for note in noted if note.kind == "ended"}
        states = {trial.x.tobytes(): trial.state for trial in trials}
        for trial in trials.in_state("done"):
            same = values.get(trial.x.tobytes()) == trial.value
            self._require(same, f"trial {trial.id} has another value than was noted")
        lost = sum(states.get(x) == "running" for x in values)
        self._require(lost <= self.plan.mode.workers, f"{lost} results are missing")
        ended = [note for note in noted if note.kind == "ended"]
        self.wasted = len(ended) - len(values)
        self._ended = {x for x, state in states.items() if state != "running"}
        self._n_notes = len(noted)

    def _compare(self, trials: Trials, expected: Trials) -> None:
        """Compare with the run that nobody killed, bit for bit."""
        same = trials.rows().tobytes() == expected.rows().tobytes()
        self._require(same, "the points are not those of the uninterrupted run")
        self.compared = True
        mine, theirs = ([_outcome(t) for t in run] for run in (trials, expected))
        self._require(mine == theirs, "the results are not those uninterrupted")

    def _require(self, holds: bool, what: str) -> None:
        if not holds:
            plan = self.plan
            name = f"{plan.mode.name}, {plan.strategy}, seed {plan.seed}"
            self.violations.append(f"{name}: {what}")


def uninterrupted(plan: Plan) -> Result:
    """Return the run that nobody kills, with no store, here in this process."""
    return optimize(answer, SPACE, **plan.arguments())


def _copy(file: Path, folder: Path) -> None:
    if file.exists():
        shutil.copy(file, folder)
    else:
        (folder / file.name).unlink(missing_ok=True)


def _efforts(held: Contents) -> list[int]:
    return [event["effort"] for event in held.events if event["event"] == "ask"]


def _outcome(trial: Any) -> tuple[Any, ...]:
    return trial.state, repr(trial.value), trial.reason
