"""Latin hypercube sampling."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from surrogo.checks import FloatArray
from surrogo.samplers.base import Sampler


@dataclass(frozen=True)
class LatinHypercube(Sampler):
    """One point in each of the `n` strata of every variable.

    McKay, Beckman & Conover 1979, Technometrics 21, 239-245; built on
    `scipy.stats.qmc.LatinHypercube`.

    Examples
    --------
    >>> import numpy as np
    >>> from surrogo.samplers import LatinHypercube
    >>> X = LatinHypercube().sample(4, [(0, 4)], rng=0)
    >>> np.sort(X.astype(int).ravel())
    array([0, 1, 2, 3])
    """

    def _unit(self, n: int, d: int, rng: np.random.Generator) -> FloatArray:
        from scipy.stats import qmc  # half a second to import: only where used

        return qmc.LatinHypercube(d, rng=rng).random(n)
