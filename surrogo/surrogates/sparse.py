"""Sparse kernel matrices, and conjugate gradients with an approximate inverse factor.

A kernel of compact support has as many non-zero values as there are pairs of points
within its radius, which a k-d tree finds. The preconditioner is a sparse factor B of
the inverse, A^-1 ~ B^T B: its row i holds the weights by which A predicts point i from
its neighbours among those before it, over the standard deviation of that prediction.
In max-min order it is the best factor with so many entries (in Kullback-Leibler
divergence: Schaefer, Katzfuss & Owhadi 2021, SIAM J. Sci. Comput. 43, A2019-A2046,
theorem 2.1), and the number of iterations hardly grows with the number of points.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.sparse import csr_array, eye_array
from scipy.spatial import cKDTree

from surrogo.checks import FloatArray
from surrogo.surrogates.kernels import Stationary
from surrogo.surrogates.neighbourhoods import Sets, batches
from surrogo.surrogates.ordering import IntArray, maxmin_order, previous_neighbours
from surrogo.surrogates.pairs import pairs_of

# Prediction errors of neighbours below this share of the variance are rounding.
_LEAST = 1e-14


@dataclass(frozen=True, eq=False)
class Near:
    """All pairs of m and n points closer than 1: rows, columns, distances (nnz,).

    Sorted by rows; `ends` (m + 1,) says where each row begins and ends.

    Examples
    --------
    >>> import numpy as np
    >>> from scipy.spatial import cKDTree
    >>> from surrogo.surrogates.sparse import Near
    >>> near = Near.of(np.array([[0.0], [5.0]]), cKDTree([[0.5], [9.0], [-0.2]]))
    >>> near.columns, near.ends
    (array([0, 2], dtype=int32), array([0, 2, 2], dtype=int32))
    """

    columns: np.ndarray[Any, np.dtype[np.int32]]
    distances: FloatArray
    ends: np.ndarray[Any, np.dtype[np.int32]]
    n: int

    @classmethod
    def of(cls, Z: FloatArray, tree: Any) -> Near:
        """Find the pairs of rows of Z (m, d) and points of a k-d tree of n points."""
        found = cKDTree(Z).sparse_distance_matrix(tree, 1.0, output_type="ndarray")
        matrix = csr_array(
            (found["v"], (found["i"].astype(np.int32), found["j"].astype(np.int32))),
            shape=(len(Z), tree.n),
        )
        return cls(matrix.indices, matrix.data, matrix.indptr, tree.n)

    @property
    def rows(self) -> IntArray:
        """The row (nnz,) of each pair."""
        return np.repeat(np.arange(len(self.ends) - 1), np.diff(self.ends))

    def matrix(self, values: FloatArray) -> csr_array:
        """Return the sparse matrix (m, n) with these values (nnz,)."""
        parts = values, self.columns, self.ends
        return csr_array(parts, shape=(len(self.ends) - 1, self.n))


def gram(profile: Stationary, Z: FloatArray) -> csr_array:
    """Return the sparse matrix A (n, n) of a profile of support 1.

    Z (n, d) is in units of the radius. A is symmetric, with an entry for every pair.
    """
    near = Near.of(Z, cKDTree(Z))
    return near.matrix(profile.value(near.distances**2))


def with_ridge(A: csr_array, ridge: float) -> csr_array:
    """Return A + ridge I (n, n)."""
    return A + ridge * eye_array(A.shape[0], format="csr") if ridge else A


def inverse_factor(
    profile: Stationary, Z: FloatArray, m: int, nugget: float = 0.0
) -> csr_array:
    """Return the sparse factor B (n, n) of the inverse, with m neighbours a row.

    Rows and columns are in the order of Z (n, d); up to a permutation B is triangular.

    Raises
    ------
    NotPositiveDefinite
        If neighbours nearly coincide, whatever the jitter.

    Examples
    --------
    >>> import numpy as np
    >>> from surrogo.surrogates import sparse
    >>> from surrogo.surrogates.wendland import Wendland
    >>> Z = np.linspace(0.0, 4.0, 30)[:, None]
    >>> A = sparse.gram(Wendland(), Z)
    >>> B = sparse.inverse_factor(Wendland(), Z, 29)  # all neighbours: exact
    >>> bool(np.allclose((A @ B.T) @ B.toarray(), np.eye(30)))
    True
    """
    m = min(m, len(Z) - 1)
    if m == 0:
        return csr_array(eye_array(len(Z)) * (1.0 + nugget) ** -0.5)
    order = maxmin_order(Z, np.random.default_rng(0))  # decides about rounding only
    ordered = Z[order]
    sets = np.column_stack([previous_neighbours(ordered, m), np.arange(len(Z))])
    parts = [sets[part] for part in batches(*sets.shape)]
    rows = np.concatenate([_rows(profile, nugget, ordered.T, part) for part in parts])
    known = sets >= 0
    at = np.repeat(order, known.sum(axis=1)), order[sets[known]]
    return csr_array((rows[known], at), shape=(len(Z), len(Z)))


def _rows(
    profile: Stationary, nugget: float, P: FloatArray, sets: IntArray
) -> FloatArray:
    """Return the rows (q, m + 1) of the factor, for points P (d, n) in their order."""
    none = np.zeros((len(sets), 0, sets.shape[1]))
    solved = Sets.of(pairs_of(profile, P[:, sets]), nugget, none, sets >= 0)
    return np.asarray(solved.rest / np.sqrt(np.maximum(solved.left, _LEAST))[:, None])


@dataclass(frozen=True, eq=False)
class Solution:
    """X (n, k) of A X = B, iterations, and the largest relative residual."""

    X: FloatArray
    iterations: int
    residual: float


def conjugate_gradients(
    A: csr_array, factor: csr_array, B: FloatArray, tolerance: float, limit: int
) -> Solution:
    """Solve A X = B (n, k) for a positive definite A; factor^T factor is near A^-1.

    The columns run side by side, each by the method of Hestenes & Stiefel 1952, until
    all residuals are below `tolerance` times the length of their right sides, or for
    `limit` iterations; who calls looks at the residual.

    Examples
    --------
    >>> import numpy as np
    >>> from scipy.sparse import csr_array
    >>> from surrogo.surrogates.sparse import conjugate_gradients
    >>> A = csr_array(np.diag([1.0, 2.0, 4.0]))
    >>> conjugate_gradients(A, csr_array(np.eye(3)), np.ones((3, 1)), 1e-12, 9).X[:, 0]
    array([1.  , 0.5 , 0.25])
    """
    transposed = factor.T.tocsr()
    size = np.linalg.norm(B, axis=0)
    size[size == 0.0] = 1.0
    X, R = np.zeros(B.shape), B.copy()
    S = transposed @ (factor @ R)
    D, rho, iterations = S, _dots(R, S), 0
    while iterations < limit and np.any(np.linalg.norm(R, axis=0) > tolerance * size):
        AD = A @ D
        step = _ratio(rho, _dots(D, AD))
        X += step * D
        R -= step * AD
        S = transposed @ (factor @ R)
        rho, last = _dots(R, S), rho
        D = S + _ratio(rho, last) * D
        iterations += 1
    residual = np.linalg.norm(B - A @ X, axis=0) / size
    return Solution(X, iterations, float(np.max(residual, initial=0.0)))


def _dots(A: FloatArray, B: FloatArray) -> FloatArray:
    return np.asarray(np.einsum("nk,nk->k", A, B))


def _ratio(a: FloatArray, b: FloatArray) -> FloatArray:
    """Return a / b, 0 where a column is solved exactly."""
    return np.divide(a, b, out=np.zeros_like(a), where=b > 0.0)
