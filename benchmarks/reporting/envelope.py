"""Our runs beside the best archived algorithm in each cell of COCO's archive."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks import tables
from benchmarks.harness import store
from benchmarks.reporting import markdown
from benchmarks.reporting.archive import ARCHIVE, PER_D
from benchmarks.reporting.sections import Section, sections

ABOUT = """\
Share of (function, target) pairs solved, 24 functions, 51 targets, after 10, 20, 50 and
100 evaluations a variable; in brackets: divided by that of the best archived algorithm
in this cell (another one in nearly each). Instances 3 to 5 here, 15 in the archive,
where restarts are simulated. Runs told the largest budget count, where there are any.
"""


def write(results: Path, solvers: Sequence[str]) -> Path:
    """Write ``archive.md`` from the tables bbob-2 to bbob-20 that have runs.

    Raises
    ------
    ValueError
        If none of them has any.
    """
    parts = list(_suites(results))
    if not parts:
        raise ValueError(
            f"there are no complete runs of bbob-2 to bbob-20 below {str(results)!r}; "
            "make them by `python -m benchmarks run bbob-5`"
        )
    said = ["# Beside COCO's archive\n\n`python -m benchmarks archive`\n", ABOUT]
    for solver in solvers:
        found = shares(parts, solver)
        said += [f"## {solver}\n", markdown.lines(_frame(found), "d")]
        said += ["\n" + summary(ratios(found)), ""]
    path = results / "archive.md"
    path.write_text("\n".join(said))
    return path


def _suites(results: Path) -> Iterable[Section]:
    for d in ARCHIVE:
        table = tables.get(f"bbob-{d}")
        if table.folder(results).is_dir():
            parts = sections(table, store.load(table.folder(results)))
            yield from (part for part in parts if part.whole_suite)


def shares(parts: Iterable[Section], solver: str) -> dict[int, np.ndarray]:
    """Return by number of variables the share solved at each of `PER_D`, NaN if none.

    Of several sections the first that reaches so far counts.
    """
    found = {d: np.full(len(PER_D), np.nan) for d in ARCHIVE}
    for part in parts:
        comparison, row = part.comparison, found[part.lot.d]
        if solver not in comparison.records:
            continue
        for k, n in enumerate(PER_D):
            if np.isnan(row[k]) and n * part.lot.d <= comparison.budget:
                solved = comparison.solved(solver, n * part.lot.d)
                row[k] = comparison.mean(solved)
    return found


def ratios(found: dict[int, np.ndarray]) -> dict[int, np.ndarray]:
    """Return the same divided by the best of the archive."""
    return {d: row / ARCHIVE[d]["best of all"] for d, row in found.items()}


def summary(ratio: dict[int, np.ndarray]) -> str:
    """Return the mean ratio in a sentence, and how many cells are ahead."""
    cells = np.concatenate(list(ratio.values()))
    known = cells[np.isfinite(cells)]
    if not len(known):
        return "No runs."
    return (
        f"Mean ratio {known.mean():.3f} over {len(known)} of {len(cells)} cells; "
        f"{np.sum(known >= 1.0)} at 1 or above, lowest {known.min():.2f}."
    )


def _frame(found: dict[int, np.ndarray]) -> pd.DataFrame:
    columns = [f"{k} d" for k in PER_D]
    ratio = ratios(found)
    rows = {d: [*map(_cell, found[d], ratio[d])] for d in found}
    return pd.DataFrame.from_dict(rows, orient="index", columns=columns)


def _cell(share: float, ratio: float) -> str:
    return "-" if np.isnan(share) else f"{share:.3f} ({ratio:.2f})"
