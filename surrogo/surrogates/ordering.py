"""Max-min ordering of points, and the nearest of those that come before.

In a max-min ordering every point is as far as possible from all before it: first the
corners of the design, then finer and finer detail. It is what makes a Vecchia
approximation with few neighbours accurate (Guinness 2018, Technometrics 60, 415-429).
"""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from surrogo.checks import FloatArray
from surrogo.surrogates.profiles import squared_distances

IntArray: TypeAlias = NDArray[np.intp]

# The first points are ordered exactly, in O(n) each; of 100 000 that takes a second.
_EXACT = 1000
# How often the others are sorted by their distance to what comes before. The second
# time brings the last few per cent of spread, a third time nothing (d = 2 to 10).
_SWEEPS = 2
# Neighbours are searched for blocks of points, each by this factor larger than all
# before it, so that most of the points near a point come before it.
_GROWTH = 1.25
_LEAST_BLOCK = 256


def maxmin_order(Z: FloatArray, rng: np.random.Generator) -> IntArray:
    """Order points Z (n, d) so that each is far from all before it; shape (n,).

    Exact for the first 1000 (and so for 1000 points): the first is the one nearest to
    the mean, each next one that with the largest distance to its predecessors. The
    rest starts in random order and is sorted by the distance of each point to all
    before it, largest first. Sorting can only raise these distances: any two points
    are as far apart as the smaller of their sort keys.

    Examples
    --------
    >>> import numpy as np
    >>> from surrogo.surrogates.ordering import maxmin_order
    >>> maxmin_order(np.linspace(0, 1, 5)[:, None], np.random.default_rng(0))
    array([2, 0, 4, 1, 3])
    """
    first = _farthest_first(Z, min(len(Z), _EXACT))
    rest = np.ones(len(Z), bool)
    rest[first] = False
    order = np.concatenate([first, rng.permutation(np.flatnonzero(rest))])
    if len(first) < len(Z):
        for _ in range(_SWEEPS):
            order = _sorted_by_distance(Z, order, len(first))
    return order


def previous_neighbours(
    Z: FloatArray, m: int, rows: IntArray | None = None
) -> IntArray:
    """Return for each row of Z (n, d) the m nearest rows before it, shape (n, m).

    Nearest first; where fewer than m come before, -1 stands for the others. Only for
    some `rows` (q,), in rising order, if given; then the shape is (q, m).

    Examples
    --------
    >>> import numpy as np
    >>> from surrogo.surrogates.ordering import previous_neighbours
    >>> previous_neighbours(np.array([[0.5], [0.0], [1.0], [0.7]]), 2)
    array([[-1, -1],
           [ 0, -1],
           [ 0,  1],
           [ 0,  2]])
    """
    rows = np.arange(len(Z)) if rows is None else rows
    out = np.full((len(rows), m), -1)
    done, stop = 0, min(len(Z), max(_LEAST_BLOCK, 2 * m))
    start = int(np.searchsorted(rows, stop))
    out[:start] = _by_all_distances(Z[:stop], m, rows[:start])
    while stop < len(Z):
        done, stop = stop, min(len(Z), int(_GROWTH * stop) + 1)
        end = int(np.searchsorted(rows, stop))
        if end > start:
            out[start:end] = _by_tree(Z[:stop], m, rows[start:end], stop / done)
        start = end
    return out


def nearest(tree: Any, Z: FloatArray, m: int) -> IntArray:
    """Return the m points of a k-d tree nearest to each of Z (q, d), shape (q, m)."""
    found: IntArray = tree.query(Z, k=np.arange(1, m + 1))[1]
    return found


def others(found: IntArray, rows: IntArray) -> IntArray:
    """Return the points (q, m) near `rows` (q,), of (q, m + 1) that may be these."""
    own = found == rows[:, None]
    own[~own.any(axis=1), -1] = True  # crowded out by points at the same place
    return np.asarray(found[~own].reshape(len(found), -1))


def _farthest_first(Z: FloatArray, count: int) -> IntArray:
    """Return the first `count` places of the max-min ordering, exactly."""
    order = np.empty(count, np.intp)
    order[0] = np.argmin(_distances_to(Z, Z.mean(axis=0)))
    away = np.full(len(Z), np.inf)
    for place in range(1, count):
        last = order[place - 1]
        np.minimum(away, _distances_to(Z, Z[last]), out=away)
        away[last] = -1.0  # of equal points each one comes once
        order[place] = np.argmax(away)
    return order


def _distances_to(Z: FloatArray, z: FloatArray) -> FloatArray:
    return squared_distances(Z, z[None])[:, 0]


def _sorted_by_distance(Z: FloatArray, order: IntArray, kept: int) -> IntArray:
    """Sort all but the first `kept` by the distance to their predecessors."""
    ordered, rows = Z[order], np.arange(kept, len(order))
    before = previous_neighbours(ordered, 1, rows)[:, 0]
    away = np.sum((ordered[rows] - ordered[before]) ** 2, axis=1)
    sorted_rows = rows[np.argsort(-away, kind="stable")]
    return np.concatenate([order[:kept], order[sorted_rows]])


def _by_all_distances(Z: FloatArray, m: int, rows: IntArray) -> IntArray:
    """Return what `previous_neighbours` returns, by computing every distance."""
    away = squared_distances(Z[rows], Z)
    away[np.arange(len(Z)) >= rows[:, None]] = np.inf
    found = np.argsort(away, axis=1, kind="stable")[:, :m]
    out = np.full((len(rows), m), -1)
    out[:, : found.shape[1]] = np.where(found < rows[:, None], found, -1)
    return out


def _by_tree(Z: FloatArray, m: int, rows: IntArray, share: float) -> IntArray:
    """Return what `previous_neighbours` returns, for rows that have m predecessors.

    One in `share` of the neighbours of a row comes before it; the rows for which too
    few did are searched again, among twice as many.
    """
    tree = cKDTree(Z)
    out = np.empty((len(rows), m), np.intp)
    missing, k = np.arange(len(rows)), int(share * m) + 4
    while len(missing):
        k = min(k, len(Z))
        found = nearest(tree, Z[rows[missing]], k)
        usable = found < rows[missing, None]
        enough = usable.sum(axis=1) >= m
        first = usable & (np.cumsum(usable, axis=1) <= m) & enough[:, None]
        out[missing[enough]] = found[first].reshape(-1, m)
        missing, k = missing[~enough], 2 * k
    return out
