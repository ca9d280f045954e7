"""What a model said of values it had not seen, as four plots."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.special import ndtr, ndtri

from surrogo.checks import FloatArray
from surrogo.report.pictures import drawable

if TYPE_CHECKING:
    from surrogo.surrogates.diagnostics import Diagnostics

LIMIT = 3.0  # Jones, Schonlau & Welch 1998, section 4
_WIDEST = 10.0  # standardised residuals beyond it are drawn there
_Z90 = float(ndtri(0.95))  # half the width of a 90 % interval


def plot_diagnostics(diagnostics: Diagnostics) -> Any:
    """Draw predictions of values left out, and how they compare.

    Actual against predicted values with 90 % intervals; standardised residuals against
    predictions, and their order against that of a normal sample (Q-Q); and the share of
    values within intervals of every level, with what chance allows. A model without
    standard deviations has plain residuals, scaled by their own size, and no last plot.

    Parameters
    ----------
    diagnostics : Diagnostics
        As `surrogo.surrogates.diagnose` returns it.

    Returns
    -------
    matplotlib.figure.Figure

    References
    ----------
    Jones, Schonlau & Welch 1998, J. Global Optim. 13, 455-492, section 4.

    Examples
    --------
    >>> import matplotlib
    >>> matplotlib.use("Agg")
    >>> import numpy as np
    >>> from surrogo import RBF
    >>> from surrogo.surrogates.diagnostics import diagnose
    >>> X = np.random.default_rng(0).random((20, 2))
    >>> figure = plot_diagnostics(diagnose(RBF(), X, np.sin(3 * X[:, 0])))
    >>> len(figure.axes)
    4
    """
    import matplotlib.pyplot as plt

    figure = plt.figure(figsize=(8.0, 7.0), layout="constrained")
    draw_diagnostics(figure, diagnostics)
    return figure


def draw_diagnostics(figure: Any, diagnostics: Diagnostics) -> None:
    """Draw what `plot_diagnostics` describes on a figure."""
    draw_all = [_draw_values, _draw_residuals, _draw_order]
    if diagnostics.std is not None:
        draw_all.append(_draw_coverage)
    axes = figure.subplots(2, 2).ravel()
    for ax in axes[len(draw_all) :]:
        ax.remove()
    for ax, draw in zip(axes, draw_all, strict=False):
        draw(ax, diagnostics)
    figure.suptitle(diagnostics.verdict, wrap=True, fontsize="medium")


def _draw_values(ax: Any, of: Diagnostics) -> None:
    half = None if of.std is None else drawable(_Z90 * of.std)
    x, y = drawable(of.predicted), drawable(of.y)
    ax.errorbar(x, y, xerr=half, fmt="o", ms=3, color="C0", ecolor="0.75", lw=1)
    ends = [np.min(y), np.max(y)]
    ax.plot(ends, ends, color="0.4", lw=1)
    bars = "" if half is None else ", 90 % interval"
    ax.set_xlabel(f"predicted ({of.how}{bars})")
    ax.set_ylabel("actual")


def _draw_residuals(ax: Any, of: Diagnostics) -> None:
    z = _residuals(of)
    x = drawable(of.predicted)
    ax.plot(x, z, "o", ms=3, color="C0")
    for i in np.flatnonzero(np.abs(z) > LIMIT):
        ax.annotate(str(i), (x[i], z[i]), fontsize="small", color="C3")
    for height in (-LIMIT, 0.0, LIMIT):
        ax.axhline(height, color="0.4", lw=1, ls="-" if height == 0.0 else "--")
    ax.set_xlabel("predicted")
    ax.set_ylabel(_name(of))


def _draw_order(ax: Any, of: Diagnostics) -> None:
    z = np.sort(_residuals(of))
    # plotting positions of Blom 1958, Statistical Estimates, p. 71
    normal = ndtri((np.arange(1, len(z) + 1) - 0.375) / (len(z) + 0.25))
    ax.plot(normal, z, "o", ms=3, color="C0")
    ends = [normal[0], normal[-1]]
    ax.plot(ends, ends, color="0.4", lw=1)
    ax.set_xlabel("normal quantiles")
    ax.set_ylabel(_name(of))


def _draw_coverage(ax: Any, of: Diagnostics) -> None:
    """Draw the share of values in the central interval of each level."""
    inside = np.sort(2.0 * ndtr(np.abs(_residuals(of))) - 1.0)
    n = len(inside)
    level = np.linspace(0.0, 1.0, 101)
    # two standard deviations of the binomial distribution
    chance = 2.0 * np.sqrt(level * (1.0 - level) / n)
    ax.fill_between(level, level - chance, level + chance, color="0.9", label="chance")
    ax.plot(level, level, color="0.4", lw=1)
    share = np.searchsorted(inside, level, side="right") / n
    ax.step(level, share, where="post", color="C0", label="values")
    ax.set(xlim=(0, 1), ylim=(0, 1))
    ax.set_xlabel("level of the interval")
    ax.set_ylabel("share of values within")
    ax.legend(loc="upper left")


def _residuals(of: Diagnostics) -> FloatArray:
    """Return standardised residuals (n,), none of them so large that others vanish."""
    z = of.standardised
    if z is None:
        z = (of.y - of.predicted) / (of.rmse or 1.0)
    return np.clip(z, -_WIDEST, _WIDEST)


def _name(of: Diagnostics) -> str:
    return "residual / rmse" if of.std is None else "standardised residual"
