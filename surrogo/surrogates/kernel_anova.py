"""The ANOVA kernel: main effects, interactions of two variables, of three, ..."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from surrogo.checks import FloatArray
from surrogo.surrogates.kernel_base import Kernel, Parameter, Pull, log_length

_PANEL = 64  # columns done at once: temporaries stay in the cache
_ROOT5 = math.sqrt(5.0)
# log of the weight of an interaction against the effects that it joins: at exp(-4)
# functions are sums, at exp(5) products.
_LOG_WEIGHT = Parameter(-4.0, 5.0, 0.0, 4.0)


@dataclass(frozen=True)
class AnovaMatern52(Kernel):
    """prod_k (1 + w c_k) / (1 + w), c_k the Matern 5/2 of variable k alone.

    Multiplied out it is a sum over all sets of variables, each with its tensor
    product and a weight w to the power of its size (Stitson et al. 1999; Duvenaud,
    Nickisch & Rasmussen 2011): small w means few interactions, large w the tensor
    product. theta = (log l (d,), log w).
    """

    def parameters(self, d: int) -> list[Parameter]:
        return [log_length(d)] * d + [_LOG_WEIGHT]

    def correlations(
        self, A: FloatArray, B: FloatArray, theta: FloatArray
    ) -> FloatArray:
        scale, w = _split(theta)
        return _matrix(A * scale, B * scale, w)

    def correlations_and_pull(
        self, A: FloatArray, B: FloatArray, theta: FloatArray
    ) -> tuple[FloatArray, Pull]:
        scale, w = _split(theta)
        As, Bs = A * scale, B * scale
        k = _matrix(As, Bs, w)

        def pull(C: FloatArray) -> FloatArray:
            Ck, out = C * k, np.empty(A.shape)
            for j, (u, c, rough) in enumerate(_factors(As, Bs)):
                # dc/du = -u rough / 3, rough = (1 + s) exp(-s)
                slope = -u * rough / 3.0 * w / (1.0 + w * c)
                out[:, j] = scale[j] * np.sum(Ck * slope, axis=1)
            return out

        return k, pull

    def lower_and_pull(
        self, Z: FloatArray, theta: FloatArray, scratch: FloatArray | None = None
    ) -> tuple[FloatArray, Pull]:
        scale, w = _split(theta)
        Zs, (n, d) = Z * scale, Z.shape
        R = np.zeros((n, n), order="F") if scratch is None else scratch[0]
        kept = np.zeros((n, n), order="F") if scratch is None else scratch[1]
        for top in range(0, n, _PANEL):
            panel = slice(top, top + _PANEL)
            R.T[panel, top:] = _matrix(Zs[panel], Zs[top:], w)
        np.copyto(kept, R)  # whoever asked may write into R

        def pull(W: FloatArray) -> FloatArray:
            out = np.zeros(d + 1)
            np.multiply(W, kept, out=W)
            for top in range(0, n, _PANEL):
                panel = slice(top, top + _PANEL)
                out += _sums(W.T[panel, top:], Zs[panel], Zs[top:], w)
            return out

        return R, pull


def _split(theta: FloatArray) -> tuple[FloatArray, float]:
    """Return sqrt(5) / l (d,) and w."""
    return _ROOT5 * np.exp(-theta[:-1]), math.exp(theta[-1])


def _factors(As: FloatArray, Bs: FloatArray) -> Iterator[tuple[FloatArray, ...]]:
    """Yield u, c(u) and (1 + |u|) exp(-|u|), each (m, n), for every variable."""
    for a, b in zip(As.T, Bs.T, strict=True):
        u = np.subtract.outer(a, b)
        s = np.abs(u)
        e = np.exp(-s)
        rough = (1.0 + s) * e
        yield u, rough + s * s * e / 3.0, rough


def _matrix(As: FloatArray, Bs: FloatArray, w: float) -> FloatArray:
    """Return the correlations (m, n) of points in units of l / sqrt(5)."""
    k = np.ones((len(As), len(Bs)))
    for _, c, _ in _factors(As, Bs):
        c *= w / (1.0 + w)
        c += 1.0 / (1.0 + w)
        k *= c
    return k


def _sums(WR: FloatArray, As: FloatArray, Bs: FloatArray, w: float) -> FloatArray:
    """Return sum_{i > j} WR_ij d log k_ij / d(log l, log w), shape (d + 1,).

    The first rows of WR (m, n) are those of a triangle with its diagonal, on which k
    is 1 whatever theta is.
    """
    out = np.zeros(As.shape[1] + 1)
    for j, (u, c, rough) in enumerate(_factors(As, Bs)):
        share = w * WR / (1.0 + w * c)
        out[j] = np.vdot(share, u * u * rough) / 3.0
        # d log factor / d log w = w c / (1 + w c) - w / (1 + w); 0 where c = 1
        out[-1] += np.vdot(share, c - 1.0) / (1.0 + w)
    return out
