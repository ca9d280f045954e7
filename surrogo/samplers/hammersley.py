"""Hammersley points."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from surrogo.checks import FloatArray
from surrogo.samplers.base import Sampler
from surrogo.samplers.halton import Halton


@dataclass(frozen=True)
class Hammersley(Sampler):
    """Equal steps in the first variable, Halton points in the others.

    Hammersley 1960, Annals of the New York Academy of Sciences 86, 844-874. Its
    discrepancy is lower than Halton's by a factor of log n, and it cannot be
    continued: every point depends on `n`.

    Parameters
    ----------
    scramble : bool
        Scramble the Halton points and shift the equal steps by a random part of one
        step; False gives the classical points, of which the first is a corner.

    Examples
    --------
    >>> from surrogo.samplers import Hammersley
    >>> Hammersley(scramble=False).sample_unit(4, 2)
    array([[0.  , 0.  ],
           [0.25, 0.5 ],
           [0.5 , 0.25],
           [0.75, 0.75]])
    """

    scramble: bool = True

    def _unit(self, n: int, d: int, rng: np.random.Generator) -> FloatArray:
        shift = rng.random() if self.scramble else 0.0
        steps = ((np.arange(n) + shift) / n)[:, None]
        if d == 1:
            return steps
        others = Halton(scramble=self.scramble).sample_unit(n, d - 1, rng)
        return np.hstack([steps, others])
