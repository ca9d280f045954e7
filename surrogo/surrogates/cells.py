"""Overlapping cells that cover all of space, with weights that sum to 1.

A binary tree, as a k-d tree: each node divides its points in two along one coordinate.
Where a k-d tree has a plane this one has a strip with some of the points in it, in
which both sides count: the weight of one rises smoothly from 0 to 1, that of the other
is the rest. The weight of a leaf is the product of those on the way to it. So weights
sum to 1 everywhere, with no normalisation, and the outer cells reach to infinity.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from surrogo.checks import FloatArray
from surrogo.surrogates.ordering import IntArray


@dataclass(frozen=True, eq=False)
class Part:
    """What lies in one cell: rows (q,) of points, weights w (q,), slopes dw (q, d)."""

    leaf: int
    rows: IntArray
    w: FloatArray
    dw: FloatArray


@dataclass(frozen=True)
class Leaf:
    """A cell, by its number."""

    number: int

    def parts(self, Z: FloatArray, part: Part) -> Iterator[Part]:
        """Yield the cell itself."""
        del Z
        yield Part(self.number, part.rows, part.w, part.dw)


@dataclass(frozen=True)
class Split:
    """Two nodes that share the strip low < z[axis] < high."""

    axis: int
    low: float
    high: float
    left: Leaf | Split
    right: Leaf | Split

    def parts(self, Z: FloatArray, part: Part) -> Iterator[Part]:
        """Yield the cells below with their part of the rows of Z (m, d)."""
        width = self.high - self.low
        u = np.clip((Z[part.rows, self.axis] - self.low) / width, 0.0, 1.0)
        slope = 30.0 * (u * (1.0 - u)) ** 2 / width
        yield from self.left.parts(Z, self._share(part, _ramp(1.0 - u), -slope))
        yield from self.right.parts(Z, self._share(part, _ramp(u), slope))

    def _share(self, part: Part, share: FloatArray, slope: FloatArray) -> Part:
        """Return the rows with a positive share of the weight."""
        kept = share > 0.0
        share, w = share[kept], part.w[kept]
        dw = part.dw[kept] * share[:, None]
        dw[:, self.axis] += w * slope[kept]
        return Part(part.leaf, part.rows[kept], w * share, dw)


@dataclass(frozen=True)
class Cells:
    """A cover of space by `n_cells` overlapping cells.

    Examples
    --------
    >>> import numpy as np
    >>> from surrogo.surrogates.cells import Cells
    >>> Z = np.linspace(0.0, 1.0, 9)[:, None]
    >>> cells = Cells.around(Z, n_local=6, overlap=0.25)
    >>> for part in cells.parts(Z[2:7]):
    ...     print(part.rows, part.w)
    [0 1 2] [1.  1.  0.5]
    [2 3 4] [0.5 1.  1. ]
    """

    root: Leaf | Split
    n_cells: int

    @classmethod
    def around(cls, Z: FloatArray, n_local: int, overlap: float) -> Cells:
        """Divide the points Z (n, d) until no cell has more than `n_local`.

        The strip of each division holds `overlap` of the points that it divides.
        Points that cannot be divided, since they coincide, stay together.
        """
        root, n_cells = _divided(Z, n_local, overlap, 0)
        return cls(root, n_cells)

    def parts(self, Z: FloatArray) -> Iterator[Part]:
        """Yield, cell by cell, the rows of Z (m, d) that have a weight there."""
        every = Part(-1, np.arange(len(Z)), np.ones(len(Z)), np.zeros(Z.shape))
        return self.root.parts(Z, every)


def _divided(
    Z: FloatArray, n_local: int, overlap: float, first: int
) -> tuple[Leaf | Split, int]:
    """Return a node for the points Z, and the next free number from `first` on."""
    strip = _strip(Z, overlap) if len(Z) > n_local else None
    if strip is None:
        return Leaf(first), first + 1
    axis, low, high = strip
    z = Z[:, axis]
    left, middle = _divided(Z[z < high], n_local, overlap, first)
    right, last = _divided(Z[z > low], n_local, overlap, middle)
    return Split(axis, low, high, left, right), last


def _strip(Z: FloatArray, overlap: float) -> tuple[int, float, float] | None:
    """Return axis, low and high of a strip around the median of the widest axis.

    Of the widest where low < high; None if they coincide along all axes.
    """
    share = 0.5 * overlap * (len(Z) - 1)
    middle = 0.5 * (len(Z) - 1)
    low, high = int(np.floor(middle - share)), int(np.ceil(middle + share))
    for axis in np.argsort(-np.ptp(Z, axis=0), kind="stable"):
        z = np.partition(Z[:, axis], (low, high))
        if z[low] < z[high]:
            return int(axis), float(z[low]), float(z[high])
    return None


def _ramp(u: FloatArray) -> FloatArray:
    """Return the polynomial from 0 to 1 with two derivatives 0 at both ends."""
    out: FloatArray = u**3 * (10.0 + u * (6.0 * u - 15.0))
    return out
