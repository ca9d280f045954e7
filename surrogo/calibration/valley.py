"""The lowest point of a surrogate where one variable is held."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from surrogo.checks import FloatArray, IntArray
from surrogo.optimizers.box_qp import minimise_quadratic

# Differences on a surrogate, in standard deviations: smooth at far smaller scales.
_STEP = 0.02
_ROUNDS, _ENOUGH = 25, 1e-6


def lowest(
    values: Callable[[FloatArray], FloatArray],
    u: FloatArray,
    held: int | None,
    scale: FloatArray,
) -> tuple[FloatArray, float]:
    """Return the lowest point (p,) near `u`, u[held] as it is, and the value there.

    Newton steps in a trust region around a surrogate `values` of points (m, p), whose
    derivatives are differences over a share of `scale` (p,).

    References
    ----------
    Nocedal & Wright 2006, Numerical Optimization, algorithm 4.1.
    """
    free = np.delete(np.arange(len(u)), [] if held is None else [held])
    value, reach = float(values(u[None, :])[0]), 1.0
    for _ in range(_ROUNDS if len(free) else 0):
        g, B = _quadratic(values, u, value, free, scale)
        low = np.maximum(-reach, -u[free] / scale[free])
        high = np.minimum(reach, (1.0 - u[free]) / scale[free])
        step = minimise_quadratic(B, g, np.minimum(low, 0.0), np.maximum(high, 0.0))
        promised = -float(g @ step + 0.5 * step @ B @ step)
        if promised <= _ENOUGH:
            break
        new = u.copy()
        new[free] = np.clip(u[free] + scale[free] * step, 0.0, 1.0)
        found = float(values(new[None, :])[0])
        share = (value - found) / promised
        if share > 0.1:
            u, value = new, found
        reach = _next_reach(reach, share, float(np.max(np.abs(step))))
    return u, value


def _next_reach(reach: float, share: float, length: float) -> float:
    if share < 0.25:
        return 0.25 * length
    return min(2.0 * reach, 8.0) if share > 0.75 and length > 0.9 * reach else reach


def _quadratic(
    values: Callable[[FloatArray], FloatArray],
    u: FloatArray,
    value: float,
    free: IntArray,
    scale: FloatArray,
) -> tuple[FloatArray, FloatArray]:
    """Return gradient and positive definite Hessian, in units of `scale`."""
    k = len(free)
    E = np.eye(len(u))[free] * (_STEP * scale[free])[:, None]
    i, j = np.triu_indices(k, 1)
    f = values(np.vstack([u + E, u - E, u + E[i] + E[j]]))
    up, down, both = f[:k], f[k : 2 * k], f[2 * k :]
    B = np.diag((up - 2.0 * value + down) / _STEP**2)
    B[i, j] = B[j, i] = (both - up[i] - up[j] + value) / _STEP**2
    w, V = np.linalg.eigh(B)
    w = np.maximum(np.abs(w), 1e-3)  # below, the box or the trust region decides
    return (up - down) / (2.0 * _STEP), (V * w) @ V.T
