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
from surrogo.surrogates.profiles import Profile

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

    P (d, q, m + 1) are the points, in units of the length scales, and H (q, h, m + 1)
    the values of h functions there; the last of each set is the target. With
    correlations R that include the nugget and w = R_cc^-1 R_ci, rest (q, m + 1) is
    (-w, 1), left (q,) is 1 - R_ic w, S (q, h, m) is R_cc^-1 H_c, and slope
    (q, m + 1, m + 1) holds dg/dr2.

    Examples
    --------
    >>> import numpy as np
    >>> from surrogo.surrogates.kernels import Matern52
    >>> from surrogo.surrogates.neighbourhoods import Sets
    >>> P = np.array([[[0.0, 1.0, 0.5]]])  # a point between two others
    >>> sets = Sets.of(Matern52(), 0.0, P, np.array([[[3.0, 3.0, 0.0]]]))
    >>> -sets.e().round(1), sets.left.round(2)
    (array([[3.3]]), array([0.1]))
    """

    P: FloatArray
    H: FloatArray
    slope: FloatArray
    rest: FloatArray
    left: FloatArray
    S: FloatArray

    @classmethod
    def of(
        cls,
        kernel: Profile,
        nugget: float,
        P: FloatArray,
        H: FloatArray,
        known: NDArray[np.bool_] | None = None,
    ) -> Sets:
        """Solve for all sets; `known` (q, m + 1) is False where there is no point."""
        R, slope = kernel.value_and_slope(_pair_distances(P))
        if known is not None and not known.all():
            both = known[:, :, None] & known[:, None, :]
            R, slope, H = R * both, slope * both, H * known[:, None, :]
        every = np.arange(R.shape[1])
        R[:, every, every] = 1.0 + nugget
        k = R[:, -1, :-1]
        sides = np.concatenate([k[:, None], H[:, :, :-1]], axis=1)
        sides = solve(R[:, :-1, :-1], sides)
        w, S = sides[:, 0], sides[:, 1:]
        rest = np.concatenate([-w, np.ones((len(w), 1))], axis=1)
        return cls(P, H, slope, rest, 1.0 - np.einsum("qm,qm->q", k, w), S)

    def e(self) -> FloatArray:
        """Return h_i - w^T h_c for every function, shape (q, h)."""
        return np.asarray(np.einsum("qhm,qm->qh", self.H, self.rest))

    def target_pull(self, C: FloatArray) -> FloatArray:
        """Return sum_j C_j dk_j/dp (q, d) for weights C (q, m); p the scaled target."""
        away = self.P[:, :, -1:] - self.P[:, :, :-1]
        weights = 2.0 * C * self.slope[:, -1, :-1]
        return np.asarray(np.einsum("qm,dqm->qd", weights, away))

    def length_slopes(self) -> FloatArray:
        """Return (dR/dlog l_k) rest, shape (q, m + 1, d), by three products per k.

        dR_ab = -2 slope_ab (p_a - p_b)^2, coordinates relative to the target.
        """
        C = np.moveaxis(self.P - self.P[:, :, -1:], 0, 2)
        c, d = self.rest[:, :, None], C.shape[2]
        products = self.slope @ np.concatenate([c, c * C, c * C * C], axis=2)
        one, linear, square = np.split(products, [1, 1 + d], axis=2)
        out: FloatArray = -2.0 * (C * (C * one - 2.0 * linear) + square)
        return out


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


def _pair_distances(P: FloatArray) -> FloatArray:
    """Return the squared distances (q, m, m) within sets of points P (d, q, m).

    By differences, not by the expanded square: near points would lose all digits.
    """
    r2 = np.zeros((*P.shape[1:], P.shape[2]))
    for coordinate in P:
        difference = coordinate[:, :, None] - coordinate[:, None, :]
        difference *= difference
        r2 += difference
    return r2
