"""A real cluster of Ray on this machine."""

from __future__ import annotations

import os

import pytest

from surrogo.execution import RayExecutor
from surrogo.execution.capacity import Capacity
from tests.execution.engines import (
    check_200_trials,
    check_killed_worker,
    check_large_argument,
)

# Ray leaves sockets and processes to the end of the interpreter.
pytestmark = [
    pytest.mark.skipif(os.name == "nt", reason="POSIX signals"),
    pytest.mark.filterwarnings("ignore"),
]


@pytest.fixture(scope="module")
def ray():
    ray = pytest.importorskip("ray")
    ray.init(
        num_cpus=2,
        include_dashboard=False,
        log_to_driver=False,
        logging_level="CRITICAL",
        object_store_memory=10**8,
    )
    yield ray
    ray.shutdown()


def test_ray_records_200_trials_once(ray, tmp_path):
    check_200_trials(RayExecutor(), tmp_path)


def test_ray_replaces_a_killed_worker(ray, tmp_path):
    check_killed_worker(RayExecutor(), tmp_path)


def test_ray_may_repeat_by_itself_what_a_killed_worker_did(ray, tmp_path):
    check_killed_worker(RayExecutor(max_retries=2), tmp_path, seen=False)


def test_ray_takes_a_large_argument(ray):
    check_large_argument(RayExecutor())


def test_ray_says_how_many_run_at_a_time(ray):
    assert Capacity(RayExecutor(), None).now() == 2
    assert Capacity(RayExecutor(num_cpus=2), None).now() == 1
    assert RayExecutor(resources={"licence": 1}).n_slots == 0


def test_ray_cancels_what_has_not_begun(ray):
    executor = RayExecutor(resources={"licence": 1})  # there is none
    future = executor.submit(int)
    assert future.cancel()
    assert future.cancelled()
