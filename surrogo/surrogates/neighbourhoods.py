"""Gaussian processes on many small sets of points at once.

A set is a target and its m neighbours. What is known about the target given them
takes one solution of an m by m system; thousands of sets share the array operations
that build these systems.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import lapack

from surrogo.checks import FloatArray
from surrogo.surrogates.linalg import JITTERS, NotPositiveDefinite
from surrogo.surrogates.pairs import Pairs

# Numbers in one array of correlations of a batch: a megabyte stays in the cache.
_BATCH = 2**17


def batches(q: int, m: int) -> Iterator[slice]:
    """Cut q sets of m points into slices of which temporaries stay in the cache."""
    size = max(1, _BATCH // m**2)
    for top in range(0, q, size):
        yield slice(top, min(q, top + size))


@dataclass(frozen=True, eq=False)
class Sets:
    """q targets, each with m neighbours c, and what these say of it.

    `pairs` are the correlations in each set, and H (q, h, m + 1) the values of h
    functions at its points; the last one is the target. With
    correlations R that include the nugget and w = R_cc^-1 R_ci, rest (q, m + 1) is
    (-w, 1), left (q,) is 1 - R_ic w and S (q, h, m) is R_cc^-1 H_c.

    Examples
    --------
    >>> import numpy as np
    >>> from surrogo.surrogates.kernels import Matern52
    >>> from surrogo.surrogates.neighbourhoods import Sets
    >>> from surrogo.surrogates.pairs import pairs_of
    >>> P = np.array([[[0.0, 1.0, 0.5]]])  # a point between two others
    >>> sets = Sets.of(pairs_of(Matern52(), P), 0.0, np.array([[[3.0, 3.0, 0.0]]]))
    >>> -sets.e().round(1), sets.left.round(2)
    (array([[3.3]]), array([0.1]))
    """

    pairs: Pairs
    H: FloatArray
    rest: FloatArray
    left: FloatArray
    S: FloatArray

    @classmethod
    def of(
        cls,
        pairs: Pairs,
        nugget: float,
        H: FloatArray,
        known: NDArray[np.bool_] | None = None,
    ) -> Sets:
        """Solve for all sets; `known` (q, m + 1) is False where there is no point."""
        R = pairs.value
        if known is not None and not known.all():
            R = R * (known[:, :, None] & known[:, None, :])
            H = H * known[:, None, :]
        k, R = R[:, -1, :-1], R[:, :-1, :-1].copy()
        every = np.arange(R.shape[1])
        R[:, every, every] = 1.0 + nugget
        sides = np.concatenate([k[:, None], H[:, :, :-1]], axis=1)
        sides = solve(R, sides)
        w, S = sides[:, 0], sides[:, 1:]
        rest = np.concatenate([-w, np.ones((len(w), 1))], axis=1)
        return cls(pairs, H, rest, 1.0 - np.einsum("qm,qm->q", k, w), S)

    def e(self) -> FloatArray:
        """Return h_i - w^T h_c for every function, shape (q, h)."""
        return np.asarray(np.einsum("qhm,qm->qh", self.H, self.rest))


def solve(R: FloatArray, B: FloatArray) -> FloatArray:
    """Solve R_i x = b for the rows b of B_i; R (q, m, m), B (q, k, m) -> (q, k, m).

    R is symmetric with equal numbers on each diagonal. Matrices that are not positive
    definite get jitter. May overwrite both arguments.

    Raises
    ------
    NotPositiveDefinite
        If the largest jitter is not enough.

    Examples
    --------
    >>> import numpy as np
    >>> from surrogo.surrogates.neighbourhoods import solve
    >>> R = np.array([[[1.0, 0.5], [0.5, 1.0]]])
    >>> solve(R, np.array([[[1.5, 1.5]]]))
    array([[[1., 1.]]])
    """
    # LAPACK one by one: NumPy's stacked solver takes longer (LU instead of Cholesky),
    # and one singular matrix of the stack would fail them all.
    R, B = np.ascontiguousarray(R), np.ascontiguousarray(B)
    for matrix, rows in zip(R, B, strict=True):
        level = matrix[0, 0]
        info = _solved(matrix, rows)
        if info > 0:
            _solve_with_jitter(matrix, rows, level)
    return B


def _solved(matrix: FloatArray, rows: FloatArray) -> int:
    # transposed, because LAPACK's columns are NumPy's rows; the upper triangle of
    # `matrix` is overwritten, the rest stays, and `rows` too if it fails
    info: int = lapack.dposv(matrix.T, rows.T, lower=1, overwrite_a=1, overwrite_b=1)[2]
    return info


def _solve_with_jitter(matrix: FloatArray, rows: FloatArray, level: float) -> None:
    for jitter in JITTERS[1:]:
        below = np.tril(matrix, -1)
        matrix[...] = below + below.T
        np.fill_diagonal(matrix, level + jitter)
        if _solved(matrix, rows) == 0:
            return
    raise NotPositiveDefinite(
        f"the correlations of {len(matrix)} neighbours are not positive definite with "
        f"jitter up to {JITTERS[-1]:g}; raise the nugget or remove points that nearly "
        "coincide"
    )
