"""The tables: which problems, which budgets, which instances.

Instances 1 and 2 of BBOB, and seeds from 100 on elsewhere, are for development; the
committed final tables are made on instances 3 to 5 and seeds 0 to 2. Solvers that think
longer have a fifth of the budget, the slow ones half of the functions and two
instances, the slowest one instance.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from benchmarks.harness.jobs import Job
from benchmarks.problem_sets import SETS
from benchmarks.solvers import base
from surrogo import checks

# Two or three of each group of BBOB.
TWELVE = tuple(f"f{i:02d}" for i in (1, 2, 3, 6, 8, 10, 13, 15, 17, 20, 21, 24))
FINAL, DEVELOPMENT = (3, 4, 5), (1, 2)
SEEDS, DEVELOPMENT_SEEDS = (0, 1, 2), (100, 101, 102)


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

    @property
    def problems(self) -> tuple[str, ...]:
        """The functions to run on, by name."""
        return self.functions or SETS[self.set].functions

    def jobs(self, solver: base.Solver) -> Iterator[Job]:
        """Yield the runs of a solver, instance by instance."""
        if solver.pace not in self.paces:
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
    """A committed table: its name, its lots, and whether residuals are known."""

    name: str
    lots: tuple[Lot, ...]
    residuals: bool = False

    def jobs(self, solvers: Sequence[str] = ()) -> Iterator[Job]:
        """Yield all runs, of these solvers or of all that fit."""
        for name in solvers or self.solvers():
            for lot in self.lots:
                yield from lot.jobs(base.get(name))

    def solvers(self) -> list[str]:
        """Return the solvers that can take part."""
        everyone = base.find_all().values()
        return [s.name for s in everyone if self.residuals or not s.residuals]

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


def _bbob(d: int) -> Table:
    """Return the final table in d variables.

    Some solvers plan by the budget, so fast ones are run with the small one too.
    """
    long = Lot("bbob", d, FINAL, per_d=100, paces=("fast",))
    short = replace(long, per_d=20, paces=("fast", "medium"))
    slow = Lot("bbob", d, FINAL[:2], per_d=20, functions=TWELVE, paces=("slow",))
    slowest = replace(slow, instances=FINAL[:1], paces=("slow", "slowest"))
    return Table(f"bbob-{d}", (long, short, slow, slowest))


def _bbob_development(d: int) -> Table:
    lot = Lot("bbob", d, DEVELOPMENT, per_d=20, functions=TWELVE)
    return Table(f"bbob-{d}-dev", (lot,))


def _seeded(name: str, sets: tuple[str, ...], budget: int) -> tuple[Table, Table]:
    """Return the final and the development table of sets with their own numbers.

    Slow solvers are run on the last of the sets only, once a problem, and at most 100
    evaluations.
    """
    residuals = name == "ode"
    lots = [Lot(s, None, SEEDS, budget, paces=("fast", "medium")) for s in sets]
    slow = Lot(sets[-1], None, SEEDS[:1], min(budget, 100), paces=base.PACES[2:])
    other = tuple(Lot(s, None, DEVELOPMENT_SEEDS, budget) for s in sets)
    final = Table(name, (*lots, slow), residuals)
    return final, Table(f"{name}-dev", other, residuals)


TABLES: dict[str, Table] = {
    table.name: table
    for table in (
        *(_bbob(d) for d in (2, 3, 5, 10, 20)),
        *(_bbob_development(d) for d in (2, 3, 5, 10, 20)),
        *_seeded("classic", ("classic", "classic_wide"), 100),
        *_seeded("d20", ("d20", "d20_wide"), 300),
        *_seeded("ode", ("ode", "ode_wide"), 100),
        *_seeded("trajectory", ("trajectory",), 600),
    )
}


def get(name: str) -> Table:
    """Return the table of this name."""
    return TABLES[checks.one_of(name, TABLES, "table")]
