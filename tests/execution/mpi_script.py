"""Run under MPI by test_engines_mpi.py: ``python -m mpi4py.futures mpi_script.py``."""

import sys
from pathlib import Path

sys.path.insert(0, sys.argv[1])

from mpi4py.futures import MPIPoolExecutor

from surrogo import optimize
from surrogo.execution.capacity import Capacity
from tests.execution.engines import (
    BOX,
    check_200_trials,
    check_large_argument,
    make_killer,
)

FIRST = [[0.1, 0.2], [0.3, 0.4], [1.5, 2.0]]  # the last one kills


def check_everything(executor, folder):
    assert Capacity(executor, None).now() == 2
    check_200_trials(executor, folder)
    check_large_argument(executor)


def run_with_a_killer(executor, folder):
    killer = make_killer(folder / "log")
    options = {"max_evals": 24, "retries": 3, "store": folder / "run.db"}
    optimize(killer, BOX, x0=FIRST, workers=executor, rng=0, **options)


if __name__ == "__main__":
    with MPIPoolExecutor() as executor:
        globals()[sys.argv[3]](executor, Path(sys.argv[2]))
    sys.stdout.write("all is well\n")
