"""The posterior of a Gaussian process at fixed hyper-parameters: an immutable value.

Symbols as in docs/notation.md. The variance holds the trend term, so that this is
the best linear unbiased predictor (Rasmussen & Williams 2006, eq. 2.42)::

    mean(z) = f^T beta + k^T a
    var(z)  = s2 [1 - k^T R^-1 k + u^T G^-1 u],   u = f - F^T R^-1 k
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from surrogo.checks import BoolArray, FloatArray
from surrogo.surrogates import linalg
from surrogo.surrogates.kernel_base import Kernel, Pull
from surrogo.surrogates.likelihood import Factors, Likelihood, Noise, factorise
from surrogo.surrogates.trends import Trend

_PANEL = 256  # points predicted at once: temporaries stay in the cache
# Squared pivots of an appended row below this are mostly rounding; a factorisation
# from scratch then decides about jitter. The default nugget stays clear of it.
_LEAST_PIVOT = 1e-11
# 1 - leverage below which it is rounding: the trend needs that point.
_NEEDED = 1e-12


@dataclass(frozen=True, eq=False)
class Posterior:
    """A Gaussian process conditioned on data Z (n, d), y (n,).

    Z lies in the unit cube and y is standardised (of order 1); theta (t,) are the
    hyper-parameters of the kernel, nugget is relative to the process variance. With
    k outputs y is (n, k), and so are all means, and standard deviations; gradients
    are (m, k, d).
    """

    kernel: Kernel
    trend: Trend
    theta: FloatArray
    nugget: float
    Z: FloatArray
    y: FloatArray
    factors: Factors
    noise: Noise | None = None

    @classmethod
    def of(
        cls,
        kernel: Kernel,
        trend: Trend,
        theta: FloatArray,
        nugget: float,
        Z: FloatArray,
        y: FloatArray,
        noise: Noise | None = None,
    ) -> Posterior:
        """Condition on data at these hyper-parameters."""
        likelihood = Likelihood(kernel, Z, trend.basis(Z), y, noise)
        factors = likelihood.factors(theta, nugget)
        return cls(kernel, trend, theta, nugget, Z, y, factors, noise)

    @property
    def posterior(self) -> Posterior:
        """Itself; models around a posterior hold theirs under the same name."""
        return self

    @property
    def log_l(self) -> FloatArray:
        """Log length scales (d,): how far the kernel reaches, per variable."""
        return self.kernel.log_lengths(self.theta, self.Z.shape[1])

    def append(
        self, Z: FloatArray, y: FloatArray, variances: FloatArray | None = None
    ) -> Posterior:
        """Condition on q further points at the same hyper-parameters, in O(q n^2).

        `variances` (q,) are those of their noise where noise is known; 0 if left out.
        """
        everything = np.vstack([self.Z, Z]), np.concatenate([self.y, y])
        fixed = self.kernel, self.trend, self.theta
        if self.noise is not None:
            return self._with_noise(*everything, variances)
        L = None if self.factors.jitter else self._grown(Z)
        if L is None:
            return Posterior.of(*fixed, self.nugget, *everything)
        factors = factorise(L, 0.0, self.trend.basis(everything[0]), everything[1])
        return Posterior(*fixed, self.nugget, *everything, factors)

    def mean_std(self, Z: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return mean and standard deviation (m,) at Z (m, d)."""
        mean, reduced = np.empty((len(Z), *self.y.shape[1:])), np.empty(len(Z))
        for top in range(0, len(Z), _PANEL):
            rows = slice(top, top + _PANEL)
            k = self._correlations(Z[rows], self.Z)
            f = self.trend.basis(Z[rows])
            mean[rows] = self._mean(k, f)
            reduced[rows] = self._reduced(k, f)[0]
        return mean, self._of_each_output(np.sqrt(reduced))

    def mean_std_gradients(
        self, Z: FloatArray
    ) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
        """Return mean, std (m,) and their gradients (m, d) at Z (m, d).

        Where std is 0 its gradient, which does not exist, is given as 0.
        """
        fac = self.factors
        k, pull = self.kernel.correlations_and_pull(Z, self.Z, self.theta)
        f = self.trend.basis(Z)
        reduced, V, Gu = self._reduced(k, f)
        std = np.sqrt(reduced)
        # d reduced = -2 (R^-1 k + H G^-1 u) . dk + 2 G^-1 u . df
        c = linalg.solve_lower_t(fac.L, V).T + (fac.H @ Gu).T
        half = self.trend.slope(Z, Gu.T) - pull(c)
        known = (std == 0.0)[:, None]
        std_slope = np.where(known, 0.0, half / np.where(known, 1.0, std[:, None]))
        return (
            self._mean(k, f),
            self._of_each_output(std),
            self._mean_slope(Z, pull),
            self._of_each_output(std_slope),
        )

    def covariance(self, Z: FloatArray) -> FloatArray:
        """Return the joint covariance (m, m) of the function (no noise) at Z (m, d).

        With k outputs (k, m, m): given theta, they are independent of each other.
        """
        k = self._correlations(Z, self.Z)
        V = linalg.solve_lower(self.factors.L, k.T)
        T = self._projected(k, self.trend.basis(Z))
        reduced = self._correlations(Z, Z) - V.T @ V + T.T @ T
        return np.asarray(np.multiply.outer(self.factors.s2, reduced))

    def draws(self, Z: FloatArray, normals: FloatArray) -> FloatArray:
        """Return functions drawn at Z (m, d) for standard normals (m, s)."""
        mean, _ = self.mean_std(Z)
        return mean[..., None] + linalg.correlated(self.covariance(Z), normals)

    def leave_one_out(self) -> tuple[FloatArray, FloatArray]:
        """Return what the others say of each point: mean and std (n,) of y_i.

        Closed form at fixed hyper-parameters and process variance (Dubrule 1983):
        y_i - a_i / P_ii and s2 / P_ii. The std is that of an observation. Where the
        others do not determine the trend: 0, the centre of y, with an infinite std.
        """
        diagonal = np.diag(self.factors.precision_lower())
        needed = self._needed() | (diagonal <= 0.0)
        diagonal = np.where(needed, 1.0, diagonal)
        mean = self.y - (self.factors.a.T / diagonal).T
        std = self._of_each_output(1.0 / np.sqrt(diagonal))
        mean[needed], std[needed] = 0.0, np.inf
        return mean, std

    def log_likelihood(self) -> float:
        """Return the restricted log likelihood of y.

        It is the log density of nu = n - p orthonormal contrasts of y, that is of
        what the trend cannot explain (Harville 1974, Biometrika 61, 383-385). The
        term log|F^T F| makes it independent of how the trend is written down.
        """
        outputs = int(self.factors.s2.size)
        contrasts = 0.5 * outputs * self.trend.log_gram(self.Z)
        return contrasts - self.factors.negative_log_likelihood()

    def _needed(self) -> BoolArray:
        """Return which points (n,) the trend is not determined without."""
        Q = np.linalg.qr(self.trend.basis(self.Z))[0]
        return np.asarray(1.0 - np.sum(Q**2, axis=1) < _NEEDED)

    def _with_noise(
        self, Z: FloatArray, y: FloatArray, variances: FloatArray | None
    ) -> Posterior:
        """Condition anew on all points, the last of which have these variances."""
        assert self.noise is not None
        known = self.noise.size * self.noise.pattern
        new = np.zeros(len(y) - len(known)) if variances is None else variances
        noise = Noise.of(np.concatenate([known, new]))
        nugget = self.nugget * (noise.size / self.noise.size)  # s2 stays
        return Posterior.of(self.kernel, self.trend, self.theta, nugget, Z, y, noise)

    def _grown(self, Z: FloatArray) -> FloatArray | None:
        """Return the factor with rows for Z (q, d), None if it needs jitter."""
        k = self._correlations(Z, self.Z).T
        R = self._correlations(Z, Z)
        np.fill_diagonal(R, 1.0 + self.nugget)
        try:
            L = linalg.append(self.factors.L, k, R)
        except linalg.NotPositiveDefinite:
            return None
        pivots = np.diag(L)[len(self.y) :]
        return L if np.all(pivots**2 > _LEAST_PIVOT) else None

    def _correlations(self, A: FloatArray, B: FloatArray) -> FloatArray:
        """Return the correlations k (m, n) between points A (m, d) and B (n, d)."""
        return self.kernel.correlations(A, B, self.theta)

    def _mean(self, k: FloatArray, f: FloatArray) -> FloatArray:
        return f @ self.factors.beta + k @ self.factors.a

    def _mean_slope(self, Z: FloatArray, pull: Pull) -> FloatArray:
        """Return the gradient (m, d) of the mean, or (m, k, d)."""
        beta, a = self.factors.beta, self.factors.a
        if a.ndim == 1:
            return self.trend.slope(Z, beta) + pull(np.tile(a, (len(Z), 1)))
        outputs = zip(beta.T, a.T, strict=True)
        slopes = [
            self.trend.slope(Z, b) + pull(np.tile(w, (len(Z), 1))) for b, w in outputs
        ]
        return np.stack(slopes, axis=1)

    def _projected(self, k: FloatArray, f: FloatArray) -> FloatArray:
        """Return LG^-1 u (p, m), u = f - F^T R^-1 k."""
        return linalg.solve_lower(self.factors.LG, f.T - self.factors.H.T @ k.T)

    def _reduced(
        self, k: FloatArray, f: FloatArray
    ) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Return the variance (m,) over s2, V = L^-1 k (n, m) and G^-1 u (p, m)."""
        V = linalg.solve_lower(self.factors.L, k.T)
        T = self._projected(k, f)
        reduced = 1.0 - np.sum(V * V, axis=0) + np.sum(T * T, axis=0)
        Gu = linalg.solve_lower_t(self.factors.LG, T)
        return np.maximum(reduced, 0.0), V, Gu

    def _of_each_output(self, v: FloatArray) -> FloatArray:
        """Multiply v (m,) or (m, d) by the process std; (m, k) or (m, k, d)."""
        size = np.sqrt(self.factors.s2)
        if np.ndim(size) == 0:
            return np.asarray(size * v)
        return np.asarray(np.moveaxis(np.multiply.outer(size, v), 0, 1))
