"""What a table is made of: runs of one kind, and the solvers that make them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from benchmarks.harness.jobs import Job
from benchmarks.harness.store import Record
from benchmarks.problem_sets import SETS
from benchmarks.solvers import base

OURS = "surrogo"  # the default strategy, as a solver


@dataclass(frozen=True)
class Lot:
    """Runs of one kind.

    Attributes
    ----------
    set : str
        The problem set.
    d : int or None
        Number of variables; None where each function has its own.
    instances : tuple of int
        Instances of the problem, which are also the seeds.
    budget, per_d : int
        Evaluations, or evaluations a variable.
    functions : tuple of str
        Those of the set to run on; empty: all.
    paces : tuple of str
        Only solvers of these paces.
    """

    set: str
    d: int | None
    instances: tuple[int, ...]
    budget: int | None = None
    per_d: int = 0
    functions: tuple[str, ...] = ()
    paces: tuple[str, ...] = base.PACES

    def holds(self, record: Record) -> bool:
        """Return whether a run is on one of these problems."""
        return (
            (record["set"], record["d"]) == (self.set, self.d or record["d"])
            and record["problem"] in self.problems
            and record["instance"] in self.instances
        )

    @property
    def problems(self) -> tuple[str, ...]:
        """The functions to run on, by name."""
        return self.functions or SETS[self.set].functions

    def jobs(self, solver: base.Solver) -> Iterator[Job]:
        """Yield the runs of a solver, instance by instance."""
        if solver.pace not in self.paces and solver.name != OURS:
            return
        for instance in self.instances:
            for function in self.problems:
                yield Job(
                    self.set,
                    function,
                    self.d,
                    instance,
                    solver.name,
                    self.budget,
                    self.per_d,
                )


@dataclass(frozen=True)
class Table:
    """A committed table.

    Attributes
    ----------
    name : str
        Its name, and that of the folder of its runs.
    lots : tuple of Lot
        What is run.
    residuals : bool
        Whether residuals are known.
    members : tuple of str
        The solvers that take part; empty: all that fit.
    part_of : str
        A table whose folder holds the runs, because this one looks at some of them.
    """

    name: str
    lots: tuple[Lot, ...]
    residuals: bool = False
    members: tuple[str, ...] = ()
    part_of: str = ""

    def folder(self, results: Path) -> Path:
        """Return the folder of the runs."""
        return results / (self.part_of or self.name)

    def holds(self, record: Record) -> bool:
        """Return whether a run is on a problem of this table."""
        return any(lot.holds(record) for lot in self.lots)

    def jobs(self, solvers: Sequence[str] = ()) -> Iterator[Job]:
        """Yield all runs, of these solvers or of all that fit."""
        for name in solvers or self.solvers():
            for lot in self.lots:
                yield from lot.jobs(base.get(name))

    def solvers(self) -> list[str]:
        """Return the solvers that can take part."""
        fitting = (s for s in base.everywhere() if self.residuals or not s.residuals)
        return list(self.members) or [s.name for s in fitting]

    def limited(
        self, functions: Sequence[str] = (), instances: Sequence[int] = ()
    ) -> Table:
        """Return the table for some of its functions and instances only.

        Raises
        ------
        ValueError
            If the table has no such function or instance.
        """
        self._know("functions", functions, {f for s in self.lots for f in s.problems})
        self._know("instances", instances, {i for s in self.lots for i in s.instances})
        lots = []
        for lot in self.lots:
            problems = tuple(f for f in lot.problems if f in (functions or [f]))
            own = tuple(i for i in lot.instances if i in (instances or [i]))
            if problems:  # none would mean all
                lots.append(replace(lot, functions=problems, instances=own))
        return replace(self, lots=tuple(lots))

    def _know(self, kind: str, chosen: Sequence, known: set) -> None:
        if not known.issuperset(chosen):
            raise ValueError(
                f"{kind} must be of those of {self.name}, {sorted(known)}, "
                f"got {list(chosen)}"
            )
