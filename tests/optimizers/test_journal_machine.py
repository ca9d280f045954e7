"""Any sequence of asks, answers, kills and closings leaves a store that is right.

``HYPOTHESIS_PROFILE=thorough JOURNAL_SEQUENCES=2000 pytest --no-cov
tests/optimizers/test_journal_machine.py`` runs 2,000 sequences.
"""

import os
import shutil
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    initialize,
    invariant,
    multiple,
    precondition,
    rule,
)

from surrogo import (
    Categorical,
    Evaluation,
    Integer,
    Optimizer,
    Real,
    SpaceExhausted,
    load,
)
from surrogo.events import without_memory
from surrogo.execution import read_store

SPACES = {
    "box": [(-1.0, 1.0), (0.0, 5.0)],
    "mixed": {
        "a": Real(0.1, 10.0, scale="log"),
        "k": Integer(0, 3),
        "c": Categorical(["x", "y"]),
    },
    "discrete": {"k": Integer(0, 2), "c": Categorical(["u", "v", "w"])},
}
VALUES = st.floats(-1e3, 1e3).map(lambda value: round(value, 6))
SEQUENCES = int(os.environ.get("JOURNAL_SEQUENCES", "15"))


def described(trials):
    """Return all that is known of the trials, comparable."""
    return [
        (t.id, t.row.tobytes(), t.state, t.evaluation, t.reason, t.retries, t.added)
        for t in trials
    ]


class JournalMachine(RuleBasedStateMachine):
    """A run with a store, beside a twin that nobody ever interrupts."""

    running = Bundle("running")

    def __init__(self):
        super().__init__()
        self.folder = Path(tempfile.mkdtemp())
        self.number = 0
        self.run = None

    @initialize(
        space=st.sampled_from(sorted(SPACES)),
        strategy=st.sampled_from(["auto", "srbf", "random"]),
        seed=st.integers(0, 5),
    )
    def begin(self, space, strategy, seed):
        self.bounds = SPACES[space]
        self.run = Optimizer(
            self.bounds, strategy=strategy, rng=seed, store=self.path()
        )
        self.twin = Optimizer(self.bounds, strategy=strategy, rng=seed)

    def path(self):
        return self.folder / f"{self.number}.db"

    @rule(target=running)
    def ask(self):
        try:
            trial = self.run.ask()
        except SpaceExhausted:
            with pytest.raises(SpaceExhausted):
                self.twin.ask()
            return multiple()
        assert self.twin.ask().row.tobytes() == trial.row.tobytes()
        return trial.id

    @rule(target=running, n=st.integers(1, 4))
    def ask_for_several(self, n):
        try:
            trials = self.run.ask(n)
        except SpaceExhausted:
            return multiple()
        twins = self.twin.ask(n)
        assert [t.row.tobytes() for t in twins] == [t.row.tobytes() for t in trials]
        return multiple(*(trial.id for trial in trials))

    @rule(id=consumes(running), value=VALUES, noted=st.booleans())
    def tell(self, id, value, noted):
        info = {"by": "a\ud800 worker", "r": float("nan")} if noted else None
        for optimizer in (self.run, self.twin):
            optimizer.tell(id, Evaluation(value, info=info), seconds=100.0)

    @rule(id=consumes(running), reason=st.sampled_from(["", "mesh", "nan\n\ud800"]))
    def fail(self, id, reason):
        for optimizer in (self.run, self.twin):
            optimizer.tell_failure(id, reason)

    @rule(id=running)
    def retry(self, id):
        for optimizer in (self.run, self.twin):
            if optimizer.trials[id].state == "running":
                optimizer.trials.retry(id, "no licence")

    @rule(id=consumes(running), value=VALUES)
    def tell_twice(self, id, value):
        for optimizer in (self.run, self.twin):
            optimizer.tell(id, value)
            with pytest.raises(ValueError, match="ended already"):
                optimizer.tell(id, value)

    @rule(value=VALUES, u=st.tuples(*[st.floats(0.0, 1.0)] * 3))
    def add(self, value, u):
        space = self.run.space
        row = space.from_unit([u[: space.d]])
        if row.tobytes() in {t.row.tobytes() for t in self.run.trials}:
            return
        x = space.decode(row[0])
        for optimizer in (self.run, self.twin):
            optimizer.add(x, value)

    @rule(max_evals=st.none() | st.integers(0, 60))
    def budget(self, max_evals):
        for optimizer in (self.run, self.twin):
            optimizer.budget(max_evals)

    @rule()
    def close_and_resume(self):
        self.run.close()
        self.run = Optimizer(self.bounds, store=self.path())

    @rule(log=st.booleans())
    def kill_and_resume(self, log):
        """Copy the files as a kill would leave them, and open the copies."""
        left = self.path()
        self.number += 1
        for ending in ("", "-wal", "-shm") if log else ("", "-wal"):
            if Path(f"{left}{ending}").exists():
                shutil.copy(f"{left}{ending}", f"{self.path()}{ending}")
        self.run.close()
        self.run = Optimizer(self.bounds, store=self.path())

    @invariant()
    @precondition(lambda self: self.run is not None)
    def the_store_has_every_event(self):
        events = [without_memory(event) for event in self.run.trials.events]
        stored = [without_memory(event) for event in read_store(self.path()).events]
        assert stored == events
        assert [without_memory(event) for event in self.twin.trials.events] == events

    @invariant()
    @precondition(lambda self: self.run is not None)
    def both_runs_are_the_same(self):
        assert described(self.run.trials) == described(self.twin.trials)
        assert self.run.trials.memory == self.twin.trials.memory
        assert self.run.trials.max_evals == self.twin.trials.max_evals
        assert (
            self.run.result().fun == self.twin.result().fun or not self.run.trials.best
        )

    @invariant()
    @precondition(lambda self: self.run is not None)
    def no_point_comes_twice(self):
        rows = [trial.row.tobytes() for trial in self.run.trials]
        assert len(set(rows)) == len(rows)

    def teardown(self):
        if self.run is not None:
            self.run.close()
            assert described(load(self.path()).trials) == described(self.twin.trials)
        shutil.rmtree(self.folder)


TestJournalMachine = JournalMachine.TestCase
TestJournalMachine.settings = settings(
    max_examples=SEQUENCES,
    stateful_step_count=20,
    suppress_health_check=[HealthCheck.too_slow],
)
