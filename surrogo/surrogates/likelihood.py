"""The restricted likelihood of a Gaussian process, with all its gradients.

Model: y = F beta + f + e with a flat prior on beta, cov(f + e) = s2 R and
R = g(r2) + lambda I. Integrating beta out and inserting the best s2 = q / nu,
nu = n - p, leaves (Santner, Williams & Notz 2018, section 3.3; Rasmussen & Williams
2006, eq. 2.45)::

    -log L = 1/2 [nu log s2 + log|R| + log|F^T R^-1 F| + nu (1 + log 2 pi)]

Without a trend (p = 0) this is the ordinary likelihood at its best scale.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy.linalg import blas

from surrogo.checks import FloatArray
from surrogo.surrogates import linalg
from surrogo.surrogates.kernels import Kernel, fill_lower

# Standardised values carry a rounding error of about this; no process has less
# variance. It keeps log s2 finite (and smooth) where the trend fits exactly.
_ROUNDING = 1e-16


@dataclass(frozen=True, eq=False)
class Factors:
    """What the likelihood and the posterior share at given hyper-parameters.

    L (n, n) is the Cholesky factor of R, H = R^-1 F (n, p), LG (p, p) a lower
    triangular factor of G = F^T R^-1 F, beta (p,) the trend's coefficients,
    a = R^-1 (y - F beta) (n,), s2 the process variance, nu = n - p, jitter what was
    added to R's diagonal.
    """

    L: FloatArray
    H: FloatArray
    LG: FloatArray
    beta: FloatArray
    a: FloatArray
    s2: float
    nu: int
    jitter: float

    def negative_log_likelihood(self) -> float:
        """Return -log L as in the head of this file."""
        log_det = 2.0 * np.sum(np.log(np.diag(self.L)))
        log_det += 2.0 * np.sum(np.log(np.abs(np.diag(self.LG))))
        scale = math.log(self.s2) + 1.0 + math.log(2.0 * math.pi)
        return 0.5 * (self.nu * scale + float(log_det))

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


def factorise(L: FloatArray, jitter: float, F: FloatArray, y: FloatArray) -> Factors:
    """Estimate trend and scale for a factor L of R (n, n), basis F (n, p), y (n,).

    Generalised least squares is ordinary least squares of L^-1 y on A = L^-1 F. By
    A = Q T rather than by A^T A, which would square the condition number.
    """
    n, p = F.shape
    A = linalg.solve_lower(L, np.column_stack([F, y]))
    T = linalg.upper_of_qr(A)
    beta = linalg.solve_lower_t(T[:p, :p].T, T[:p, p])
    residual = A[:, p] - A[:, :p] @ beta
    H_a = linalg.solve_lower_t(L, np.column_stack([A[:, :p], residual]))
    s2 = float(residual @ residual) / (n - p) + _ROUNDING**2
    LG = np.asfortranarray(T[:p, :p].T)
    return Factors(L, H_a[:, :p], LG, beta, H_a[:, p], s2, n - p, jitter)


@dataclass(frozen=True, eq=False)
class Likelihood:
    """-log L of data Z (n, d), y (n,), basis F (n, p), as a function of log l, lambda.

    `y` is standardised: of order 1.
    """

    kernel: Kernel
    Z: FloatArray
    F: FloatArray
    y: FloatArray

    def factors(self, log_l: FloatArray, nugget: float) -> Factors:
        """Return the factors at length scales exp(log_l) (d,) and this nugget."""
        n = len(self.Z)
        R, slope = np.zeros((2, n, n)).transpose(0, 2, 1)
        fill_lower(self.kernel, self.Z * np.exp(-log_l), R, slope)
        np.fill_diagonal(R, 1.0 + nugget)
        return factorise(*linalg.cholesky(R), self.F, self.y)

    def value_and_gradient(
        self, log_l: FloatArray, nugget: float
    ) -> tuple[float, FloatArray, float]:
        """Return -log L, its gradient in log l (d,) and in log lambda.

        With W = P - a a^T / s2 and M = W * g', all d length-scale derivatives come
        from the one product M Z (algebra: sum_ij M_ij (z_ik - z_jk)^2 / 2 =
        sum_i z_ik (m_i z_ik - (M Z)_ik), m = M 1).
        """
        Zs = self.Z * np.exp(-log_l)
        Zs -= Zs.mean(axis=0)  # the sums below are differences of large numbers
        R, slope, L = self._scratch
        fill_lower(self.kernel, Zs, R, slope)
        np.fill_diagonal(R, 1.0 + nugget)
        factors = factorise(*linalg.cholesky(R, out=L), self.F, self.y)
        W = factors.precision_lower(out=R)
        W = blas.dsyr(-1.0 / factors.s2, factors.a, a=W, lower=1, overwrite_a=1)
        in_nugget = 0.5 * nugget * float(np.trace(W))
        M = np.multiply(W, slope, out=W)
        MZ = blas.dsymm(1.0, M, np.column_stack([Zs, np.ones(len(Zs))]), lower=1)
        in_w = np.sum(Zs * (MZ[:, -1:] * Zs - MZ[:, :-1]), axis=0)
        return factors.negative_log_likelihood(), -2.0 * in_w, in_nugget

    @cached_property
    def _scratch(self) -> FloatArray:
        """Three matrices (n, n), columns contiguous, for every evaluation to use again.

        Fresh memory costs more than what is done in it: a third of the time at
        n = 200. So one likelihood is not for two threads at once.
        """
        n = len(self.Z)
        return np.zeros((3, n, n)).transpose(0, 2, 1)
