"""The restricted likelihood of a Gaussian process, with all its gradients.

Model: y = F beta + f + e with a flat prior on beta, cov(f + e) = s2 R and
R = g(r2) + lambda I. Integrating beta out and inserting the best s2 = q / nu,
nu = n - p, leaves (Santner, Williams & Notz 2018, section 3.3; Rasmussen & Williams
2006, eq. 2.45)::

    -log L = 1/2 [nu log s2 + log|R| + log|F^T R^-1 F| + nu (1 + log 2 pi)]

Without a trend (p = 0) this is the ordinary likelihood at its best scale. Several
outputs share R: their likelihoods add up, each with an s2 of its own.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import blas

from surrogo.checks import FloatArray
from surrogo.surrogates import linalg
from surrogo.surrogates.kernel_base import Kernel

# Standardised values carry a rounding error of about this; no process has less
# variance. It keeps log s2 finite (and smooth) where the trend fits exactly.
_ROUNDING = 1e-16


@dataclass(frozen=True, eq=False)
class Factors:
    """What the likelihood and the posterior share at given hyper-parameters.

    L (n, n) is the Cholesky factor of R, H = R^-1 F (n, p), LG (p, p) a lower
    triangular factor of G = F^T R^-1 F, beta (p,) the trend's coefficients,
    a = R^-1 (y - F beta) (n,), s2 the process variance, nu = n - p, jitter what was
    added to R's diagonal. With k outputs: beta (p, k), a (n, k), s2 (k,).

    fit is nu times the ratio of the best s2 to the s2 here: nu, unless s2 was given.
    """

    L: FloatArray
    H: FloatArray
    LG: FloatArray
    beta: FloatArray
    a: FloatArray
    s2: Any  # float, or (k,)
    nu: int
    jitter: float
    fit: Any  # as s2

    def negative_log_likelihood(self) -> float:
        """Return -log L as in the head of this file, the sum over all outputs."""
        log_det = 2.0 * np.sum(np.log(np.diag(self.L)))
        log_det += 2.0 * np.sum(np.log(np.abs(np.diag(self.LG))))
        scale = self.nu * (np.log(self.s2) + math.log(2.0 * math.pi)) + self.fit
        return 0.5 * float(np.sum(scale + log_det))

    def precision_lower(self, out: FloatArray | None = None) -> FloatArray:
        """Return the lower triangle of P = R^-1 - H G^-1 H^T, shape (n, n).

        P y = a: the inverse with the trend projected out (Dubrule 1983). It goes into
        `out`, in Fortran order, if given.
        """
        P = linalg.inverse_lower(self.L, out)
        if self.LG.size:
            T = linalg.solve_lower(self.LG, self.H.T)
            P = blas.dsyrk(-1.0, T, beta=1.0, c=P, trans=1, lower=1, overwrite_c=1)
        return P


def factorise(
    L: FloatArray,
    jitter: float,
    F: FloatArray,
    y: FloatArray,
    s2: float | None = None,
) -> Factors:
    """Estimate trend and scale for a factor L of R (n, n), basis F (n, p), y (n,).

    Generalised least squares is ordinary least squares of L^-1 y on A = L^-1 F. By
    A = Q T rather than by A^T A, which would square the condition number. `s2` is the
    process variance, if it is known.
    """
    n, p = F.shape
    A = linalg.solve_lower(L, np.column_stack([F, y]))
    T = linalg.upper_of_qr(A)
    beta = linalg.solve_lower_t(T[:p, :p].T, T[:p, p:])
    residual = A[:, p:] - A[:, :p] @ beta
    H_a = linalg.solve_lower_t(L, np.column_stack([A[:, :p], residual]))
    best = np.sum(residual**2, axis=0) / (n - p) + _ROUNDING**2
    given = best if s2 is None else np.full(len(best), s2)
    fit = (n - p) * best / given
    LG = np.asfortranarray(T[:p, :p].T)
    # a single output has no column of its own
    one: Any = 0 if y.ndim == 1 else slice(None)
    beta, a = beta[:, one], H_a[:, p:][:, one]
    return Factors(L, H_a[:, :p], LG, beta, a, given[one], n - p, jitter, fit[one])


@dataclass(frozen=True, eq=False)
class Noise:
    """Known variances of the noise of each observation.

    R = g + lambda pattern, where pattern (n,) has mean 1 (over all data) and lambda is
    the mean variance of the noise, `size`, relative to s2: so s2 = size / lambda.
    Estimating lambda is estimating s2.
    """

    pattern: FloatArray
    size: float

    @classmethod
    def of(cls, variances: FloatArray) -> Noise:
        """Split variances (n,) into pattern and size."""
        size = float(np.mean(variances))
        return cls(variances / size, size)


@dataclass(frozen=True, eq=False)
class Likelihood:
    """-log L of data Z (n, d), y (n,), basis F (n, p), as a function of theta, lambda.

    theta (t,) are the hyper-parameters of the kernel. `y` is standardised: of order 1;
    (n, k) for k outputs. With known `noise` lambda is the nugget in the head of
    `Noise`.
    """

    kernel: Kernel
    Z: FloatArray
    F: FloatArray
    y: FloatArray
    noise: Noise | None = None

    def subset(self, rows: NDArray[np.intp]) -> Likelihood:
        """Return the likelihood of some of the data."""
        noise = self.noise
        if noise is not None:  # at the same size, so that lambda keeps its meaning
            noise = Noise(noise.pattern[rows], noise.size)
        return Likelihood(self.kernel, self.Z[rows], self.F[rows], self.y[rows], noise)

    def factors(self, theta: FloatArray, nugget: float) -> Factors:
        """Return the factors at these hyper-parameters."""
        R, _ = self.kernel.lower_and_pull(self.Z, theta)
        return self._factors(R, nugget, None)

    def value_and_gradient(
        self, theta: FloatArray, nugget: float
    ) -> tuple[float, FloatArray, float]:
        """Return -log L, its gradient in theta (t,) and in log lambda.

        With W = P - a a^T / s2 the derivative in theta is 1/2 sum_ij W_ij dR_ij.
        """
        memory = self._scratch
        R, pull = self.kernel.lower_and_pull(self.Z, theta, memory[:2])
        factors = self._factors(R, nugget, memory[2])
        outputs = factors.s2.size
        W = factors.precision_lower(out=memory[0])
        if outputs > 1:
            W *= outputs
        scaled = (factors.a / np.sqrt(factors.s2)).reshape(len(W), outputs)
        W = blas.dsyrk(-1.0, scaled, beta=1.0, c=W, lower=1, overwrite_c=1)
        in_nugget = 0.5 * nugget * float(np.sum(np.diag(W) * self._pattern))
        if self.noise is not None:  # s2 = size / lambda moves too
            in_nugget += 0.5 * float(np.sum(factors.fit - factors.nu))
        return factors.negative_log_likelihood(), pull(W), in_nugget

    @property
    def _pattern(self) -> FloatArray:
        return np.ones(len(self.Z)) if self.noise is None else self.noise.pattern

    def _factors(self, R: FloatArray, nugget: float, out: FloatArray | None) -> Factors:
        np.fill_diagonal(R, 1.0 + nugget * self._pattern)
        L, jitter = linalg.cholesky(R, out=out)
        s2 = None if self.noise is None else self.noise.size / nugget
        return factorise(L, jitter, self.F, self.y, s2)

    @cached_property
    def _scratch(self) -> FloatArray:
        """Three matrices (n, n), columns contiguous, for every evaluation to use again.

        Fresh memory costs more than what is done in it: a third of the time at
        n = 200. So one likelihood is not for two threads at once.
        """
        n = len(self.Z)
        return np.zeros((3, n, n)).transpose(0, 2, 1)
