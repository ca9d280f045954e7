"""Prediction bands, as a plot over time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from surrogo import checks

if TYPE_CHECKING:
    from surrogo.calibration.bands import Bands


def plot_bands(t: Any, bands: Bands, data: Any = None, ax: Any = None) -> Any:
    """Draw the median and the bands of what a model gives at times t, and data.

    Parameters
    ----------
    t : array (n,)
    bands : Bands
        Of predictions (n,) or, with a curve for each column, (n, k).
    data : pair of arrays, optional
        Times (m,) and measurements (m,) or (m, k); NaN where there are none.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new figure if left out.

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    ValueError
        If times and bands differ in length.

    Examples
    --------
    >>> import matplotlib
    >>> matplotlib.use("Agg")
    >>> import numpy as np
    >>> from surrogo.calibration.bands import Bands
    >>> y = np.array([1.0, 2.0])
    >>> figure = plot_bands([0, 1], Bands(0.9, y, y - 1, y + 1, None, None, 50, 0))
    >>> len(figure.axes[0].lines)
    1
    """
    import matplotlib.pyplot as plt

    t = checks.array(t, "t")
    parts = (
        bands.median,
        bands.lower,
        bands.upper,
        bands.lower_noisy,
        bands.upper_noisy,
    )
    if t.ndim != 1 or bands.median.shape[:1] != t.shape or bands.median.ndim > 2:
        raise ValueError(
            f"bands must be of predictions of shape ({t.size},) or ({t.size}, k) at "
            f"the {t.size} times, got shape {bands.median.shape}"
        )
    if ax is None:
        ax = plt.figure(figsize=(6.0, 4.0), layout="constrained").subplots()
    curves = [None if one is None else one.reshape(len(t), -1) for one in parts]
    middle, low, high, low_noisy, high_noisy = curves
    assert middle is not None
    assert low is not None
    assert high is not None
    for j in range(middle.shape[1]):
        colour = f"C{j % 10}"
        ax.plot(t, middle[:, j], color=colour)
        ax.fill_between(t, low[:, j], high[:, j], color=colour, alpha=0.35, lw=0)
        if low_noisy is not None and high_noisy is not None:
            ends = low_noisy[:, j], high_noisy[:, j]
            ax.fill_between(t, *ends, color=colour, alpha=0.15, lw=0)
    if data is not None:
        _draw_data(ax, *data)
    return ax.figure


def _draw_data(ax: Any, t: Any, y: Any) -> None:
    Y = np.asarray(y, dtype=np.float64).reshape(len(t), -1)
    for j, column in enumerate(Y.T):
        ax.plot(t, column, "o", ms=4, color=f"C{j % 10}")
