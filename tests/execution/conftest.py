"""What the tests of this folder share."""

collect_ignore = ["mpi_script.py"]  # is run by MPI, not imported by pytest
