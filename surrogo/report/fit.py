"""Data and fitted model as a plot."""

from __future__ import annotations

from typing import Any

import numpy as np

from surrogo.calibration.fit_table import columns
from surrogo.calibration.ode_model import OdeModel
from surrogo.calibration.outcome import CalibrationResult
from surrogo.checks import FloatArray, shown

_POINTS = 200  # of a smooth curve


def plot_fit(fit: CalibrationResult, axes: Any = None) -> Any:
    """Draw data and model, a picture for each observable, a colour for each condition.

    Parameters
    ----------
    fit : CalibrationResult
    axes : sequence of matplotlib.axes.Axes, optional
        One for each observable; drawn on a new figure if left out.

    Returns
    -------
    ndarray of matplotlib.axes.Axes

    Raises
    ------
    ValueError
        If no simulation succeeded, or there are too few axes.

    Examples
    --------
    >>> import matplotlib
    >>> matplotlib.use("Agg")
    >>> import surrogo
    >>> decay = surrogo.OdeModel(lambda t, y, p: -p["k"] * y, ["u"], {"u": 1.0})
    >>> data = {"time": [0.0, 1.0, 2.0], "u": [1.0, 0.61, 0.36]}
    >>> fit = surrogo.calibrate(decay, data, {"k": (0, 2)}, max_evals=8, rng=0)
    >>> plot_fit(fit)[0].get_ylabel()
    'u'
    """
    if fit.parameters is None:
        raise ValueError(f"there is no fit to draw: {fit.message}")
    names = fit.problem.data.observables
    axes = _axes(len(names)) if axes is None else np.ravel(axes)
    if len(axes) < len(names):
        raise ValueError(
            f"axes must be {len(names)}, one for each observable, got {shown(axes)}"
        )
    for ax, name in zip(axes, names, strict=False):
        _draw(ax, fit, name)
    axes[-1].set_xlabel("time")
    return axes


def _axes(n: int) -> Any:
    import matplotlib.pyplot as plt

    figure = plt.figure(figsize=(6, 2.2 * n), layout="constrained")
    return np.ravel(figure.subplots(n, 1, sharex=True, squeeze=False))


def _draw(ax: Any, fit: CalibrationResult, name: str) -> None:
    table = columns(fit.problem, fit.needed_outputs(), name)
    for k, condition in enumerate(dict.fromkeys(table["condition"].tolist())):
        own, colour = table["condition"] == condition, f"C{k % 10}"
        ax.plot(table["time"][own], table["value"][own], "o", ms=4, color=colour)
        t, y = _curve(fit, name, condition, table["time"][own], table["model"][own])
        ax.plot(t, y, "-", color=colour, label=condition or "model")
    ax.set_ylabel(name)
    if len(fit.problem.data.times) > 1:
        ax.legend()


def _curve(
    fit: CalibrationResult, name: str, condition: str, t: FloatArray, y: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Return a smooth curve where the model can be asked for one, else the fit."""
    order = np.argsort(t, kind="stable")
    if not isinstance(fit.problem.model, OdeModel):
        return t[order], y[order]
    first = max(fit.problem.model.start, t.min())
    grid = np.linspace(first, max(t.max(), first), _POINTS)
    grid = np.unique(grid)
    values = fit.problem.simulate(fit.parameters, grid, condition)[name]
    return grid, fit.with_shift(name, values)
