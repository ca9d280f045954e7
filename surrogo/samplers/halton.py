"""Halton points."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from surrogo.checks import FloatArray
from surrogo.samplers.sequence import Sequence


@dataclass(frozen=True, kw_only=True)
class Halton(Sequence):
    """The first `n` points of a Halton sequence.

    Halton 1960, with the random permutations of Owen 2017 (arXiv:1706.02808); built
    on `scipy.stats.qmc.Halton`.

    Parameters
    ----------
    scramble : bool
        False gives the classical sequence, whose first point is a corner and whose
        later variables are strongly correlated.
    skip : int
        Number of points to leave out: continues a design of the same integer seed.

    Examples
    --------
    >>> from surrogo.samplers import Halton
    >>> Halton().sample(5, [(0, 1), (-1, 1)], rng=0).shape
    (5, 2)
    >>> Halton(scramble=False).sample_unit(3, 2)
    array([[0.        , 0.        ],
           [0.5       , 0.33333333],
           [0.25      , 0.66666667]])
    """

    scramble: bool = True

    def _first(self, n: int, d: int, rng: np.random.Generator) -> FloatArray:
        from scipy.stats import qmc  # half a second to import: only where used

        return qmc.Halton(d, scramble=self.scramble, rng=rng).random(n)
