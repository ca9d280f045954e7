"""Correlations within many small sets of points at once, and their derivatives.

Points P (d, q, m) come in units of the length scales, the target of each set last.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from surrogo.checks import FloatArray
from surrogo.surrogates.kernel_base import Kernel
from surrogo.surrogates.kernel_tensor import TensorMatern52
from surrogo.surrogates.kernels import Stationary
from surrogo.surrogates.profiles import Profile

_ROOT5 = math.sqrt(5.0)


class Pairs(Protocol):
    """What a kernel says of all pairs of points of each set."""

    @property
    def value(self) -> FloatArray:
        """The correlations k (q, m, m)."""
        ...

    def length_slopes(self, c: FloatArray) -> FloatArray:
        """Return (dk/dlog l_j) c, shape (q, m, d), for vectors c (q, m)."""
        ...

    def target_pull(self, C: FloatArray) -> FloatArray:
        """Return sum_i C_i dk_i/dp (q, d) for weights C (q, m - 1); p the target."""
        ...


def pairs_of(kernel: Kernel, P: FloatArray) -> Pairs:
    """Return the correlations within sets of points.

    Examples
    --------
    >>> import numpy as np
    >>> from surrogo.surrogates.kernels import Matern52
    >>> from surrogo.surrogates.pairs import pairs_of
    >>> pairs_of(Matern52(), np.array([[[0.0, 1.0]]])).value.round(3)
    array([[[1.   , 0.524],
            [0.524, 1.   ]]])
    """
    if isinstance(kernel, Stationary):
        return Radial.of(kernel, P)
    if isinstance(kernel, TensorMatern52):
        return Tensor.of(P)
    require_supported(kernel)
    raise AssertionError("a supported kernel without pairs")


def require_supported(kernel: Any) -> None:
    """Refuse kernels that models of many points do not offer."""
    if not isinstance(kernel, Stationary | TensorMatern52):
        raise ValueError(
            "kernel must be radial without a shape parameter, or TensorMatern52, for "
            f"many points, got {type(kernel).__name__}; take 'auto' or 'matern52'"
        )


@dataclass(frozen=True, eq=False)
class Radial:
    """Pairs of a kernel g(r2); slope (q, m, m) holds dg/dr2."""

    P: FloatArray
    value: FloatArray
    slope: FloatArray

    @classmethod
    def of(cls, kernel: Profile, P: FloatArray) -> Radial:
        """Evaluate by differences: by the expanded square near points lose digits."""
        r2 = np.zeros((*P.shape[1:], P.shape[2]))
        for coordinate in P:
            difference = _differences(coordinate)
            difference *= difference
            r2 += difference
        return cls(P, *kernel.value_and_slope(r2))

    def length_slopes(self, c: FloatArray) -> FloatArray:
        """Return (dk/dlog l_j) c, shape (q, m, d), by three products for each j.

        dk_ab = -2 slope_ab (p_a - p_b)^2, coordinates relative to the target.
        """
        C = np.moveaxis(self.P - self.P[:, :, -1:], 0, 2)
        c, d = c[:, :, None], C.shape[2]
        products = self.slope @ np.concatenate([c, c * C, c * C * C], axis=2)
        one, linear, square = np.split(products, [1, 1 + d], axis=2)
        out: FloatArray = -2.0 * (C * (C * one - 2.0 * linear) + square)
        return out

    def target_pull(self, C: FloatArray) -> FloatArray:
        """Return sum_i C_i dk_i/dp (q, d)."""
        away = self.P[:, :, -1:] - self.P[:, :, :-1]
        weights = 2.0 * C * self.slope[:, -1, :-1]
        return np.asarray(np.einsum("qm,dqm->qd", weights, away))


@dataclass(frozen=True, eq=False)
class Tensor:
    """Pairs of the tensor Matern 5/2; formulas as in kernel_tensor.py."""

    P: FloatArray
    value: FloatArray

    @classmethod
    def of(cls, P: FloatArray) -> Tensor:
        """Evaluate with one exponential for all factors."""
        total = np.zeros((*P.shape[1:], P.shape[2]))
        factor = np.ones_like(total)
        for coordinate in P:
            s = _ROOT5 * np.abs(_differences(coordinate))
            total -= s
            s *= 1.0 + s / 3.0
            s += 1.0
            factor *= s
        return cls(P, factor * np.exp(total))

    def length_slopes(self, c: FloatArray) -> FloatArray:
        """Return (dk/dlog l_j) c, shape (q, m, d).

        d log factor / d log l = s^2 (1 + s) / 3 / (1 + s + s^2 / 3).
        """
        weighted = self.value * c[:, None, :]
        out = np.empty((*c.shape, len(self.P)))
        for j, coordinate in enumerate(self.P):
            s = _ROOT5 * np.abs(_differences(coordinate))
            share = s * s * (1.0 + s) / (3.0 + s * (3.0 + s))
            out[:, :, j] = np.einsum("qab,qab->qa", weighted, share)
        return out

    def target_pull(self, C: FloatArray) -> FloatArray:
        """Return sum_i C_i dk_i/dp (q, d): -u (1 + s) / (3 + 3 s + s^2) each."""
        u = _ROOT5 * (self.P[:, :, -1:] - self.P[:, :, :-1])
        s = np.abs(u)
        slope = -_ROOT5 * u * (1.0 + s) / (3.0 + s * (3.0 + s))
        weights = C * self.value[:, -1, :-1]
        return np.asarray(np.einsum("qm,dqm->qd", weights, slope))


def _differences(coordinate: FloatArray) -> FloatArray:
    """Return p_a - p_b (q, m, m) of one coordinate (q, m)."""
    return coordinate[:, :, None] - coordinate[:, None, :]
