"""How the hyper-parameters of a likelihood are searched: starts, subsets, noise."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from surrogo.checks import FloatArray
from surrogo.surrogates.map_fit import Fit, Objective, Searchable, search


@dataclass(frozen=True, eq=False)
class Plan:
    """The settings of a search: number of starts, a warm theta, prior or not, seed."""

    n_starts: int
    warm: FloatArray | None
    prior: bool
    seed: int

    def search(self, likelihood: Searchable, nugget: float | None) -> Fit:
        """Search theta, and lambda too where `nugget` is None."""
        objective = Objective(likelihood, nugget, self.prior)
        rng = np.random.default_rng(self.seed)
        return search(objective, objective.starts(self.warm, self.n_starts, rng))
