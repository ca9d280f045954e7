"""Give a walk the values it asks for: late, several at once, or known before."""

from __future__ import annotations

import numpy as np

from surrogo.checks import FloatArray
from surrogo.optimizers import finish, finish_state
from surrogo.optimizers.arms_memory import Answer, Asked
from surrogo.optimizers.base import View
from surrogo.optimizers.finish_state import Finish
from surrogo.optimizers.nearness import SAME, gaps, same

# A walk begins with so many values a variable from around its start, no further away.
_AROUND, _REACH = 2, 0.3
_EQUAL = 1e-15


def begin(view: View, at: int) -> Finish:
    """Start at a finished trial, with the values around it."""
    away = gaps(view.U, view.U[at])
    near = np.argsort(away, kind="stable")[1 : 1 + _AROUND * view.U.shape[1]]
    near = near[(away[near] > SAME) & (away[near] <= _REACH)]
    known = [(view.U[i], float(view.y[i])) for i in near]
    return finish_state.begin(view.U[at], float(view.y[at]), known=known)


def advance(walk: Finish, here: list[Answer], view: View) -> Finish:
    """Return the walk after all values that are known of the points it wants."""
    while not walk.ended:
        found = _known(walk, here, view)
        if found is None:
            return walk
        walk = finish.tell(walk, *found)
    return walk


def next_point(walk: Finish, running: list[Asked], view: View) -> FloatArray | None:
    """Return the next point (d,) that a walk needs, or will if a step succeeds.

    Slopes along all coordinates can be found at once, and those at the end of a step
    before it is known whether the step is taken. None where it is useless to guess, or
    where the guess leads to a point that is known.
    """
    for guesses in range(len(running) + 1):
        if walk.ended:
            return None
        u = finish.ask(walk)
        if not any(_same(u, one.u, _reach(walk, u)) for one in running):
            return None if guesses and np.any(same(view.U, u)) else u
        if walk.phase == "gradient" and walk.at == len(walk.free) - 1:
            return None  # where the step leads depends on the slopes
        value = walk.f if walk.phase == "gradient" else finish.hoped(walk)
        walk = finish.tell(walk, u, value)
    return None


def _known(
    walk: Finish, here: list[Answer], view: View
) -> tuple[FloatArray, float] | None:
    u = finish.ask(walk)
    for answer in here:
        if _same(u, answer.asked.u, _reach(walk, u)):
            return answer.u, answer.value
    if np.any(gaps(view.failed, u) <= _EQUAL):
        return u, np.nan
    equal = np.flatnonzero(gaps(view.U, u) <= _EQUAL)
    return (view.U[equal[0]], float(view.y[equal[0]])) if len(equal) else None


def _reach(walk: Finish, u: FloatArray) -> FloatArray:
    """Return how far (d,) from the point wanted, u (d,), another one does as well.

    The length of a difference step follows from a value that was only hoped for when
    the point was asked; half or twice that length is no worse.
    """
    reach = np.full(len(u), SAME)
    if walk.phase == "gradient":
        i = walk.free[walk.at]
        reach[i] = max(SAME, 0.5 * abs(u[i] - walk.x[i]))
    return reach


def _same(u: FloatArray, v: list[float], reach: FloatArray) -> bool:
    return bool(np.all(np.abs(u - v) <= reach))
