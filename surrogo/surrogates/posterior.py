"""The posterior of a Gaussian process at fixed hyper-parameters: an immutable value.

Symbols as in docs/notation.md. The variance holds the trend term, so that this is
the best linear unbiased predictor (Rasmussen & Williams 2006, eq. 2.42)::

    mean(z) = f^T beta + k^T a
    var(z)  = s2 [1 - k^T R^-1 k + u^T G^-1 u],   u = f - F^T R^-1 k
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from surrogo.checks import FloatArray
from surrogo.surrogates import linalg
from surrogo.surrogates.kernels import Kernel, squared_distances
from surrogo.surrogates.likelihood import Factors, Likelihood, factorise
from surrogo.surrogates.trends import Trend

_PANEL = 256  # points predicted at once: temporaries stay in the cache
# Squared pivots of an appended row below this are mostly rounding; a factorisation
# from scratch then decides about jitter. The default nugget stays clear of it.
_LEAST_PIVOT = 1e-11


@dataclass(frozen=True, eq=False)
class Posterior:
    """A Gaussian process conditioned on data Z (n, d), y (n,).

    Z lies in the unit cube and y is standardised (of order 1); log_l (d,) are the
    logarithms of the length scales, nugget is relative to the process variance.
    """

    kernel: Kernel
    trend: Trend
    log_l: FloatArray
    nugget: float
    Z: FloatArray
    y: FloatArray
    factors: Factors

    @classmethod
    def of(
        cls,
        kernel: Kernel,
        trend: Trend,
        log_l: FloatArray,
        nugget: float,
        Z: FloatArray,
        y: FloatArray,
    ) -> Posterior:
        """Condition on data at length scales exp(log_l) (d,) and this nugget."""
        factors = Likelihood(kernel, Z, trend.basis(Z), y).factors(log_l, nugget)
        return cls(kernel, trend, log_l, nugget, Z, y, factors)

    def append(self, Z: FloatArray, y: FloatArray) -> Posterior:
        """Condition on q further points at the same hyper-parameters, in O(q n^2)."""
        everything = np.vstack([self.Z, Z]), np.concatenate([self.y, y])
        fixed = self.kernel, self.trend, self.log_l, self.nugget
        L = None if self.factors.jitter else self._grown(Z)
        if L is None:
            return Posterior.of(*fixed, *everything)
        factors = factorise(L, 0.0, self.trend.basis(everything[0]), everything[1])
        return Posterior(*fixed, *everything, factors)

    def mean_std(self, Z: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return mean and standard deviation (m,) at Z (m, d)."""
        mean, std = np.empty(len(Z)), np.empty(len(Z))
        for top in range(0, len(Z), _PANEL):
            rows = slice(top, top + _PANEL)
            k = self._correlations(Z[rows])
            f = self.trend.basis(Z[rows])
            mean[rows] = self._mean(k, f)
            std[rows] = np.sqrt(self._variance(k, f)[0])
        return mean, std

    def mean_std_gradients(
        self, Z: FloatArray
    ) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
        """Return mean, std (m,) and their gradients (m, d) at Z (m, d).

        Where std is 0 its gradient, which does not exist, is given as 0.
        """
        fac = self.factors
        k, slope = self.kernel.value_and_slope(self._distances(Z, self.Z))
        f = self.trend.basis(Z)
        var, V, Gu = self._variance(k, f)
        std = np.sqrt(var)
        mean_slope = self.trend.slope(Z, fac.beta) + self._pull(Z, slope * fac.a)
        # d var / s2 = -2 (R^-1 k + H G^-1 u) . dk + 2 G^-1 u . df
        c = linalg.solve_lower_t(fac.L, V).T + (fac.H @ Gu).T
        half = self.trend.slope(Z, Gu.T) - self._pull(Z, slope * c)
        known = (std == 0.0)[:, None]
        safe = np.where(known, 1.0, std[:, None])
        std_slope = np.where(known, 0.0, fac.s2 * half / safe)
        return self._mean(k, f), std, mean_slope, std_slope

    def covariance(self, Z: FloatArray) -> FloatArray:
        """Return the joint covariance (m, m) of the function (no noise) at Z (m, d)."""
        k = self._correlations(Z)
        V = linalg.solve_lower(self.factors.L, k.T)
        T = self._projected(k, self.trend.basis(Z))
        prior = self.kernel.value(self._distances(Z, Z))
        return self.factors.s2 * (prior - V.T @ V + T.T @ T)

    def leave_one_out(self) -> tuple[FloatArray, FloatArray]:
        """Return what the others say of each point: mean and std (n,) of y_i.

        Closed form at fixed length scales, nugget and process variance (Dubrule
        1983): y_i - a_i / P_ii and s2 / P_ii. The std is that of an observation.
        """
        diagonal = np.diag(self.factors.precision_lower())
        mean = self.y - self.factors.a / diagonal
        return mean, np.sqrt(self.factors.s2 / diagonal)

    def log_likelihood(self) -> float:
        """Return the restricted log likelihood of y.

        It is the log density of nu = n - p orthonormal contrasts of y, that is of
        what the trend cannot explain (Harville 1974, Biometrika 61, 383-385). The
        term log|F^T F| makes it independent of how the trend is written down.
        """
        contrasts = 0.5 * self.trend.log_gram(self.Z)
        return contrasts - self.factors.negative_log_likelihood()

    def _grown(self, Z: FloatArray) -> FloatArray | None:
        """Return the factor with rows for Z (q, d), None if it needs jitter."""
        k = self._correlations(Z).T
        R = self.kernel.value(self._distances(Z, Z))
        np.fill_diagonal(R, 1.0 + self.nugget)
        try:
            L = linalg.append(self.factors.L, k, R)
        except linalg.NotPositiveDefinite:
            return None
        pivots = np.diag(L)[len(self.y) :]
        return L if np.all(pivots**2 > _LEAST_PIVOT) else None

    def _correlations(self, Z: FloatArray) -> FloatArray:
        """Return the correlations k (m, n) of points Z (m, d) with the data."""
        return self.kernel.value(self._distances(Z, self.Z))

    def _distances(self, A: FloatArray, B: FloatArray) -> FloatArray:
        scale = np.exp(-self.log_l)
        return squared_distances(A * scale, B * scale)

    def _mean(self, k: FloatArray, f: FloatArray) -> FloatArray:
        return f @ self.factors.beta + k @ self.factors.a

    def _projected(self, k: FloatArray, f: FloatArray) -> FloatArray:
        """Return LG^-1 u (p, m), u = f - F^T R^-1 k."""
        return linalg.solve_lower(self.factors.LG, f.T - self.factors.H.T @ k.T)

    def _variance(
        self, k: FloatArray, f: FloatArray
    ) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Return the variance (m,), V = L^-1 k (n, m) and G^-1 u (p, m)."""
        V = linalg.solve_lower(self.factors.L, k.T)
        T = self._projected(k, f)
        reduced = 1.0 - np.sum(V * V, axis=0) + np.sum(T * T, axis=0)
        Gu = linalg.solve_lower_t(self.factors.LG, T)
        return self.factors.s2 * np.maximum(reduced, 0.0), V, Gu

    def _pull(self, Z: FloatArray, c: FloatArray) -> FloatArray:
        """Return sum_i c_i d r2(z, z_i) / dz (m, d) for weights c (m, n)."""
        pull: FloatArray = c.sum(axis=1)[:, None] * Z - c @ self.Z
        return 2.0 * pull * np.exp(-2.0 * self.log_l)
