"""Plots of comparisons; each function returns its figure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from benchmarks.reporting.frame import Comparison
from benchmarks.reporting.simulations import Needs

# Okabe & Ito (2008): distinguishable with any colour vision.
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")
GREY = "#BBBBBB"


def colours(solvers: Sequence[str], highlighted: Sequence[str]) -> dict[str, str]:
    """Return a colour for each solver: those highlighted first, the others grey."""
    own = dict(zip(highlighted, COLOURS, strict=False))
    return {solver: own.get(solver, GREY) for solver in solvers}


def highlights(comparison: Comparison, also: Sequence[str] = ("surrogo",)) -> list[str]:
    """Return ours and the best others, as many as there are colours."""
    ours = [s for s in also if s in comparison.records]
    others = [s for s in comparison.solvers if s not in ours]
    return (ours + others)[: len(COLOURS)]


def ecdf(
    comparison: Comparison, d: int | None = None, highlighted: Sequence[str] = ()
) -> Figure:
    """Plot the share of (function, target) pairs solved against evaluations.

    Parameters
    ----------
    comparison : Comparison
        What to show.
    d : int, optional
        Show evaluations a variable, for this number of them.
    highlighted : sequence of str, optional
        Solvers in colour; by default ours and the best others.
    """
    figure = Figure(figsize=(7.5, 4.8), layout="constrained")
    axes = figure.add_subplot()
    shown = list(highlighted) or highlights(comparison)
    draw = {s: comparison.curve(comparison.hits(s)) for s in comparison.solvers}
    best = comparison.curve(comparison.best_hits())
    n = np.arange(1, comparison.budget + 1) / (d or 1)
    axes.plot(n, best, ":", color="black", lw=1, label="best for each target")
    _lines(axes, n, draw, colours(comparison.solvers, shown))
    ends = {s: y[-1] for s, y in draw.items() if s in shown}
    _labels(axes, n[-1], ends | {"best for each target": best[-1]})
    axes.set_xlabel("evaluations a variable" if d else "evaluations")
    axes.set_ylabel("share of targets solved")
    return figure


def _lines(axes: Axes, n: np.ndarray, draw: dict, colour: dict[str, str]) -> None:
    for solver, y in sorted(draw.items(), key=lambda item: colour[item[0]] != GREY):
        front = colour[solver] != GREY
        axes.plot(
            n,
            y,
            color=colour[solver],
            lw=1.6 if front else 0.8,
            zorder=3 if front else 2,
            label=solver,
        )
    axes.set_xscale("log")
    axes.set_xlim(n[min(len(n) - 1, 4)], n[-1])
    axes.set_ylim(bottom=0.0)
    axes.grid(alpha=0.3)
    axes.spines[["top", "right"]].set_visible(False)


def _labels(axes: Axes, x: float, ends: dict[str, float]) -> None:
    """Write names beside the ends of lines, moved apart where they would overlap."""
    gap = 0.045 * axes.get_ylim()[1]
    height = -np.inf
    colour = {line.get_label(): line.get_color() for line in axes.lines}
    for solver, y in sorted(ends.items(), key=lambda item: item[1]):
        height = max(y, height + gap)
        axes.annotate(
            solver,
            (x, y),
            (1.02 * x, height),
            color=colour[solver],
            fontsize=8,
            va="center",
            annotation_clip=False,
        )


def by_group(
    comparison: Comparison, d: int | None = None, highlighted: Sequence[str] = ()
) -> Figure:
    """Plot the same in a panel for each group of functions."""
    names = list(dict.fromkeys(comparison.groups))
    figure = Figure(figsize=(3.1 * len(names), 3.0), layout="constrained")
    grid = figure.subplots(1, len(names), sharey=True, squeeze=False)[0]
    shown = list(highlighted) or highlights(comparison)
    n = np.arange(1, comparison.budget + 1) / (d or 1)
    for axes, name in zip(grid, names, strict=True):
        inside = comparison.groups == name
        draw = {s: _share(comparison.hits(s)[inside], n * (d or 1)) for s in shown}
        _lines(axes, n, draw, colours(shown, shown))
        axes.set_title(name, fontsize=9)
    top = max(line.get_ydata().max() for axes in grid for line in axes.lines)
    grid[0].set_ylim(0.0, 1.05 * top)
    grid[0].set_ylabel("share of targets solved")
    grid[len(names) // 2].set_xlabel("evaluations a variable" if d else "evaluations")
    handles, labels = grid[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=7, fontsize=8)
    return figure


def _share(hits: np.ndarray, n: np.ndarray) -> np.ndarray:
    return np.searchsorted(np.sort(hits, axis=None), n + 1e-9, side="right") / hits.size


def calibrated(parts: Mapping[str, Needs], shown: Sequence[str]) -> Figure:
    """Plot the share of runs solved against simulations, a panel for each part."""
    figure = Figure(figsize=(5.0 * len(parts), 3.6), layout="constrained")
    grid = figure.subplots(1, len(parts), sharey=True, squeeze=False)[0]
    for axes, (title, needs) in zip(grid, parts.items(), strict=True):
        n = np.arange(1, needs.budget + 1)
        draw = {s: _share(y, n) for s, y in needs.solved.items()}
        _lines(axes, n, draw, colours(list(draw), shown))
        axes.set_title(title, fontsize=9)
        axes.set_xlabel("simulations")
    grid[0].set_ylabel("share of runs solved")
    handles, labels = grid[0].get_legend_handles_labels()
    named = [(h, s) for h, s in zip(handles, labels, strict=True) if s in shown]
    if named:
        figure.legend(
            *zip(*named, strict=True), loc="outside lower center", ncols=4, fontsize=8
        )
    return figure


def cost(comparison: Comparison) -> Figure:
    """Plot what a solver reaches against the CPU time of its suggestions."""
    figure = Figure(figsize=(7.0, 4.2), layout="constrained")
    axes = figure.add_subplot()
    shown = highlights(comparison)
    colour = colours(comparison.solvers, shown)
    for solver in comparison.solvers:
        x, y = comparison.cpu(solver), comparison.mean(comparison.areas(solver))
        axes.plot(max(x, 1e-2), y, "o", color=colour[solver])
        axes.annotate(
            solver, (max(x, 1e-2), y), (4, 3), textcoords="offset points", fontsize=8
        )
    axes.set_xscale("log")
    axes.set_ylim(bottom=0.0)
    axes.set_xlabel("CPU milliseconds a suggestion")
    axes.set_ylabel("area under the curve of targets")
    axes.grid(alpha=0.3)
    axes.spines[["top", "right"]].set_visible(False)
    return figure
