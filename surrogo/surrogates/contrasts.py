"""Interpolation with a polynomial part, by contrasts of the data.

The model is y = F beta + f with cov(f) = s2 A; the weights a of its prediction
f(z)^T beta + k^T a solve::

    A a + F beta = y,   F^T a = 0

With F = [Q1 Q2] [T; 0] the second line says a = Q2 x, and what remains is
B x = Q2^T y, B = Q2^T A Q2: the covariance of the contrasts Q2^T y, which the
polynomial cannot reach. B is positive definite also where A is not but only
conditionally so, as with most radial basis functions (Wendland 2005, Scattered Data
Approximation, section 8.5), and its density is the restricted likelihood (Harville
1974). Q stays a product of Householder reflections, so that nothing but the factor of
B costs n^3.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from scipy.linalg import lapack

from surrogo.checks import FloatArray
from surrogo.surrogates import linalg

# A column of F whose part orthogonal to the others is smaller, relative to the
# largest, is nothing but rounding.
_DEPENDENT = 1e-13
# Standardised data carry a rounding error of about this; no process has less variance.
_ROUNDING = 1e-16
_REFINEMENTS = 20  # at most; each must halve the residual
# Rounding in B is of order 1e-14. The last is where interpolation visibly ends.
_JITTERS = (0.0, 1e-14, 1e-12, 1e-10, 1e-8, 1e-6)
_SMALL = 1e-7  # rounding in predictions, of data of order 1, that may be
# Size of B, relative to A, below which it is mostly rounding: points that coincide.
_FLAT = 1e-6
_EPS = float(np.finfo(float).eps)


@dataclass(frozen=True, eq=False)
class Split:
    """The range of F (n, p), with the orthonormal basis Q1, and its complement Q2.

    Columns of F that depend on others are left out: only those in `columns` (r,) are
    kept. Then F[:, columns] = Q1 T.
    """

    reflections: FloatArray  # (n, r), as LAPACK packs them
    factors: FloatArray  # (r,)
    columns: FloatArray  # (r,) of int

    @classmethod
    def of(cls, F: FloatArray) -> Split:
        """Split the space of the data by a QR decomposition with pivoting."""
        if not F.size:
            return cls(np.zeros((len(F), 0)), np.zeros(0), np.zeros(0, int))
        packed, order, tau, _, _ = lapack.dgeqp3(F)
        size = np.abs(np.diag(packed))
        r = int(np.sum(size > _DEPENDENT * size[0]))
        return cls(np.asfortranarray(packed[:, :r]), tau[:r], order[:r] - 1)

    @property
    def r(self) -> int:
        """The rank of F."""
        return len(self.factors)

    @property
    def T(self) -> FloatArray:
        """The triangle (r, r)."""
        return np.triu(self.reflections[: self.r])

    def forward(self, V: FloatArray) -> FloatArray:
        """Return Q^T V for V (n, m): the first r rows are Q1^T V."""
        return self._apply("T", V)

    def back(self, V: FloatArray) -> FloatArray:
        """Return Q V for V (n, m)."""
        return self._apply("N", V)

    def _apply(self, transposed: str, V: FloatArray) -> FloatArray:
        if not self.r or not V.size:
            return np.array(V, order="F")
        work = 64 * max(V.shape)  # the block size of LAPACK times what it asks for
        out: FloatArray = lapack.dormqr(
            "L", transposed, self.reflections, self.factors, V, work
        )[0]
        return out


@dataclass(frozen=True, eq=False)
class Conditioned:
    """The solution for A (n, n), F (n, p), y (n,).

    `unit` brings B to order 1: L L^T = B / unit, plus `jitter` where that was needed.
    s2 is the best process variance.
    """

    A: FloatArray
    split: Split
    unit: float
    L: FloatArray
    jitter: float
    beta: FloatArray  # (p,), 0 for columns that were left out
    a: FloatArray  # (n,)
    s2: float
    error: float  # by which the data are missed, and rounding in predictions

    @property
    def nu(self) -> int:
        """Degrees of freedom left for the process."""
        return len(self.L)

    def weights(self, k: FloatArray, f: FloatArray) -> tuple[FloatArray, ...]:
        """Return V (n, m), X (nu, m) and V1 (n, m) for k (n, m), f (m, p).

        V is what the data weigh in each prediction, V^T y: the minimum of
        V^T A V - 2 V^T k under F^T V = f^T, with the particular solution V1.
        """
        split, r = self.split, self.split.r
        start = linalg.solve_lower(split.T.T, f[:, split.columns].T)
        V1 = split.back(np.vstack([start, np.zeros((self.nu, f.shape[0]))]))
        rest = split.forward(k - self.A @ V1)[r:] / self.unit
        X = linalg.solve_lower(self.L, rest)
        lower = linalg.solve_lower_t(self.L, X)
        V2 = split.back(np.vstack([np.zeros((r, f.shape[0])), lower]))
        return V1 + V2, X, V1

    def covariance(self, prior: FloatArray, k: FloatArray, f: FloatArray) -> FloatArray:
        """Return the covariance (m, m) left of `prior` (m, m), k (n, m), f (m, p)."""
        _, X, V1 = self.weights(k, f)
        cross = V1.T @ (k - 0.5 * self.A @ V1)
        return self.s2 * (prior - cross - cross.T - self.unit * X.T @ X)

    def variance(
        self, prior: FloatArray, k: FloatArray, f: FloatArray
    ) -> tuple[FloatArray, FloatArray]:
        """Return the diagonal (m,) of `covariance`, and the weights V (n, m)."""
        V, X, V1 = self.weights(k, f)
        cross = 2.0 * np.sum(V1 * (k - 0.5 * self.A @ V1), axis=0)
        left = prior - cross - self.unit * np.sum(X * X, axis=0)
        return np.maximum(self.s2 * left, 0.0), V

    def multipliers(self, k: FloatArray, V: FloatArray) -> FloatArray:
        """Return mu (p, m) with A V + F mu = k: how the variance depends on f."""
        return self._coefficients(k - self.A @ V)

    def precision(self) -> FloatArray:
        """Return P (n, n) with P y = a: Q2 B^-1 Q2^T."""
        split, r = self.split, self.split.r
        if not self.nu:
            return np.zeros(self.A.shape)
        inverse = linalg.inverse_lower(self.L)
        inverse = (inverse + np.tril(inverse, -1).T) / self.unit
        n = len(self.A)
        half = split.back(np.vstack([np.zeros((r, self.nu)), inverse]))
        return split.back(np.vstack([np.zeros((r, n)), half.T]))

    def negative_log_likelihood(self) -> float:
        """Return -log of the density of the contrasts Q2^T y, at the best s2."""
        if not self.nu:
            return 0.0
        log_det = 2.0 * float(np.sum(np.log(np.diag(self.L))))
        each = math.log(self.s2 * self.unit) + 1.0 + math.log(2.0 * math.pi)
        return 0.5 * (self.nu * each + log_det)

    def log_gram(self) -> float:
        """Return log|F^T F| of the columns that were kept."""
        return 2.0 * float(np.sum(np.log(np.abs(np.diag(self.split.T)))))

    def _coefficients(self, y: FloatArray) -> FloatArray:
        return _coefficients(self.split, y, len(self.beta))


def condition(A: FloatArray, F: FloatArray, y: FloatArray) -> Conditioned:
    """Solve for A (n, n), symmetric; F (n, p); y (n,).

    If B needs jitter, or is nearly singular, the solution is refined until the data
    are reproduced, as far as they can be (iterated Tikhonov regularisation).

    Raises
    ------
    NotPositiveDefinite
        If B is not positive definite, even with jitter.
    """
    split = Split.of(F)
    r = split.r
    half = split.forward(A)
    B = split.forward(half.T)[r:, r:]
    unit = float(np.max(np.abs(np.diag(B)), initial=_FLAT * np.max(np.abs(A)))) or 1.0
    target = split.forward(y[:, None])[r:, 0]
    L, jitter, x, error = _stable(B / unit, target / unit)
    a = split.back(np.concatenate([np.zeros(r), x])[:, None])[:, 0]
    beta = _coefficients(split, (y - A @ a)[:, None], F.shape[1])[:, 0]
    nu = len(L)
    # Without degrees of freedom it is unknown; y is of order 1.
    best = float(target @ x) / nu if nu else 1.0
    s2 = abs(best) + _ROUNDING**2 / unit
    return Conditioned(A, split, unit, L, jitter, beta, a, s2, unit * error)


def _stable(
    B: FloatArray, target: FloatArray
) -> tuple[FloatArray, float, FloatArray, float]:
    """Return a factor of B (nu, nu), its jitter, x with B x = target, and x's error.

    The least jitter serves the data best. But where data contradict each other, at
    points that coincide, it makes weights so large that nothing is left of the
    predictions but rounding: then more of it is better.
    """
    if not len(B):
        return B, 0.0, target, 0.0
    found, size, missed = None, math.inf, math.inf
    for jitter in _JITTERS:
        L, info = lapack.dpotrf(B + jitter * np.eye(len(B)), lower=1, clean=1)
        if info != 0:
            continue
        x, left = _refined(L, B, target)
        rounding = _EPS * float(np.sum(np.abs(x)))
        if rounding < 0.1 * size and left <= 2.0 * (missed + size):
            found, size, missed = (L, jitter, x), rounding, left
        if size < _SMALL:
            break
    if found is None:
        raise linalg.NotPositiveDefinite(
            f"the matrix of {len(B)} contrasts is not positive definite with jitter up "
            f"to {_JITTERS[-1]:g}; raise the nugget or the degree of the polynomial, "
            "or remove points that nearly coincide"
        )
    return *found, missed + size


def _refined(
    L: FloatArray, B: FloatArray, target: FloatArray
) -> tuple[FloatArray, float]:
    """Return x with B x = target, by a factor L of about B, and what is missed."""
    x = _solved(L, target)
    left = target - B @ x
    for _ in range(_REFINEMENTS):
        nearer = x + _solved(L, left)
        rest = target - B @ nearer
        if not np.linalg.norm(rest) < 0.5 * np.linalg.norm(left):
            break
        x, left = nearer, rest
    return x, float(np.linalg.norm(left))


def _solved(L: FloatArray, b: FloatArray) -> FloatArray:
    return linalg.solve_lower_t(L, linalg.solve_lower(L, b))


def _coefficients(split: Split, Y: FloatArray, p: int) -> FloatArray:
    """Return the coefficients (p, m) of the columns of F that give Y (n, m)."""
    out = np.zeros((p, Y.shape[1]))
    if split.r:
        top = split.forward(Y)[: split.r]
        out[split.columns] = lapack.dtrtrs(split.T, top)[0]
    return out
