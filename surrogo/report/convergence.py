"""The convergence of a run as a plot."""

from __future__ import annotations

from typing import Any

import numpy as np

from surrogo.result import Result


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
    values = np.array([trial.value for trial in result.trials])
    number = np.arange(1, len(values) + 1)
    done = np.isfinite(values)
    best = np.fmin.accumulate(values) if len(values) else values
    ax.plot(number[done], values[done], "o", ms=3, color="0.6", label="evaluations")
    ax.step(number, best, where="post", color="C0", label="best so far")
    if np.any(~done):
        foot = np.zeros(np.sum(~done))
        axis = ax.get_xaxis_transform()
        ax.plot(number[~done], foot, "x", color="C3", transform=axis, label="failed")
    if np.any(done) and np.min(values[done]) > 0:
        ax.set_yscale("log")
    ax.set_xlabel("evaluations")
    ax.set_ylabel("value")
    ax.legend()
    return ax
