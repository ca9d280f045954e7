"""The correlations of estimates, as a plot."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from surrogo.calibration.uncertainty import LocalUncertainty

_MOST = 15  # numbers in the cells of more parameters would not fit


def plot_correlation(uncertainty: LocalUncertainty) -> Any:
    """Draw the correlation of each pair of parameters; white where there is none.

    Parameters
    ----------
    uncertainty : LocalUncertainty

    Returns
    -------
    matplotlib.figure.Figure

    Examples
    --------
    >>> import matplotlib
    >>> matplotlib.use("Agg")
    >>> from surrogo import Evaluation, Space
    >>> from surrogo.calibration.target import Target
    >>> from surrogo.calibration.uncertainty import local_uncertainty
    >>> space = Space.of([(-1, 1)] * 2)
    >>> target = Target(space, lambda x: Evaluation(8 * x @ x), [0, 0])
    >>> figure = plot_correlation(local_uncertainty(target))
    >>> [label.get_text() for label in figure.axes[0].get_xticklabels()]
    ['x0', 'x1']
    """
    import matplotlib.pyplot as plt

    R, names = uncertainty.correlation, uncertainty.names
    size = 1.5 + 0.55 * len(names)
    figure = plt.figure(figsize=(size + 1.0, size), layout="constrained")
    ax = figure.subplots()
    image = ax.imshow(R, vmin=-1.0, vmax=1.0, cmap="RdBu_r")
    ax.set_xticks(range(len(names)), labels=names, rotation=90)
    ax.set_yticks(range(len(names)), labels=names)
    for i, j in np.ndindex(R.shape) if len(names) <= _MOST else ():
        if i != j and np.isfinite(R[i, j]):
            colour = "w" if abs(R[i, j]) > 0.6 else "k"
            ax.text(j, i, f"{R[i, j]:.2f}", ha="center", va="center", color=colour)
    figure.colorbar(image, ax=ax, label="correlation")
    return figure
