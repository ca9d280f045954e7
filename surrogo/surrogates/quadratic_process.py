"""A Gaussian process for a function that is nearly quadratic: model of a trust region.

Kernel and hyper-parameters are in quadratic_kernel.py. The prediction is the one with
explicit basis functions F and normal coefficients (Rasmussen & Williams 2006, eq. 2.41
and 2.42), because it keeps digits that the covariance of everything loses: with
R = a4 E + lambda diag(w) = L L^T, M = L^-1 F and s = L^-1 t::

    u = argmin |M u - s|^2 + |u|^2,   a = L^-T (s - M u)
    mean(z) = f(z)^T u + r(z)^T a = c + g z + z H z / 2 + r(z)^T a
    var(z)  = r(z, z) - |v|^2 + |T^-T (f(z) - M^T v)|^2,   v = L^-1 r(z)

where T is the triangular factor of M on top of the identity, so that errors grow with
the condition of the points, not with its square.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from surrogo.checks import FloatArray
from surrogo.surrogates import linalg, quadratic_fit
from surrogo.surrogates import quadratic_kernel as kernel
from surrogo.surrogates.quadratic_kernel import A4, LENGTH, NUGGET
from surrogo.surrogates.quadratic_likelihood import JITTER, QuadraticLikelihood

_SIMILAR = 1e50  # sizes of values that differ by less are similar


class Estimate(Protocol):
    """Hyper-parameters phi (7,) for values in units of `scale`."""

    @property
    def phi(self) -> FloatArray:
        """Hyper-parameters (7,)."""
        ...

    @property
    def scale(self) -> float:
        """Unit of the values."""
        ...


@dataclass(frozen=True, eq=False)
class QuadraticProcess:
    """A nearly quadratic process conditioned on data Z (n, d), y (n,).

    phi (7,) is for values in units of `scale`. constant, slope (d,) and curvature
    (d, d) are the quadratic part of the mean at z = 0, and weights (n,) those of the
    rest at Z; these, and all that is predicted, are in the units of y.
    """

    Z: FloatArray
    phi: FloatArray
    scale: float
    constant: float
    slope: FloatArray
    curvature: FloatArray
    weights: FloatArray
    n_evaluations: int
    _L: FloatArray
    _M: FloatArray
    _T: FloatArray

    @classmethod
    def fit(
        cls,
        Z: FloatArray,
        y: FloatArray,
        w: FloatArray | None = None,
        warm: Estimate | None = None,
        unit: float = 1.0,
    ) -> QuadraticProcess:
        """Estimate the hyper-parameters and condition on the data.

        Parameters
        ----------
        Z : array (n, d)
            Points in units of the region, whose centre is 0.
        y : array (n,)
            Values, best as differences from the value at the centre: they are not
            centred here.
        w : array (n,), optional
            How many times the nugget is larger at each point; see `blur`.
        warm : Estimate or QuadraticProcess, optional
            Start from its hyper-parameters, unless y are all 0 or of another size.
        unit : float
            The unit of Z in units of the Z of `warm`.
        """
        w = np.ones(len(y)) if w is None else w
        scale = _scale(y, w)
        start = kernel.prior(Z.shape[1])[0]
        if warm is not None and np.any(y) and _are_similar(scale, warm.scale):
            start = kernel.in_units(warm.phi, unit, scale / warm.scale)
        found = quadratic_fit.search(QuadraticLikelihood(Z, y / scale, w), start)
        return cls.of(Z, y, w, found.peak.phi, scale, found.n_evaluations)

    @classmethod
    def of(
        cls,
        Z: FloatArray,
        y: FloatArray,
        w: FloatArray,
        phi: FloatArray,
        scale: float = 1.0,
        n_evaluations: int = 0,
    ) -> QuadraticProcess:
        """Condition on data at these hyper-parameters."""
        order = np.argsort(w, kind="stable")  # large rows on top: see `_ridge`
        Z, t, w = Z[order], y[order] / scale, w[order]
        L = _factor(Z, w, phi)
        whitened = linalg.solve_lower(L, np.column_stack([kernel.features(Z, phi), t]))
        M, s = whitened[:, :-1], whitened[:, -1]
        T, u = _ridge(M, s)
        a = linalg.solve_lower_t(L, s - M @ u)
        c, g, H = kernel.quadratic(scale * u, phi, Z.shape[1])
        weights = scale * math.exp(phi[A4]) * a
        return cls(Z, phi, scale, c, g, H, weights, n_evaluations, L, M, T)

    def mean(self, Z: FloatArray) -> FloatArray:
        """Return the mean (m,) at Z (m, d)."""
        bend = 0.5 * np.sum((Z @ self.curvature) * Z, axis=1)
        half = 0.5 * math.exp(-2.0 * self.phi[LENGTH])
        rest = np.exp(-half * kernel.squared_distances(Z, self.Z)) @ self.weights
        return np.asarray(self.constant + Z @ self.slope + bend + rest)

    def mean_gradient(self, z: FloatArray) -> tuple[float, FloatArray]:
        """Return the mean and its gradient (d,) at one point z (d,)."""
        away, shrink = z - self.Z, math.exp(-2.0 * self.phi[LENGTH])
        r2 = np.einsum("ij,ij->i", away, away)
        rest = np.exp(-0.5 * shrink * r2) * self.weights
        Hz = self.curvature @ z
        value = self.constant + float(z @ (self.slope + 0.5 * Hz)) + float(rest.sum())
        return value, self.slope + Hz - shrink * (rest @ away)

    def variance(self, Z: FloatArray) -> FloatArray:
        """Return the variance (m,) of the function, without noise, at Z (m, d)."""
        phi = self.phi
        v = linalg.solve_lower(self._L, kernel.residual_covariance(self.Z, Z, phi))
        q = linalg.solve_lower(self._T, kernel.features(Z, phi).T - self._M.T @ v)
        reduced = math.exp(phi[A4]) - np.sum(v * v, axis=0)
        spread = np.maximum(reduced, 0.0) + np.sum(q * q, axis=0)
        return np.asarray(self.scale**2 * spread)


def blur(Z: FloatArray, power: float = 6.0) -> FloatArray:
    """Return weights w (n,) of the nugget: 1 in the box |z_i| <= 1, growing outside.

    What is neglected, the third derivatives, grows like the third power of the
    distance, its variance like the sixth.
    """
    return np.asarray(np.maximum(np.max(np.abs(Z), axis=1), 1.0) ** power)


def _scale(y: FloatArray, w: FloatArray) -> float:
    """Return the size of the values in the region; 1 if they are all 0.

    Values outside count less, and so do not hide the small ones near the centre.
    """
    largest = float(np.max(np.abs(y)))
    if largest == 0.0:
        return 1.0
    size = largest * math.sqrt(float(np.mean((y / largest) ** 2 / w)))
    return max(size, float(np.finfo(float).tiny))  # of the least numbers, not 0


def _are_similar(scale: float, other: float) -> bool:
    """Say whether hyper-parameters for values of one size are of use for another."""
    return 1.0 / _SIMILAR < scale / other < _SIMILAR


def _factor(Z: FloatArray, w: FloatArray, phi: FloatArray) -> FloatArray:
    """Return the Cholesky factor L (n, n) of R = a4 E + lambda diag(w)."""
    R = kernel.residual_covariance(Z, Z, phi) / math.exp(phi[A4])
    np.fill_diagonal(R, 1.0 + JITTER + np.exp(phi[NUGGET] - phi[A4]) * w)
    L, _ = linalg.cholesky(R)
    return math.exp(0.5 * phi[A4]) * L


def _ridge(M: FloatArray, s: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return lower T (p, p), T T^T = I + M^T M, and u = (I + M^T M)^-1 M^T s.

    By Householder reflections of [M s; I 0]. Their errors are relative to each row if
    large rows come first (Cox & Higham 1998, BIT 38, 34-50): the identity is last.
    """
    n, p = M.shape
    stacked = np.zeros((n + p, p + 1), order="F")
    stacked[:n, :p], stacked[:n, p] = M, s
    stacked[n:, :p].flat[:: p + 1] = 1.0
    upper = linalg.upper_of_qr(stacked)
    T = upper[:p, :p].T
    return T, linalg.solve_lower_t(T, upper[:p, p])
