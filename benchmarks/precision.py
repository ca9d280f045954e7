"""How soon the last digit comes: ``python -m benchmarks.precision``.

The goal: a regret of 1e-8 within 60 evaluations a variable, in nine of ten seeds, on a
sphere, a rotated ellipsoid of condition 1e6 and Rosenbrock's function, in 2, 3 and 5
variables. Makes the runs that are missing, and writes ``results/precision.md``.
"""

from __future__ import annotations

import math
import sys

import numpy as np
import pandas as pd

from benchmarks import command
from benchmarks.reporting import markdown
from benchmarks.reporting.sections import Section

SHARE = 0.9  # of the seeds
LAST = -1  # of the targets: 1e-8

ABOUT = """\
Evaluations until the regret is 1e-8, of 60 d: median and slowest of the runs, and how
many got there. Optima at random places."""


def evaluations(part: Section, solver: str) -> dict[str, np.ndarray]:
    """Return by function the evaluations that each run needed, inf if never."""
    hits = part.comparison.hits(solver)[:, LAST]
    names = np.array([problem[1] for problem in part.comparison.problems])
    return {name: np.sort(hits[names == name]) for name in np.unique(names)}


def enough(needed: np.ndarray) -> bool:
    """Return whether nine of ten runs got there."""
    return bool(np.sum(np.isfinite(needed)) >= math.ceil(SHARE * len(needed)))


def cell(needed: np.ndarray) -> str:
    """Return median and slowest, and how many got there."""
    middle, slowest = np.median(needed), needed[-1]
    shown = [f"{n:.0f}" if np.isfinite(n) else "-" for n in (middle, slowest)]
    return f"{shown[0]}, {shown[1]} ({np.isfinite(needed).sum()} of {len(needed)})"


def table(parts: list[Section]) -> str:
    """Return a row for each function and number of variables, and how many succeed."""
    solvers = list(dict.fromkeys(s for p in parts for s in p.comparison.records))
    rows: dict[str, dict[str, str]] = {"goals met": dict.fromkeys(solvers, "")}
    met = dict.fromkeys(solvers, 0)
    for part in parts:
        for solver in part.comparison.records:
            for name, needed in evaluations(part, solver).items():
                rows.setdefault(f"{name}, d = {part.lot.d}", {})[solver] = cell(needed)
                met[solver] += enough(needed)
    rows["goals met"] = {s: f"{n} of {len(rows) - 1}" for s, n in met.items()}
    frame = pd.DataFrame.from_dict(rows, orient="index").fillna("no runs")
    return markdown.lines(frame, "function")


def main(arguments: list[str] | None = None) -> None:
    """Make the runs and write the table."""
    options = command.script("precision", __doc__).parse_args(arguments)
    parts, records = command.report(options)
    command.write(
        options,
        f"# Precision\n\n`python -m benchmarks.precision`. "
        f"{markdown.versions(records)}\n\n{ABOUT}\n\n{table(parts)}\n",
    )


if __name__ == "__main__":
    sys.exit(command.guarded(main))
