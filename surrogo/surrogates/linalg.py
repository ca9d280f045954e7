"""Cholesky factors of correlation matrices: with jitter, inverse, appending.

Thin on LAPACK, because SciPy's checking wrappers cost more than the arithmetic on the
small matrices of a run.
"""

from __future__ import annotations

import numpy as np
from scipy.linalg import lapack

from surrogo.checks import FloatArray

# Jitter added on top of the nugget, tried in turn. Rounding in a correlation matrix
# is of the order n * 1e-16, so the first step nearly always does; 1e-6 is where
# interpolation would visibly end (surrogo's evidence file, section 2.6).
JITTERS = (0.0, 1e-10, 1e-9, 1e-8, 1e-7, 1e-6)


class NotPositiveDefinite(np.linalg.LinAlgError):
    """A correlation matrix has no Cholesky factor, even with jitter."""


def cholesky(R: FloatArray, out: FloatArray | None = None) -> tuple[FloatArray, float]:
    """Return the lower Cholesky factor of R (n, n) and the jitter it needed.

    Reads only the lower triangle of R, and leaves R as it is. The factor goes into
    `out` (n, n), in Fortran order, if given.

    Raises
    ------
    NotPositiveDefinite
        If the largest jitter is not enough.
    """
    L = np.empty(R.shape, order="F") if out is None else out
    for jitter in JITTERS:
        np.copyto(L, R)
        np.fill_diagonal(L, np.diag(R) + jitter)
        L, info = lapack.dpotrf(L, lower=1, clean=1, overwrite_a=1)
        if info == 0:
            return L, jitter
    raise NotPositiveDefinite(
        f"the correlation matrix of {len(R)} points is not positive definite with "
        f"jitter up to {JITTERS[-1]:g}; raise the nugget or remove points that "
        "nearly coincide"
    )


def solve_lower(L: FloatArray, B: FloatArray) -> FloatArray:
    """Solve L V = B for a lower triangular L (n, n) and B (n,) or (n, m)."""
    return _triangular(L, B, transposed=0)


def solve_lower_t(L: FloatArray, B: FloatArray) -> FloatArray:
    """Solve L^T V = B for a lower triangular L (n, n) and B (n,) or (n, m)."""
    return _triangular(L, B, transposed=1)


def _triangular(L: FloatArray, B: FloatArray, transposed: int) -> FloatArray:
    if not B.size:  # LAPACK refuses matrices without rows or columns
        return np.zeros(B.shape)
    V: FloatArray = lapack.dtrtrs(L, B, lower=1, trans=transposed)[0]
    return V


def inverse_lower(L: FloatArray, out: FloatArray | None = None) -> FloatArray:
    """Return (L L^T)^-1; only its lower triangle is filled in, the rest is 0.

    It goes into `out` (n, n), in Fortran order, if given.
    """
    copy = np.empty(L.shape, order="F") if out is None else out
    np.copyto(copy, L)
    inverse: FloatArray = lapack.dpotri(copy, lower=1, overwrite_c=1)[0]
    return inverse


def upper_of_qr(A: FloatArray) -> FloatArray:
    """Return T (p, p) of A = Q T for A (n, p), n >= p; its diagonal has any sign."""
    packed, _, _, _ = lapack.dgeqrf(A)
    return np.triu(packed[: A.shape[1]])


def append(L: FloatArray, k: FloatArray, R_new: FloatArray) -> FloatArray:
    """Grow a factor by q points.

    For the matrix [[R, k], [k^T, R_new]] the factor is [[L, 0], [l^T, S]] with
    l = L^-1 k and S S^T = R_new - l^T l.

    Parameters
    ----------
    L : array (n, n)
    k : array (n, q)
        Correlations between old and new points.
    R_new : array (q, q)
        Correlations among the new points, nugget included.

    Raises
    ------
    NotPositiveDefinite
        If the new points are too close to old ones; factorise anew with jitter.
    """
    n, q = k.shape
    row = solve_lower(L, k)
    S, info = lapack.dpotrf(R_new - row.T @ row, lower=1, clean=1)
    if info != 0:
        raise NotPositiveDefinite(f"cannot append {q} points to a factor of {n}")
    out = np.zeros((n + q, n + q), order="F")
    out[:n, :n], out[n:, :n], out[n:, n:] = L, row.T, S
    return out


def correlated(covariance: FloatArray, normals: FloatArray) -> FloatArray:
    """Return normal variables with this covariance from independent ones.

    `covariance` is (m, m) and `normals` (m, s), or (k, m, m) and (m, k, s). By
    eigenvalues, because the covariance of predictions near the data is singular.
    """
    values, vectors = np.linalg.eigh(covariance)
    root = vectors * np.sqrt(np.maximum(values, 0.0))[..., None, :]
    if normals.ndim == 2:
        return np.asarray(root @ normals)
    return np.asarray((root @ normals.swapaxes(0, 1)).swapaxes(0, 1))
