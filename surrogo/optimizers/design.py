"""The initial design: a Sobol sequence that goes on where it stopped."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TypeVar

import numpy as np

from surrogo.checks import FloatArray
from surrogo.optimizers.base import Memory, View
from surrogo.samplers import Sobol


@dataclass(frozen=True)
class Designed(Memory):
    """The seed of a design, None before its first point, and how many it has given."""

    design_seed: int | None = None
    designed: int = 0


D = TypeVar("D", bound=Designed)


def missing(view: View, size: int, n: int, first: int = 0) -> int:
    """Return how many of the next n points a design of this size must give.

    Trials from the id `first` on count, those that the user brings too. Without two
    values there is nothing to fit, and the design goes on, however many have failed.
    """
    if np.sum(view.ids >= first) < 2:
        return n
    return min(n, max(0, size - (view.next_id - first)))


def points(
    view: View, memory: D, k: int, rng: np.random.Generator
) -> tuple[FloatArray, D]:
    """Return the next k points (k, d) of one Sobol sequence, and the memory."""
    d = view.U.shape[1]
    if k == 0:
        return np.empty((0, d)), memory
    seed = memory.design_seed
    seed = int(rng.integers(2**31)) if seed is None else seed
    end = memory.designed + k
    U = Sobol().sample_unit(end, d, seed)[memory.designed :]
    return U, replace(memory, design_seed=seed, designed=end)
