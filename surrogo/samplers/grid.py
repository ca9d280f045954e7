"""Full grids, and what is left of them for other numbers of points."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from surrogo.checks import FloatArray
from surrogo.samplers.base import IntArray, Sampler
from surrogo.space import Space


@dataclass(frozen=True)
class Grid(Sampler):
    """All combinations of equally spaced levels, as alike in number as possible.

    Where the number of combinations is `n` (n = k**d, or 6 = 3 x 2) this is the full
    factorial design and nothing in it is random. Otherwise it is the next larger one,
    of which a random part is left out. Every variable gets two levels at least, so
    in many variables the points are a random choice among the 2**d combinations.
    A discrete variable gets no more levels than it has values; if all combinations
    are fewer than `n`, they are repeated.

    Parameters
    ----------
    ends : bool
        Whether the outermost levels lie on the bounds, as in ``numpy.linspace``.
        By default each level lies in the middle of its part of the range, so that
        every point stands for an equal part of the space.

    Examples
    --------
    >>> from surrogo.samplers import Grid
    >>> Grid().sample(4, [(0, 1), (0, 10)])
    array([[0.25, 2.5 ],
           [0.25, 7.5 ],
           [0.75, 2.5 ],
           [0.75, 7.5 ]])
    >>> Grid(ends=True).sample(3, [(0, 1)]).ravel()
    array([0. , 0.5, 1. ])
    """

    ends: bool = False

    def _points(self, n: int, space: Space, rng: np.random.Generator) -> FloatArray:
        return space.from_unit(self._cells(n, space.levels, rng))

    def _unit(self, n: int, d: int, rng: np.random.Generator) -> FloatArray:
        return self._cells(n, np.full(d, math.inf), rng)

    def _cells(self, n: int, most: FloatArray, rng: np.random.Generator) -> FloatArray:
        levels = grid_levels(n, most)
        cells = chosen_cells(n, levels, rng)
        if self.ends:
            return np.where(levels > 1, cells / np.maximum(levels - 1, 1), 0.5)
        return (cells + 0.5) / levels


def grid_levels(n: int, most: FloatArray) -> IntArray:
    """Return the fewest levels (d,) with at least `n` combinations, if `most` allows.

    Examples
    --------
    >>> grid_levels(6, np.array([np.inf, np.inf]))
    array([3, 2])
    """
    levels = np.where(most > 1, 2.0, 1.0)  # every variable that can vary does
    for _ in levels:  # each round fills up at least one variable, or changes nothing
        grows = levels < most
        rest = n / float(np.prod(levels[~grows]))
        equal = np.floor(rest ** (1.0 / max(int(np.sum(grows)), 1)))
        levels = np.where(grows, np.clip(equal, levels, most), levels)
    while math.prod(levels.tolist()) < n and np.any(levels < most):
        levels[np.argmin(np.where(levels < most, levels, math.inf))] += 1
    return levels.astype(np.int64)


def chosen_cells(n: int, levels: IntArray, rng: np.random.Generator) -> IntArray:
    """Return `n` cells (n, d) of the grid in their order, as often each as possible."""
    total = math.prod(levels.tolist())
    if total >= 2**62:  # two of n points are equal with probability n**2 / 2**63
        return rng.integers(0, levels, (n, len(levels)))
    copies, rest = divmod(n, total)
    part = np.sort(rng.choice(total, rest, replace=False, shuffle=False))
    index = np.concatenate([np.tile(np.arange(total if copies else 0), copies), part])
    steps = total // np.cumprod(levels)  # the last variable changes fastest
    return np.asarray(index[:, None] // steps % levels)
