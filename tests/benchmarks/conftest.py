import pytest

from benchmarks import problem_sets, tables
from tests.benchmarks.bowls import BOWLS


@pytest.fixture
def bowls(monkeypatch):
    """A problem set and a table of four runs a solver, both called bowls."""
    monkeypatch.setitem(problem_sets.SETS, "bowls", BOWLS)
    lot = tables.Lot("bowls", None, (1, 2), per_d=4)
    monkeypatch.setitem(tables.TABLES, "bowls", tables.Table("bowls", (lot,)))
