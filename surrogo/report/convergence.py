"""The convergence of a run as a plot."""

from __future__ import annotations

from typing import Any

import numpy as np

from surrogo.checks import BoolArray, FloatArray, IntArray
from surrogo.report.pictures import LARGEST, drawable
from surrogo.result import Result

_VALUES = "evaluations"
_SMALLEST = 1 / LARGEST  # on a logarithmic axis


def plot_convergence(result: Result, ax: Any = None) -> Any:
    """Draw every value and the best so far against the number of evaluations.

    Parameters
    ----------
    result : Result
    ax : matplotlib.axes.Axes, optional
        Drawn on a new figure if left out.

    Returns
    -------
    matplotlib.axes.Axes

    Examples
    --------
    >>> import matplotlib
    >>> matplotlib.use("Agg")
    >>> import surrogo
    >>> result = surrogo.optimize(lambda x: x[0] ** 2, [(-1, 2)], max_evals=8, rng=0)
    >>> plot_convergence(result).get_xlabel()
    'evaluations'
    """
    if ax is None:
        import matplotlib.pyplot as plt

        ax = plt.figure(layout="constrained").add_subplot()
    trials = [trial for trial in result.trials if trial.state != "running"]
    values = drawable([trial.value for trial in trials])
    feasible = np.array([trial.feasible for trial in trials], dtype=bool)
    number = np.arange(1, len(values) + 1)
    best = np.fmin.accumulate(np.where(feasible, values, np.nan))
    _draw_points(ax, number, values, feasible)
    ax.step(number, best, where="post", color="C0", label="best so far")
    done = values[np.isfinite(values)]
    if len(done) and np.min(done) > _SMALLEST:
        ax.set_yscale("log")
    ax.set_xlabel("evaluations")
    ax.set_ylabel("value")
    ax.legend()
    return ax


def _draw_points(
    ax: Any, number: IntArray, values: FloatArray, feasible: BoolArray
) -> None:
    """Draw what evaluations gave: a value, one that is not allowed, or none."""
    infeasible = np.isfinite(values) & ~feasible
    failed = ~np.isfinite(values)
    ax.plot(number[feasible], values[feasible], "o", ms=3, color="0.6", label=_VALUES)
    if np.any(infeasible):
        points = number[infeasible], values[infeasible]
        ax.plot(*points, "o", ms=3, mfc="none", color="0.6", label="not feasible")
    if np.any(failed):
        foot = np.zeros(np.sum(failed))
        axis = ax.get_xaxis_transform()
        ax.plot(number[failed], foot, "x", color="C3", transform=axis, label="failed")
