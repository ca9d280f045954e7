"""How the hyper-parameters of a likelihood are searched: starts, subsets, noise."""

from __future__ import annotations

from collections.abc import Sequence
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
    """The settings of a search: starts, log l of the first one, prior, seed."""

    n_starts: int
    warm: FloatArray | None
    prior: bool
    seed: int

    def search(self, likelihood: Searchable, nugget: float | None) -> Fit:
        """Search theta, and lambda too where `nugget` is None."""
        return self.search_best([likelihood], nugget)[1]

    def search_best(
        self, likelihoods: Sequence[Searchable], nugget: float | None
    ) -> tuple[int, Fit]:
        """Search in likelihoods of the same data; return the index of the best, too.

        The best is that of the highest posterior density at its maximum.
        """
        parts = [self._part(likelihood) for likelihood in likelihoods]
        rough = [
            self._from_all_starts(part or whole, nugget)
            for part, whole in zip(parts, likelihoods, strict=True)
        ]
        best = min(range(len(rough)), key=lambda i: rough[i].value)
        fit, spent = rough[best], sum(found.n_evaluations for found in rough)
        if parts[best] is not None:
            fit = search(Objective(likelihoods[best], nugget, self.prior), [fit.phi])
            spent += fit.n_evaluations
        return best, replace(fit, n_evaluations=spent)

    def _from_all_starts(self, likelihood: Searchable, nugget: float | None) -> Fit:
        objective = Objective(likelihood, nugget, self.prior)
        rng = np.random.default_rng(self.seed)
        warm = None
        if self.warm is not None:
            warm = likelihood.kernel.at_lengths(self.warm)
        return search(objective, objective.starts(warm, self.n_starts, rng))

    def _part(self, likelihood: Searchable) -> Likelihood | None:
        """Return the likelihood of a random part of many points that tells enough."""
        n, alone = len(likelihood.Z), self.n_starts == 1
        if alone or n <= _ALL or not isinstance(likelihood, Likelihood):
            return None
        p = likelihood.F.shape[1]
        size = max(_ALL, round(_PART * n), 2 * p)
        rows = np.random.default_rng(self.seed).permutation(n)[:size]
        part = likelihood.subset(rows)
        return part if np.linalg.matrix_rank(part.F) == p else None
