"""Runs that get SIGKILL at random instants; many more in benchmarks/kill_and_resume."""

import json
import logging
import random
import sys

import pytest

from benchmarks.kill_and_resume import one_run
from benchmarks.killing.life import Mode, Plan
from benchmarks.killing.noted import SPACE, answer
from benchmarks.killing.replay import replay
from surrogo import Optimizer

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="forks and /proc")

MODES = {
    Mode("sequential"): 5,
    Mode("batches of 4", batch=4): 5,
    Mode("asynchronous, 2 workers", workers=2): 3,
}


@pytest.mark.parametrize(("mode", "kills"), MODES.items(), ids=lambda x: str(x)[:16])
def test_a_run_that_is_killed_loses_and_repeats_nothing(mode, kills, tmp_path, caplog):
    caplog.set_level(logging.ERROR)
    chance, killed = random.Random(5), 0
    for attempt in range(6):  # a quick machine may be done before it is killed
        folder = tmp_path / str(attempt)
        folder.mkdir()
        plan = Plan(mode, "srbf", seed=3, folder=folder, budget=20)
        tally = one_run(plan, kills - killed, chance)
        assert tally.violations == []
        assert tally.compared == mode.repeatable
        killed += tally.kills.total()
        if killed == kills:
            return
    assert killed > 0


def a_record():
    optimizer = Optimizer(SPACE, strategy="srbf", rng=2)
    for _ in range(12):
        first, second = optimizer.ask(2)
        for trial in (second, first):
            try:
                optimizer.tell(trial, answer(trial.x))
            except ValueError as error:
                optimizer.tell_failure(trial, str(error))
    return json.loads(json.dumps(optimizer.to_dict()))


def test_replaying_a_record_finds_nothing_unless_it_was_changed():
    record = a_record()
    assert replay(record) == []
    asks = [event for event in record["events"] if event["event"] == "ask"]
    asks[7]["x"][1][0] += 1e-15
    assert len(replay(record)) >= 1
