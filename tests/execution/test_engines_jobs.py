"""submitit's jobs, here as processes of this machine instead of SLURM's."""

from __future__ import annotations

import os

import pytest

from surrogo import Slots, optimize
from surrogo.execution import PolledExecutor
from tests.execution.engines import (
    BOX,
    check_200_trials,
    check_killed_worker,
    evaluated,
    make_function,
)

pytestmark = [
    pytest.mark.skipif(os.name == "nt", reason="POSIX signals"),
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
]


@pytest.fixture
def executor(tmp_path):
    submitit = pytest.importorskip("submitit")
    jobs = submitit.AutoExecutor(tmp_path / "jobs", cluster="local")
    jobs.update_parameters(timeout_min=5)
    with PolledExecutor(jobs.submit, every=0.05) as executor:
        yield executor


@pytest.fixture
def slots(executor):
    return Slots(executor, 2)


def test_jobs_evaluate_everything_once(slots, tmp_path):
    log = tmp_path / "log"
    result = optimize(make_function(log), BOX, max_evals=10, workers=slots, rng=0)
    assert [trial.state for trial in result.trials] == ["done"] * 10
    assert set(evaluated(log).values()) == {1}


def test_a_job_that_dies_is_tried_again(slots, tmp_path):
    check_killed_worker(slots, tmp_path, n=4)


@pytest.mark.slow  # a job is a Python that starts: seconds of a processor
def test_jobs_record_200_trials_once(executor, tmp_path):
    check_200_trials(Slots(executor, 16), tmp_path)
