"""How the hyper-parameters of a likelihood are searched: starts, subsets, noise."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from surrogo.checks import FloatArray
from surrogo.surrogates.likelihood import Likelihood
from surrogo.surrogates.map_fit import Fit, Objective, Searchable, search

# More points than this are searched in two stages: all starts on a random part, then
# the best end on all points. On 13 sets of 500 and 2000 points (5 and 20 variables) the
# optimum was that of all starts on all points or a better one, in a fraction of the
# time (benchmarks/surrogate_speed.py).
_ALL, _PART = 300, 0.2


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
        starts = objective.starts(self.warm, self.n_starts, rng)
        part = self._part(likelihood) if len(starts) > 1 else None
        if part is None:
            return search(objective, starts)
        rough = search(Objective(part, nugget, self.prior), starts)
        fit = search(objective, [rough.phi])
        return replace(fit, n_evaluations=rough.n_evaluations + fit.n_evaluations)

    def _part(self, likelihood: Searchable) -> Likelihood | None:
        """Return the likelihood of a random part of many points that tells enough."""
        n = len(likelihood.Z)
        if n <= _ALL or not isinstance(likelihood, Likelihood):
            return None
        p = likelihood.F.shape[1]
        size = max(_ALL, round(_PART * n), 2 * p)
        rows = np.random.default_rng(self.seed).permutation(n)[:size]
        part = likelihood.subset(rows)
        return part if np.linalg.matrix_rank(part.F) == p else None
