"""A posterior sample, as a plot of all pairs of its parameters."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from surrogo import checks

if TYPE_CHECKING:
    from surrogo.calibration.posterior import PosteriorSample

_MOST = 12  # as in pairs.py
_INCHES = 1.7
_BINS = 20
_LARGEST = 25.0  # area of the point of the largest weight


def plot_posterior(sample: PosteriorSample, names: Sequence[str] | None = None) -> Any:
    """Draw the draws of each pair of parameters, and a histogram of each parameter.

    The area of a point is its weight.

    Parameters
    ----------
    sample : PosteriorSample
    names : sequence of str, optional
        Parameters to show, at most 12; all by default.

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    ValueError
        If a name is not a parameter, or there are more than 12.

    Examples
    --------
    >>> import matplotlib
    >>> matplotlib.use("Agg")
    >>> from surrogo import Evaluation, Space
    >>> from surrogo.calibration.posterior import posterior
    >>> from surrogo.calibration.target import Target
    >>> space = Space.of([(-1, 1)] * 2)
    >>> target = Target(space, lambda x: Evaluation(8 * x @ x), [0, 0])
    >>> figure = plot_posterior(posterior(target, n_effective=50, rng=0))
    >>> [ax.get_xlabel() for ax in figure.axes]
    ['', 'x0', 'x1']
    """
    import matplotlib.pyplot as plt

    chosen = list(sample.names if names is None else names)
    if not 1 <= len(chosen) <= _MOST:
        raise ValueError(
            f"plot_posterior shows 1 to {_MOST} parameters, got {len(chosen)}; choose "
            "some with names=[...]"
        )
    columns = [
        sample.names.index(checks.one_of(n, sample.names, "names")) for n in chosen
    ]
    X, n = sample.x[:, columns], len(chosen)
    area = _LARGEST * sample.weights / np.max(sample.weights)
    side = _INCHES * max(n, 2)
    figure = plt.figure(figsize=(side, side), layout="constrained")
    grid = figure.add_gridspec(n, n)
    for i in range(n):
        for j in range(i + 1):
            ax = figure.add_subplot(grid[i, j])
            if i == j:
                ax.hist(X[:, i], bins=_BINS, weights=sample.weights, color="0.7")
                ax.set_yticks([])
            else:
                ax.scatter(X[:, j], X[:, i], s=area, alpha=0.5, linewidths=0)
            _label(ax, i, j, chosen)
    return figure


def _label(ax: Any, i: int, j: int, names: list[str]) -> None:
    """Write names and numbers at the left and below only."""
    if i == len(names) - 1:
        ax.set_xlabel(names[j])
    else:
        ax.tick_params(labelbottom=False)
    if j == 0 and i > 0:
        ax.set_ylabel(names[i])
    elif i != j:
        ax.tick_params(labelleft=False)
