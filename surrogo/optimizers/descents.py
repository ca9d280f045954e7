"""Where descents begin, and when it is time to leave one."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.random import Generator

from surrogo.checks import BoolArray, FloatArray
from surrogo.optimizers import failures, finish, promises
from surrogo.optimizers.arms_memory import STAR, ArmsMemory, Descent
from surrogo.optimizers.base import View
from surrogo.optimizers.finish_state import BARRED, Finish
from surrogo.optimizers.nearness import gaps, same
from surrogo.optimizers.promises import RADIUS, Promise, Region
from surrogo.optimizers.star import opposite, star

# A descent that is not the first is left when the gain it predicts, so many times
# over, would not make it the lowest.
_WALK_GAINS, _STEP_GAINS = 5.0, 10.0
# What averages the share of promises that steps keep forgets at this rate: half after
# three steps.
_FORGET = 0.2
_LEAST_AGAIN = 1e-6  # radius of the steps that go on after a walk
# Every so-many-th descent begins with looking around, where no bottom of an earlier one
# is closer than _HOLE in every coordinate, and then has a star of these rays.
_LOOK_EVERY, _HOLE, _RAY = 3, 0.05, 0.1


def begin(
    view: View, memory: ArmsMemory, looks: int, rng: Generator
) -> tuple[ArmsMemory, Descent]:
    """Begin a descent: the first at the best point known, or in the middle.

    Later ones begin at a random point, every third after so many `looks` around.
    """
    if memory.descent is not None:
        return _begin_again(view, memory, memory.descent, looks, rng)
    if not len(view.y):
        middle = np.full(view.U.shape[1], 0.5)
        return _with_descent(memory, _descent(view.next_id, middle, None, RADIUS, rng))
    best = int(np.argmin(view.y))
    value = float(view.y[best])
    first = _descent(0, np.asarray(view.U[best]), value, RADIUS, rng)
    return _with_descent(memory, replace(first, since=view.next_id))


def _begin_again(
    view: View, memory: ArmsMemory, last: Descent, looks: int, rng: Generator
) -> tuple[ArmsMemory, Descent]:
    d = view.U.shape[1]
    anywhere = np.asarray(rng.random(d))
    if len(view.failed):
        anywhere = failures.promising_place(view, rng)
    descent = _descent(view.next_id, anywhere, None, RADIUS, rng)
    if has_no_centre(last):
        return _with_descent(replace(memory, asked=[]), descent)
    bottom = lowest(view, own(view, last))
    bottoms = [*memory.bottoms, view.U[bottom].tolist()]
    if len(bottoms) % _LOOK_EVERY == _LOOK_EVERY - 1:
        descent = replace(descent, looks=looks * d)
    return _with_descent(replace(memory, bottoms=bottoms, asked=[]), descent)


def after_looks(view: View, memory: ArmsMemory, rng: Generator) -> Descent:
    """Begin at the best point that is not at a known bottom."""
    best = lowest(view, outside(view, memory))
    value = float(view.y[best])
    return _descent(view.next_id, np.asarray(view.U[best]), value, _RAY, rng)


def _descent(
    start: int, centre: FloatArray, value: float | None, ray: float, rng: Generator
) -> Descent:
    points = star(centre, ray, rng).tolist()
    values = [value, *([None] * len(centre))]
    begun = 0 if value is None else 1
    return Descent(start, points, values, start, begun, Region(radius=ray, unit=ray))


def _with_descent(memory: ArmsMemory, descent: Descent) -> tuple[ArmsMemory, Descent]:
    return replace(memory, descent=descent), descent


def own(view: View, descent: Descent) -> BoolArray:
    """Say of each finished trial (n,) whether it belongs to a descent."""
    centre = np.array(descent.star[0])
    mine: BoolArray = (view.ids >= descent.start) | same(view.U, centre)
    return mine


def has_no_centre(descent: Descent) -> bool:
    """Say whether the centre of the star has failed."""
    return 0 in descent.failed


def lowest(view: View, chosen: BoolArray) -> int:
    """Return the row of the lowest value among those chosen (n,), or among all."""
    return int(
        np.argmin(np.where(chosen, view.y, np.inf) if np.any(chosen) else view.y)
    )


def outside(view: View, memory: ArmsMemory) -> BoolArray:
    """Say of each finished trial (n,) whether it is away from the known bottoms."""
    away = np.ones(len(view.y), dtype=bool)
    for bottom in memory.bottoms:
        away &= gaps(view.U, np.array(bottom)) > _HOLE
    return away


def next_star_point(
    view: View, memory: ArmsMemory, descent: Descent
) -> tuple[FloatArray, ArmsMemory]:
    """Return the next point (d,) of the star, first those to be asked again."""
    if descent.again:
        k, *again = descent.again
        memory = replace(memory, descent=replace(descent, again=again))
        u = np.array(descent.star[k])
        return u, memory.asking(view, STAR, u, k=k)
    u = np.array(descent.star[descent.begun])
    begun = replace(descent, begun=descent.begun + 1)
    memory = replace(memory, descent=begun)
    return u, memory.asking(view, STAR, u, k=descent.begun)


def next_opposite(
    view: View, memory: ArmsMemory, descent: Descent
) -> tuple[FloatArray, ArmsMemory] | None:
    """Return a point (d,) opposite to a ray of the star, which gets one point more.

    This is for batches, while nothing is known. None after all d rays.
    """
    points, d = descent.star, len(descent.star[0])
    if len(points) > 2 * d:
        return None
    u = opposite(np.array(points[0]), np.array(points[len(points) - d]))
    values = [*descent.values, None]
    wider = replace(descent, star=[*points, u.tolist()], values=values)
    return next_star_point(view, replace(memory, descent=wider), wider)


def judged(descent: Descent, promise: Promise, value: float, steps: int = 1) -> Descent:
    """Return the descent after a step; NaN if there is no value at its end.

    Trust follows more slowly where other steps are beside it, which make no promises.
    """
    kept = (promise.best - value) / promise.gain if np.isfinite(value) else 0.0
    forget = _FORGET / steps
    trust = (1.0 - forget) * descent.trust + forget * float(np.clip(kept, 0.0, 1.0))
    region = promises.judged(descent.region, promise, value)
    return replace(descent, region=region, trust=trust)


def walk_is_over(walk: Finish, view: View, memory: ArmsMemory) -> bool:
    """Say whether a walk has ended, or leads to a bottom that is not the lowest."""
    if walk.ended or walk.phase != "search" or not memory.bottoms:
        return walk.ended
    return bool(walk.f - _WALK_GAINS * walk.gain > np.min(view.y))


def is_barred(walk: Finish | None) -> bool:
    """Say whether a walk has ended where evaluations fail."""
    return walk is not None and walk.reason == BARRED


def steps_again(descent: Descent, walk: Finish) -> Descent:
    """Go on with steps where a walk has met a border it cannot follow."""
    radius = float(np.clip(finish.reach(walk), _LEAST_AGAIN, descent.region.radius))
    region = replace(descent.region, radius=radius, failures=0)
    return replace(descent, walk=None, barred=True, region=region)


def is_hopeless(promise: Promise, view: View, memory: ArmsMemory) -> bool:
    """Say whether steps lead to a bottom that is not the lowest."""
    hoped = promise.best - _STEP_GAINS * promise.gain
    return bool(memory.bottoms and hoped > np.min(view.y))
