"""Tables of ``surrogate_accuracy.py``: medians over designs, ratios, wins."""

from __future__ import annotations

import platform
import time
from importlib.metadata import PackageNotFoundError, version

import numpy as np
from surrogate_accuracy import FEW, HEAVY, MANY, MODELS, OURS, SEEDS, Cell, Score
from surrogate_functions import FUNCTIONS

Case = tuple[str, int]  # function, n
Scores = dict[Cell, Score]

HEAD = """# Accuracy of the surrogates

`python benchmarks/surrogate_accuracy.py`, {date}; Python {python}, {versions}.

All models get the same data: random Latin hypercubes of n points, and 2000 random
points to test on. Medians over {seeds} designs ({few} in {many} variables, one from
{heavy} points on). "> 900 s": the model took more CPU time on one thread; a dash: not
run.

* **surrogo**: `GaussianProcess()` as it comes, on the noisy function with
  `nugget="estimate"`; "linear" has a linear trend.
* **SMT KRG**: as it comes (squared exponential, twelve starts; two in 50
  variables), and with its Matern 5/2, a product over the variables; `eval_noise=True`
  on the noisy function.
  **KPLS 4**: four directions of partial least squares.
* **scikit-learn**: constant times Matern 5/2 with a length scale per variable,
  `normalize_y=True`, three restarts; plus `WhiteKernel` on the noisy function.
* **SMT RBF**, **SciPy RBF**: as they come.
"""

ERROR = """
## Test error

Root mean square error relative to the standard deviation of the function; lower is
better, the best of a row in bold.

"""

COVERAGE = """
## Coverage of the 90 % intervals

Share of the test points whose true value lies within 1.645 standard deviations.

"""

INTERVAL = """
## Interval score

Width of the 90 % interval plus 20 times what a value lies outside (Gneiting & Raftery
2007), relative to the standard deviation of the function; lower is better.

"""

SUMMARY = """
## Summary

"Error" and "interval" are geometric means, over the rows that both have, of a model's
median divided by ours: above 1 we are better. "Better than it" counts the rows in
which our median error is lower. "Off 90 %" is the mean distance of the coverage from
0.90. Seconds are those of all rows together (one design each), CPU time of fit and
prediction.

"""

SOURCES = """
## Functions

| name | d | source |
|---|---|---|
"""


def median(scores: Scores, model: str, case: Case, field: str) -> float:
    """Return the median over the designs; NaN if a design has no score, or none ran."""
    values = [
        getattr(score, field)
        for cell, score in scores.items()
        if cell.model == model and (cell.function, cell.n) == case
    ]
    return float(np.median(values)) if values else np.nan


def cases(scores: Scores) -> list[Case]:
    """Return the rows of the tables in the order of the functions."""
    order, found = list(FUNCTIONS), {(cell.function, cell.n) for cell in scores}
    return sorted(found, key=lambda case: (order.index(case[0]), case[1]))


def models(scores: Scores) -> list[str]:
    """Return the columns of the tables."""
    found = {cell.model for cell in scores}
    return [model for model in MODELS if model in found]


def row(cells: list[str]) -> str:
    """Return a row of a table."""
    return "| " + " | ".join(cells) + " |\n"


def shown(value: float, seconds: float, best: bool) -> str:
    """Return a number, or why there is none."""
    if np.isnan(value):
        return f"> {seconds:.0f} s" if seconds >= 100 else "-"
    text = f"{value:.2g}" if value < 0.1 else f"{value:.2f}"
    return f"**{text}**" if best else text


def table(scores: Scores, field: str, bold: bool) -> str:
    """Return one table: rows are cases, columns models."""
    columns = [m for m in models(scores) if field == "error" or "RBF" not in m]
    text = row(["function", "n", *columns]) + "|---" * (2 + len(columns)) + "|\n"
    for case in cases(scores):
        values = [median(scores, model, case, field) for model in columns]
        seconds = [median(scores, model, case, "seconds") for model in columns]
        best = np.nanmin(values) if bold and not np.all(np.isnan(values)) else None
        texts = [shown(v, s, v == best) for v, s in zip(values, seconds, strict=True)]
        text += row([case[0], str(case[1]), *texts])
    return text


def ratio(scores: Scores, model: str, field: str) -> str:
    """Return the geometric mean of a model's medians divided by ours."""
    pairs = np.array(
        [
            [median(scores, name, case, field) for name in (model, OURS)]
            for case in cases(scores)
        ]
    )
    pairs = pairs[np.all(np.isfinite(pairs), axis=1)]
    if not len(pairs):
        return "-"
    return f"{np.exp(np.mean(np.log(pairs[:, 0] / pairs[:, 1]))):.2f} ({len(pairs)})"


def wins(scores: Scores, model: str) -> str:
    """Return in how many rows our error is lower than that of a model."""
    pairs = [
        [median(scores, name, case, "error") for name in (model, OURS)]
        for case in cases(scores)
    ]
    both = [(a, b) for a, b in pairs if np.isfinite([a, b]).all()]
    return f"{sum(b < a for a, b in both)} of {len(both)}"


def summary_row(scores: Scores, model: str) -> str:
    """Return what a model comes to over all rows."""
    rows = cases(scores)
    coverage = np.array([median(scores, model, case, "coverage") for case in rows])
    off = np.abs(coverage[np.isfinite(coverage)] - 0.9)
    seconds = np.nansum([median(scores, model, case, "seconds") for case in rows])
    return row(
        [
            model,
            ratio(scores, model, "error"),
            "" if model == OURS else wins(scores, model),
            ratio(scores, model, "interval"),
            f"{np.mean(off):.3f}" if len(off) else "-",
            f"{seconds:.1f}",
        ]
    )


def versions(*names: str) -> str:
    """Return the versions of the packages that are installed."""
    texts = []
    for name in names:
        try:
            texts.append(f"{name} {version(name)}")
        except PackageNotFoundError:
            continue
    return ", ".join(texts)


def report(scores: Scores) -> str:
    """Return the whole text."""
    text = HEAD.format(
        date=time.strftime("%Y-%m-%d"),
        python=platform.python_version(),
        versions=versions("surrogo", "numpy", "scipy", "scikit-learn", "smt"),
        seeds=SEEDS,
        few=FEW,
        many=MANY,
        heavy=HEAVY,
    )
    text += ERROR + table(scores, "error", bold=True)
    text += COVERAGE + table(scores, "coverage", bold=False)
    text += INTERVAL + table(scores, "interval", bold=True)
    columns = ["model", "error", "better than it", "interval", "off 90 %", "seconds"]
    text += SUMMARY + row(columns) + "|---" * len(columns) + "|\n"
    text += "".join(summary_row(scores, model) for model in models(scores))
    text += SOURCES
    for function in FUNCTIONS.values():
        text += row([function.name, str(function.d), function.source])
    return text
