"""The default strategy: explore, go down in a trust region, finish with differences."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, ClassVar

import numpy as np
from numpy.random import Generator

from surrogo import checks
from surrogo.checks import BoolArray, FloatArray
from surrogo.optimizers import (
    answering,
    arms_memory,
    descents,
    line_arm,
    trust_region,
    walking,
)
from surrogo.optimizers.arms_memory import FINISH, STEP, ArmsMemory, Descent
from surrogo.optimizers.base import Memory, Strategy, View
from surrogo.optimizers.ego import EGO
from surrogo.optimizers.explore import explore
from surrogo.optimizers.failures import likely, of_the_place
from surrogo.optimizers.free import cut, free_variables, with_pending

_LARGE = 24  # variables: beyond, full quadratic models cost more than they tell
_PLAN = 50  # evaluations a variable, where no budget is known


@dataclass(frozen=True)
class ThreeArms(Strategy):
    """Explore, go down in a trust region, finish with differences; then begin anew.

    A descent starts from a centre and a point along each axis. If the changes along the
    axes add up, the function is searched coordinate by coordinate. Otherwise a Gaussian
    process that is nearly quadratic says where to go in a trust region; every few
    evaluations a radial basis function looks around. When steps no longer gain what
    they promise, or after a while, a quasi-Newton method on finite differences walks to
    the bottom, and another descent begins elsewhere. Spaces with variables that are not
    continuous are left to `EGO`.

    Attributes
    ----------
    explore_every : int
        Every so-many-th evaluation between star and walk explores; 0 for never.
    finish_from, finish_by, finish_again : int
        The first walk begins after this many evaluations a variable at the earliest
        and at the latest, those of later descents at the latest after finish_again.
    trust : float
        It begins when steps gain less than this share of what they promised, averaged.
    looks : int
        Every third descent begins with so many explorations a variable.
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
    finish_from: int = 8
    finish_by: int = 40
    finish_again: int = 6
    trust: float = 0.3
    looks: int = 4
    separable: bool = True

    def __post_init__(self) -> None:
        checks.integer(self.explore_every, "explore_every", 0)
        checks.integer(self.finish_from, "finish_from", 1)
        checks.integer(self.finish_by, "finish_by", self.finish_from)
        checks.integer(self.finish_again, "finish_again", 1)
        checks.integer(self.looks, "looks", 0)

    def describe(self, memory: ArmsMemory) -> dict[str, Any]:
        """Return a memory as plain data that `revive` reads."""
        return arms_memory.describe(memory)

    def revive(self, memory: Mapping[str, Any]) -> ArmsMemory:
        """Return the memory that this plain data describes."""
        return arms_memory.revive(memory)

    def propose(
        self, view: View, memory: ArmsMemory, n: int, rng: Generator
    ) -> tuple[FloatArray, ArmsMemory]:
        """Return points (n, d) of the arms whose turn it is, one after the other."""
        free = free_variables(view)
        if free is None:
            U, ego = EGO().propose(view, memory.ego, n, rng)
            return U, replace(memory, ego=ego)
        view = cut(view, free)
        points = np.full((n, len(free)), 0.5)
        for i in range(n):
            with np.errstate(over="ignore", invalid="ignore"):  # values near 1e308
                u, memory = self._next(view, memory, rng)
            points[i, free] = u
            view = with_pending(view, u)
        return points, memory

    def observe(self, view: View, memory: ArmsMemory) -> ArmsMemory:
        """Return the memory after the results that an arm has waited for."""
        free = free_variables(view)
        if free is None:
            return memory
        return answering.take_in(cut(view, free), memory)

    def _next(
        self, view: View, memory: ArmsMemory, rng: Generator
    ) -> tuple[FloatArray, ArmsMemory]:
        """Return the next point (d,) and the memory."""
        descent = memory.descent
        if descent and descent.walk and descents.is_barred(descent.walk):
            descent = descents.steps_again(descent, descent.walk)
            memory = replace(memory, descent=descent)
        walk = descent.walk if descent else None
        if (
            descent is None
            or descents.has_no_centre(descent)
            or (walk and descents.walk_is_over(walk, view, memory))
        ):
            memory, descent = descents.begin(view, memory, self.looks, rng)
        if memory.lines:
            return line_arm.next_point(view, memory, memory.lines, rng)
        if descent.looks:
            return self._look_around(view, memory, descent, rng)
        if descent.begun < len(descent.star) or descent.again:
            return descents.next_star_point(view, memory, descent)
        if self.separable and memory.separable == "unknown":
            corner, memory = line_arm.corner(view, memory, descent)
            if corner is not None:
                return corner, memory
            if memory.lines:
                return line_arm.next_point(view, memory, memory.lines, rng)
        return self._down(view, memory, descent, rng)

    def _look_around(
        self, view: View, memory: ArmsMemory, descent: Descent, rng: Generator
    ) -> tuple[FloatArray, ArmsMemory]:
        """Return a point (d,) of exploring, or the first one of the star after it."""
        turn = descent.turns + 1
        descent = replace(descent, looks=descent.looks - 1, turns=turn)
        if descent.looks == 0:
            descent = descents.after_looks(view, memory, rng)
            return self._next(view, replace(memory, descent=descent), rng)
        rest = descents.outside(view, memory)
        u = self._explore(view, rest, turn, rng)
        return u, replace(memory, descent=descent)

    def _down(
        self, view: View, memory: ArmsMemory, descent: Descent, rng: Generator
    ) -> tuple[FloatArray, ArmsMemory]:
        """Return a point (d,) of the walk, or of the steps before it."""
        own = descents.own(view, descent)
        if not np.any(own):
            opposite = descents.next_opposite(view, memory, descent)
            return opposite or (np.asarray(rng.random(view.U.shape[1])), memory)
        if descent.walk is None and self._may_finish(view, memory, descent):
            at = descents.lowest(view, own)
            walk = walking.advance(walking.begin(view, at), [], view)
            descent = replace(descent, walk=walk)
            return self._next(view, replace(memory, descent=descent), rng)
        if descent.walk is not None:
            u = walking.next_point(descent.walk, memory.waits_for(FINISH), view)
            if u is not None:
                return u, memory.asking(view, FINISH, u)
        return self._step(view, memory, descent, own, rng)

    def _step(
        self,
        view: View,
        memory: ArmsMemory,
        descent: Descent,
        own: BoolArray,
        rng: Generator,
    ) -> tuple[FloatArray, ArmsMemory]:
        """Return a point (d,) of exploring or of the trust region.

        While steps or a walk are running they make no promises.
        """
        descent = replace(descent, turns=descent.turns + 1)
        memory = replace(memory, descent=descent)
        if self.explore_every and descent.turns % self.explore_every == 0:
            turn = descent.turns // self.explore_every
            return self._explore(view, own, turn, rng), memory
        U, y, region = view.U[own], view.y[own], descent.region
        at = int(np.argmin(y))
        running = len(memory.waits_for(STEP))
        if running or descent.walk:
            beside = trust_region.beside
            u = beside(U, y, at, region, view.pending, running, rng)
            return u, memory.asking(view, STEP, u)
        luck = not np.any(of_the_place(view))
        step, promise, region = trust_region.next_step(
            U, y, at, region, rng, view.failed, luck
        )
        memory = replace(memory, descent=replace(descent, region=region))
        lost = promise is not None and descents.is_hopeless(promise, view, memory)
        if step is None or lost:
            memory, _ = descents.begin(view, memory, self.looks, rng)
            return self._next(view, memory, rng)
        return step, memory.asking(view, STEP, step, promise=promise)

    def _may_finish(self, view: View, memory: ArmsMemory, descent: Descent) -> bool:
        """Whether the trust region has had its time, or does not keep its promises."""
        if descent.barred:
            return False
        d = view.U.shape[1]
        spent = view.next_id - descent.since
        tired = descent.trust < self.trust and spent >= self.finish_from * d
        by = self.finish_again if memory.bottoms else self.finish_by
        return bool(tired or spent >= by * d or d > _LARGE)

    def _explore(
        self, view: View, chosen: BoolArray, turn: int, rng: Generator
    ) -> FloatArray:
        """Return a promising point (d,) near the best of those chosen (n,)."""
        chosen = chosen if np.any(chosen) else np.ones_like(chosen)
        left = _PLAN * view.U.shape[1] if view.budget_left is None else view.budget_left
        turns = (view.next_id + left) // max(self.explore_every, 1)
        U, y = view.U[chosen], view.y[chosen]
        allowed = partial(likely, view) if len(view.failed) else None
        return explore(U, y, view.everything, turn, turns, rng, allowed)
