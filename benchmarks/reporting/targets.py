"""Targets, and when a run reached them.

COCO's way (Hansen et al. 2021, Optimization Methods and Software 36:114): a problem is
as many problems as it has targets, and what is asked is how many evaluations each took.
"""

from __future__ import annotations

import numpy as np

# Regrets: 51 between 1e2 and 1e-8.
ALL = 10.0 ** np.linspace(2.0, -8.0, 51)
# Those down to 1e-2: an engineer is done there, and the others reward the last digits.
EASY = ALL >= 1e-2 * (1 - 1e-9)

NEVER = np.inf


def hits(improvements: list) -> np.ndarray:
    """Return the evaluation at which each target of `ALL` was first reached: (51,).

    Parameters
    ----------
    improvements : list of (int, float)
        Evaluations, counted from 1, and the regret reached there, falling.
    """
    if not improvements:
        return np.full(len(ALL), NEVER)
    when, regret = np.array(improvements, dtype=float).T
    first = np.searchsorted(-regret, -ALL)  # of the first regret <= target
    return np.append(when, NEVER)[first]


def area(hits: np.ndarray, budget: int) -> np.ndarray:
    """Return the mean over evaluations 1 to budget of the share of targets reached.

    A target reached at evaluation h counts at h, h + 1, ..., budget. The last axis is
    that of the targets.
    """
    return np.mean(np.maximum(budget - hits + 1, 0), axis=-1) / budget


def solved(hits: np.ndarray, evaluations: float) -> np.ndarray:
    """Return the share of targets reached within so many evaluations."""
    return np.mean(hits <= evaluations, axis=-1)
