"""Independent uniform points."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from surrogo.checks import FloatArray
from surrogo.samplers.base import Sampler


@dataclass(frozen=True)
class Uniform(Sampler):
    """Independent uniform points.

    Examples
    --------
    >>> from surrogo.samplers import Uniform
    >>> Uniform().sample(3, [(0, 1), (-5, 5)], rng=0).shape
    (3, 2)
    """

    def _unit(self, n: int, d: int, rng: np.random.Generator) -> FloatArray:
        return rng.random((n, d))
