"""Wendland's compactly supported functions, with the "missing" ones of half order.

All are functions of r with support r <= 1, made by integrating (1 - r)^l: the operator
(I f)(r) = integral of t f(t) from r to 1 adds two orders of smoothness and takes two
dimensions away (Wendland 1995, Adv. Comput. Math. 4, 389-396). In t = r^2 it is the
primitive of -1/2, so every derivative of one function in r^2 is another one::

    d/dt I f = -f / 2
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from surrogo import checks
from surrogo.checks import FloatArray
from surrogo.surrogates.kernels import Stationary


@dataclass(frozen=True)
class Wendland(Stationary):
    """phi_{d,k}(r), 2k times continuously differentiable, 0 from r = 1 on.

    The polynomial of least degree that is positive definite in `d` dimensions, and so
    in fewer, and in general not in more: (1 - r)^(l + k) p(r) with l = floor(d/2) + k
    + 1 and a polynomial p of degree k (Wendland 2005, Scattered Data Approximation,
    theorem 9.13). Its native space is the Sobolev space of order d/2 + k + 1/2.

    Examples
    --------
    >>> import numpy as np
    >>> from surrogo.surrogates.wendland import Wendland
    >>> Wendland(d=3, k=1).value(np.array([0.0, 0.25, 1.0, 4.0]))  # (1-r)^4 (4r + 1)
    array([1.    , 0.1875, 0.    , 0.    ])
    """

    d: int = 3
    k: int = 1

    def __post_init__(self) -> None:
        checks.integer(self.d, "d", 1)
        checks.integer(self.k, "k", 0)

    @property
    def exponent(self) -> int:
        """Return l, the power that is integrated k times."""
        return self.d // 2 + self.k + 1

    def value(self, r2: FloatArray) -> FloatArray:
        return _integrated(self.exponent, self.k, np.sqrt(r2))

    def value_and_slope(self, r2: FloatArray) -> tuple[FloatArray, FloatArray]:
        value, slope = self.derivatives(r2, 1)
        return value, slope

    def derivatives(self, r2: FloatArray, order: int) -> list[FloatArray]:
        """Return g and up to k + 1 derivatives; where infinite, at r = 0, stands 0."""
        if order > self.k + 1:
            return super().derivatives(r2, order)
        r, l = np.sqrt(r2), self.exponent  # noqa: E741, the letter of the theorem
        top = _polynomial(l, self.k)[0]
        out, factor = [], 1.0
        for k in range(self.k, max(self.k - order, 0) - 1, -1):
            out.append(factor * _polynomial(l, k)[0] / top * _integrated(l, k, r))
            factor *= -0.5
        if order == self.k + 1:  # d/dt (1 - r)^l = -l (1 - r)^(l - 1) / (2 r)
            slope = l * (r < 1.0) * np.maximum(1.0 - r, 0.0) ** (l - 1)
            out.append(factor / top * _divided(slope, r))
        return out


@dataclass(frozen=True)
class MissingWendland(Stationary):
    """The functions of half order k = 1/2 and 3/2 for d = 2: Sobolev orders 2 and 3.

    With S = sqrt(1 - t), T = log(r / (1 + S)) and t = r^2 they are, up to scale,
    3 t T + (2 t + 1) S and -(15 t^3 + 90 t^2) T - (81 t^2 + 28 t - 4) S, positive
    definite in one and two dimensions (Schaback 2011, Adv. Comput. Math. 34, 67-81,
    section 5).

    Examples
    --------
    >>> import numpy as np
    >>> from surrogo.surrogates.wendland import MissingWendland
    >>> MissingWendland(1).value(np.array([0.0, 0.25, 1.0])).round(4)
    array([1.    , 0.3113, 0.    ])
    """

    twice_k: int = 1

    def __post_init__(self) -> None:
        if self.twice_k not in (1, 3):
            raise ValueError(
                f"twice_k must be 1 or 3, got {checks.shown(self.twice_k)}; for whole "
                "orders take Wendland"
            )

    def value_and_slope(self, r2: FloatArray) -> tuple[FloatArray, FloatArray]:
        t = np.clip(r2, 0.0, 1.0)
        zero = t == 0.0
        S = np.sqrt(1.0 - t)
        T = np.log(np.where(zero, 1.0, np.sqrt(t)) / (1.0 + S))
        if self.twice_k == 1:
            slope = np.where(zero, 0.0, 3.0 * (T + S))  # -infinite at 0
            return 3.0 * t * T + (2.0 * t + 1.0) * S, slope
        value = (15.0 * t + 90.0) * t**2 * T + ((81.0 * t + 28.0) * t - 4.0) * S
        slope = (45.0 * t + 180.0) * t * T + (195.0 * t + 30.0) * S
        return -0.25 * value, -0.25 * slope


@lru_cache(maxsize=64)
def _polynomial(l: int, k: int) -> FloatArray:  # noqa: E741
    """Return p (k + 1,) of I^k (1 - r)^l = (1 - r)^(l + k) p(r), lowest power first.

    -d/dr of it is r I^(k - 1) (1 - r)^l, which with the polynomial b of k - 1 says
    (l + k + j) p_j = b_(j - 1) + (j + 1) p_(j + 1).
    """
    if k == 0:
        return np.ones(1)
    b, p = np.append(0.0, _polynomial(l, k - 1)), np.zeros(k + 2)
    for j in range(k, -1, -1):
        p[j] = (b[j] + (j + 1) * p[j + 1]) / (l + k + j)
    return p[:-1]


def _integrated(l: int, k: int, r: FloatArray) -> FloatArray:  # noqa: E741
    """Return I^k (1 - r)^l, scaled to 1 at r = 0; exactly 0 from r = 1 on."""
    p = _polynomial(l, k)
    out = np.full_like(r, p[-1] / p[0])
    for coefficient in p[-2::-1]:
        out *= r
        out += coefficient / p[0]
    return _times_power(out, np.maximum(1.0 - r, 0.0), l + k)


def _times_power(out: FloatArray, base: FloatArray, exponent: int) -> FloatArray:
    """Multiply `out` by base^exponent, by squaring, because pow is slow."""
    for bit in range(exponent.bit_length()):
        if exponent >> bit & 1:
            out *= base
        base = base * base
    return out


def _divided(value: FloatArray, r: FloatArray) -> FloatArray:
    """Return value / r, 0 where r = 0."""
    return np.divide(value, r, out=np.zeros_like(value), where=r > 0.0)


def of_smoothness(smoothness: int, d: int) -> Wendland:
    """Return the function with this many continuous derivatives in `d` dimensions.

    Examples
    --------
    >>> from surrogo.surrogates import wendland
    >>> wendland.of_smoothness(4, 2)
    Wendland(d=2, k=2)
    """
    if smoothness not in (0, 2, 4, 6):
        raise ValueError(
            f"smoothness must be 0, 2, 4 or 6, got {checks.shown(smoothness)}"
        )
    return Wendland(d, int(smoothness) // 2)
