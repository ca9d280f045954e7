"""Who is best, and who cannot be told from the best."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
import pandas as pd

from benchmarks.reporting import bootstrap
from benchmarks.reporting.frame import Comparison


def leaders(
    scores: Mapping[str, np.ndarray], functions: np.ndarray, at_most: int = 4
) -> list[str]:
    """Return the best solver and those that other instances might put before it.

    Parameters
    ----------
    scores : mapping
        By solver, a score for each problem, higher is better: (k,).
    functions : ndarray, shape (k,)
        Which function each problem is an instance of.
    at_most : int
        So many names, best mean first.
    """
    mean = {s: bootstrap.mean(each, functions) for s, each in scores.items()}
    order = sorted(mean, key=mean.__getitem__, reverse=True)
    best = scores[order[0]]
    return [s for s in order if _may_lead(scores[s] - best, functions)][:at_most]


def _may_lead(difference: np.ndarray, functions: np.ndarray) -> bool:
    upper = bootstrap.interval(difference, functions)[1]
    return not upper < 0.0  # NaN: nothing is known about other instances


def by_group_and_budget(
    comparison: Comparison, at: Mapping[str, int], easy: bool = False
) -> pd.DataFrame:
    """Return the leaders by group of functions (rows) and budget (columns).

    What counts is the share of targets reached within the budget, or of those down to
    1e-2 only.
    """

    def cell(inside: np.ndarray, n: int) -> str:
        scores = {s: comparison.solved(s, n, easy)[inside] for s in comparison.solvers}
        names = leaders(scores, comparison.functions[inside])
        best = bootstrap.mean(scores[names[0]], comparison.functions[inside])
        if best == 0.0:
            return "nobody"
        return f"{', '.join(names)} ({best:.2f})"

    return _frame(comparison, at, cell)


def _frame(
    comparison: Comparison,
    at: Mapping[str, int],
    cell: Callable[[np.ndarray, int], str],
) -> pd.DataFrame:
    groups = {"all": np.ones(len(comparison.problems), dtype=bool)}
    groups |= {g: comparison.groups == g for g in dict.fromkeys(comparison.groups)}
    return pd.DataFrame(
        {name: {g: cell(m, n) for g, m in groups.items()} for name, n in at.items()}
    )
