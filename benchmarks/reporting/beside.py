"""Solvers beside one of them: a variant's first, or the best of the peers."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from benchmarks.reporting.frame import Comparison


def rows(
    comparison: Comparison, at: Mapping[str, int], labels: Mapping[str, str]
) -> pd.DataFrame:
    """Return a row for each solver, beside the first of them.

    Parameters
    ----------
    at : mapping
        Evaluations at which the share solved is given, by the name of the column.
    labels : mapping
        By solver, how it is called; those that lack runs are left out.
    """
    first, groups = next(iter(labels)), comparison.by_group(max(at.values()))
    found = {}
    for solver, label in labels.items():
        if solver not in comparison.records:
            continue
        cells = {"area": f"{comparison.mean(comparison.areas(solver)):.3f}"}
        cells |= _against(comparison, solver, first)
        for name, n in at.items():
            cells[name] = f"{comparison.mean(comparison.solved(solver, n)):.3f}"
        cells |= {name: f"{share:.3f}" for name, share in groups.loc[solver].items()}
        found[label] = cells | {"CPU ms": f"{comparison.cpu(solver):.2g}"}
    return pd.DataFrame.from_dict(found, orient="index")


def _against(comparison: Comparison, solver: str, first: str) -> dict[str, str]:
    """Return the ratio of areas and their difference with its interval."""
    if solver == first or first not in comparison.records:
        return {"ratio": "-", "difference": "-"}
    mean, low, high = comparison.difference(solver, first)
    around = "" if np.isnan(low) else f" ({low:+.3f} to {high:+.3f})"
    ratio = f"{_ratio(comparison, solver, first):.2f}"
    return {"ratio": ratio, "difference": f"{mean:+.3f}{around}"}


def _ratio(comparison: Comparison, a: str, b: str, easy: bool = False) -> float:
    """Return the area of `a` in areas of `b`; NaN where that has none."""
    ours, theirs = (comparison.mean(comparison.areas(s, easy)) for s in (a, b))
    return ours / theirs if theirs else np.nan


def best_peer(comparison: Comparison, ours: str = "surrogo") -> str:
    """Return a sentence on our area and that of the best peer; empty without either."""
    peers = [s for s in comparison.solvers if not s.startswith(ours)]
    if ours not in comparison.records or not peers:
        return ""
    easy = max(peers, key=lambda s: comparison.mean(comparison.areas(s, easy=True)))
    against = _against(comparison, ours, peers[0])
    return (
        f"{ours} has {against['ratio']} times the area of the best peer, {peers[0]} "
        f"(difference {against['difference']}); for targets to 1e-2, "
        f"{_ratio(comparison, ours, easy, easy=True):.2f} times that of {easy}."
    )


def by_function(
    comparison: Comparison, at: Mapping[str, int], ours: str = "surrogo"
) -> pd.DataFrame:
    """Return our share solved of each function, and the best peer's with its name."""
    peers = [s for s in comparison.solvers if not s.startswith(ours)]
    names = np.array([problem[1] for problem in comparison.problems])

    def share(solver: str, name: str, n: int) -> float:
        return float(np.mean(comparison.solved(solver, n)[names == name]))

    def cell(name: str, n: int) -> str:
        shares = {s: share(s, name, n) for s in peers}
        best = max(shares, key=shares.__getitem__)
        beside = f"{shares[best]:.2f} {best if shares[best] else 'nobody'}"
        return f"{share(ours, name, n):.2f} / {beside}"

    each = {k: [cell(f, n) for f in np.unique(names)] for k, n in at.items()}
    return pd.DataFrame(each, index=np.unique(names))
