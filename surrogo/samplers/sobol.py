"""Sobol points."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from surrogo.checks import FloatArray
from surrogo.samplers.sequence import Sequence


@dataclass(frozen=True, kw_only=True)
class Sobol(Sequence):
    """The first `n` points of a Sobol sequence.

    Sobol 1967, with the scrambling of Matousek 1998; built on
    `scipy.stats.qmc.Sobol`. Powers of two keep the balance of the sequence.

    Parameters
    ----------
    scramble : bool
        False gives the classical sequence, whose first point is a corner.
    skip : int
        Number of points to leave out: continues a design of the same integer seed.

    Examples
    --------
    >>> from surrogo.samplers import Sobol
    >>> X = Sobol().sample(8, [(0, 1), (0, 1)], rng=0)
    >>> int((X[:, 0] < 0.5).sum())
    4
    >>> more = Sobol(skip=8).sample(8, [(0, 1), (0, 1)], rng=0)  # 16 points with X
    """

    scramble: bool = True

    def _first(self, n: int, d: int, rng: np.random.Generator) -> FloatArray:
        from scipy.stats import qmc  # half a second to import: only where used

        # Drawing the next power of two and cutting gives the same first n points
        # as drawing n, without the warning about balance.
        m = (n - 1).bit_length()
        return qmc.Sobol(d, scramble=self.scramble, rng=rng).random_base2(m)[:n]
