"""A run is a pure function of its record: in any process, with any BLAS threads."""

import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from surrogo import Categorical, Integer, Optimizer, Real

SPACE = {
    "rate": Real(1e-4, 1.0, scale="log"),
    "gain": Real(-2.0, 3.0),
    "order": Integer(1, 6),
    "solver": Categorical(["explicit", "implicit"]),
}

# Reads a record, asks once, tells once, and prints the record: one step of the run.
ONE_STEP = """
import json, sys
from surrogo import Optimizer
from tests.optimizers.test_resume import step
optimizer = Optimizer.from_dict(json.loads(sys.stdin.read()))
step(optimizer)
print(json.dumps(optimizer.to_dict()))
"""


def step(optimizer):
    """Ask and tell once; some points fail, and every fifth ask is a batch."""
    number = len(optimizer.trials)
    trials = optimizer.ask(3) if number % 5 == 0 else [optimizer.ask()]
    for trial in trials:
        p = trial.x
        if p["gain"] > 2.5 or trial.id in (4, 11):
            optimizer.tell_failure(trial, "the solver diverged")
        else:
            away = np.log10(p["rate"]) + 2.0 + 0.3 * p["gain"]
            bias = 0.5 * (p["solver"] == "explicit") + 0.1 * p["order"]
            optimizer.tell(trial, float(away**2 + np.sin(p["gain"]) + bias))


def in_a_new_process(record, **environment):
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", ONE_STEP],
        input=json.dumps(record, allow_nan=False),
        capture_output=True,
        text=True,
        env={**os.environ, **environment},
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def uninterrupted(n=40):
    """Return the record after every step of one run in this process."""
    optimizer = Optimizer(SPACE, rng=5)
    optimizer.budget(n)
    records = [optimizer.to_dict()]
    while len(optimizer.trials) < n:
        step(optimizer)
        records.append(optimizer.to_dict())
    return json.loads(json.dumps(records))


@pytest.fixture(scope="module")
def records():
    return uninterrupted()


def test_the_run_has_failures_batches_and_forty_trials(records):
    kinds = [event["event"] for event in records[-1]["events"]]
    assert kinds.count("fail") >= 2
    assert any(len(e.get("ids", [])) == 3 for e in records[-1]["events"])
    assert sum(len(e.get("ids", [])) for e in records[-1]["events"]) >= 40


def test_resuming_in_a_new_process_after_every_step_is_exact(records):
    # Each step starts from the uninterrupted record, so they can run side by side;
    # by induction the chain of processes equals the uninterrupted run.
    with ThreadPoolExecutor(2) as pool:
        resumed = list(pool.map(in_a_new_process, records[:-1]))
    for before, after in zip(resumed, records[1:], strict=True):
        assert before["events"] == after["events"]


@pytest.mark.slow
def test_a_chain_of_processes_gives_the_uninterrupted_run(records):
    record = records[0]
    for _ in records[1:]:
        record = in_a_new_process(record, PYTHONHASHSEED=str(len(record["events"])))
    assert record == records[-1]


@pytest.mark.parametrize("threads", ["1", "2"])
def test_blas_threads_in_the_environment_change_nothing(records, threads):
    names = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS")
    limits = dict.fromkeys(names, threads)
    for at in (12, 20, len(records) - 2):
        after = in_a_new_process(records[at], **limits)
        assert after["events"] == records[at + 1]["events"]


def test_resuming_here_keeps_trials_and_result(records):
    optimizer = Optimizer.from_dict(records[-1])
    again = Optimizer.from_dict(json.loads(json.dumps(optimizer.to_dict())))
    assert again.to_dict() == optimizer.to_dict()
    assert again.result().fun == optimizer.result().fun
    assert again.result().x == optimizer.result().x
