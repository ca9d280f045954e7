"""The covariance of a function that is nearly quadratic around z = 0.

::

    k(z, z') = a0 + a1 <z, z'> + a2 <z, z'>^2 + a3 sum_i z_i^2 z'_i^2
               + a4 exp(-|z - z'|^2 / (2 l^2))

The first four terms are Bayesian regression on the full quadratic, whose coefficients
are independent and normal (Rasmussen & Williams 2006, section 2.1.2): the constant has
variance a0, slopes a1, curvatures along the axes a2 + a3, mixed ones a2, up to fixed
factors. The last one is what is not quadratic. The likelihood chooses among constant,
linear, diagonal and full by the sizes; no rule for the number of points is needed.

phi (7,) are the logs of a0..a4, of l and of the nugget lambda.
"""

from __future__ import annotations

import math
from functools import cache

import numpy as np
from numpy.typing import NDArray

from surrogo.checks import FloatArray

A4, LENGTH, NUGGET = 4, 5, 6  # where in phi
# Powers of the unit of z in a0..a4, l and lambda: the terms in front of a_k are
# polynomials of this degree in both points together.
_DEGREES = np.array([0.0, 2.0, 4.0, 4.0, 0.0, -1.0, 0.0])
# Powers of the unit of the values: a0..a4 and lambda are variances.
_VARIANCES = np.array([1.0, 1.0, 1.0, 1.0, 1.0, 0.0, 1.0])

# Normal prior of phi. Values have size 1 in the region |z| <= 1; those of the
# quadratic are larger by e^3, give or take as much, which did better in runs than 1,
# the rest is not: e^3 for it blurs exact quadratics. Length scales as in kernel_base;
# 1e-10 is the nugget of a function without noise (evidence file, section 6.6).
_MEAN_SIZE = 3.0
_MEAN_NUGGET = math.log(1e-10)
_VARIANCE = np.array([9.0, 9.0, 9.0, 9.0, 9.0, 1.0, 4.0])
# Bounds of phi: beyond those of a0..a4 and l a term is 0 or one of the others. A
# nugget below 1e-18 cannot be told from 0.
LOWER = np.array([-25.0, -25.0, -25.0, -25.0, -25.0, -3.0, math.log(1e-18)])
UPPER = np.array([25.0, 25.0, 25.0, 25.0, 25.0, 6.0, 0.0])


def prior(d: int) -> tuple[FloatArray, FloatArray]:
    """Return mean and variance (7,) of phi in d dimensions."""
    mean = np.zeros(7)
    mean[:A4] = _MEAN_SIZE
    mean[LENGTH], mean[NUGGET] = 0.5 * math.log(d), _MEAN_NUGGET
    return mean, _VARIANCE


def in_units(phi: FloatArray, unit: float, size: float = 1.0) -> FloatArray:
    """Return phi for z in units that are `unit` times the old ones, values in `size`.

    So covariances of the same points are the same, divided by size^2.
    """
    return phi + _DEGREES * math.log(unit) - _VARIANCES * (2.0 * math.log(size))


def polynomial_grams(A: FloatArray, B: FloatArray) -> FloatArray:
    """Return what a0..a3 are multiplied with, (4, m, n), for A (m, d) and B (n, d)."""
    grams = np.empty((4, len(A), len(B)))
    grams[0] = 1.0
    np.matmul(A, B.T, out=grams[1])
    np.square(grams[1], out=grams[2])
    np.matmul(A**2, (B**2).T, out=grams[3])
    return grams


def squared_distances(A: FloatArray, B: FloatArray) -> FloatArray:
    """Return |a - b|^2 (m, n) between the rows of A (m, d) and B (n, d)."""
    squares = np.sum(A**2, axis=1)[:, None] + np.sum(B**2, axis=1)
    return np.asarray(np.maximum(squares - 2.0 * (A @ B.T), 0.0))


def residual_covariance(A: FloatArray, B: FloatArray, phi: FloatArray) -> FloatArray:
    """Return the last term of k (m, n) alone."""
    half = 0.5 * math.exp(-2.0 * phi[LENGTH])
    return np.asarray(np.exp(phi[A4] - half * squared_distances(A, B)))


def covariance(A: FloatArray, B: FloatArray, phi: FloatArray) -> FloatArray:
    """Return k (m, n) between the rows of A (m, d) and B (n, d)."""
    polynomial = np.tensordot(np.exp(phi[:4]), polynomial_grams(A, B), 1)
    return np.asarray(polynomial + residual_covariance(A, B, phi))


def features(Z: FloatArray, phi: FloatArray) -> FloatArray:
    """Return F (n, p), p = (d + 1)(d + 2) / 2, with F F^T = the first four terms of k.

    Its columns are the monomials 1, z_i, z_i^2 and z_i z_j, i < j, each times the
    standard deviation of its coefficient.
    """
    n, d = Z.shape
    one, linear, pure, mixed = deviations(phi)
    i, j = _pairs(d)
    parts = [np.full((n, 1), one), linear * Z, pure * Z**2, mixed * Z[:, i] * Z[:, j]]
    return np.concatenate(parts, axis=1)


def deviations(phi: FloatArray) -> FloatArray:
    """Return prior standard deviations (4,) of constant, slopes, z_i^2 and z_i z_j."""
    a0, a1, a2, a3 = np.exp(phi[:4])
    return np.sqrt([a0, a1, a2 + a3, 2.0 * a2])


def quadratic(
    u: FloatArray, phi: FloatArray, d: int
) -> tuple[float, FloatArray, FloatArray]:
    """Return c, g (d,), H (d, d) of the quadratic c + g z + z H z / 2 = features u."""
    one, linear, pure, mixed = deviations(phi)
    H = np.diag(2.0 * pure * u[1 + d : 1 + 2 * d])
    i, j = _pairs(d)
    H[i, j] = H[j, i] = mixed * u[1 + 2 * d :]
    return float(one * u[0]), linear * u[1 : 1 + d], H


@cache
def _pairs(d: int) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return the indices i < j of all pairs of variables; slow to make anew."""
    i, j = np.triu_indices(d, 1)
    return i, j
