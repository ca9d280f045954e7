"""Rounds: searches that start anew with a design of their own when they are stuck.

Results are counted by the ids of their trials, so late ones of an earlier round do not
count, and a run that is asked for many points at once counts as one asked for one.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TypeVar

import numpy as np

from surrogo.checks import BoolArray
from surrogo.optimizers.base import View
from surrogo.optimizers.design import Designed


@dataclass(frozen=True)
class Round(Designed):
    """Where a round began, its design, and what became of its proposals.

    The round has the trials from the id `first` on. Of its proposals after the design
    `seen` have ended; `best` is the lowest value of the round. `successes` or
    `failures` were counted since the last change of scale, one after the other.
    """

    first: int = 0
    seen: int = 0
    best: float | None = None
    successes: int = 0
    failures: int = 0


R = TypeVar("R", bound=Round)


def members(view: View, memory: Round) -> BoolArray:
    """Say which finished trials (n,) belong to the round."""
    inside: BoolArray = view.ids >= memory.first
    return inside


def count(view: View, memory: R, size: int, decrease: float = 0.0) -> R:
    """Return the memory after the results that came since the last look.

    A look that finds a value lower by more than `decrease` counts one success, one that
    does not counts a failure for each result; each ends a series of the other. Results
    of the design, of `size` points, are not counted.
    """
    y = view.y[members(view, memory)]
    best = float(np.min(y)) if len(y) else None
    adaptive = memory.first + size
    seen = int(np.sum(view.ids >= adaptive) + np.sum(view.failed_ids >= adaptive))
    new = seen - memory.seen
    known = memory.best
    memory = replace(memory, best=best, seen=seen)
    if new <= 0 or best is None or known is None:
        return memory
    if best < known - decrease:
        return replace(memory, successes=memory.successes + 1, failures=0)
    return replace(memory, successes=0, failures=memory.failures + new)


def depth(view: View, memory: Round) -> float:
    """Return the distance from the lowest to the median value of the round.

    A scale of the values that a few high ones do not change; infinite where it is
    beyond floating point.
    """
    y = np.sort(view.y[members(view, memory)])
    return float(y[len(y) // 2]) - float(y[0]) if len(y) else 0.0


def counted(memory: R) -> R:
    """Return the memory with its counters at zero, after a change of scale."""
    return replace(memory, successes=0, failures=0)
