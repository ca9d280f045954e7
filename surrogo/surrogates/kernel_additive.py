"""Additive kernels: functions without interactions."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from surrogo.checks import FloatArray
from surrogo.surrogates.kernel_base import (
    LOG_ODDS,
    Kernel,
    Parameter,
    Pull,
    log_length,
    over_pairs,
)
from surrogo.surrogates.kernels import Matern52, Stationary


@dataclass(frozen=True)
class Additive(Kernel):
    """sum_k s_k g((z_k - z'_k)^2 / l_k^2), sum_k s_k = 1: no interactions.

    The function is a sum of functions of one variable each (Durrande, Ginsbourger &
    Roustant 2012). theta = (log l (d,), log-weights (d,), of which s is the softmax).
    Joined to a kernel of all variables by ``Additive() + Matern52()`` it finds
    separable structure where there is some.
    """

    base: Stationary = field(default_factory=Matern52)

    def parameters(self, d: int) -> list[Parameter]:
        return [log_length(1)] * d + [LOG_ODDS] * d

    def correlations_and_pull(
        self, A: FloatArray, B: FloatArray, theta: FloatArray
    ) -> tuple[FloatArray, Pull]:
        d = A.shape[1]
        s = _softmax(theta[d:])
        parts = [
            self.base.correlations_and_pull(A[:, [j]], B[:, [j]], theta[[j]])
            for j in range(d)
        ]
        k = np.asarray(sum(s[j] * part for j, (part, _) in enumerate(parts)))
        return k, lambda C: np.hstack([pull(s[j] * C) for j, (_, pull) in
                                       enumerate(parts)])  # fmt: skip

    def lower_and_pull(
        self, Z: FloatArray, theta: FloatArray, scratch: FloatArray | None = None
    ) -> tuple[FloatArray, Pull]:
        d = Z.shape[1]
        s = _softmax(theta[d:])
        parts = [self.base.lower_and_pull(Z[:, [j]], theta[[j]]) for j in range(d)]
        R = np.asarray(sum(s[j] * part for j, (part, _) in enumerate(parts)))

        def pull(W: FloatArray) -> FloatArray:
            in_s = np.array([over_pairs(W, part) for part, _ in parts])
            in_l = [inner(s[j] * W) for j, (_, inner) in enumerate(parts)]
            return np.concatenate([*in_l, s * (in_s - s @ in_s)])

        return R, pull


def _softmax(v: FloatArray) -> FloatArray:
    e = np.exp(v - np.max(v))
    return np.asarray(e / np.sum(e))
