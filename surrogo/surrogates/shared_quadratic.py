"""Quadratics for many outputs at once, from few points: one factor for all of them.

Each output is, about the centre, a linear function and a quadratic one whose
coefficients are normal: of variance 1 and tau^2 (`LINEAR` times as large for the linear
ones, which are hardly to be held back), plus noise that stands for all that is
neglected. As all outputs share this prior, one Cholesky factor serves them all: the
model of vectors of Wild 2017 (POUNDERS; minimum-norm quadratics per residual) as the
posterior mean of a Gaussian process (Rasmussen & Williams 2006, section 2.1).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from surrogo.checks import FloatArray
from surrogo.surrogates import linalg

LINEAR = 100.0
# Sizes of curvature in the region, relative to the slopes; the likelier one is taken.
# .05, .1, .2 alone do nearly as well in the median over four calibrations.
TAUS = (0.1, 0.3)
_NOISE = 1e-6  # variance, relative to that of the curvature; and absolute:
_ROUNDING = 1e-10


@dataclass(frozen=True, eq=False)
class SharedQuadratic:
    """Quadratics conditioned on differences D (n, r) from the centre, at Z (n, d)."""

    Z: FloatArray
    tau: float
    coefficients: FloatArray
    _squares: FloatArray
    _L: FloatArray

    @classmethod
    def fit(cls, Z: FloatArray, D: FloatArray, w: FloatArray) -> SharedQuadratic:
        """Condition on the data, with the likelier curvature.

        Parameters
        ----------
        Z : array (n, d)
            Points in units of the region, whose centre is 0 and none of them.
        D : array (n, r)
            Outputs as differences from those at the centre.
        w : array (n,)
            How many times the noise is larger at each point.
        """
        found = [_conditioned(Z, D, w, tau) for tau in TAUS]
        tau, (_, L, V) = max(zip(TAUS, found, strict=True), key=lambda pair: pair[1][0])
        return cls(Z, tau, linalg.solve_lower_t(L, V), _squares(Z), L)

    def mean(self, z: FloatArray) -> FloatArray:
        """Return the differences (r,) expected at z (d,)."""
        k = self._covariance(z[None])[0]
        return np.asarray(k @ self.coefficients)

    def jacobian(self, z: FloatArray) -> FloatArray:
        """Return the derivatives (r, d) of the mean at z (d,)."""
        d = len(z)
        i, j = np.triu_indices(d)
        # The features are z_i z_j for i < j and z_i^2 / 2.
        slopes = np.zeros((len(i), d))
        slopes[np.arange(len(i)), i] += z[j] * np.where(i == j, 0.5, 1.0)
        slopes[np.arange(len(i)), j] += z[i] * np.where(i == j, 0.5, 1.0)
        bend = self._squares @ slopes
        K = LINEAR * self.Z + 2.0 * self.tau**2 * bend
        return np.asarray(self.coefficients.T @ K)

    def variance(self, Z: FloatArray) -> FloatArray:
        """Return the variance (m,) at Z (m, d), up to the scale of each output."""
        squares = _squares(Z)
        prior = LINEAR * np.sum(Z * Z, axis=1)
        prior += 2.0 * self.tau**2 * np.sum(squares * squares, axis=1)
        v = linalg.solve_lower(self._L, self._covariance(Z).T)
        return np.asarray(np.maximum(prior - np.sum(v * v, axis=0), 0.0))

    def _covariance(self, Z: FloatArray) -> FloatArray:
        """Return the covariances (m, n) of values at Z (m, d) and at the data."""
        return _kernel(Z, _squares(Z), self.Z, self._squares, self.tau)


def _conditioned(
    Z: FloatArray, D: FloatArray, w: FloatArray, tau: float
) -> tuple[float, FloatArray, FloatArray]:
    """Return the log likelihood, the factor L, and L^-1 D.

    The likelihood is that with one common scale for all outputs, at its maximum.
    """
    n, r = D.shape
    squares = _squares(Z)
    K = _kernel(Z, squares, Z, squares, tau)
    noise = (_NOISE * tau**2 + _ROUNDING) * w + _ROUNDING * np.trace(K) / max(n, 1)
    K[np.diag_indices(n)] += noise
    L, _ = linalg.cholesky(K)
    V = linalg.solve_lower(L, D)
    spread = max(float(np.sum(V * V)), float(np.finfo(float).tiny))
    volume = float(np.sum(np.log(np.diag(L))))
    return -0.5 * n * r * math.log(spread) - r * volume, L, V


def _kernel(
    A: FloatArray, squares_a: FloatArray, B: FloatArray, squares_b: FloatArray, t: float
) -> FloatArray:
    return np.asarray(LINEAR * (A @ B.T) + 2.0 * t * t * (squares_a @ squares_b.T))


def _squares(Z: FloatArray) -> FloatArray:
    """Return z_i z_j for i < j and z_i^2 / 2, shape (n, d (d + 1) / 2)."""
    i, j = np.triu_indices(Z.shape[1])
    return np.asarray(Z[:, i] * Z[:, j] * np.where(i == j, 0.5, 1.0))
