"""What the global model is fitted to: the values, or their shifted logarithm.

Sums of squares and other positive misfits spread over decades; a stationary process
fits their logarithm far better. The data decide, by likelihood.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from surrogo.checks import FloatArray

# Offset of the logarithm, in units of the distance from the lowest to the median
# value: the lowest value comes log(1 + 1/0.1) = 2.4 below the median.
_OFFSET = 0.1
# Constant values, half of them the lowest one, or one so large that the others are the
# same beside it: then there is no scale for a logarithm.
_SMALLEST = 1e-100


@dataclass(frozen=True, eq=False)
class Targets:
    """Standardised targets t (n,), increasing in y.

    log_jacobian is sum log(dt/dy) up to a constant that all targets of the same y
    share: what makes likelihoods of different targets comparable.
    """

    t: FloatArray
    log_jacobian: float


def make_targets(y: FloatArray) -> dict[str, Targets]:
    """Return the candidate targets of finite values y (n,) by name."""
    z = _unit_range(y)
    plain = _standardised(z, np.zeros_like(z))
    middle = float(np.median(z))
    if middle < _SMALLEST:
        return {"plain": plain}
    v = z / middle + _OFFSET
    # d log v / dz = 1 / (middle v)
    return {"plain": plain, "log": _standardised(np.log(v), -np.log(middle * v))}


def _unit_range(y: FloatArray) -> FloatArray:
    """Map y (n,) to [0, 1], without overflow for any finite values."""
    half = 0.5 * y
    low, high = np.min(half), np.max(half)
    if high == low:
        return np.zeros_like(y)
    return (half - low) / (high - low)


def _standardised(t: FloatArray, log_slope: FloatArray) -> Targets:
    scale = float(np.std(t))
    scale = scale if scale > 0.0 else 1.0
    jacobian = float(np.sum(log_slope)) - len(t) * float(np.log(scale))
    return Targets((t - np.mean(t)) / scale, jacobian)
