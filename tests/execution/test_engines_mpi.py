"""MPI on this machine: one process hands out points, two evaluate them."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from surrogo import load
from tests.execution.engines import evaluated

ROOT = Path(__file__).parents[2]


def mpiexec():
    """Return the launcher, beside this Python if MPI came as a wheel."""
    beside = str(Path(sys.executable).parent)
    return shutil.which("mpiexec", path=os.pathsep.join([beside, os.environ["PATH"]]))


def under_mpi(what, folder):
    """Call a function of the script with three processes; return how it ended."""
    pytest.importorskip("mpi4py")
    if mpiexec() is None:
        pytest.skip("no MPI: pip install mpich")
    script = str(Path(__file__).with_name("mpi_script.py"))
    python = [sys.executable, "-m", "mpi4py.futures", script, str(ROOT)]
    return subprocess.run(
        [mpiexec(), "-n", "3", *python, str(folder), what],
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=300,
    )


def is_well(done):
    return done.stdout.strip().endswith("all is well")


def test_mpi_records_200_trials_once(tmp_path):
    done = under_mpi("check_everything", tmp_path)
    assert is_well(done), done.stdout + done.stderr


def test_a_killed_process_ends_the_job_and_the_store_goes_on(tmp_path):
    # MPI replaces nobody: what must hold is that nothing paid for is lost.
    done = under_mpi("run_with_a_killer", tmp_path)
    assert done.returncode != 0
    assert not is_well(done)
    log, store = tmp_path / "log", tmp_path / "run.db"
    kept = load(store).trials
    killed = kept[2]
    assert killed.state == "running"
    values = {trial.id: trial.value for trial in kept.in_state("done")}
    assert values  # the third point was handed out when one had ended

    done = under_mpi("run_with_a_killer", tmp_path)
    assert is_well(done), done.stdout + done.stderr
    trials = load(store).trials
    assert [trial.state for trial in trials] == ["done"] * 24
    assert values == {id: trials[id].value for id in values}
    counts = evaluated(log)
    assert counts[killed.row.tobytes()] == 2
    assert all(counts[trials[id].row.tobytes()] == 1 for id in values)
