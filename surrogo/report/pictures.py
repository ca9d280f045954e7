"""Plots as pictures inside a page, without a window and without pyplot's memory."""

from __future__ import annotations

import base64
import io
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np

from surrogo.checks import FloatArray

_DPI = 110  # sharp enough on a screen, 50 kB for a plot
LARGEST = 1e300  # beyond it matplotlib's margins and ticks overflow


def drawable(values: Any) -> FloatArray:
    """Return numbers, which may be NaN, none of them too large to be drawn.

    Examples
    --------
    >>> drawable([1.0, -1.7e308]).tolist()
    [1.0, -1e+300]
    """
    return np.clip(np.asarray(values, dtype=np.float64), -LARGEST, LARGEST)


def picture(
    draw: Callable[[Any], None], width: float = 8.0, height: float = 4.0
) -> str:
    """Return what `draw` draws on a figure, as the address of an image (PNG).

    Parameters
    ----------
    draw : callable
        Called with a `matplotlib.figure.Figure`.
    width, height : float
        In inches; `draw` may choose others.

    Examples
    --------
    >>> picture(lambda figure: figure.subplots().plot([1, 2]))[:22]
    'data:image/png;base64,'
    """
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width, height), layout="constrained")
    file = io.BytesIO()
    with warnings.catch_warnings():
        # Names may be in any script; the tables of the page show them in any case.
        warnings.filterwarnings("ignore", "Glyph .* missing from", UserWarning)
        draw(figure)
        figure.savefig(file, format="png", dpi=_DPI, metadata={"Software": None})
    return f"data:image/png;base64,{base64.b64encode(file.getvalue()).decode('ascii')}"
