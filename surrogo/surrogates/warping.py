"""Input warping: a kernel of points whose variables are stretched."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from scipy.special import xlogy

from surrogo.checks import FloatArray
from surrogo.surrogates.kernel_base import Kernel, Parameter, Pull, symmetric
from surrogo.surrogates.kernels import Matern52

# Log-normal priors of both exponents around 1, where the warp is the identity (Snoek,
# Swersky, Zemel & Adams 2014; variance of the evidence file, section 2.5).
_LOG_EXPONENT = Parameter(-2.0, 2.0, 0.0, 0.75)
# Nearer to the ends of [0, 1], where slopes of the warp may be infinite, they are those
# at this distance.
_EDGE = 1e-6


@dataclass(frozen=True)
class Warped(Kernel):
    """A kernel of x = 1 - (1 - z^a)^b, the Kumaraswamy distribution in each variable.

    For functions that vary faster at one end of a variable than at the other. theta =
    (theta of the base, log a (d,), log b (d,)). Points outside the unit cube count as
    its nearest points.

    Examples
    --------
    >>> import numpy as np
    >>> from surrogo.surrogates.warping import Warped
    >>> Z = np.array([[0.0], [0.1], [1.0]])
    >>> Warped().correlations(Z, Z, np.array([0.0, -1.0, 0.0]))[0].round(2)
    array([1.  , 0.87, 0.52])
    """

    base: Kernel = field(default_factory=Matern52)

    def parameters(self, d: int) -> list[Parameter]:
        return [*self.base.parameters(d), *[_LOG_EXPONENT] * (2 * d)]

    def at_lengths(self, log_l: FloatArray) -> FloatArray:
        return np.append(self.base.at_lengths(log_l), np.zeros(2 * len(log_l)))

    def log_lengths(self, theta: FloatArray, d: int) -> FloatArray:
        return self.base.log_lengths(theta[: -2 * d], d)

    def correlations_and_pull(
        self, A: FloatArray, B: FloatArray, theta: FloatArray
    ) -> tuple[FloatArray, Pull]:
        inner, a, b = _split(theta, A.shape[1])
        k, pull = self.base.correlations_and_pull(
            _warp(A, a, b)[0], _warp(B, a, b)[0], inner
        )
        return k, lambda C: pull(C) * _warp(A, a, b)[1]

    def lower_and_pull(
        self, Z: FloatArray, theta: FloatArray, scratch: FloatArray | None = None
    ) -> tuple[FloatArray, Pull]:
        inner, a, b = _split(theta, Z.shape[1])
        X, _, in_a, in_b = _warp(Z, a, b)
        R, pull = self.base.lower_and_pull(X, inner, scratch)

        def all_pulls(W: FloatArray) -> FloatArray:
            # sum_{i > j} W_ij dk_ij / dx_i, for every point i
            _, to_points = self.base.correlations_and_pull(X, X, inner)
            S = to_points(symmetric(W))
            ends = np.sum(S * in_a, axis=0), np.sum(S * in_b, axis=0)
            return np.concatenate([pull(W), *ends])

        return R, all_pulls


def _split(theta: FloatArray, d: int) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return theta of the base, a (d,) and b (d,)."""
    return theta[: -2 * d], np.exp(theta[-2 * d : -d]), np.exp(theta[-d:])


def _warp(
    Z: FloatArray, a: FloatArray, b: FloatArray
) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
    """Return x (n, d) and its derivatives in z, log a and log b."""
    inside, near = np.clip(Z, 0.0, 1.0), np.clip(Z, _EDGE, 1.0 - _EDGE)
    log_power = xlogy(a, inside)
    power, rest = np.exp(log_power), -np.expm1(log_power)  # z^a, 1 - z^a
    at_end = rest == 0.0
    in_power = b * np.where(at_end, 1.0, rest) ** (b - 1.0)
    in_log_a = in_power * a * xlogy(power, inside)
    in_log_b = -b * xlogy(rest**b, rest)
    slope = a * b * near ** (a - 1.0) * (1.0 - near**a) ** (b - 1.0)
    return 1.0 - rest**b, np.where(inside == Z, slope, 0.0), in_log_a, in_log_b
