"""A section for each lot of a table: one comparison, with its columns."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from benchmarks import tables
from benchmarks.harness.store import Record
from benchmarks.reporting.archive import PER_D
from benchmarks.reporting.frame import Comparison, problem_of

# Evaluations, where each problem has its own number of variables.
COUNTS = (20, 50, 100, 200, 300, 500, 1000)


@dataclass(frozen=True, eq=False)
class Section:
    """A comparison and how it is to be shown."""

    title: str
    lot: tables.Lot
    comparison: Comparison

    def columns(self) -> dict[str, int]:
        """Return the evaluations at which shares are given, by the column's name."""
        budget = self.comparison.budget
        if self.lot.per_d:
            found = {f"{k} d": k * self.lot.d for k in PER_D}
        else:
            found = {f"{n}": n for n in COUNTS}
        return {name: n for name, n in found.items() if n <= budget}

    @property
    def whole_suite(self) -> bool:
        """Whether the numbers can be laid beside those of COCO's archive."""
        return self.lot.set == "bbob" and not self.lot.functions


def sections(table: tables.Table, records: Iterable[Record]) -> Iterator[Section]:
    """Yield what a table compares: lots on the same problems and budget only once."""
    records, seen = list(records), set()
    for lot in table.lots:
        chosen = [r for r in records if lot.holds(r)]
        problems = {problem_of(r) for r in chosen}
        budget = lot.budget or lot.per_d * lot.d
        if len(problems) < len(lot.problems) * len(lot.instances):
            continue  # nobody has made all of these runs
        key = (budget, frozenset(problems))
        comparison = Comparison.of(chosen, problems, budget)
        if key not in seen and comparison.records:
            seen.add(key)
            yield Section(_title(lot), lot, comparison)


def _title(lot: tables.Lot) -> str:
    d = f" in {lot.d} variables" if lot.d else ""
    budget = f"{lot.per_d} d" if lot.per_d else f"{lot.budget}"
    return (
        f"{lot.set}{d}: {len(lot.problems)} functions, instances "
        f"{', '.join(map(str, lot.instances))}, {budget} evaluations"
    )
