"""Polynomial tails of any degree under a radial basis function.

Monomials of coordinates that are centred at the data and scaled by them, so that the
same polynomials come out well conditioned wherever the data lie in the cube.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations_with_replacement

import numpy as np
from scipy.linalg import lapack

from surrogo.checks import FloatArray

# A pivot of a rank-revealing QR that is smaller, relative to the first, is rounding.
_DEPENDENT = 1e-12


@dataclass(frozen=True, eq=False)
class Tail:
    """All monomials up to `degree`; -1 has none. `centre` and `width` are (d,).

    Examples
    --------
    >>> import numpy as np
    >>> tail = Tail.around(np.array([[0.0, 0.0], [2.0, 1.0]]), 1)
    >>> tail.basis(np.array([[2.0, 0.5]]))
    array([[1., 1., 0.]])
    """

    degree: int
    centre: FloatArray
    width: FloatArray

    @classmethod
    def around(cls, Z: FloatArray, degree: int) -> Tail:
        """Return the tail of this degree, scaled to the points Z (n, d)."""
        low, high = Z.min(axis=0), Z.max(axis=0)
        width = 0.5 * (high - low)
        return cls(degree, 0.5 * (low + high), np.where(width > 0.0, width, 1.0))

    @property
    def p(self) -> int:
        """Number of monomials."""
        return size(self.degree, len(self.centre))

    def basis(self, Z: FloatArray) -> FloatArray:
        """Return P (m, p) at the points Z (m, d)."""
        C = (Z - self.centre) / self.width
        out = np.ones((len(Z), self.p))
        for j, (parent, var) in enumerate(_recipe(self.degree, C.shape[1]), start=1):
            np.multiply(out[:, parent], C[:, var], out=out[:, j])
        return out

    def slope(self, Z: FloatArray, b: FloatArray) -> FloatArray:
        """Return the gradients (m, d) of P(z)^T b at Z, b of shape (m, p) or (p,)."""
        C = (Z - self.centre) / self.width
        values = self.basis(Z)
        slopes = np.zeros((self.p, *Z.shape))
        for j, (parent, var) in enumerate(_recipe(self.degree, C.shape[1]), start=1):
            slopes[j] = slopes[parent] * C[:, var, None]
            slopes[j, :, var] += values[:, parent]
        b = np.broadcast_to(b, (len(Z), self.p))
        out: FloatArray = np.einsum("pmd,mp->md", slopes, b) / self.width
        return out


def size(degree: int, d: int) -> int:
    """Return the number of monomials up to `degree` in `d` variables."""
    return math.comb(d + degree, d) if degree >= 0 else 0


def rank(P: FloatArray) -> int:
    """Return the numerical rank of P (n, p), p at least 1, by QR with pivoting."""
    pivots = np.abs(np.diag(lapack.dgeqp3(P)[0]))
    return int(np.sum(pivots > _DEPENDENT * pivots[0]))


def determined(Z: FloatArray, degree: int) -> bool:
    """Return whether the points Z (n, d) are unisolvent for this degree."""
    p = size(degree, Z.shape[1])
    return len(Z) >= p and rank(Tail.around(Z, degree).basis(Z)) == p


def highest_determined(Z: FloatArray, degree: int) -> int:
    """Return the highest degree up to `degree` that the points Z (n, d) determine."""
    return next((j for j in range(degree, 0, -1) if determined(Z, j)), min(degree, 0))


def unisolvent_points(P: FloatArray) -> np.ndarray[tuple[int], np.dtype[np.intp]]:
    """Return the indices (p,) of well-placed rows of P (n, p), of full column rank.

    By QR of P^T with column pivoting, which keeps the volume they span large.
    """
    if not P.size:
        return np.zeros(0, dtype=np.intp)
    order = lapack.dgeqp3(P.T)[1] - 1  # LAPACK counts from 1
    return np.asarray(order[: P.shape[1]], dtype=np.intp)


@lru_cache(maxsize=64)
def _recipe(degree: int, d: int) -> tuple[tuple[int, int], ...]:
    """Return, for each monomial after 1, an earlier one and a variable to multiply."""
    if degree < 1:
        return ()
    index: dict[tuple[int, ...], int] = {(): 0}
    for total in range(1, degree + 1):
        for variables in combinations_with_replacement(range(d), total):
            index[variables] = len(index)
    return tuple((index[v[:-1]], v[-1]) for v in index if v)
