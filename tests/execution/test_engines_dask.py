"""A real cluster of Dask on this machine: scheduler, nannies and workers."""

from __future__ import annotations

import os
from contextlib import contextmanager, suppress
from time import monotonic, sleep

import pytest

from surrogo import optimize
from tests.execution.engines import (
    BOX,
    check_200_trials,
    check_killed_worker,
    check_large_argument,
    make_function,
    processes,
)

distributed = pytest.importorskip("distributed")
dask = pytest.importorskip("dask")

pytestmark = [
    pytest.mark.skipif(os.name == "nt", reason="POSIX signals"),
    # The cluster belongs to its own library, and closes its sockets when it likes.
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]


@contextmanager
def start(n):
    cluster = distributed.LocalCluster(
        n_workers=n,
        threads_per_worker=1,
        processes=True,
        dashboard_address=":0",  # any port: tests run side by side
        silence_logs="CRITICAL",
    )
    yield cluster
    with suppress(KeyError):  # of a worker that it has just forgotten itself
        cluster.close()


@pytest.fixture(scope="module")
def client():
    with start(2) as cluster, distributed.Client(cluster) as client:
        yield client


def test_dask_records_200_trials_once(client, tmp_path):
    check_200_trials(client.get_executor(), tmp_path)


def test_dask_repeats_what_a_killed_worker_did_on_another(client, tmp_path):
    check_killed_worker(client.get_executor(), tmp_path, seen=False)
    client.wait_for_workers(2, timeout=60)


def test_dask_reports_a_killed_worker_if_it_may_not_repeat(client, tmp_path):
    # As with a simulator that kills one worker after the other.
    def allow(dask_scheduler, number):  # in here, to travel by value
        dask_scheduler.allowed_failures = number

    client.run_on_scheduler(allow, number=0)
    try:
        check_killed_worker(client.get_executor(), tmp_path, seen=True)
    finally:
        client.run_on_scheduler(allow, number=3)
    client.wait_for_workers(2, timeout=60)


def test_dask_takes_a_large_argument(client):
    check_large_argument(client.get_executor())


def test_workers_of_dask_come_and_go(client, tmp_path):
    log = tmp_path / "log"
    f = make_function(log)
    mark = tmp_path / "three"

    def together(x):
        value = f(x)
        until = monotonic() + 60
        while mark.exists() and monotonic() < until:
            if len(set(log.read_text().split()[1::2])) >= 3:
                break
            sleep(0.01)
        return value

    def scale(result):
        if result.nfev in (10, 30):
            n = 3 if result.nfev == 10 else 1
            client.cluster.scale(n)
            client.wait_for_workers(n, timeout=60)
            mark.touch()

    client.cluster.scale(1)
    result = optimize(
        together,
        BOX,
        max_evals=60,
        workers=client.get_executor(),
        callback=scale,
        rng=0,
    )
    assert [trial.state for trial in result.trials] == ["done"] * 60
    assert len(processes(log)) >= 3  # and each of them while the others were busy


def test_a_scheduler_that_goes_loses_nothing_on_record(tmp_path):
    store = tmp_path / "run.db"
    log = tmp_path / "log"
    with start(1) as cluster, distributed.Client(cluster) as client:

        def leave(result):
            if result.nfev >= 8:
                cluster.close()

        with pytest.raises(RuntimeError, match="takes no evaluations any more"):
            optimize(
                make_function(log),
                BOX,
                max_evals=16,
                workers=client.get_executor(),
                callback=leave,
                store=store,
                rng=0,
            )
    result = optimize(make_function(log), BOX, max_evals=16, store=store)
    assert result.nfev == 16
