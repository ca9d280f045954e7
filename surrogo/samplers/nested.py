"""New points in the strata that an earlier design leaves empty."""

from __future__ import annotations

import numpy as np

from surrogo.checks import FloatArray
from surrogo.samplers.base import IntArray


def nested(U: FloatArray, n: int, rng: np.random.Generator) -> FloatArray:
    """Return `n` points (n, d) that make a Latin hypercube of `U` (n0, d) and them.

    In each variable the n0 + n strata are shared out: an earlier point takes the one
    that it lies in or, where two lie in the same one, a near one; the new points take
    what is left, in random order.

    Examples
    --------
    >>> import numpy as np
    >>> new = nested(np.array([[0.1], [0.9]]), 2, np.random.default_rng(0))
    >>> np.sort(np.floor(4 * new).ravel())
    array([1., 2.])
    """
    columns = [_column(u, n, rng) for u in U.T]
    return np.stack(columns, axis=1)


def _column(u: FloatArray, n: int, rng: np.random.Generator) -> FloatArray:
    free = rng.permutation(free_strata(u, n))
    return np.asarray((free + rng.random(n)) / (len(u) + n))


def free_strata(u: FloatArray, n: int) -> IntArray:
    """Return the `n` of len(u) + n strata that the points `u` (n0,) leave.

    The assignment with the least sum of distances to the centres of strata. A point
    alone in its stratum keeps it, and an occupied stratum is never left.
    """
    from scipy.optimize import linear_sum_assignment

    total = len(u) + n
    # a hair to the left, so that a point on a border goes to the right as in floor()
    centres = (np.arange(total) + 0.5 - 1e-9) / total
    taken = linear_sum_assignment(np.abs(u[:, None] - centres))[1]
    return np.setdiff1d(np.arange(total), taken)
