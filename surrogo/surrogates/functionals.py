"""Functionals of a function: values, partial derivatives, sums of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import factorial, prod
from typing import TypeAlias

import numpy as np

from surrogo import checks
from surrogo.checks import FloatArray

# A multi-index: how often to differentiate in each of the d variables.
Alpha: TypeAlias = tuple[int, ...]


@dataclass(frozen=True, eq=False)
class Functionals:
    """The operator sum_t c_t D^alpha_t, applied at n points Z (n, d).

    Each term holds a multi-index alpha (d,) and its coefficient, a number or one for
    each point (n,).

    Examples
    --------
    >>> import numpy as np
    >>> from surrogo.surrogates.functionals import Functionals
    >>> Functionals.laplacian(np.zeros((5, 2))).terms
    (((2, 0), 1.0), ((0, 2), 1.0))
    """

    Z: FloatArray
    terms: tuple[tuple[Alpha, float | FloatArray], ...]

    @classmethod
    def values(cls, Z: FloatArray) -> Functionals:
        """Return values at Z (n, d)."""
        return cls.partial(Z, (0,) * Z.shape[1])

    @classmethod
    def partial(cls, Z: FloatArray, alpha: Sequence[int]) -> Functionals:
        """Return partial derivatives D^alpha at Z (n, d)."""
        orders = tuple(checks.integer(a, "each order in alpha", 0) for a in alpha)
        if len(orders) != Z.shape[1]:
            raise ValueError(
                f"alpha must have one order for each of the {Z.shape[1]} variables, "
                f"got {checks.shown(alpha)}"
            )
        return cls(Z, ((orders, 1.0),))

    @classmethod
    def slopes(cls, Z: FloatArray, k: int) -> Functionals:
        """Return first derivatives in variable k at Z (n, d)."""
        return cls(Z, ((unit(Z.shape[1], k), 1.0),))

    @classmethod
    def laplacian(cls, Z: FloatArray) -> Functionals:
        """Return sums of the second derivatives in each variable at Z (n, d)."""
        d = Z.shape[1]
        return cls(Z, tuple((unit(d, k, 2), 1.0) for k in range(d)))

    @classmethod
    def directional(cls, Z: FloatArray, directions: FloatArray) -> Functionals:
        """Return first derivatives at Z (n, d) along `directions` (n, d)."""
        d = Z.shape[1]
        return cls(Z, tuple((unit(d, k), directions[:, k]) for k in range(d)))

    def __len__(self) -> int:
        return len(self.Z)

    @property
    def order(self) -> int:
        """Highest order of a derivative."""
        return max(sum(alpha) for alpha, _ in self.terms)

    def sizes(self, log_l: FloatArray) -> FloatArray:
        """Return the natural size (n,), sum_t |c_t| l^-alpha_t."""
        parts = [np.abs(c) * power(log_l, alpha) for alpha, c in self.terms]
        return np.broadcast_to(np.asarray(sum(parts)), (len(self),))


def basis(d: int, degree: int, A: Sequence[Functionals]) -> FloatArray:
    """Return the functionals A of all monomials up to `degree`, shape (M, p).

    The monomials, of degree 2 at most, and their order are those of `Trend`.
    """
    exponents = _exponents(d, degree)
    return np.vstack([_basis_block(exponents, a) for a in A])


def _basis_block(exponents: list[Alpha], a: Functionals) -> FloatArray:
    out = np.zeros((len(a), len(exponents)))
    C = a.Z - 0.5  # where Trend centres its monomials
    for alpha, c in a.terms:
        for column, exponent in enumerate(exponents):
            if all(e >= o for e, o in zip(exponent, alpha, strict=True)):
                out[:, column] += c * _monomial_derivative(C, exponent, alpha)
    return out


def _monomial_derivative(C: FloatArray, exponent: Alpha, alpha: Alpha) -> FloatArray:
    """Return D^alpha of prod_k C_k^exponent_k at C (n, d)."""
    out = np.ones(len(C))
    for k, (e, o) in enumerate(zip(exponent, alpha, strict=True)):
        if e:
            out *= factorial(e) / factorial(e - o) * C[:, k] ** (e - o)
    return out


def _exponents(d: int, degree: int) -> list[Alpha]:
    """Return the exponents of all monomials, in the order of `Trend.basis`."""
    linear = [unit(d, k) for k in range(d)]
    squares = [raised(unit(d, i), j) for i in range(d) for j in range(i, d)]
    blocks: tuple[list[Alpha], ...] = ([(0,) * d], linear, squares)
    return [exponent for block in blocks[: degree + 1] for exponent in block]


def unit(d: int, k: int, order: int = 1) -> Alpha:
    """Return the multi-index that is `order` in variable k and 0 elsewhere."""
    return tuple(order if j == k else 0 for j in range(d))


def raised(b: Alpha, k: int) -> Alpha:
    """Return b with one derivative more in variable k."""
    return tuple(o + (j == k) for j, o in enumerate(b))


def power(log_l: FloatArray, b: Alpha) -> float:
    """Return l^-b."""
    return prod(float(np.exp(-o * log)) for o, log in zip(b, log_l, strict=True) if o)


def highest(A: Sequence[Functionals]) -> int:
    """Return the highest order of a derivative in any of the functionals A."""
    return max(a.order for a in A)
