"""The tensor product of Matern kernels: one factor for each variable."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from surrogo.checks import FloatArray
from surrogo.surrogates.kernel_base import Kernel, Parameter, Pull, log_length

_PANEL = 64  # columns done at once: temporaries stay in the cache
_ROOT5 = math.sqrt(5.0)


@dataclass(frozen=True)
class TensorMatern52(Kernel):
    """prod_k (1 + s_k + s_k^2/3) exp(-s_k), s_k = sqrt(5) |z_k - z'_k| / l_k.

    Between the radial Matern 5/2 and the squared exponential: twice differentiable, but
    its interactions between variables are as smooth as those of a product. The usual
    choice in computer experiments (Santner, Williams & Notz 2018, section 2.2), and
    better than the radial kernel on most functions of engineering
    (benchmarks/results/surrogate_accuracy.md). theta is log l (d,). Costs d times the
    elementwise work of the radial kernel.
    """

    def parameters(self, d: int) -> list[Parameter]:
        return [log_length(d)] * d

    def correlations(
        self, A: FloatArray, B: FloatArray, theta: FloatArray
    ) -> FloatArray:
        scale = _ROOT5 * np.exp(-theta)
        return _matrix(A * scale, B * scale)

    def correlations_and_pull(
        self, A: FloatArray, B: FloatArray, theta: FloatArray
    ) -> tuple[FloatArray, Pull]:
        scale = _ROOT5 * np.exp(-theta)
        As, Bs = A * scale, B * scale
        k = _matrix(As, Bs)

        def pull(C: FloatArray) -> FloatArray:
            Ck, out = C * k, np.empty(A.shape)
            for j in range(A.shape[1]):
                u = As[:, j, None] - Bs[None, :, j]
                s = np.abs(u)
                # d log factor / du = -u (1 + s) / 3 / (1 + s + s^2 / 3)
                slope = -u * (1.0 + s) / (3.0 + s * (3.0 + s))
                out[:, j] = scale[j] * np.sum(Ck * slope, axis=1)
            return out

        return k, pull

    def lower_and_pull(
        self, Z: FloatArray, theta: FloatArray, scratch: FloatArray | None = None
    ) -> tuple[FloatArray, Pull]:
        Zs = Z * (_ROOT5 * np.exp(-theta))
        n, d = Zs.shape
        R = np.zeros((n, n), order="F") if scratch is None else scratch[0]
        kept = np.zeros((n, n), order="F") if scratch is None else scratch[1]
        for top in range(0, n, _PANEL):
            panel = slice(top, top + _PANEL)
            R.T[panel, top:] = _matrix(Zs[panel], Zs[top:])
        np.copyto(kept, R)  # whoever asked may write into R

        def pull(W: FloatArray) -> FloatArray:
            out = np.zeros(d)
            np.multiply(W, kept, out=W)
            for top in range(0, n, _PANEL):
                panel = slice(top, top + _PANEL)
                out += _length_sums(W.T[panel, top:], Zs[panel], Zs[top:])
            return out

        return R, pull


def _matrix(As: FloatArray, Bs: FloatArray) -> FloatArray:
    """Return the correlations (m, n) of points in units of l / sqrt(5)."""
    total = np.zeros((len(As), len(Bs)))
    factor = np.ones_like(total)
    for a, b in zip(As.T, Bs.T, strict=True):
        s = np.abs(np.subtract.outer(a, b))
        total -= s
        s *= 1.0 + s / 3.0
        s += 1.0
        factor *= s
    return np.asarray(factor * np.exp(total))


def _length_sums(WR: FloatArray, As: FloatArray, Bs: FloatArray) -> FloatArray:
    """Return sum_ij WR_ij d log k_ij / d log l, shape (d,)."""
    out = np.empty(As.shape[1])
    for j, (a, b) in enumerate(zip(As.T, Bs.T, strict=True)):
        s = np.abs(np.subtract.outer(a, b))
        # s^2 (1 + s) / 3 / (1 + s + s^2 / 3); 0 on the diagonal
        share = s * s * (1.0 + s) / (3.0 + s * (3.0 + s))
        out[j] = np.vdot(WR, share)
    return out
