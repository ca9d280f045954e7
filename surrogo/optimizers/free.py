"""The part of a view that a strategy for continuous variables may move."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from surrogo.checks import BoolArray, FloatArray
from surrogo.optimizers.base import View


def free_variables(view: View) -> BoolArray | None:
    """Return which variables (d,) may move; None if one of them is not continuous."""
    levels = view.space.levels
    free: BoolArray = levels > 1
    return free if np.any(free) and np.all(np.isinf(levels[free])) else None


def cut(view: View, free: BoolArray) -> View:
    """Return the view without the variables that are fixed."""
    U, pending, failed = (A[:, free] for A in (view.U, view.pending, view.failed))
    return replace(view, U=U, pending=pending, failed=failed)


def with_pending(view: View, u: FloatArray) -> View:
    """Return the view when another trial has been asked for, at u (d,)."""
    ids = np.append(view.pending_ids, view.next_id)
    return replace(view, pending=np.vstack([view.pending, u]), pending_ids=ids)
