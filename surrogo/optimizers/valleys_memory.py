"""All valleys of a search, where the next one begins, and which to give up."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.random import Generator

from surrogo.optimizers import arms_memory, valleys
from surrogo.optimizers.base import View
from surrogo.optimizers.design import Designed
from surrogo.optimizers.nearness import gaps
from surrogo.optimizers.outputs import known, row_of
from surrogo.optimizers.valleys import Promised, Valley

_CREDIT = 2  # evaluations a variable that the first valley has when it turns slow
_HOLE = 0.02  # edges of the cube: valleys begin at least so far from each other
_PERIL = 3.0  # a valley is hopeless if so many times its hope is not enough


@dataclass(frozen=True)
class ValleysMemory(Designed):
    """All valleys, which of them wait for results, and the turns taken.

    Valleys may begin at trials older than `since`, and at those of `looks`, by id.
    scalar is the memory of the strategy that takes over where there are no outputs.
    """

    valleys: list[Valley] = field(default_factory=list)
    asked: list[Promised] = field(default_factory=list)
    turns: int = 0
    since: int = 0
    looks: list[int] = field(default_factory=list)
    scalar: arms_memory.ArmsMemory = field(default_factory=arms_memory.ArmsMemory)

    def changed(self, k: int, valley: Valley) -> ValleysMemory:
        """Return the memory with another state of a valley."""
        others = [*self.valleys[:k], valley, *self.valleys[k + 1 :]]
        return replace(self, valleys=others)

    def asking(self, promised: Promised) -> ValleysMemory:
        """Wait for a trial."""
        return replace(self, asked=[*self.asked, promised])


def revive(memory: Mapping[str, Any]) -> ValleysMemory:
    """Return the memory that this plain data describes."""
    if not memory:
        return ValleysMemory()
    return ValleysMemory(
        **{
            **memory,
            "valleys": [Valley(**one) for one in memory["valleys"]],
            "asked": [Promised(**one) for one in memory["asked"]],
            "scalar": arms_memory.revive(memory["scalar"]),
        }
    )


def first(view: View, memory: ValleysMemory, rng: Generator) -> ValleysMemory:
    """Begin at the best point known, or in the middle."""
    d = view.U.shape[1]
    there = known(view)
    if np.any(there):
        row = int(np.argmin(np.where(there, view.y, np.inf)))
        memory = begin(view, memory, row, valleys.FIRST_RADIUS, rng)
        valley = memory.valleys[0]
    else:
        middle = np.full(d, 0.5)
        rays = valleys.star_rays(middle, valleys.FIRST_RADIUS, rng)
        valley = Valley(middle.tolist(), [*rays, middle.tolist()])
        memory = replace(memory, valleys=[valley])
    memory = replace(memory, since=view.next_id)
    return memory.changed(0, replace(valley, credit=_CREDIT * d))


def begin(
    view: View, memory: ValleysMemory, row: int, radius: float, rng: Generator
) -> ValleysMemory:
    """Begin a valley at a point that is known."""
    centre = view.U[row]
    rays = valleys.star_rays(centre, radius, rng)
    id, value = int(view.ids[row]), float(view.y[row])
    valley = Valley(centre.tolist(), rays, id, value, radius)
    return replace(memory, valleys=[*memory.valleys, valley])


def most_promising(view: View, memory: ValleysMemory) -> int | None:
    """Return the row of the lowest point where no valley has begun or been."""
    away = known(view) & ((view.ids < memory.since) | np.isin(view.ids, memory.looks))
    for valley in memory.valleys:
        away &= gaps(view.U, np.array(valley.centre)) > _HOLE
        reach = 2.0 * max(valley.radius, valleys.LATER_RADIUS)
        if (row := row_of(view, valley.best)) is not None:
            away &= gaps(view.U, view.U[row]) > reach
    return int(np.argmin(np.where(away, view.y, np.inf))) if np.any(away) else None


def is_hopeless(valley: Valley, view: View) -> bool:
    """Say whether a slow valley will not become the lowest."""
    hoped = valley.value - _PERIL * valley.hope
    return bool(len(view.y) and hoped > np.min(view.y))
