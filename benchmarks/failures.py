"""What failures cost: ``python -m benchmarks.failures``.

The default strategy on eight functions, 30 % of whose evaluations fail by chance or in
30 % of the box, beside the same strategy that is not told where they have failed,
egobox's three ways with failed points (left out, imputed, a model of them) and random
points. Makes the runs that are missing, says whether the chance of success is true, and
writes ``results/failures.md``.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence

import numpy as np
import pandas as pd

from benchmarks import calibration, command, tables
from benchmarks.harness import store
from benchmarks.harness.store import Record
from benchmarks.reporting import markdown, targets
from benchmarks.reporting.frame import EARLY, Problem, problem_of
from benchmarks.tables import OURS

LEAST, NOTHING = 1e-8, 1e8  # regrets below are equal; of a run without any value
TITLES = {
    "failing_by_chance": "30 % of the evaluations fail by chance",
    "failing_region": "30 % of the box fails",
}
ABOUT = """\
20 evaluations a variable, failures included. Regret: the best value reached less the
lowest one that can be had. Solved: share of 51 targets from 1e2 to 1e-8. Wins: runs
that ours ends lower / alike / higher than this solver. Not told: the default strategy
learns that a trial has failed, but not where. Boxes, regions and seeds go by instance;
in every other instance the region has the optimum of the function."""
Runs = dict[str, dict[Problem, Record]]


def runs_of(records: Sequence[Record], set_: str) -> Runs:
    """Return the runs of a set by solver and problem."""
    found: Runs = {}
    for record in records:
        if record["set"] == set_:
            found.setdefault(record["solver"], {})[problem_of(record)] = record
    return found


def regret(record: Record) -> float:
    """Return the last regret of a run, those nobody looks at cut."""
    improvements = record["improvements"]
    return max(improvements[-1][1], LEAST) if improvements else NOTHING


def solved(record: Record) -> float:
    """Return the share of targets that a run has reached."""
    return float(np.mean(np.isfinite(targets.hits(record["improvements"]))))


def wins(runs: Runs, solver: str, problems: Sequence[Problem]) -> str:
    """Return on how many problems ours is lower, alike and higher."""
    pairs = [(regret(runs[OURS][p]), regret(runs[solver][p])) for p in problems]
    signs = [np.sign(theirs - ours) for ours, theirs in pairs]
    return " / ".join(str(signs.count(sign)) for sign in (1, 0, -1))


def row(runs: Runs, solver: str, problems: Sequence[Problem]) -> dict[str, str]:
    chosen = [runs[solver][p] for p in problems]
    logs = np.log10([regret(record) for record in chosen])
    early = sum(record["status"] in EARLY for record in chosen)
    return {
        "solved": f"{np.mean([solved(record) for record in chosen]):.3f}",
        "mean log10 regret": f"{np.mean(logs):.2f}",
        "wins of ours": "-" if solver == OURS else wins(runs, solver, problems),
        "ended early": str(early),
        "runs": str(len(chosen)),
    }


def medians(runs: Runs, solver: str, problems: Sequence[Problem]) -> dict[str, str]:
    """Return the median regret of each function."""
    names = sorted({problem[1] for problem in problems})
    of = {n: [regret(runs[solver][p]) for p in problems if p[1] == n] for n in names}
    return {name: f"{np.median(values):.1e}" for name, values in of.items()}


def compared(runs: Runs, solvers: Sequence[str]) -> str:
    """Return the tables of these solvers on the problems that all have been run on."""
    problems = sorted(set.intersection(*(set(runs[solver]) for solver in solvers)))
    each = {solver: row(runs, solver, problems) for solver in solvers}
    also = {solver: medians(runs, solver, problems) for solver in solvers}
    whole = pd.DataFrame.from_dict(each, orient="index")
    functions = pd.DataFrame.from_dict(also, orient="columns")
    instances = ", ".join(str(i) for i in sorted({problem[3] for problem in problems}))
    return (
        f"Instances {instances}:\n\n{markdown.lines(whole)}\n\n"
        f"{markdown.lines(functions, 'median regret')}\n"
    )


def section(records: Sequence[Record], set_: str) -> str:
    """Return first the solvers that have most runs, then all of them."""
    runs = runs_of(records, set_)
    most = max(len(found) for found in runs.values())
    solvers = sorted(runs, key=lambda s: -np.mean([*map(solved, runs[s].values())]))
    lots = [[s for s in solvers if len(runs[s]) == most], solvers]
    shown = [compared(runs, lot) for k, lot in enumerate(lots) if lot not in lots[:k]]
    return f"## {TITLES[set_]}\n\n" + "\n".join(shown)


def main(arguments: list[str] | None = None) -> None:
    """Make the runs and write the tables."""
    options = command.script("failures", __doc__).parse_args(arguments)
    table = tables.get(options.table).limited(options.functions, options.instances)
    command.complete(table, options)
    command.write(options, text(table, options.results))


def text(table: tables.Table, results: command.Path) -> str:
    """Return the report on the runs there are."""
    records = [r for r in store.load(table.folder(results)) if table.holds(r)]
    sections = [section(records, name) for name in TITLES]
    return (
        f"# Failures\n\n`python -m benchmarks.failures`. {markdown.versions(records)}"
        f"\n\n{ABOUT}\n\n{markdown.faults(records)}\n\n"
        + "\n".join([*sections, calibration.section()])
    )


if __name__ == "__main__":
    sys.exit(command.guarded(main))
