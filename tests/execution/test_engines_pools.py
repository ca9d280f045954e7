"""Pools of this machine: threads, processes, loky."""

from __future__ import annotations

import multiprocessing
import os
import re
import threading
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor

import pytest

from surrogo import optimize
from surrogo.execution import RenewedExecutor
from tests.execution.engines import (
    BOX,
    check_200_trials,
    check_killed_worker,
    check_large_argument,
    evaluated,
    make_function,
    make_killer,
    processes,
)

POOL_BROKE = re.compile("BrokenProcessPool|TerminatedWorkerError")
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


@pytest.fixture
def loky():
    loky = pytest.importorskip("loky")
    yield loky
    loky.get_reusable_executor().shutdown(kill_workers=True)


def check_pool_that_breaks(pool, folder):
    """Kill a worker: what is on record stays, and the run goes on elsewhere."""
    log, store = folder / "log", folder / "run.db"
    options = {"max_evals": 20, "retries": 1, "store": store}
    killer = make_killer(log)
    with pytest.raises(RuntimeError, match="takes no evaluations any more") as info:
        optimize(killer, BOX, x0=[1.5, 2.0], workers=pool, rng=0, **options)
    trials = info.value.result.trials
    assert POOL_BROKE.search(
        next(e["reason"] for e in trials.events if e["event"] == "retry")
    )
    assert trials.in_state("failed") == []
    result = optimize(killer, BOX, workers=2, **options)
    assert [trial.state for trial in result.trials] == ["done"] * 20


@POSIX
def test_a_pool_that_breaks_loses_nothing_on_record(pool, tmp_path):
    check_pool_that_breaks(pool, tmp_path)


@POSIX
def test_a_pool_of_loky_that_breaks_loses_nothing_on_record(loky, tmp_path):
    check_pool_that_breaks(loky.get_reusable_executor(2), tmp_path)


@POSIX
def test_a_killed_worker_of_loky_is_replaced_with_a_new_pool(loky, tmp_path):
    executor = RenewedExecutor(lambda: loky.get_reusable_executor(2))
    check_killed_worker(executor, tmp_path)


@POSIX
def test_a_killed_process_of_a_pool_is_replaced_with_a_new_pool(tmp_path):
    context = multiprocessing.get_context("spawn")
    made = []

    def make():
        made.append(ProcessPoolExecutor(2, mp_context=context))
        return made[-1]

    with RenewedExecutor(make) as executor:
        check_killed_worker(executor, tmp_path)
    assert len(made) == 2
    for old in made:
        with pytest.raises(RuntimeError):
            old.submit(int)


def test_a_renewed_pool_is_shut_down_and_cancelled_like_any_other():
    begun = threading.Event()
    go_on = threading.Event()

    def wait():
        begun.set()
        go_on.wait(60)

    executor = RenewedExecutor(lambda: ThreadPoolExecutor(1))
    first, second = executor.submit(wait), executor.submit(int)
    assert begun.wait(60)
    executor.shutdown(wait=False, cancel_futures=True)
    go_on.set()
    assert first.result(60) is None
    assert second.cancelled()
    with pytest.raises(RuntimeError, match="after shutdown"):
        executor.submit(int)


@POSIX
def test_loky_records_200_trials_once(loky, tmp_path):
    check_200_trials(loky.get_reusable_executor(2), tmp_path)


@POSIX
def test_processes_are_those_of_the_pool(pool, tmp_path):
    log = tmp_path / "log"
    result = optimize(make_function(log), BOX, max_evals=20, workers=pool, rng=0)
    assert sum(evaluated(log).values()) == result.nfev == 20
    assert os.getpid() not in processes(log)
    assert processes(log) <= set(pool._processes)
