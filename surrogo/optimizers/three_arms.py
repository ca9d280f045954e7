"""The default strategy: explore, go down in a trust region, finish with differences."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, ClassVar

import numpy as np
from numpy.random import Generator

from surrogo import checks
from surrogo.checks import BoolArray, FloatArray
from surrogo.optimizers import arms_memory, finish, separable, trust_region, walking
from surrogo.optimizers.arms_memory import (
    CORNER,
    FINISH,
    LINE,
    STAR,
    STEP,
    Answer,
    ArmsMemory,
    Descent,
    answers,
)
from surrogo.optimizers.base import Memory, Strategy, View
from surrogo.optimizers.ego import EGO
from surrogo.optimizers.explore import elsewhere, explore
from surrogo.optimizers.lines import Lines
from surrogo.optimizers.star import star

# The average of what steps gained, as a share of what they promised, forgets at this
# rate: half after three steps.
_FORGET = 0.2
_PLAN = 50  # evaluations a variable, where no budget is known
# A walk that is not the first is given up when this many times the gain that it
# predicts would not make it the best.
_HOPELESS = 5.0


@dataclass(frozen=True)
class ThreeArms(Strategy):
    """Explore, go down in a trust region, finish with differences; then begin anew.

    A descent starts from a centre and a point along each axis. If the changes along the
    axes add up, the function is searched coordinate by coordinate. Otherwise a Gaussian
    process that is nearly quadratic says where to go in a trust region; every few
    evaluations a radial basis function looks around. When the steps no longer gain what
    they promise, or after a while, a quasi-Newton method on finite differences walks to
    the bottom, and the next descent begins elsewhere. Spaces with variables that are not
    continuous are left to `EGO`.

    Attributes
    ----------
    explore_every : int
        Every so-many-th evaluation between star and walk explores; 0 for never.
    finish_from, finish_by : int
        The walk begins after this many evaluations a variable at the earliest and at
        the latest.
    trust : float
        It begins when steps gain less than this share of what they promised, on average.
    separable : bool
        Whether to find out if the function is a sum of functions of one variable each.

    Raises
    ------
    ValueError
        If a setting makes no sense.

    Examples
    --------
    >>> import surrogo
    >>> result = surrogo.optimize(lambda x: (x[0] - x[1]) ** 2 + (x[1] - 0.3) ** 2,
    ...                           [(-1, 1)] * 2, max_evals=40, rng=0,
    ...                           strategy=surrogo.optimizers.ThreeArms())
    >>> bool(result.fun < 1e-10)
    True
    """

    name: ClassVar[str] = "three_arms"
    Memory: ClassVar[type[Memory]] = ArmsMemory

    explore_every: int = 5
    finish_from: int = 4
    finish_by: int = 12
    trust: float = 0.0
    separable: bool = True
    looks: int = 0
    hole: float = 0.05
    ray: float = 0.1
    mix: int = 2

    def __post_init__(self) -> None:
        checks.integer(self.explore_every, "explore_every", 0)
        checks.integer(self.finish_from, "finish_from", 1)
        checks.integer(self.finish_by, "finish_by", self.finish_from)

    def revive(self, memory: Mapping[str, Any]) -> ArmsMemory:
        """Return the memory that this plain data describes."""
        return arms_memory.revive(memory)

    def propose(
        self, view: View, memory: ArmsMemory, n: int, rng: Generator
    ) -> tuple[FloatArray, ArmsMemory]:
        """Return points (n, d) of the arm whose turn it is, one after the other."""
        free = _free(view)
        if free is None:
            U, ego = EGO().propose(view, memory.ego, n, rng)
            return U, replace(memory, ego=ego)
        view = _cut(view, free)
        points = np.full((n, len(free)), 0.5)
        for i in range(n):
            u, memory = self._next(view, memory, rng)
            points[i, free] = u
            pending = np.vstack([view.pending, u])
            ids = np.append(view.pending_ids, view.next_id)
            view = replace(view, pending=pending, pending_ids=ids)
        return points, memory

    def observe(self, view: View, memory: ArmsMemory) -> ArmsMemory:
        """Return the memory after the results that an arm has waited for."""
        free = _free(view)
        if free is None:
            return memory
        view = _cut(view, free)
        here, left = answers(view, memory.asked)
        memory = replace(memory, asked=left)
        for answer in here:
            memory = self._take_in(memory, answer)
        return _walked(view, memory, here)

    def _take_in(self, memory: ArmsMemory, answer: Answer) -> ArmsMemory:
        asked, value, descent = answer.asked, answer.value, memory.descent
        if asked.arm == STAR and descent:
            return replace(memory, descent=descent.with_value(asked.k, value))
        if asked.arm == STEP and descent and asked.promise:
            return replace(memory, descent=_judged(descent, asked.promise, value))
        if asked.arm == LINE and memory.lines and asked.sample:
            return replace(memory, lines=memory.lines.with_sample(asked.sample, value))
        if asked.arm == CORNER and memory.lines:
            return _summed(memory, memory.lines, asked.predicted, value)
        return memory

    def _next(
        self, view: View, memory: ArmsMemory, rng: Generator
    ) -> tuple[FloatArray, ArmsMemory]:
        """Return the next point (d,) and the memory."""
        descent = memory.descent
        if descent is None or (descent.walk and _is_over(descent.walk, memory, view)):
            memory, descent = _begin(view, memory, rng, self)
        if descent.looks:
            rest = _outside(view, memory.bottoms, self.hole)
            descent = replace(descent, looks=descent.looks - 1, turns=descent.turns + 1)
            if descent.looks == 0:
                rest = np.flatnonzero(rest)
                best = rest[int(np.argmin(view.y[rest]))]
                points = star(view.U[best], self.ray, rng)
                descent = replace(descent, start=view.next_id, star=points.tolist(), begun=1, turns=0,
                    region=trust_region.Region(radius=self.ray, unit=self.ray), values=[float(view.y[best]), *descent.values[1:]])
            memory = replace(memory, descent=descent)
            if descent.looks and np.sum(rest) > 1:
                u = self._explore(replace(view, U=view.U[rest], y=view.y[rest]), descent.turns, rng)
                return u, memory
        if memory.separable == "yes" and memory.lines:
            return _along_lines(view, memory, memory.lines, rng)
        if descent.begun < len(descent.star):
            return _star_point(view, memory, descent)
        if self.separable and memory.separable == "unknown":
            corner, memory = _corner(view, memory, descent)
            if corner is not None:
                return corner, memory
        own = np.flatnonzero(view.ids >= descent.start)
        if not len(own):
            return rng.random(view.U.shape[1]), memory
        return self._down(view, memory, descent, own, rng)

    def _down(
        self,
        view: View,
        memory: ArmsMemory,
        descent: Descent,
        own: FloatArray,
        rng: Generator,
    ) -> tuple[FloatArray, ArmsMemory]:
        """Return a point (d,) of the walk, of exploring or of the trust region."""
        U, y = view.U[own], view.y[own]
        at = int(np.argmin(y))
        if descent.walk is None and self._may_finish(view, descent):
            walk = walking.advance(finish.begin(U[at], float(y[at])), [], view)
            descent = replace(descent, walk=walk)
        if descent.walk is not None:
            u = walking.next_point(descent.walk, memory.waits_for(FINISH))
            if u is not None:
                memory = replace(memory, descent=descent)
                return u, memory.asking(view, FINISH, u)
        turn = descent.turns + 1
        descent = replace(descent, turns=turn)
        memory = replace(memory, descent=descent)
        if self.explore_every and turn % self.explore_every == 0:
            done = turn // self.explore_every
            return self._explore(view, done, rng), memory
        if memory.waits_for(STEP) or descent.walk is not None:
            region = descent.region
            fill = trust_region.filling_point(U, y, at, region, view.pending, rng)
            return fill, memory
        u, promise, region = trust_region.next_step(U, y, at, descent.region, rng)
        memory = replace(memory, descent=replace(descent, region=region))
        if u is None:
            memory, _ = _begin(view, memory, rng, self)
            return self._next(view, memory, rng)
        return u, memory.asking(view, STEP, u, promise=promise)

    def _may_finish(self, view: View, descent: Descent) -> bool:
        """Whether the trust region has had its time, or does not keep its promises."""
        d = view.U.shape[1]
        spent = view.next_id - descent.start
        tired = descent.trust < self.trust and spent >= self.finish_from * d
        return tired or spent >= self.finish_by * d

    def _explore(self, view: View, turn: int, rng: Generator) -> FloatArray:
        d = view.U.shape[1]
        left = _PLAN * d if view.budget_left is None else view.budget_left
        turns = (view.next_id + left) // self.explore_every
        return explore(view.U, view.y, view.everything, turn, turns, rng)


def _free(view: View) -> BoolArray | None:
    """Return which variables (d,) may move; None if one of them is not continuous."""
    levels = view.space.levels
    free: BoolArray = levels > 1
    return free if np.any(free) and np.all(np.isinf(levels[free])) else None


def _cut(view: View, free: BoolArray) -> View:
    """Return the view without the variables that are fixed."""
    U, pending, failed = (A[:, free] for A in (view.U, view.pending, view.failed))
    return replace(view, U=U, pending=pending, failed=failed)


def _judged(
    descent: Descent, promise: trust_region.Promise, value: float
) -> Descent:
    region = trust_region.judged(descent.region, promise, value)
    kept = (promise.best - value) / promise.gain if np.isfinite(value) else 0.0
    trust = (1.0 - _FORGET) * descent.trust + _FORGET * float(np.clip(kept, 0.0, 1.0))
    return replace(descent, region=region, trust=trust)


def _walked(view: View, memory: ArmsMemory, here: list[Answer]) -> ArmsMemory:
    """Let the walk go on; what it did not need may be needed while others run."""
    descent = memory.descent
    if descent is None or descent.walk is None:
        return memory
    mine = [answer for answer in here if answer.asked.arm == FINISH]
    descent = replace(descent, walk=walking.advance(descent.walk, mine, view))
    waits = bool(memory.waits_for(FINISH))
    kept = [answer.asked for answer in mine] if waits else []
    return replace(memory, descent=descent, asked=[*kept, *memory.asked])


def _is_over(walk: finish.Finish, memory: ArmsMemory, view: View) -> bool:
    """Whether the walk has ended, or leads to a bottom that is not the lowest."""
    if walk.ended or walk.phase != "search" or not memory.ended:
        return walk.ended
    hoped = walk.f + _HOPELESS * 0.5 * walk.slope
    return bool(hoped > np.min(view.y))


def _begin(
    view: View, memory: ArmsMemory, rng: Generator, self: ThreeArms
) -> tuple[ArmsMemory, Descent]:
    """Begin a descent: the first at the best point known, or in the middle."""
    d, start, value = view.U.shape[1], view.next_id, None
    ended = memory.ended + (memory.descent is not None)
    if memory.descent is not None:
        centre = elsewhere(view.U, view.y, view.everything, ended, rng)
    elif len(view.y):
        best = int(np.argmin(view.y))
        centre, value, start = view.U[best], float(view.y[best]), 0
    else:
        centre = np.full(d, 0.5)
    points = star(centre, trust_region.RADIUS, rng).tolist()
    values = [value, *([None] * d)]
    descent = Descent(start, points, values, begun=0 if value is None else 1)
    if memory.descent is not None:
        own = np.flatnonzero(view.ids >= memory.descent.start)
        bottom = view.U[own[np.argmin(view.y[own])]] if len(own) else view.U[np.argmin(view.y)]
        memory = replace(memory, bottoms=[*memory.bottoms, bottom.tolist()])
        if self.looks and ended % self.mix == self.mix - 1:
            descent = replace(descent, looks=self.looks * d)
    return replace(memory, descent=descent, ended=ended, asked=[]), descent


def _outside(view: View, bottoms: list[list[float]], hole: float) -> BoolArray:
    out = np.ones(len(view.y), dtype=bool)
    for bottom in bottoms:
        out &= np.max(np.abs(view.U - np.array(bottom)), axis=1) > hole
    return out


def _star_point(
    view: View, memory: ArmsMemory, descent: Descent
) -> tuple[FloatArray, ArmsMemory]:
    k = descent.begun
    u = np.array(descent.star[k])
    memory = replace(memory, descent=replace(descent, begun=k + 1))
    return u, memory.asking(view, STAR, u, k=k)


def _corner(
    view: View, memory: ArmsMemory, descent: Descent
) -> tuple[FloatArray | None, ArmsMemory]:
    """Return the point that tells whether changes add up, once the star is known."""
    known = [value for value in descent.values if value is not None]
    if len(known) < len(descent.values):
        waits = memory.waits_for(STAR)
        return None, memory if waits else replace(memory, separable="no")
    S, y = np.array(descent.star), np.array(known)
    lines = Lines.of(S[0], float(y[0]), S[1:], y[1:])
    if len(lines.lines) == 1:
        return None, replace(memory, separable="yes", lines=lines)
    found = separable.corner(lines, S[0])
    if found is None:
        return None, replace(memory, separable="no")
    u, predicted = found
    memory = replace(memory, separable="testing", lines=lines)
    return u, memory.asking(view, CORNER, u, predicted=predicted)


def _summed(
    memory: ArmsMemory, lines: Lines, predicted: float, value: float
) -> ArmsMemory:
    """Believe in a sum if a value is the one predicted, or forget about it."""
    if not separable.adds_up(lines, predicted, value):
        return replace(memory, separable="no", lines=None)
    again = memory.separable == "yes"
    return replace(memory, separable="yes", lines=replace(lines, verified=again))


def _along_lines(
    view: View, memory: ArmsMemory, lines: Lines, rng: Generator
) -> tuple[FloatArray, ArmsMemory]:
    """Return the next sample along a coordinate, or put the sum to the test again."""
    doubted = not lines.verified and len(lines.lines) > 1
    if doubted and not memory.waits_for(CORNER) and separable.is_down(lines, rng):
        u, predicted = separable.other_point(lines, rng)
        return u, memory.asking(view, CORNER, u, predicted=predicted)
    busy = {one.sample.i for one in memory.waits_for(LINE) if one.sample}
    sample, lines = separable.next_sample(lines, busy, rng)
    u = lines.at(sample.i, sample.t)
    return u, replace(memory, lines=lines).asking(view, LINE, u, sample=sample)
