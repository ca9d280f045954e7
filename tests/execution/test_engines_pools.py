"""Pools of this machine: threads, processes, loky."""

from __future__ import annotations

import multiprocessing
import os
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor

import pytest

from surrogo import optimize
from tests.execution.engines import (
    BOX,
    check_200_trials,
    check_large_argument,
    evaluated,
    make_function,
    make_killer,
    processes,
)

POSIX = pytest.mark.skipif(os.name == "nt", reason="POSIX signals")


@pytest.fixture
def pool():
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(2, mp_context=context) as executor:
        yield executor


def test_threads_record_200_trials_once(tmp_path):
    with ThreadPoolExecutor(4) as executor:
        check_200_trials(executor, tmp_path)


def test_processes_record_200_trials_once(pool, tmp_path):
    check_200_trials(pool, tmp_path)


def test_processes_take_a_large_argument(pool):
    check_large_argument(pool)


@POSIX
def test_a_pool_that_breaks_loses_nothing_on_record(pool, tmp_path):
    log, store = tmp_path / "log", tmp_path / "run.db"
    options = {"max_evals": 20, "retries": 1, "store": store}
    killer = make_killer(log)
    with pytest.raises(RuntimeError, match="takes no evaluations any more") as info:
        optimize(killer, BOX, x0=[1.5, 2.0], workers=pool, rng=0, **options)
    trials = info.value.result.trials
    assert "BrokenProcessPool" in next(
        e["reason"] for e in trials.events if e["event"] == "retry"
    )
    assert trials.in_state("failed") == []
    result = optimize(killer, BOX, workers=2, **options)
    assert [trial.state for trial in result.trials] == ["done"] * 20


@POSIX
def test_loky_records_200_trials_once(tmp_path):
    loky = pytest.importorskip("loky")
    executor = loky.get_reusable_executor(2)
    try:
        check_200_trials(executor, tmp_path)
    finally:
        executor.shutdown(kill_workers=True)


@POSIX
def test_processes_are_those_of_the_pool(pool, tmp_path):
    log = tmp_path / "log"
    result = optimize(make_function(log), BOX, max_evals=20, workers=pool, rng=0)
    assert sum(evaluated(log).values()) == result.nfev == 20
    assert os.getpid() not in processes(log)
    assert processes(log) <= set(pool._processes)
