"""Covariances of functionals of a function with covariance g(r2).

With r2 = |v|^2, v = (z - z') / l, derivatives of the function have the derivatives of
g(|v|^2) as covariances (Adler 1981, The Geometry of Random Fields, section 2.2)::

    cov(D^a f(z), D^b f(z')) = (-1)^|b| l^-(a+b) D^(a+b) g(|v|^2)

so that all partial derivatives together need one formula, in `Pairs`. The same matrix
interpolates Hermite-Birkhoff data with radial basis functions (Wu 1992, Approximation
Theory and its Applications 8, 1-10).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import product
from math import factorial
from typing import Any

import numpy as np

from surrogo.checks import FloatArray
from surrogo.surrogates.functionals import Alpha, Functionals, highest, power, raised
from surrogo.surrogates.profiles import Profile, squared_distances

# Squared distances below it count as 0: negative powers of them would overflow.
_TINY = 1e-200
# Where the smoothness of a profile at 0 is looked at, and the jump from there to 0 that
# is none, relative to what is usual: the roughest smooth profiles grow like r = 1e-8,
# the smoothest rough ones like log r.
_NEAR, _USUAL, _JUMP = 1e-16, 0.3, 1e-6


@dataclass(frozen=True, eq=False)
class Pairs:
    """Derivatives of g(|v|^2) in v, between points A (m, d) and B (n, d) in units of l.

    With each factor one variable, the formula of Faa di Bruno is::

        D^b g(|v|^2) = sum_i [prod_k b_k! / (i_k! (b_k - 2 i_k)!) (2 v_k)^(b_k - 2 i_k)]
                       g^(|b| - |i|)(|v|^2),        0 <= i_k <= b_k / 2

    Each is computed when it is asked for; `derivative` keeps it.
    """

    profile: Profile
    A: FloatArray
    B: FloatArray
    order: int  # the highest |b|
    _known: dict[Alpha, FloatArray] = field(default_factory=dict)

    def derivative(self, b: Alpha) -> FloatArray:
        """Return D^b g (m, n)."""
        if b not in self._known:
            self._known[b] = self.computed(b)
        return self._known[b]

    def difference(self, k: int) -> FloatArray:
        """Return v_k (m, n)."""
        return np.subtract.outer(self.A[:, k], self.B[:, k])

    def computed(self, b: Alpha) -> FloatArray:
        """Return D^b g (m, n), and do not keep it."""
        variables = [k for k, order in enumerate(b) if order]
        out = np.zeros((len(self.A), len(self.B)))
        for i in product(*(range(b[k] // 2 + 1) for k in variables)):
            term = self._profile_derivatives[sum(b) - sum(i)]
            for k, i_k in zip(variables, i, strict=True):
                rest = b[k] - 2 * i_k
                ways = factorial(b[k]) / (factorial(i_k) * factorial(rest))
                term = term * (ways * (2.0 * self._differences[k]) ** rest)
            out += term
        return out

    @cached_property
    def _differences(self) -> list[FloatArray]:
        return [self.difference(k) for k in range(self.A.shape[1])]

    @cached_property
    def _profile_derivatives(self) -> list[FloatArray]:
        r2 = squared_distances(self.A, self.B)
        return self.profile.derivatives(np.where(r2 < _TINY, 0.0, r2), self.order)


def covariances(
    profile: Profile,
    log_l: FloatArray,
    A: Sequence[Functionals],
    B: Sequence[Functionals],
) -> FloatArray:
    """Return the covariances (M, N) of the functionals A (M in all) with B (N in all).

    `profile` is g and log_l (d,) the logarithms of the length scales. No loop runs
    over points, only over pairs of operators.
    """
    table = _Table(profile, log_l, highest(A) + highest(B))
    return np.vstack([np.hstack([table.block(a, b) for b in B]) for a in A])


def variances(
    profile: Profile, log_l: FloatArray, A: Sequence[Functionals]
) -> FloatArray:
    """Return the covariances (M,) of the functionals A with themselves."""
    here = np.zeros((1, len(log_l)))
    pairs = Pairs(profile, here, here, 2 * highest(A))
    return np.concatenate([_variance(pairs, a, log_l) for a in A])


def length_pull(
    profile: Profile, log_l: FloatArray, A: Sequence[Functionals], W: FloatArray
) -> FloatArray:
    """Return sum_ij W_ij dC_ij / dlog l (d,) for C = covariances(A, A), weights W.

    C depends on l_k through l_k^-b_k and v_k alone, whence
    d(l^-b D^b g) / dlog l_k = -l^-b (b_k D^b g + v_k D^(b + e_k) g).
    """
    table = _Table(profile, log_l, 2 * highest(A) + 1)
    out = np.zeros(len(log_l))
    for (pairs, b), weights in table.weights(A, W).items():
        C = weights * pairs.derivative(b)
        for k in range(len(log_l)):
            moved = pairs.computed(raised(b, k)) * pairs.difference(k)
            out[k] -= b[k] * np.sum(C) + np.sum(weights * moved)
    return out


def require_smooth(profile: Profile, A: Sequence[Functionals]) -> None:
    """Raise an error unless the functionals A have covariances with each other.

    D^a f with |a| = j has a variance if the j-th derivative of g in r2 is finite at 0.

    Raises
    ------
    ValueError
        If the profile is not smooth enough at 0.
    """
    order = highest(A)
    r2 = np.array([_NEAR, 0.0, _USUAL])
    near, zero, far = profile.derivatives(r2, order)[order]
    if not abs(near - zero) <= _JUMP * (abs(zero) + abs(far)):
        raise ValueError(
            f"derivatives of order {order} need a kernel that is {2 * order} times "
            f"differentiable at 0, got {type(profile).__name__}, which is not; take a "
            "smoother one"
        )


@dataclass(frozen=True, eq=False)
class _Table:
    """All the `Pairs` of one matrix; functionals at the same array share theirs."""

    profile: Profile
    log_l: FloatArray
    order: int
    _pairs: dict[tuple[int, int], Pairs] = field(default_factory=dict)

    def pairs(self, a: Functionals, b: Functionals) -> Pairs:
        key = id(a.Z), id(b.Z)
        if key not in self._pairs:
            scale = np.exp(-self.log_l)
            self._pairs[key] = Pairs(self.profile, a.Z * scale, b.Z * scale, self.order)
        return self._pairs[key]

    def block(self, a: Functionals, b: Functionals) -> FloatArray:
        pairs, out = self.pairs(a, b), np.zeros((len(a), len(b)))
        for both, factor in _products(a, b, self.log_l):
            out += factor * pairs.derivative(both)
        return out

    def weights(
        self, A: Sequence[Functionals], W: FloatArray
    ) -> dict[tuple[Pairs, Alpha], FloatArray]:
        """Gather the weights (m, n) of each derivative between the same points."""
        ends = np.cumsum([len(a) for a in A])
        out: dict[tuple[Pairs, Alpha], Any] = {}
        for a, bottom in zip(A, ends, strict=True):
            for b, right in zip(A, ends, strict=True):
                part = W[bottom - len(a) : bottom, right - len(b) : right]
                for both, factor in _products(a, b, self.log_l):
                    key = self.pairs(a, b), both
                    out[key] = out.get(key, 0.0) + factor * part
        return out


def _products(
    a: Functionals, b: Functionals, log_l: FloatArray
) -> Iterator[tuple[Alpha, float | FloatArray]]:
    """Yield order and factor of each derivative in v that cov(a, b) is made of."""
    for (alpha, c), (beta, e) in product(a.terms, b.terms):
        both = tuple(i + j for i, j in zip(alpha, beta, strict=True))
        sign = (-1.0) ** sum(beta)
        weight = c if np.ndim(e) == np.ndim(c) == 0 else np.reshape(c, (-1, 1))
        yield both, sign * power(log_l, both) * weight * e


def _variance(pairs: Pairs, a: Functionals, log_l: FloatArray) -> FloatArray:
    total = np.zeros(len(a))
    for (alpha, c), (beta, e) in product(a.terms, a.terms):
        both = tuple(i + j for i, j in zip(alpha, beta, strict=True))
        here = (-1.0) ** sum(beta) * power(log_l, both) * pairs.derivative(both)[0, 0]
        total += here * c * e
    return total
