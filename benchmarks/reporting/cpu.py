"""CPU time of suggestions, from the checkpoints in a record."""

from __future__ import annotations

import numpy as np


def per_suggestion(checkpoints: list, at: int | None = None) -> float:
    """Return the mean CPU milliseconds of a suggestion.

    Parameters
    ----------
    checkpoints : list of (int, float)
        Evaluations, and the solver's CPU seconds until it asked for them.
    at : int, optional
        Only between the last checkpoint before this evaluation and this one; by
        default over the whole run.

    Returns
    -------
    float
        NaN if the run has no checkpoint there.
    """
    times = dict(map(tuple, checkpoints))
    end = max(times, default=0) if at is None else at
    if end not in times or end < 2:
        return np.nan
    begin = 0 if at is None else max((k for k in times if k < end), default=0)
    return 1e3 * (times[end] - times.get(begin, 0.0)) / (end - begin)
