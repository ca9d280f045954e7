"""The weights of data points that annihilate a polynomial tail, in coordinates.

N (n, nu) has P^T N = 0: the directions Q2 of the base points, which are orthonormal,
and for each later point z the weight 1 there and -u0(z) on the base.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from surrogo.checks import FloatArray
from surrogo.surrogates import linalg
from surrogo.surrogates.reduced import Coordinates, Reduced


@dataclass(frozen=True, eq=False)
class NullSpace:
    """N over the points Z (n, d), of which the first are the base of `reduced`."""

    reduced: Reduced
    Z: FloatArray
    later: Coordinates
    A1N: FloatArray  # (p, nu): the first p rows of Q^T A N

    @classmethod
    def of(cls, reduced: Reduced, Z: FloatArray) -> NullSpace:
        """Return N over the base and the points of Z (n, d) that follow it."""
        later = reduced.coordinates(Z[len(reduced.base) :])
        appended = later.g1 - reduced.A11 @ later.t
        return cls(reduced, Z, later, np.hstack([reduced.A12, appended]))

    @property
    def n_base(self) -> int:
        """Number of base points."""
        return len(self.reduced.base)

    def down(self, y: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return the rest Q1^T y (p,) of the base, and N^T y (nu,), or (., k)."""
        rotated = self.reduced.rotation.down(y[: self.n_base])
        rest, within = np.split(rotated, [self.reduced.tail.p])
        later = y[self.n_base :] - self.later.t.T @ rest
        return rest, np.concatenate([within, later])

    def up(self, v: FloatArray, t: FloatArray | float = 0.0) -> FloatArray:
        """Return N v plus the base weights Q [t; 0], (n,) or (n, k)."""
        within, later = np.split(v, [self.n_base - self.reduced.tail.p])
        rotated = np.concatenate([t - self.later.t @ later, within])
        return np.concatenate([self.reduced.rotation.up(rotated), later])

    def products(self, Z: FloatArray, at: Coordinates) -> FloatArray:
        """Return w (nu, m): the reduced kernel of Z (m, d) with all directions."""
        if self.n_base == len(self.Z):
            return at.w
        later = self.Z[self.n_base :]
        return np.concatenate([at.w, self.reduced.between(later, self.later, Z, at)])

    def tail_of(self, rest: FloatArray, v: FloatArray) -> FloatArray:
        """Return T^-1 (rest - Q1^T A N v): coefficients of the tail, (p,) or (p, k)."""
        T = self.reduced.rotation.T
        return linalg.solve_lower_t(T.T, rest - self.A1N @ v)
