"""The log posterior of the hyper-parameters of a nearly quadratic process.

With C = k + lambda diag(w), a = C^-1 t and the normal prior of phi (Rasmussen &
Williams 2006, eq. 2.30 and 5.9)::

    -log p = 1/2 [t^T a + log|C|] + 1/2 sum (phi - mean)^2 / variance
    d/dphi_k = 1/2 [tr(C^-1 D_k) - a^T D_k a] + ...,   D_k = dC/dphi_k

The average of its observed and its expected second derivatives is, for what enters C
linearly, 1/2 a^T D_k C^-1 D_l a: as cheap as the gradient (Gilmour, Thompson & Cullis
1995, Biometrics 51, 1440-1450).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.linalg import lapack

from surrogo.checks import FloatArray
from surrogo.surrogates import linalg
from surrogo.surrogates.quadratic_kernel import (
    A4,
    LENGTH,
    NUGGET,
    polynomial_grams,
    prior,
    squared_distances,
)

# The diagonal of k is raised by this, relative to itself: errors of a Cholesky factor
# are relative to the diagonal too (Higham 2002, theorem 10.5), so no point is blurred
# because others lie far away and have large variances.
JITTER = 1e-14


@dataclass(frozen=True, eq=False)
class Peak:
    """-log p at phi (7,), its gradient (7,) and approximate second derivatives (7, 7).

    The second derivatives are positive definite.
    """

    phi: FloatArray
    value: float
    gradient: FloatArray
    information: FloatArray


class QuadraticLikelihood:
    """-log p of phi for data Z (n, d), t (n,) with noise of variance lambda w (n,).

    One object is not for two threads at once: evaluations share their memory.
    """

    def __init__(self, Z: FloatArray, t: FloatArray, w: FloatArray) -> None:
        n, d = Z.shape
        self.t, self.w = t, w
        self.mean, self.variance = prior(d)
        self._raised = 1.0 + JITTER
        self._r2 = squared_distances(Z, Z)
        np.fill_diagonal(self._r2, 0.0)
        # what multiplies a0..a3; then the residual and its derivative in log l
        self._D = np.empty((6, n, n))
        self._D[:4] = polynomial_grams(Z, Z)
        self._diagonal(self._D[:4])[:] *= self._raised
        self._C = np.empty((n, n))

    def __call__(self, phi: FloatArray) -> Peak | None:
        """Evaluate at phi (7,); None where C is not positive definite by rounding."""
        C = self._assemble(phi).T  # symmetric, and now in Fortran order
        factor, info = lapack.dpotrf(C, lower=1, clean=1, overwrite_a=1)
        if info != 0:
            return None
        a, _ = lapack.dpotrs(factor, self.t, lower=1)
        value = 0.5 * float(self.t @ a) + float(np.sum(np.log(np.diag(factor))))
        slopes = self._slopes(phi, a)
        whitened = linalg.solve_lower(factor, slopes.T)
        information = 0.5 * (whitened.T @ whitened)
        gradient = 0.5 * (self._traces(phi, factor) - slopes @ a)
        return self._with_prior(phi, value, gradient, information)

    def _with_prior(
        self, phi: FloatArray, value: float, gradient: FloatArray, second: FloatArray
    ) -> Peak:
        away = phi - self.mean
        value += 0.5 * float(np.sum(away**2 / self.variance))
        second.flat[::8] += 1.0 / self.variance
        return Peak(phi, value, gradient + away / self.variance, second)

    def _assemble(self, phi: FloatArray) -> FloatArray:
        """Return C (n, n), and leave the last two matrices D up to date."""
        n, (E, in_l) = len(self.t), self._D[4:]
        shrink = np.exp(-2.0 * phi[LENGTH])
        np.multiply(self._r2, -0.5 * shrink, out=E)
        E += phi[A4]
        np.exp(E, out=E)
        np.multiply(self._r2, shrink, out=in_l)
        in_l *= E
        E.flat[:: n + 1] *= self._raised
        np.dot(np.exp(phi[:4]), self._D[:4].reshape(4, -1), out=self._C.reshape(-1))
        self._C += E
        self._C.flat[:: n + 1] += np.exp(phi[NUGGET]) * self.w
        return self._C

    def _slopes(self, phi: FloatArray, a: FloatArray) -> FloatArray:
        """Return D_k a (7, n)."""
        slopes = np.empty((7, len(a)))
        np.matmul(self._D, a, out=slopes[:6])
        slopes[:4] *= np.exp(phi[:4, None])
        np.multiply(np.exp(phi[NUGGET]) * self.w, a, out=slopes[6])
        return slopes

    def _traces(self, phi: FloatArray, factor: FloatArray) -> FloatArray:
        """Return tr(C^-1 D_k) (7,); the factor of C is overwritten."""
        lower = linalg.inverse_lower(factor, out=factor)
        own = np.diag(lower)
        traces = np.empty(7)
        # both triangles, of which one is there, and its diagonal twice
        traces[:6] = 2.0 * (self._D.reshape(6, -1) @ lower.T.reshape(-1))
        traces[:6] -= self._diagonal(self._D) @ own
        traces[:4] *= np.exp(phi[:4])
        traces[6] = np.exp(phi[NUGGET]) * (self.w @ own)
        return traces

    @staticmethod
    def _diagonal(stack: FloatArray) -> FloatArray:
        """Return the diagonals (k, n) of matrices (k, n, n), as a view."""
        k, n, _ = stack.shape
        return stack.reshape(k, -1)[:, :: n + 1]
