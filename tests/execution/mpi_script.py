"""Run under MPI by test_engines_mpi.py: ``python -m mpi4py.futures mpi_script.py``."""

import sys
from pathlib import Path

sys.path.insert(0, sys.argv[1])

from mpi4py.futures import MPIPoolExecutor

from surrogo.execution.capacity import Capacity
from tests.execution.engines import check_200_trials, check_large_argument

if __name__ == "__main__":
    with MPIPoolExecutor() as executor:
        assert Capacity(executor, None).now() == 2
        check_200_trials(executor, Path(sys.argv[2]))
        check_large_argument(executor)
    sys.stdout.write("all is well\n")
