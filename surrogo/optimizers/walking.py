"""Give a walk the values it asks for: late, several at once, or known before."""

from __future__ import annotations

import numpy as np

from surrogo.checks import FloatArray
from surrogo.optimizers import finish
from surrogo.optimizers.arms_memory import Answer, Asked
from surrogo.optimizers.base import View
from surrogo.optimizers.finish import Finish

_SAME = 1e-12  # points closer than this are one: a tenth of the least difference step
_EQUAL = 1e-15


def advance(walk: Finish, here: list[Answer], view: View) -> Finish:
    """Return the walk after all values that are known of the points it wants."""
    while not walk.ended:
        found = _known(finish.ask(walk), here, view)
        if found is None:
            return walk
        walk = finish.tell(walk, *found)
    return walk


def next_point(walk: Finish, running: list[Asked]) -> FloatArray | None:
    """Return the next point (d,) that a walk needs, or will if a step succeeds.

    Slopes along all coordinates can be found at once, and those at the end of a step
    before it is known whether the step is taken. None where it is useless to guess.
    """
    for _ in range(len(running) + 1):
        if walk.ended:
            return None
        u = finish.ask(walk)
        if not any(_same(u, one.u, _SAME) for one in running):
            return u
        if walk.phase == "gradient" and walk.at == len(walk.free) - 1:
            return None  # where the step leads depends on the slopes
        hoped = walk.f + 0.5 * walk.share * walk.slope
        walk = finish.tell(walk, u, walk.f if walk.phase == "gradient" else hoped)
    return None


def _known(
    u: FloatArray, here: list[Answer], view: View
) -> tuple[FloatArray, float] | None:
    for answer in here:
        if _same(u, answer.asked.u, _SAME):
            return answer.u, answer.value
    equal = np.flatnonzero(np.max(np.abs(view.U - u), axis=1, initial=0.0) <= _EQUAL)
    return (view.U[equal[0]], float(view.y[equal[0]])) if len(equal) else None


def _same(u: FloatArray, v: list[float], tolerance: float) -> bool:
    return bool(np.max(np.abs(u - v)) <= tolerance)
