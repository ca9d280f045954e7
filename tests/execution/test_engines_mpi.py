"""MPI on this machine: one process hands out points, two evaluate them."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def mpiexec():
    """Return the launcher, beside this Python if MPI came as a wheel."""
    beside = str(Path(sys.executable).parent)
    return shutil.which("mpiexec", path=os.pathsep.join([beside, os.environ["PATH"]]))


def test_mpi_records_200_trials_once(tmp_path):
    pytest.importorskip("mpi4py")
    if mpiexec() is None:
        pytest.skip("no MPI: pip install mpich")
    script = str(Path(__file__).with_name("mpi_script.py"))
    python = [sys.executable, "-m", "mpi4py.futures", script, str(ROOT), str(tmp_path)]
    done = subprocess.run(
        [mpiexec(), "-n", "3", *python],
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.stdout.strip().endswith("all is well"), done.stdout + done.stderr
