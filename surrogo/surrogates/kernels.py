"""Stationary kernels with one length scale per variable, and kernels by name.

With r2 = sum_k ((z_k - z'_k) / l_k)^2 a kernel is one function g(r2), g(0) = 1;
formulas as in Rasmussen & Williams 2006, section 4.2. Its theta is log l (d,).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from scipy.linalg import blas

from surrogo import checks
from surrogo.checks import FloatArray
from surrogo.surrogates.kernel_base import Kernel, Parameter, Pull, log_length
from surrogo.surrogates.profiles import Profile, squared_distances

__all__ = [
    "KERNELS",
    "Kernel",
    "Matern12",
    "Matern32",
    "Matern52",
    "SquaredExponential",
    "Stationary",
    "fill_lower",
    "get",
    "squared_distances",
]

_PANEL = 64  # columns done at once: temporaries stay in the cache


@dataclass(frozen=True)
class Stationary(Profile, Kernel):
    """A correlation g(r2) with length scales; a subclass writes `value_and_slope`."""

    def parameters(self, d: int) -> list[Parameter]:
        return [log_length(d)] * d

    def correlations(
        self, A: FloatArray, B: FloatArray, theta: FloatArray
    ) -> FloatArray:
        scale = np.exp(-theta)
        return self.value(squared_distances(A * scale, B * scale))

    def correlations_and_pull(
        self, A: FloatArray, B: FloatArray, theta: FloatArray
    ) -> tuple[FloatArray, Pull]:
        scale = np.exp(-theta)
        k, slope = self.value_and_slope(squared_distances(A * scale, B * scale))
        return k, lambda C: point_pull(A, B, scale, C * slope)

    def lower_and_pull(
        self, Z: FloatArray, theta: FloatArray, scratch: FloatArray | None = None
    ) -> tuple[FloatArray, Pull]:
        Zs = scaled(Z, theta)
        R, slope = _two_matrices(len(Z)) if scratch is None else scratch
        fill_lower(self, Zs, R, slope)
        return R, lambda W: length_pull(Zs, np.multiply(W, slope, out=W))


def scaled(Z: FloatArray, log_l: FloatArray) -> FloatArray:
    """Return Z (n, d) in units of the length scales, centred.

    Centred because what `length_pull` sums are differences of large numbers.
    """
    Zs: FloatArray = Z * np.exp(-log_l)
    Zs -= Zs.mean(axis=0)
    return Zs


def length_pull(Zs: FloatArray, M: FloatArray) -> FloatArray:
    """Return sum_{i>j} M_ij dr2_ij/dlog l, shape (d,), for scaled points Zs (n, d).

    Reads the lower triangle of M, whose diagonal does not matter. All d derivatives
    come from the one product M Z: sum_{i>j} M_ij (z_ik - z_jk)^2 =
    sum_i z_ik (m_i z_ik - (M Z)_ik) with the symmetric M and m = M 1.
    """
    MZ = blas.dsymm(1.0, M, np.column_stack([Zs, np.ones(len(Zs))]), lower=1)
    in_w = np.sum(Zs * (MZ[:, -1:] * Zs - MZ[:, :-1]), axis=0)
    return np.asarray(-2.0 * in_w)


def point_pull(
    A: FloatArray, B: FloatArray, scale: FloatArray, C: FloatArray
) -> FloatArray:
    """Return sum_j C_ij dr2(a_i, b_j)/da_i (m, d) for weights C (m, n)."""
    pull: FloatArray = C.sum(axis=1)[:, None] * A - C @ B
    return 2.0 * pull * scale**2


def fill_lower(
    kernel: Profile, Z: FloatArray, value: FloatArray, slope: FloatArray
) -> None:
    """Write g and dg/dr2 between all rows of Z (n, d) into value and slope (n, n).

    Only the lower triangles and some of the rest: LAPACK reads no more. The columns of
    the arrays are best contiguous, as LAPACK wants them.
    """
    for top in range(0, len(Z), _PANEL):
        columns = slice(top, top + _PANEL)
        g, dg = kernel.value_and_slope(squared_distances(Z[columns], Z[top:]))
        value.T[columns, top:], slope.T[columns, top:] = g, dg


def _two_matrices(n: int) -> FloatArray:
    return np.zeros((2, n, n)).transpose(0, 2, 1)


@dataclass(frozen=True)
class Matern(Stationary):
    """Base of the Matern kernels of half-integer smoothness nu.

    With s = sqrt(2 nu r2) and B_nu(s) = s^nu K_nu(s) it is B_nu(s) / B_nu(0), and
    dB_nu/dr2 = -nu_0 B_(nu - 1) with the nu_0 of the kernel (Abramowitz & Stegun
    9.6.28): each derivative in r2 is the next rougher kernel.
    """

    nu: ClassVar[float]

    def derivatives(self, r2: FloatArray, order: int) -> list[FloatArray]:
        s = np.sqrt(2.0 * self.nu * r2)
        at_zero = _bessel(np.zeros(1), self.nu)[0]
        return [
            (-self.nu) ** j / at_zero * _bessel(s, self.nu - j)
            for j in range(order + 1)
        ]


# Coefficients of the polynomials q with B_nu(s) = sqrt(pi/2) q(s) exp(-s) for
# nu = 1/2, 3/2, 5/2, ... (Abramowitz & Stegun 10.2.15); those of -nu are divided by
# s^(2 nu), as K_(-nu) = K_nu.
_BESSEL = ((1.0,), (1.0, 1.0), (3.0, 3.0, 1.0), (15.0, 15.0, 6.0, 1.0),
           (105.0, 105.0, 45.0, 10.0, 1.0))  # fmt: skip


def _bessel(s: FloatArray, nu: float) -> FloatArray:
    """Return s^nu K_nu(s) without its factor sqrt(pi/2); 0 where it is infinite."""
    size = abs(nu)
    if size > len(_BESSEL) - 0.5:
        raise NotImplementedError(
            f"derivatives of Matern kernels are there up to smoothness "
            f"{0.5 - len(_BESSEL)}, asked for {nu}"
        )
    out = np.polynomial.polynomial.polyval(s, _BESSEL[int(size)]) * np.exp(-s)
    if nu > 0:
        return np.asarray(out)
    kink = s == 0.0
    return np.where(kink, 0.0, out / np.where(kink, 1.0, s) ** (2.0 * size))


@dataclass(frozen=True)
class Matern12(Matern):
    """Exponential kernel exp(-r): paths are continuous, nowhere differentiable.

    Its slope at r = 0 is infinite; 0 stands there, the middle of the kink in x.
    """

    nu: ClassVar[float] = 0.5

    def value_and_slope(self, r2: FloatArray) -> tuple[FloatArray, FloatArray]:
        r = np.sqrt(r2)
        e = np.exp(-r)
        kink = r == 0.0
        return e, np.where(kink, 0.0, -0.5 * e / np.where(kink, 1.0, r))


@dataclass(frozen=True)
class Matern32(Matern):
    """(1 + s) exp(-s), s = sqrt(3) r: paths are once differentiable."""

    nu: ClassVar[float] = 1.5

    def value_and_slope(self, r2: FloatArray) -> tuple[FloatArray, FloatArray]:
        s = np.sqrt(3.0 * r2)
        e = np.exp(-s)
        return (1.0 + s) * e, -1.5 * e


@dataclass(frozen=True)
class Matern52(Matern):
    """(1 + s + s^2/3) exp(-s), s = sqrt(5) r: paths are twice differentiable."""

    nu: ClassVar[float] = 2.5

    def value_and_slope(self, r2: FloatArray) -> tuple[FloatArray, FloatArray]:
        s = np.sqrt(5.0 * r2)
        e = np.exp(-s)
        rough = (1.0 + s) * e
        return rough + (5.0 / 3.0) * r2 * e, (-5.0 / 6.0) * rough


@dataclass(frozen=True)
class SquaredExponential(Stationary):
    """exp(-r2 / 2): paths are analytic."""

    def value_and_slope(self, r2: FloatArray) -> tuple[FloatArray, FloatArray]:
        e = np.exp(-0.5 * r2)
        return e, -0.5 * e

    def derivatives(self, r2: FloatArray, order: int) -> list[FloatArray]:
        e = np.exp(-0.5 * r2)
        return [(-0.5) ** j * e for j in range(order + 1)]


# Adding a kernel here adds it to the tests of kernels and of the GP.
KERNELS: dict[str, Stationary] = {
    "matern12": Matern12(),
    "matern32": Matern32(),
    "matern52": Matern52(),
    "squared_exponential": SquaredExponential(),
}


def get(kernel: str | Stationary) -> Stationary:
    """Return the stationary kernel of this name, or the kernel itself.

    Raises
    ------
    ValueError
        If there is no stationary kernel of this name, or the kernel is none.
    """
    if isinstance(kernel, Stationary):
        return kernel
    return KERNELS[checks.one_of(kernel, KERNELS, "kernel")]
