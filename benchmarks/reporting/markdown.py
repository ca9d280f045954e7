"""Comparisons as Markdown."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pandas as pd

from benchmarks.harness.store import Record
from benchmarks.reporting import beside
from benchmarks.reporting.archive import ARCHIVE, PER_D
from benchmarks.reporting.frame import Comparison
from benchmarks.reporting.sections import Section


def section(part: Section) -> str:
    """Return the tables of a section: overall, by group, and who is missing."""
    comparison, at = part.comparison, part.columns()
    last = max(at, key=at.__getitem__)
    groups = comparison.by_group(at[last])
    return "\n".join(
        [
            f"## {part.title}\n",
            _overall(comparison.table(at), list(at)),
            *_best_peer(comparison),
            *_archive(part, list(at)),
            f"\nShare solved by group after {_count(last)}:\n",
            _frame(groups),
            *_by_function(comparison, at),
            *_incomplete(part),
        ]
    )


def _count(column: str) -> str:
    """Return what a column counts, in words."""
    number, *per_d = column.split()
    return f"{number} evaluations" + (" a variable" if per_d else "")


def _overall(table: pd.DataFrame, at: list[str]) -> str:
    rows = {}
    for solver, row in table.iterrows():
        interval = "-" if np.isnan(row.low) else f"{row.low:.3f}-{row.high:.3f}"
        cells = {"area": f"{row['area']:.3f}", "95 %": interval}
        cells |= {name: f"{row[name]:.3f}" for name in at}
        cells["to 1e-2: area"] = f"{row['easy area']:.3f}"
        cells |= {f"to 1e-2: {name}": f"{row[f'easy {name}']:.3f}" for name in at[-1:]}
        cells["median regret"] = f"{row['median regret']:.2g}"
        cells["CPU ms"] = f"{row['CPU ms']:.2g}"
        cells["runs"] = f"{row['runs']:.0f}"
        cells["ended early"] = f"{row['ended early']:.0f}"
        rows[solver] = cells
    return lines(pd.DataFrame.from_dict(rows, orient="index"))


def _frame(frame: pd.DataFrame) -> str:
    return lines(frame.map("{:.3f}".format))


def lines(frame: pd.DataFrame, corner: str = "solver") -> str:
    """Return a data frame of strings as a table."""
    head = [corner, *map(str, frame.columns)]
    rows = [
        [str(index), *row] for index, row in zip(frame.index, frame.values, strict=True)
    ]
    rule = ["---"] * len(head)
    return "\n".join(f"| {' | '.join(row)} |" for row in [head, rule, *rows])


def _best_peer(comparison: Comparison) -> list[str]:
    sentence = beside.best_peer(comparison)
    return [f"\n{sentence}"] if sentence else []


def _by_function(comparison: Comparison, at: dict[str, int]) -> list[str]:
    if not beside.best_peer(comparison):
        return []
    frame = beside.by_function(comparison, at)
    head = "\nShare solved by function, ours / the best peer's:\n"
    return [head, lines(frame, "function")]


def _archive(part: Section, at: list[str]) -> list[str]:
    """Return the archive's numbers where they are for the same functions."""
    if not part.whole_suite or part.lot.d not in ARCHIVE:
        return []
    rows = {
        f"archive: {name}": {
            f"{k} d": f"{share:.3f}" for k, share in zip(PER_D, shares, strict=True)
        }
        for name, shares in ARCHIVE[part.lot.d].items()
    }
    if "surrogo" in part.comparison.records:
        rows["surrogo / best of all"] = _ratios(part)
    frame = pd.DataFrame.from_dict(rows, orient="index")[at]
    return ["\nCOCO's archive, 15 instances, for comparison:\n", lines(frame)]


def _ratios(part: Section) -> dict[str, str]:
    comparison, best = part.comparison, ARCHIVE[part.lot.d]["best of all"]
    ours = {
        name: comparison.mean(comparison.solved("surrogo", n))
        for name, n in part.columns().items()
    }
    columns = zip(PER_D, best, strict=True)
    return {f"{k} d": f"{ours.get(f'{k} d', np.nan) / b:.2f}" for k, b in columns}


def _incomplete(part: Section) -> list[str]:
    comparison = part.comparison
    if not comparison.incomplete:
        return []
    total = len(comparison.problems)
    named = [f"{s} ({n} of {total})" for s, n in sorted(comparison.incomplete.items())]
    return ["\nNot compared, for lack of runs: " + ", ".join(named) + "."]


def versions(records: Iterable[Record]) -> str:
    """Return the dates of the runs and the versions of all packages, in two lines."""
    records = list(records)
    dates = sorted({record["date"] for record in records})
    found: dict[str, set[str]] = {}
    for record in records:
        for package, version in record["versions"].items():
            found.setdefault(package, set()).add(version)
    each = [f"{name} {'/'.join(sorted(v))}" for name, v in sorted(found.items())]
    when = dates[0] if len(dates) == 1 else f"{dates[0]} to {dates[-1]}"
    return f"{len(records)} runs made {when}; {', '.join(each)}."


def faults(records: Iterable[Record]) -> str:
    """Return a line for each way in which runs ended before their time."""
    counts: dict[tuple[str, str, str], int] = {}
    for record in records:
        if record["status"] not in ("budget", "returned"):
            key = (record["solver"], record["status"], record["message"])
            counts[key] = counts.get(key, 0) + 1
    if not counts:
        return "No run ended by a fault or a limit."
    rows = [
        f"* {solver}, {status} ({n} runs): {message}"
        for (solver, status, message), n in sorted(counts.items())
    ]
    return "Runs that ended by a fault or a limit:\n\n" + "\n".join(rows)
