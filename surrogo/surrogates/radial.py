"""Radial basis functions: conditionally positive definite profiles g(r2), by name.

A profile of order m gives a positive definite quadratic form on all weights that
annihilate the polynomials below degree m, and so needs a tail of degree m - 1 or more
(Wendland 2005, Scattered Data Approximation, chapter 8). The signs are such that the
form is positive, hence -r and -sqrt(1 + r2).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from surrogo import checks
from surrogo.checks import FloatArray
from surrogo.surrogates import kernels
from surrogo.surrogates.profiles import Profile


@dataclass(frozen=True)
class Radial(Profile):
    """A profile that knows its order, and whether it has a length of its own."""

    @property
    def order(self) -> int:
        """Return m: weights must annihilate polynomials below this degree."""
        return 0

    @property
    def has_length(self) -> bool:
        """Return False where stretching the distances only rescales the profile."""
        return True

    def value_and_slope(self, r2: FloatArray) -> tuple[FloatArray, FloatArray]:
        value, slope = self.derivatives(r2, 1)
        return value, slope


@dataclass(frozen=True)
class Power(Radial):
    """(-1)^ceil(beta/2) r^beta, beta above 0 and not even: polyharmonic in odd d.

    Order ceil(beta/2) (Wendland 2005, theorem 8.16).

    Examples
    --------
    >>> import numpy as np
    >>> Power(3.0).value(np.array([4.0])), Power(3.0).order
    (array([8.]), 2)
    """

    beta: float = 3.0

    def __post_init__(self) -> None:
        if not (math.isfinite(self.beta) and self.beta > 0 and self.beta % 2 != 0):
            raise ValueError(
                f"beta must be above 0 and not an even integer, got {self.beta}; for "
                "even exponents take ThinPlate"
            )

    @property
    def order(self) -> int:
        return math.ceil(self.beta / 2)

    @property
    def has_length(self) -> bool:
        return False

    def value(self, r2: FloatArray) -> FloatArray:
        out = _power(r2, self.beta / 2)
        out *= _sign(self.order)
        return out

    def derivatives(self, r2: FloatArray, order: int) -> list[FloatArray]:
        exponent = self.beta / 2
        factors = _falling(exponent, order)
        return [
            _sign(self.order) * c * _power(r2, exponent - j)
            for j, c in enumerate(factors)
        ]


@dataclass(frozen=True)
class ThinPlate(Radial):
    """(-1)^(k + 1) r^(2k) log r: polyharmonic in even d; k = 1 bends like a plate.

    Order k + 1 (Wendland 2005, theorem 8.17).

    Examples
    --------
    >>> import numpy as np
    >>> ThinPlate().value(np.array([0.0, 1.0, np.e**2])).round(3) + 0.0
    array([0.   , 0.   , 7.389])
    """

    k: int = 1

    def __post_init__(self) -> None:
        checks.integer(self.k, "k", 1)

    @property
    def order(self) -> int:
        return self.k + 1

    @property
    def has_length(self) -> bool:
        return False

    def value(self, r2: FloatArray) -> FloatArray:
        log_r = np.log(r2, out=np.zeros_like(r2), where=r2 > 0.0)
        log_r *= 0.5 * _sign(self.order)
        log_r *= _power(r2, self.k)
        return log_r

    def derivatives(self, r2: FloatArray, order: int) -> list[FloatArray]:
        # D^j (t^k log t) = t^(k - j) (a log t + b); at t = 0 it is 0 or infinite.
        zero = r2 == 0.0
        t = np.where(zero, 1.0, r2)
        log_t, a, b, out = np.log(t), 0.5 * _sign(self.order), 0.0, []
        for j in range(order + 1):
            value = _power(t, self.k - j) * (a * log_t + b)
            out.append(np.where(zero, 0.0, value))
            a, b = (self.k - j) * a, (self.k - j) * b + a
        return out


@dataclass(frozen=True)
class Multiquadric(Radial):
    """(-1)^ceil(e) (1 + r2)^e: Hardy's multiquadric for e = 1/2, inverse for e < 0.

    Order ceil(e), or 0 if e is negative (Wendland 2005, theorems 7.15 and 8.15).

    Examples
    --------
    >>> import numpy as np
    >>> Multiquadric().value(np.array([3.0])), Multiquadric(-0.5).order
    (array([-2.]), 0)
    """

    exponent: float = 0.5

    def __post_init__(self) -> None:
        e = self.exponent
        if not math.isfinite(e) or (e >= 0 and e % 1 == 0):
            raise ValueError(f"exponent must be no integer from 0 on, got {e}")

    @property
    def order(self) -> int:
        return max(math.ceil(self.exponent), 0)

    def derivatives(self, r2: FloatArray, order: int) -> list[FloatArray]:
        factors, base = _falling(self.exponent, order), 1.0 + r2
        return [
            _sign(self.order) * c * _power(base, self.exponent - j)
            for j, c in enumerate(factors)
        ]


@dataclass(frozen=True)
class Gaussian(Radial):
    """exp(-r2), without the factor 1/2 of the squared exponential kernel."""

    def derivatives(self, r2: FloatArray, order: int) -> list[FloatArray]:
        e = np.exp(-r2)
        return [_sign(j) * e for j in range(order + 1)]


# Adding a profile here adds it to the tests of radial functions and of the RBF.
RADIAL: dict[str, Profile] = {
    "linear": Power(1.0),
    "cubic": Power(3.0),
    "quintic": Power(5.0),
    "thin_plate": ThinPlate(),
    "gaussian": Gaussian(),
    "multiquadric": Multiquadric(),
    "inverse_multiquadric": Multiquadric(-0.5),
    "inverse_quadratic": Multiquadric(-1.0),
    "matern12": kernels.Matern12(),
    "matern32": kernels.Matern32(),
    "matern52": kernels.Matern52(),
}


def get(kernel: str | Profile) -> Profile:
    """Return the radial function of this name, or the profile itself.

    Examples
    --------
    >>> get("cubic")
    Power(beta=3.0)
    """
    if isinstance(kernel, Profile):
        return kernel
    return RADIAL[checks.one_of(kernel, RADIAL, "kernel")]


def order(profile: Profile) -> int:
    """Return the order of a profile; 0, positive definite, if it says nothing."""
    return int(getattr(profile, "order", 0))


def has_length(profile: Profile) -> bool:
    """Return whether a shape parameter matters to the interpolant."""
    return bool(getattr(profile, "has_length", True))


def spline_of_order(m: int) -> Power:
    """Return the odd power of order m, at least 1: -r, r^3, -r^5, ..."""
    return Power(2.0 * m - 1.0)


def _sign(j: int) -> float:
    return -1.0 if j % 2 else 1.0


def _falling(exponent: float, order: int) -> list[float]:
    """Return the factors of the derivatives of t^exponent, 1, e, e (e - 1), ..."""
    factors = [1.0]
    for j in range(order):
        factors.append(factors[-1] * (exponent - j))
    return factors


def _power(t: FloatArray, exponent: float) -> FloatArray:
    """Return t^exponent, 0 where infinite; roots, because pow is slow."""
    if exponent < 0.0:
        zero = t == 0.0
        return np.where(zero, 0.0, 1.0 / _power(np.where(zero, 1.0, t), -exponent))
    whole, rest = divmod(exponent, 1.0)
    if rest not in (0.0, 0.5) or whole > 3:
        return np.asarray(t**exponent)
    if not rest and not whole:
        return np.ones_like(t)
    out = np.sqrt(t) if rest else np.array(t)
    for _ in range(int(whole) - (not rest)):
        out *= t
    return out
