"""The tables: which problems, which budgets, which instances.

Instances 1 and 2 of BBOB, and seeds from 100 on elsewhere, are for development; the
committed final tables are made on instances 3 to 5 and seeds 0 to 2. Solvers that think
longer have a fifth of the budget, the slow ones half of the functions and two
instances, the slowest one instance; ours has all of it, whatever it takes.
"""

from __future__ import annotations

from dataclasses import replace

from benchmarks.lots import OURS as OURS
from benchmarks.lots import Lot as Lot
from benchmarks.lots import Table as Table
from benchmarks.problem_sets import SETS
from benchmarks.solvers import base
from surrogo import checks

# Two or three of each group of BBOB.
TWELVE = tuple(f"f{i:02d}" for i in (1, 2, 3, 6, 8, 10, 13, 15, 17, 20, 21, 24))
FINAL, DEVELOPMENT = (3, 4, 5), (1, 2)
SEEDS, DEVELOPMENT_SEEDS = (0, 1, 2), (100, 101, 102)
TEN_SEEDS = (*range(10),), (*range(100, 110),)  # final, development

# Who is compared in many variables.
MANY_VARIABLES = (OURS, "l-bfgs-b", "cma-es", "turbo-1", "random")
# Who is compared on calibrations, what is needed first.
CALIBRATORS = (
    "surrogo-residuals",
    "surrogo-residuals-scattered",
    "dfo-ls-scattered",
    "least-squares-scattered",
    "dfo-ls-sobol",
    "dfo-ls",
    "least-squares",
    "py-bobyqa-scattered",
    "slsqp-scattered",
    OURS,
    "cma-es-scattered",
    "cobyqa-scattered",
    "egobox-trego",
    "lq-cma-es-scattered",
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


def _live() -> tuple[Table, Table]:
    """Return the runs of bbob-5 by which strategies are compared from day to day."""
    both = ("fast", "medium")
    final = Lot("bbob", 5, FINAL, per_d=20, functions=TWELVE, paces=both)
    return (
        Table("live", (final, *_bbob(5).lots[2:]), part_of="bbob-5"),
        Table("live-dev", _bbob_development(5).lots, part_of="bbob-5-dev"),
    )


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


def _many_variables(name: str, d: int, final: tuple, development: tuple) -> tuple:
    """Return tables of 1,000 evaluations, for few solvers.

    Slow ones have 300, once: a suggestion of TuRBO takes two seconds and more.
    """
    lot = Lot(name, d, final, 1000, paces=("fast", "medium"))
    slow = replace(lot, instances=final[:1], budget=300, paces=base.PACES[2:])
    other = replace(lot, instances=development)
    return (
        Table(name, (lot, slow), members=MANY_VARIABLES),
        Table(f"{name}-dev", (other,), members=MANY_VARIABLES),
    )


def _precision() -> tuple[Table, Table]:
    """Return smooth functions that are to be solved to 1e-8 within 60 d evaluations."""
    final, other = (
        tuple(Lot("precision", d, seeds, per_d=60) for d in SETS["precision"].dims)
        for seeds in TEN_SEEDS
    )
    members = (OURS, "slsqp", "lq-cma-es", "py-bobyqa")
    return (
        Table("precision", final, members=members),
        Table("precision-dev", other, members=members),
    )


def _lynx() -> tuple[Table, Table]:
    """Return a calibration whose best basin nearly everybody misses."""
    final, other = (
        (Lot("ode", None, seeds, 300, functions=("hare_lynx",)),) for seeds in TEN_SEEDS
    )
    members = (OURS, "slsqp", "lq-cma-es", "py-bobyqa", "soogo-dycors", "egobox-trego")
    return (
        Table("lynx", final, members=members),
        Table("lynx-dev", other, members=members),
    )


def _calibrations() -> tuple[Table, Table]:
    """Return calibrations by number of simulations, from bounds alone."""
    final, other = ((Lot("calibrations", None, seeds, 200),) for seeds in TEN_SEEDS)
    return (
        Table("calibrations", final, residuals=True, members=CALIBRATORS),
        Table("calibrations-dev", other, residuals=True, members=CALIBRATORS),
    )


def _batches() -> tuple[Table, Table]:
    """Return ours in batches, to be laid beside ours one at a time."""
    final, other = (
        tuple(Lot("bbob", 5, each[:2], per_d=k) for k in (20, 50))
        for each in (FINAL, DEVELOPMENT)
    )
    members = (OURS, "surrogo-batch-4", "surrogo-batch-16")
    return (
        Table("batches", final, members=members),
        Table("batches-dev", other, members=members),
    )


def _failures() -> tuple[Table, Table]:
    """Return functions whose evaluations fail, ours beside egobox's ways with them."""
    sets = ("failing_by_chance", "failing_region")
    three = tuple(Lot(s, None, SEEDS, per_d=20, paces=base.PACES[:2]) for s in sets)
    one = tuple(replace(lot, instances=SEEDS[:1], paces=base.PACES) for lot in three)
    other = tuple(replace(lot, instances=DEVELOPMENT_SEEDS) for lot in one)
    egobox = ("egobox", "egobox-imputation", "egobox-viability")
    members = (OURS, "surrogo-dropping", "random", *egobox)
    return (
        Table("failures", (*three, *one), members=members),
        Table("failures-dev", other, members=members),
    )


TABLES: dict[str, Table] = {
    table.name: table
    for table in (
        *(_bbob(d) for d in (2, 3, 5, 10, 20)),
        *(_bbob_development(d) for d in (2, 3, 5, 10, 20)),
        *_seeded("classic", ("classic", "classic_wide"), 100),
        *_seeded("d20", ("d20", "d20_wide"), 300),
        *_seeded("ode", ("ode", "ode_wide"), 100),
        *_live(),
        *_many_variables("large", 40, FINAL[:2], DEVELOPMENT),
        *_many_variables("trajectory", 60, SEEDS, DEVELOPMENT_SEEDS),
        *_precision(),
        *_lynx(),
        *_calibrations(),
        *_batches(),
        *_failures(),
    )
}


def get(name: str) -> Table:
    """Return the table of this name."""
    return TABLES[checks.one_of(name, TABLES, "table")]
