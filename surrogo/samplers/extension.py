"""More points for any design, far from each other and from what is there."""

from __future__ import annotations

from typing import Any

import numpy as np

from surrogo import checks
from surrogo.checks import BoolArray, FloatArray
from surrogo.samplers.sobol import Sobol
from surrogo.space import Space, all_unit_points

# Candidates: 32 for each point there will be, at least 1024 (a power of two keeps
# Sobol's balance), at most 2**14 unless more points are asked for. From 8 to 32 the
# distances rise by 6 %.
_PER_POINT, _FEWEST, _MOST = 32, 2**10, 2**14


def extend(X: Any, n: int, space: Any, rng: Any = None) -> FloatArray:
    """Return `n` more points for a design, far from its points and from each other.

    Greedy: one after the other, the candidate whose nearest neighbour is farthest
    away, where walls count as neighbours too, lest all points sit on them (Shang &
    Apley 2021, J. Quality Technology 53, 173-196). Candidates are Sobol points, or in
    a small discrete space all points, so that none comes twice before all are taken.

    To go on with a sequence, use ``Sobol(skip=len(X))`` with the same seed; for the
    strata of a Latin hypercube `LatinHypercube.extend`.

    Parameters
    ----------
    X : array (n0, d)
        The design so far, in the user's units; of any origin, n0 = 0 included.
    n : int
        Number of new points.
    space : Space or bounds
    rng : int, numpy.random.Generator, optional

    Returns
    -------
    array (n, d)
        The new points only.

    Raises
    ------
    ValueError
        If `n` is below 1 or `X` does not fit the space.

    Examples
    --------
    >>> extend([[0.1], [0.4]], 1, [(0, 1)], rng=0).round(1)
    array([[0.8]])
    """
    within = Space.of(space)
    n = checks.integer(n, "n, the number of points,", 1)
    U = within.to_unit(X)
    pool = candidates(len(U) + n, within, np.random.default_rng(rng))
    return within.from_unit(pool[farthest(pool, U, n, np.isinf(within.levels))])


def candidates(n: int, space: Space, rng: np.random.Generator) -> FloatArray:
    """Return points (m, d) of the space in the unit cube to choose `n` from."""
    everything = all_unit_points(space, _MOST)
    if everything is not None:
        return rng.permutation(everything)
    count = max(_FEWEST, min(_PER_POINT * n, _MOST), 2 * n)
    return space.to_unit(Sobol().sample(count, space, rng))


def farthest(pool: FloatArray, U: FloatArray, n: int, walled: BoolArray) -> list[int]:
    """Choose `n` rows of `pool` (m, d) far from each other and from `U` (n0, d).

    A wall of a variable in `walled` (d,) counts as a neighbour at sqrt(2 d) times the
    distance of the mirror image (Shang & Apley 2021).
    """
    start = nearest = _to_walls(pool[:, walled])
    for u in U:
        nearest = np.minimum(nearest, _square_distance(pool, u))
    chosen: list[int] = []
    for _ in range(n):
        if not np.any(nearest > 0.0):  # all of a discrete space is taken: once more
            nearest = start
        chosen.append(int(np.argmax(nearest)))
        nearest = np.minimum(nearest, _square_distance(pool, pool[chosen[-1]]))
    return chosen


def _to_walls(pool: FloatArray) -> FloatArray:
    m, d = pool.shape
    if d == 0:
        return np.full(m, np.inf)
    mirror = 2.0 * np.min(np.minimum(pool, 1.0 - pool), axis=1)
    return np.asarray(2.0 * d * mirror**2)


def _square_distance(pool: FloatArray, u: FloatArray) -> FloatArray:
    return np.asarray(np.sum((pool - u) ** 2, axis=1))
