"""Say whether the chance of success that a search believes in is true.

Labels of points at random, half of them crowded, are drawn where evaluations fail in a
region, mostly in a region, or by chance; the chance predicted elsewhere is put beside
what happens there.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import numpy as np
import pandas as pd

from benchmarks.problem_sets.failing import SHARE, Region, regions
from benchmarks.reporting import markdown
from surrogo.acquisition.viability import Viability
from surrogo.surrogates import kernels

# Chance of success outside and inside a region.
KINDS = {
    "in a region": (1.0, 0.0),
    "mostly in a region": (0.85, 0.1),
    "by chance": (1.0 - SHARE, 1.0 - SHARE),
}
DIMS, COUNTS = (2, 5), (20, 60, 200)
REPEATS, ASKED = 8, 300
BINS = (0.0, 0.1, 0.3, 0.5, 0.7, 0.9, 1.0)
SPREAD = 0.1  # of the crowd


def predicted(
    kind: str, d: int, n: int, seed: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return predicted and true chances and the rate of the labels, (m,) each."""
    rng = np.random.default_rng([list(KINDS).index(kind), d, n, seed])
    region = next(regions(d, rng))
    U = rng.random((n, d))
    crowd = rng.random(d) + SPREAD * rng.standard_normal((n // 2, d))
    U[: n // 2] = np.clip(crowd, 0.0, 1.0)
    labels = (rng.random(n) < truth(kind, region, U)).astype(float)
    V = rng.random((ASKED, d))
    known = Viability.fitted(kernels.get("matern52"), U, labels)
    return known.chance(V), truth(kind, region, V), np.full(ASKED, np.mean(labels))


def truth(kind: str, region: Region, U: np.ndarray) -> np.ndarray:
    """Return the true chance (n,) at U (n, d)."""
    outside, inside = KINDS[kind]
    return np.where(region.depth(U) > 0.0, inside, outside)


def of_kind(kind: str) -> Iterator[tuple[int, tuple]]:
    """Yield the number of labels and what was predicted from them."""
    for n in COUNTS:
        for d in DIMS:
            for seed in range(REPEATS):
                yield n, predicted(kind, d, n, seed)


def brier(p: np.ndarray, true: np.ndarray) -> float:
    """Return the expected Brier score of chances p for labels of the true chances."""
    return float(np.mean(true * (1.0 - p) ** 2 + (1.0 - true) * p**2))


def scores(kind: str) -> pd.DataFrame:
    """Return Brier scores by the number of labels."""
    found = list(of_kind(kind))
    rows = {}
    for n in COUNTS:
        p, true, rate = np.hstack([each for k, each in found if k == n])
        each = (brier(p, true), brier(rate, true), brier(true, true))
        names = ("predicted", "rate of the labels", "true chance")
        rows[f"{kind}, {n} labels"] = dict(
            zip(names, map("{:.3f}".format, each), strict=True)
        )
    return pd.DataFrame.from_dict(rows, orient="index")


def reliability() -> pd.DataFrame:
    """Return the success observed where a chance between two bounds was predicted."""
    rows: dict[str, dict[str, str]] = {}
    for kind in KINDS:
        p, true, _ = np.hstack([each for n, each in of_kind(kind) if n > min(COUNTS)])
        for low, high in pairwise(BINS):
            inside = (p >= low) & (p < high)
            if np.any(inside):
                cell = f"{np.mean(p[inside]):.2f} / {np.mean(true[inside]):.2f}"
                share = f" ({np.mean(inside):.0%})"
                rows.setdefault(f"{low:g} to {high:g}", {})[kind] = cell + share
    return pd.DataFrame.from_dict(rows, orient="index").fillna("-")


def section() -> str:
    """Return both tables."""
    frames = pd.concat([scores(kind) for kind in KINDS])
    return (
        "## Is the chance of success true?\n\nBrier scores at points elsewhere "
        f"(d = {' and '.join(map(str, DIMS))}, {REPEATS} draws each):\n\n"
        f"{markdown.lines(frames, 'failures')}\n\nMean predicted / observed, and the "
        "share of the points, with 60 and 200 labels:\n\n"
        f"{markdown.lines(reliability(), 'predicted')}\n"
    )
