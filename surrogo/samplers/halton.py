"""Scrambled Halton points."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from surrogo.checks import FloatArray
from surrogo.samplers.base import Sampler


@dataclass(frozen=True)
class Halton(Sampler):
    """The first `n` points of a scrambled Halton sequence.

    Halton 1960, with the random permutations of Owen 2017 (arXiv:1706.02808); built
    on `scipy.stats.qmc.Halton`.

    Examples
    --------
    >>> from surrogo.samplers import Halton
    >>> Halton().sample(5, [(0, 1), (-1, 1)], rng=0).shape
    (5, 2)
    """

    def _unit(self, n: int, d: int, rng: np.random.Generator) -> FloatArray:
        from scipy.stats import qmc  # half a second to import: only where used

        return qmc.Halton(d, scramble=True, rng=rng).random(n)
