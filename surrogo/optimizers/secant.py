"""Learn second derivatives from how the gradient changed along a step.

Where the function looks quadratic along the step, the symmetric rank one formula (SR1)
knows the curvatures of d directions after d steps. Elsewhere, and whenever SR1 would
not leave the matrix positive definite, damped BFGS is the safe one.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from surrogo.checks import FloatArray
from surrogo.optimizers.box_qp import solve_definite

# The trapezoidal rule of the slopes gives the change of a quadratic exactly. It may
# miss by this share of s y: on random ellipsoids 1e-3 to 1e-1 do alike (half the steps
# of BFGS), in curved valleys the stricter the better.
_QUADRATIC = 1e-3
# SR1 divides by s (y - B s), useless when small beside its factors (Nocedal & Wright
# 2006, equation 6.26). It may not shrink a curvature by more than _SHRINK.
_SKIP = 1e-8
_SHRINK = 1e-3
# Damping keeps this share of the curvature along the step (Powell 1978; Nocedal &
# Wright 2006, procedure 18.2).
_DAMPED = 0.2


@dataclass(frozen=True, eq=False)
class Step:
    """Step s (d,), changes of gradient y (d,) and value, sum of slopes at the ends."""

    s: FloatArray
    y: FloatArray
    change: float
    slopes: float

    @property
    def looks_quadratic(self) -> bool:
        """Say whether the change of the value is the one of a quadratic."""
        miss = abs(self.change - 0.5 * self.slopes)
        return bool(miss <= _QUADRATIC * abs(self.s @ self.y))


def learn_curvature(B: FloatArray, step: Step) -> FloatArray:
    """Return the second derivatives B (d, d), positive definite, after a step."""
    found = _sr1(B, step) if step.looks_quadratic else None
    if found is None:
        found = _damped_bfgs(B, step)
    return found if np.all(np.isfinite(found)) else B


def _sr1(B: FloatArray, step: Step) -> FloatArray | None:
    """Nocedal & Wright 2006, equation 6.24; None where it may not be used."""
    v = step.y - B @ step.s
    below = float(v @ step.s)
    if abs(below) <= _SKIP * float(np.linalg.norm(v) * np.linalg.norm(step.s)):
        return None
    # B + v v' / below has the determinant of B times this (matrix determinant lemma).
    if below < 0.0 and 1.0 + v @ solve_definite(B, v) / below < _SHRINK:
        return None
    return np.asarray(B + np.outer(v, v) / below)


def _damped_bfgs(B: FloatArray, step: Step) -> FloatArray:
    """Nocedal & Wright 2006, procedure 18.2: y is mixed with B s until s y is safe."""
    Bs = B @ step.s
    sBs, sy = float(step.s @ Bs), float(step.s @ step.y)
    if sBs <= 0.0:
        return B
    theta = 1.0 if sy >= _DAMPED * sBs else (1.0 - _DAMPED) * sBs / (sBs - sy)
    r = theta * step.y + (1.0 - theta) * Bs
    learnt: FloatArray = B - np.outer(Bs, Bs / sBs) + np.outer(r, r / float(step.s @ r))
    return 0.5 * (learnt + learnt.T)
