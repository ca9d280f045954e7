"""Walk to the bottom of a basin: quasi-Newton on finite differences, one point a call.

Sequential quadratic steps within bounds (Nocedal & Wright 2006, chapters 6 and 18):
gradient by forward differences, quadratic minimised on the box, backtracking, curvature
learnt from the gradients. Where the walk bends, a process of all values and slopes
leads (curved.py). The state is plain data: `ask` says which point it needs next in the
unit cube, `tell` returns the state after its value.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from surrogo.checks import FloatArray
from surrogo.optimizers import curved
from surrogo.optimizers.box_qp import minimise_quadratic
from surrogo.optimizers.curved import Quadratic
from surrogo.optimizers.finish_state import BARRED, Finish
from surrogo.optimizers.nearness import SAME
from surrogo.optimizers.secant import Step, learn_curvature

_EPS = float(np.finfo(float).eps)
# Difference steps: up to sqrt(eps), the textbook choice (Nocedal & Wright 2006, section
# 8.1), and long beside the last bits of a coordinate near 1.
_LEAST, _MOST = 1e-11, 1e-8
# Where both sides fail they may do so by chance: longer steps are tried.
_LONGER, _ATTEMPTS = 3.0, 5
# The first curvature, as a share of the largest slope: far too small, because too small
# a curvature is seen after one step, while one too large is forgotten slowly.
_FIRST = 1e-5
# Sufficient decrease (Nocedal & Wright 2006, equation 3.4) and factors of backtracking
# (Dennis & Schnabel 1983, algorithm A6.3.1).
_DECREASE = 1e-4
_CUT_MOST, _CUT_LEAST = 0.1, 0.5
_LOST = 4  # failures in a search say that there is a border
_CUT_LUCK = 0.8  # if an evaluation fails, the first time
_MAX_CUTS = 7
# A step is refined if the parabola has its minimum before this share of it: one value
# more costs little beside the d of a gradient (1 / 1.2 to 1 / 1.7 do alike on BBOB).
_REFINED = 2.0 / 3.0
_SHORTEST = SAME  # of steps, in the coordinate that moves most
# A predicted gain of less than these units in the last place of f cannot be seen.
_ROUNDING = 4.0 * _EPS

# Steps that gain less than these units are the noise of differences; so many in a row
# say that the bottom is reached.
_NOISE, _IDLE = 1e3 * _EPS, 2

FLAT = "the predicted gain is below rounding"
BOTTOM = "steps gain no more than rounding"
STUCK = "no lower value along two directions in a row"


def ask(state: Finish) -> FloatArray:
    """Return the point (d,) to be evaluated next."""
    if state.ended:
        raise ValueError(f"nothing to ask, the walk has ended: {state.reason}")
    x = np.array(state.x)
    if state.phase == "search":
        return np.clip(x + state.share * np.array(state.direction), 0.0, 1.0)
    i = state.free[state.at]
    x[i] += _difference_step(state, i)
    return x


def tell(state: Finish, u: Sequence[float] | FloatArray, value: float) -> Finish:
    """Return the state after the value at the point (d,) asked for.

    The point may differ from the one asked for in the last bits. NaN says that the
    evaluation failed, infinity that the value is too high.
    """
    if state.ended:
        raise ValueError(f"nothing to tell, the walk has ended: {state.reason}")
    point = np.asarray(u, dtype=float)
    with np.errstate(all="ignore"):  # values near the largest float
        if state.phase == "search":
            return _tell_search(state, point, float(value))
        return _tell_gradient(state, point, float(value))


def reach(state: Finish) -> float:
    """Return how far the point of a search is, in the coordinate that moves most."""
    return state.share * _longest(state)


def hoped(state: Finish) -> float:
    """Return the value to be hoped for at the point that a search asks for.

    Infinite for the first step of all, which is far too long.
    """
    if state.curved.leads:
        return state.f - state.gain
    first = state.curved.gradients < 2
    return np.inf if first else state.f + 0.5 * state.share * state.slope


def _difference_step(state: Finish, i: int) -> float:
    """Return the step that balances rounding, 2 eps |f| / h, and truncation, h B / 2.

    Gill, Murray & Wright 1981, Practical Optimization, equation 8.5, with B from the
    last gradients. Towards the side that has room; if that failed to the other, then
    with longer steps to both.
    """
    B = state.B[i][i] if state.B else 0.0
    best = 2.0 * np.sqrt(_EPS * abs(state.f) / B) if B > 0.0 else _MOST
    longer, turned = divmod(state.flipped, 2)
    h = float(np.clip(best, _LEAST, _MOST)) * _LONGER**longer
    return -h if (state.x[i] + h > 1.0) != bool(turned) else h


def _tell_gradient(state: Finish, u: FloatArray, value: float) -> Finish:
    """Take in one forward difference, less its truncation error according to B."""
    i = state.free[state.at]
    h = float(u[i]) - state.x[i]
    B = state.B[i][i] if state.B else 0.0
    slope = (value - state.f) / h - 0.5 * h * B if h != 0.0 else np.nan
    if not np.isfinite(slope):
        other = _other_side(state, i)
        if other is not None:
            return other
        slope = _last_slope(state, i)
    gradient = [*state.gradient[:i], float(slope), *state.gradient[i + 1 :]]
    state = replace(state, gradient=gradient, at=state.at + 1, flipped=0)
    if state.at < len(state.free):
        return state
    learnt = _curvature(state).tolist()
    here = state.curved.with_point(state.x, state.f, state.gradient)
    return _search(replace(state, B=learnt, curved=here))


def _other_side(state: Finish, i: int) -> Finish | None:
    """Return the state that asks for the next difference step which is in the cube."""
    for flipped in range(state.flipped + 1, _ATTEMPTS):
        other = replace(state, flipped=flipped)
        if 0.0 <= state.x[i] + _difference_step(other, i) <= 1.0:
            return other
    return None


def _last_slope(state: Finish, i: int) -> float:
    """Return the slope where it was last known: better than none."""
    last = state.curved.last_gradient
    return last[2][i] if last else 0.0


def _curvature(state: Finish) -> FloatArray:
    """Return B (d, d) with what the gradient at x has to say."""
    g = np.array(state.gradient)
    last = state.curved.last_gradient
    if last is None and state.B:
        return np.array(state.B)
    if last is None:  # only the scale of f is known
        first = _FIRST * float(np.max(np.abs(g)))
        return max(first, float(np.finfo(float).tiny)) * np.eye(len(g))
    before, (f_before,), gradient_before = (np.array(part) for part in last)
    s = np.array(state.x) - before
    step = Step(s, g - gradient_before, state.f - f_before, s @ (g + gradient_before))
    return learn_curvature(np.array(state.B), step)


def _search(state: Finish) -> Finish:
    """Go where the quadratic is least on the box, or a process that bends with it."""
    x, g, B = np.array(state.x), np.array(state.gradient), np.array(state.B)
    p = _least(state, x, g, B)
    slope = float(g @ p)
    gain = -(slope + 0.5 * float(p @ B @ p))
    if slope >= 0.0 or not _is_worth(state, p, gain):
        return replace(state, phase="ended", reason=FLAT)
    quadratic = Quadratic(x, state.f, g, B)
    step, more, seen = curved.propose(state.curved, quadratic, p, state.free)
    if step is not None and _is_worth(state, step, more):
        p, gain = step, more
    else:
        seen = replace(seen, leads=False, said=[] if seen.leads else seen.said)
    tried = replace(state, phase="search", direction=p.tolist(), slope=slope, gain=gain)
    return replace(tried, share=1.0, cuts=0, curved=seen)


def _least(state: Finish, x: FloatArray, g: FloatArray, B: FloatArray) -> FloatArray:
    """Return the step (d,) to the minimum of the quadratic on the box."""
    fixed = np.ones(len(x), dtype=bool)  # no width: not even rounding moves them
    fixed[state.free] = False
    lower, upper = np.where(fixed, 0.0, -x), np.where(fixed, 0.0, 1.0 - x)
    return minimise_quadratic(B, g, lower, upper)


def _is_worth(state: Finish, p: FloatArray, gain: float) -> bool:
    """Say whether a step (d,) is long enough, and its gain can be seen."""
    longest = float(np.max(np.abs(p)))
    return bool(gain > _ROUNDING * abs(state.f) and longest >= _SHORTEST)


def _tell_search(state: Finish, u: FloatArray, value: float) -> Finish:
    """Accept a point that is low enough, or try a shorter step."""
    if np.isnan(value):  # an infinite one is only hoped for, see `hoped`
        state = replace(state, lost=state.lost + 1)
    if state.lost == _LOST:
        return replace(state, phase="ended", reason=BARRED)
    state = replace(state, curved=curved.judged(state.curved, state.f, value))
    if state.curved.leads:
        return _tell_led(state, u, value)
    if state.enough is not None:
        known, (f_known,) = (np.array(part) for part in state.enough)
        better = np.isfinite(value) and value < f_known
        return _accept(state, *((u, value) if better else (known, f_known)))
    if np.isfinite(value) and value <= state.f + _DECREASE * state.share * state.slope:
        return _refine(state, u, value)
    factor = float(np.clip(_parabola(state, value), _CUT_MOST, _CUT_LEAST))
    if np.isnan(value):
        factor = _CUT_LEAST if state.cuts else _CUT_LUCK
    share = state.share * factor
    if state.cuts < _MAX_CUTS and share * _longest(state) >= _SHORTEST:
        return replace(state, share=share, cuts=state.cuts + 1)
    return _give_up_direction(state)


def _tell_led(state: Finish, u: FloatArray, value: float) -> Finish:
    """Accept a lower point of the process, or let it learn from a higher one."""
    if np.isfinite(value) and value < state.f:
        return _accept(state, u, value)
    seen = curved.missed(state.curved, u, value, _longest(state))
    return _search(replace(state, curved=seen))


def _parabola(state: Finish, value: float) -> float:
    """Return where the parabola through what is known is least, as a share of the step.

    Nocedal & Wright 2006, equation 3.58. Nothing is known if the evaluation failed (0),
    nor where the function bends down (infinity).
    """
    excess = value - state.f - state.share * state.slope
    if not np.isfinite(excess):
        return 0.0
    return -0.5 * state.share * state.slope / excess if excess > 0.0 else np.inf


def _longest(state: Finish) -> float:
    """Return the largest move of a coordinate in the whole step."""
    return float(np.max(np.abs(state.direction or [0.0])))


def _refine(state: Finish, u: FloatArray, value: float) -> Finish:
    """Accept u, but where a shorter step promises more see that first."""
    share = state.share * _parabola(state, value)
    if share >= _REFINED * state.share or share * _longest(state) < _SHORTEST:
        return _accept(state, u, value)
    return replace(state, share=share, enough=[u.tolist(), [value]])


def _accept(state: Finish, u: FloatArray, value: float) -> Finish:
    """Move to u; the gradient there comes next."""
    length = float(np.max(np.abs(u - np.array(state.x))))
    ratio = (state.f - value) / state.gain if state.gain > 0.0 else 1.0
    there = replace(state, x=u.tolist(), f=float(value), gradient=[0.0] * len(u))
    there = replace(there, direction=None, enough=None, failures=0, lost=0)
    idle = state.idle + 1 if state.f - value <= _NOISE * abs(state.f) else 0
    if idle == _IDLE:
        return replace(there, phase="ended", reason=BOTTOM)
    seen = curved.moved(state.curved, length, ratio)
    return replace(there, phase="gradient", at=0, flipped=0, curved=seen, idle=idle)


def _give_up_direction(state: Finish) -> Finish:
    """Forget how coordinates are coupled after one failed search, end after two."""
    if state.failures:
        return replace(state, phase="ended", reason=STUCK)
    B = np.diag(np.diag(np.array(state.B)))
    return _search(replace(state, failures=1, B=B.tolist()))
