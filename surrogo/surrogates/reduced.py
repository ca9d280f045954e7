"""The kernel that is left of a radial function once its tail is projected out.

With base points B, tail values P = Q [T; 0] there and u0(z) = Q [t; 0], t = T^-T p(z),
the weights that reproduce polynomials from B, it is::

    K(z, z') = g(z, z') - u0(z)^T g(B, z') - g(z, B) u0(z') + u0(z)^T A u0(z')

It is positive definite where g is only conditionally so (Wendland 2005, theorem
10.20, there with Lagrange polynomials), and least squares makes u0 small.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.linalg import blas, lapack

from surrogo.checks import FloatArray
from surrogo.surrogates import linalg
from surrogo.surrogates.profiles import Profile, squared_distances
from surrogo.surrogates.tails import Tail

_PANEL = 64  # columns computed at once: temporaries stay in the cache


@dataclass(frozen=True, eq=False)
class Rotation:
    """Q = I - V S V^T of P = Q [T; 0] for P (n, p): Q is never formed.

    The product of p reflectors in two slim matrices (Schreiber & Van Loan 1989, SIAM
    J. Sci. Stat. Comput. 10): V (n, p), and S and T (p, p), upper triangular.
    """

    V: FloatArray
    S: FloatArray
    T: FloatArray

    @classmethod
    def of(cls, P: FloatArray) -> Rotation:
        """Factorise P (n, p), n at least p."""
        p = P.shape[1]
        if not p:
            return cls(P, np.zeros((0, 0)), np.zeros((0, 0)))
        packed, tau, _, _ = lapack.dgeqrf(P)
        V = np.tril(packed, -1)
        V[np.arange(p), np.arange(p)] = 1.0
        idle = tau == 0.0  # a reflector that does nothing
        V[:, idle] = 0.0
        # S^-1 + S^-T = V^T V (Puglisi 1992, SIAM J. Sci. Stat. Comput. 13)
        inverse = np.triu(V.T @ V, 1) + np.diag(1.0 / np.where(idle, 1.0, tau))
        return cls(V, np.linalg.inv(inverse), np.triu(packed[:p]))

    def down(self, C: FloatArray) -> FloatArray:
        """Return Q^T C for C (n,) or (n, m)."""
        return np.asarray(C - self.V @ (self.S.T @ (self.V.T @ C)))

    def up(self, C: FloatArray) -> FloatArray:
        """Return Q C for C (n,) or (n, m)."""
        return np.asarray(C - self.V @ (self.S @ (self.V.T @ C)))

    def both(self, A: FloatArray) -> FloatArray:
        """Return Q^T A Q for a symmetric A (n, n), which is overwritten.

        Of both only the lower triangles count. As for a tridiagonal form: with
        Y = A V S and X = Y - V (S^T V^T Y) / 2 it is A - X V^T - V X^T.
        """
        if not self.V.shape[1]:
            return A
        Y = blas.dsymm(1.0, A, self.V @ self.S, lower=1)
        X = Y - 0.5 * self.V @ (self.S.T @ (self.V.T @ Y))
        out: FloatArray = blas.dsyr2k(-1.0, X, self.V, 1.0, A, lower=1, overwrite_c=1)
        return out


@dataclass(frozen=True, eq=False)
class Coordinates:
    """What the reduced kernel needs to know of m points."""

    t: FloatArray  # (p, m): T^-T p(z)
    g1: FloatArray  # (p, m): first rows of Q^T g(B, z)
    w: FloatArray  # (n - p, m): kernel with the other directions Q2 of the base

    def __getitem__(self, columns: slice) -> Coordinates:
        return Coordinates(self.t[:, columns], self.g1[:, columns], self.w[:, columns])


@dataclass(frozen=True, eq=False)
class Reduced:
    """A radial function with its tail projected out, over base points (n, d).

    A is the matrix of the base with the smoothing on its diagonal; its blocks in the
    rotated coordinates are A11 (p, p), A12 (p, n - p), and W (n - p, n - p).
    """

    profile: Profile
    shape: float
    tail: Tail
    base: FloatArray
    rotation: Rotation
    A11: FloatArray
    A12: FloatArray

    @classmethod
    def of(
        cls,
        profile: Profile,
        shape: float,
        tail: Tail,
        base: FloatArray,
        smoothing: float = 0.0,
    ) -> tuple[Reduced, FloatArray]:
        """Return the reduced kernel, and W = Q2^T A Q2, which is positive definite.

        Of W only the lower triangle.
        """
        rotation, p = Rotation.of(tail.basis(base)), tail.p
        A = _lower(profile, shape, base)
        A[np.diag_indices(len(base))] += smoothing
        A = rotation.both(A)
        A11 = np.tril(A[:p, :p]) + np.tril(A[:p, :p], -1).T
        reduced = cls(profile, shape, tail, base, rotation, A11, A[p:, :p].T.copy())
        return reduced, A[p:, p:]

    def radial(self, A: FloatArray, B: FloatArray) -> FloatArray:
        """Return g between the rows of A and B, before the projection."""
        return self.profile.value(self._scaled(A, B))

    def coordinates(self, Z: FloatArray, g: FloatArray | None = None) -> Coordinates:
        """Return the coordinates of the points Z (m, d); g (m, n) if known."""
        g = self.radial(Z, self.base) if g is None else g
        rotated, p = self.rotation.down(g.T), self.tail.p
        t = linalg.solve_lower(self.rotation.T.T, self.tail.basis(Z).T)
        return Coordinates(t, rotated[:p], rotated[p:] - self.A12.T @ t)

    def between(
        self, A: FloatArray, a: Coordinates, B: FloatArray, b: Coordinates
    ) -> FloatArray:
        """Return K between points A (m, d) and B (q, d) of coordinates a and b."""
        cross = a.t.T @ (self.A11 @ b.t - b.g1) - a.g1.T @ b.t
        return np.asarray(self.radial(A, B) + cross)

    def diagonal(self, c: Coordinates) -> FloatArray:
        """Return K(z, z) (m,) at points of coordinates c."""
        at_zero = self.profile.value(np.zeros(1))
        return np.asarray(at_zero + np.sum(c.t * (self.A11 @ c.t - 2.0 * c.g1), axis=0))

    def slopes(self, A: FloatArray, B: FloatArray) -> FloatArray:
        """Return dg/dr2 between the rows of A and B."""
        return self.profile.value_and_slope(self._scaled(A, B))[1]

    def pull(self, A: FloatArray, B: FloatArray, C: FloatArray) -> FloatArray:
        """Return sum_i C_i d r2(a, b_i) / da (m, d) for weights C (m, n)."""
        pull: FloatArray = C.sum(axis=1)[:, None] * A - C @ B
        return 2.0 * self.shape**2 * pull

    def _scaled(self, A: FloatArray, B: FloatArray) -> FloatArray:
        r2 = squared_distances(A, B)
        r2 *= self.shape**2
        return r2


def _lower(profile: Profile, shape: float, Z: FloatArray) -> FloatArray:
    """Return g (n, n) between all rows of Z: the lower triangle, columns together."""
    out = np.zeros((len(Z), len(Z)))
    for top in range(0, len(Z), _PANEL):
        end = top + _PANEL
        r2 = squared_distances(Z[top:end], Z[top:])
        r2 *= shape**2
        out[top:end, top:] = profile.value(r2)
    return out.T
