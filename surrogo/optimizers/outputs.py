"""What a view tells of the outputs of trials."""

from __future__ import annotations

import numpy as np

from surrogo.checks import BoolArray, FloatArray
from surrogo.optimizers.base import View


def vectors(view: View) -> FloatArray:
    """Return the outputs (n, r) of the finished trials; NaN where there are none."""
    return np.empty((0, 0)) if view.vectors is None else view.vectors


def known(view: View) -> BoolArray:
    """Say of each finished trial (n,) whether it has outputs."""
    if view.vectors is None:
        return np.zeros(len(view.y), dtype=bool)
    return np.asarray(np.isfinite(view.vectors[:, 0]))


def has_only_values(view: View) -> bool:
    """Say whether trials have ended, and none of them has outputs."""
    return bool(len(view.y) and view.vectors is None)


def row_of(view: View, id: int) -> int | None:
    """Return where the id of a trial with outputs is; None if it is not there."""
    if id < 0:
        return None
    row = int(np.searchsorted(view.ids, id))
    here = row < len(view.ids) and view.ids[row] == id
    return row if here and known(view)[row] else None


def value_of(view: View, id: int) -> float | None:
    """Return the value of a trial, NaN if it failed, None if it is still running."""
    row = int(np.searchsorted(view.ids, id))
    if row < len(view.ids) and view.ids[row] == id:
        return float(view.y[row]) if known(view)[row] else np.nan
    return np.nan if id in view.failed_ids else None
