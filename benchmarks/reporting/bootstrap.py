"""Means over functions, and what they would be with other instances.

The functions are given: nobody draws them at random. Their instances are, so a
resample draws, for each function, as many of its instances as there are, with
replacement (a stratified bootstrap). With two or three instances a function the
intervals are rather too narrow: they are a lower bound on the doubt.
"""

from __future__ import annotations

import numpy as np

RESAMPLES = 2000
SEED = 0


def mean(scores: np.ndarray, functions: np.ndarray) -> float:
    """Return the mean over functions of the mean over their instances.

    Parameters
    ----------
    scores : ndarray, shape (k,)
        One for each run.
    functions : ndarray, shape (k,)
        Which function it was made on.
    """
    parts = [scores[functions == f].mean() for f in np.unique(functions)]
    return float(np.mean(parts))


def interval(
    scores: np.ndarray, functions: np.ndarray, level: float = 0.95
) -> tuple[float, float]:
    """Return the interval of `mean` for other instances.

    NaN if a function has but one: nothing is known then about others.
    """
    if np.unique(functions, return_counts=True)[1].min() < 2:
        return (np.nan, np.nan)
    rng = np.random.default_rng(SEED)
    parts = []
    for f in np.unique(functions):
        own = scores[functions == f]
        drawn = rng.integers(len(own), size=(RESAMPLES, len(own)))
        parts.append(own[drawn].mean(axis=1))
    tail = 50.0 * (1.0 - level)
    low, high = np.percentile(np.mean(parts, axis=0), [tail, 100.0 - tail])
    return float(low), float(high)
