"""A design as a plot of all pairs of its variables."""

from __future__ import annotations

from typing import Any

import numpy as np

from surrogo import checks
from surrogo.checks import FloatArray
from surrogo.report.pictures import drawable
from surrogo.samplers.columns import column
from surrogo.samplers.measures import unit_points
from surrogo.space import Space

# Beyond this, points of a plot on a screen of usual width cannot be told apart.
_MOST = 12
_INCHES = 1.6  # side of one small plot
_LETTERS = 24  # of a name; more are longer than that


def plot_pairs(X: Any, space: Any = None, variables: Any = None) -> Any:
    """Draw the points of a design against each pair of variables.

    The diagonal shows how often each part of the range of a variable comes.

    Parameters
    ----------
    X : array (n, d)
        Points in the units of `space`, or in the unit cube if that is left out.
    space : Space or bounds, optional
        Gives names, bounds and scales of the axes.
    variables : sequence of str or int, optional
        Names or indices of the variables to show, at most 12; all by default.

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    ValueError
        If `X` does not fit the space, a variable does not exist, or there are more
        than 12 to show.

    Examples
    --------
    >>> import matplotlib
    >>> matplotlib.use("Agg")
    >>> from surrogo.samplers import Sobol
    >>> bounds = {"rate": (0, 1), "load": (0, 100)}
    >>> figure = plot_pairs(Sobol().sample(16, bounds, rng=0), bounds)
    >>> [ax.get_xlabel() for ax in figure.axes]
    ['', '', 'rate', 'load']
    """
    import matplotlib.pyplot as plt

    U = unit_points(X, space)
    within = Space.of([(0.0, 1.0)] * U.shape[1] if space is None else space)
    shown = _columns(variables, within)
    figure = plt.figure(layout="constrained")
    draw_pairs(figure, U, within, shown)
    return figure


def draw_pairs(figure: Any, U: FloatArray, space: Space, shown: list[int]) -> None:
    """Draw what `plot_pairs` describes on a figure, which takes its size from it."""
    side = _INCHES * max(len(shown), 2)
    figure.set_size_inches(side, side)
    axes = figure.subplots(len(shown), len(shown), squeeze=False)
    for row, col in np.ndindex(axes.shape):
        if row == col:
            _draw_counts(axes[row, col], U, space, shown[row])
        else:
            _draw_pair(axes[row, col], U, space, (shown[col], shown[row]))
    _label_outside(axes, [_text(space.names[j]) for j in shown])
    figure.align_ylabels()


def _columns(variables: Any, space: Space) -> list[int]:
    keys = range(space.d) if variables is None else checks.listed(variables)
    if keys is None or not 1 <= len(keys) <= _MOST:
        raise ValueError(
            f"plot_pairs must be given 1 to {_MOST} variables to show, got "
            f"{space.d if variables is None else checks.shown(variables)}; choose some "
            "with variables=[...]"
        )
    return [column(key, space.names) for key in keys]


def _draw_counts(ax: Any, U: FloatArray, space: Space, j: int) -> None:
    """Draw a histogram of ten bins, or of one for each value of a discrete variable."""
    there = space.active(space.from_unit(U))[:, j]
    bins = np.linspace(0.0, 1.0, int(min(space.levels[j], 10)) + 1)
    ax.hist(U[there, j], bins=bins, color="0.7")
    ax.set(xlim=(0, 1), xticks=[], yticks=[])


def _draw_pair(ax: Any, U: FloatArray, space: Space, pair: tuple[int, int]) -> None:
    """Draw the points at which both variables exist."""
    X = space.from_unit(U)
    X = drawable(np.where(space.active(X), X, np.nan))
    ax.plot(X[:, pair[0]], X[:, pair[1]], "o", ms=3)
    for which, j in zip("xy", pair, strict=True):
        variable: Any = space.variables[j]
        if variable.kind == "real":
            ax.set(**{f"{which}scale": variable.scale})
        elif not variable.numeric:
            labels = [_text(value) for value in variable.values]
            ticks = getattr(ax, f"set_{which}ticks")
            ticks(variable.numbers(), labels=labels, parse_math=False)


def _label_outside(axes: Any, names: list[str]) -> None:
    """Write names and numbers at the left and below only."""
    for row, name in enumerate(names):
        axes[row, 0].set_ylabel(name, parse_math=False)
        axes[-1, row].set_xlabel(name, parse_math=False)
    for row, col in np.ndindex(axes.shape):
        if row < len(names) - 1:
            axes[row, col].tick_params(labelbottom=False)
        if col > 0:
            axes[row, col].tick_params(labelleft=False)


def _text(value: object) -> str:
    """Return what fits beside a small plot; a dollar in it is no formula."""
    return checks.cut(str(value), _LETTERS)
