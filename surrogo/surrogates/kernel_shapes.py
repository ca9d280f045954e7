"""Kernels with a shape parameter besides their length scales."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from surrogo.checks import FloatArray
from surrogo.surrogates.kernel_base import (
    Kernel,
    Parameter,
    Pull,
    log_length,
    over_pairs,
    symmetric,
)
from surrogo.surrogates.kernels import length_pull, point_pull, scaled
from surrogo.surrogates.profiles import squared_distances

# alpha of the rational quadratic: 1 lies between heavy tails and the squared
# exponential, which 100 is for all that data can tell.
_LOG_ALPHA = Parameter(math.log(0.05), math.log(100.0), 0.0, 1.0)
# Exponents below 1/2 are noise, beyond 2 the kernel is not positive definite
# (Schoenberg 1938). 1.9 is the value fixed by many since Sacks et al. 1989.
_EXPONENT = Parameter(0.5, 2.0, 1.9, 0.25)


@dataclass(frozen=True)
class RationalQuadratic(Kernel):
    """(1 + r2 / (2 alpha))^-alpha: squared exponentials of many length scales.

    theta = (log l (d,), log alpha); Rasmussen & Williams 2006, eq. 4.19.
    """

    def parameters(self, d: int) -> list[Parameter]:
        return [log_length(d)] * d + [_LOG_ALPHA]

    def correlations_and_pull(
        self, A: FloatArray, B: FloatArray, theta: FloatArray
    ) -> tuple[FloatArray, Pull]:
        scale, alpha = np.exp(-theta[:-1]), math.exp(theta[-1])
        base = 1.0 + squared_distances(A * scale, B * scale) / (2.0 * alpha)
        slope = -0.5 * base ** (-alpha - 1.0)
        return base**-alpha, lambda C: point_pull(A, B, scale, C * slope)

    def lower_and_pull(
        self, Z: FloatArray, theta: FloatArray, scratch: FloatArray | None = None
    ) -> tuple[FloatArray, Pull]:
        Zs, alpha = scaled(Z, theta[:-1]), math.exp(theta[-1])
        base = 1.0 + squared_distances(Zs, Zs) / (2.0 * alpha)
        R = base**-alpha

        def pull(W: FloatArray) -> FloatArray:
            in_l = length_pull(Zs, W * (-0.5 * R / base))
            # dk/d log alpha = alpha k (1 - 1/base - log base)
            in_alpha = over_pairs(W, alpha * R * (1.0 - 1.0 / base - np.log(base)))
            return np.append(in_l, in_alpha)

        return R, pull


@dataclass(frozen=True)
class ExponentialPower(Kernel):
    """exp(-sum_k |(z_k - z'_k) / l_k|^p), the correlation of Sacks et al. 1989.

    theta = (log l (d,), p), one exponent 1/2 <= p <= 2 for all variables. Costs d
    powers for each pair of points: slower than the others.
    """

    def parameters(self, d: int) -> list[Parameter]:
        return [log_length(d)] * d + [_EXPONENT]

    def correlations_and_pull(
        self, A: FloatArray, B: FloatArray, theta: FloatArray
    ) -> tuple[FloatArray, Pull]:
        scale, p = np.exp(-theta[:-1]), float(theta[-1])
        k = np.exp(-sum(_power(A, B, scale, p, j) for j in range(A.shape[1])))

        def pull(C: FloatArray) -> FloatArray:
            Ck = C * k
            columns = (_slope(A, B, scale, p, j) for j in range(A.shape[1]))
            return np.stack([-np.sum(Ck * slope, axis=1) for slope in columns], axis=1)

        return k, pull

    def lower_and_pull(
        self, Z: FloatArray, theta: FloatArray, scratch: FloatArray | None = None
    ) -> tuple[FloatArray, Pull]:
        scale, p = np.exp(-theta[:-1]), float(theta[-1])
        d = Z.shape[1]
        R = np.exp(-sum(_power(Z, Z, scale, p, j) for j in range(d)))

        def pull(W: FloatArray) -> FloatArray:
            WR, in_l, in_p = symmetric(W) * R, np.empty(d), 0.0
            for j in range(d):
                share = _power(Z, Z, scale, p, j)
                in_l[j] = 0.5 * p * np.sum(WR * share)
                log_u = np.log(np.where(share > 0.0, share, 1.0)) / p
                in_p -= 0.5 * float(np.sum(WR * share * log_u))
            return np.append(in_l, in_p)

        return R, pull


def _power(
    A: FloatArray, B: FloatArray, scale: FloatArray, p: float, j: int
) -> FloatArray:
    """Return |u|^p (m, n) of the scaled differences u in variable j."""
    return np.asarray(np.abs(scale[j] * (A[:, j, None] - B[None, :, j])) ** p)


def _slope(
    A: FloatArray, B: FloatArray, scale: FloatArray, p: float, j: int
) -> FloatArray:
    """Return d|u|^p/da_j (m, n); 0 at u = 0, where it may not exist."""
    u = scale[j] * (A[:, j, None] - B[None, :, j])
    size = np.where(u == 0.0, 1.0, np.abs(u))
    return np.asarray(p * scale[j] * np.sign(u) * size ** (p - 1.0))
