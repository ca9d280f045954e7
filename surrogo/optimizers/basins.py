"""Fill the basins whose bottom is known, so that a search looks for others.

The idea of the filled functions of Ge 1990 (Mathematical Programming 46, 191-204), on
data: values inside a finished basin are raised to what is usual outside.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from surrogo.checks import BoolArray, FloatArray
from surrogo.optimizers.base import View

# A basin is taken to reach this many length scales from its bottom (1, 1.5 and 2
# do alike on Hartmann 6; in few dimensions 2 covers the neighbours).
_REACH = 1.0
# A point that is clearly deeper than the bottom belongs to another basin: by this share
# of the depth, ten times what polishing can gain.
_DEEPER = 0.01


@dataclass(frozen=True)
class Basin:
    """An ellipsoid in the unit cube: bottom (d,), half axes (d,), value there."""

    bottom: list[float]
    reach: list[float]
    value: float

    def holds(self, U: FloatArray) -> BoolArray:
        """Say for each point U (n, d) whether it lies inside; (n,)."""
        away = (U - np.array(self.bottom)) / np.array(self.reach)
        inside: BoolArray = np.sum(away**2, axis=1) < 1.0
        return inside


def finished_basin(view: View, log_l: FloatArray) -> Basin:
    """Return the basin of the best point of a view, for length scales exp(log_l)."""
    best = int(np.argmin(view.y))
    reach = _REACH * np.exp(log_l)
    return Basin(view.U[best].tolist(), reach.tolist(), float(view.y[best]))


def fill(view: View, basins: list[Basin]) -> View:
    """Return the view with the values inside the basins raised to the median outside.

    Unchanged where there is no basin, or fewer than two points outside.
    """
    held = [basin.holds(view.U) for basin in basins]
    inside = np.any(held, axis=0) if held else np.zeros(len(view.y), dtype=bool)
    if not np.any(inside) or np.sum(~inside) < 2:
        return view
    outside = np.sort(view.y[~inside])
    level = float(outside[len(outside) // 2])  # the mean of two could overflow
    known = np.zeros(len(view.y), dtype=bool)
    for basin, own in zip(basins, held, strict=True):
        deeper = basin.value - _DEEPER * (level - basin.value)
        known |= own & (view.y >= deeper)
    return replace(view, y=np.where(known, np.maximum(view.y, level), view.y))
