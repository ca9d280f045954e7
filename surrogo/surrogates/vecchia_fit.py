"""Hyper-parameters from many points: from coarse to fine, a few thousand at a time.

Neighbours and their order depend on the length scales that are searched, so they are
found anew between the searches (Katzfuss, Guinness & Lawrence 2022, section 3.4).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from surrogo.checks import FloatArray
from surrogo.surrogates.kernels import Stationary
from surrogo.surrogates.map_fit import Fit, Objective, search
from surrogo.surrogates.ordering import IntArray, maxmin_order
from surrogo.surrogates.trends import Trend
from surrogo.surrogates.vecchia_likelihood import VecchiaLikelihood
from surrogo.surrogates.vecchia_model import sets_of

# The searches from several starts see so many points, spread over the whole box.
_COARSE = 1000
# The last searches see so many terms of the likelihood of all points.
_TERMS = 4000
# Those of the first points are among them: they see all of the box, so that the trend
# is determined.
_FIRST = 100
_ROUNDS = 2


@dataclass(frozen=True, eq=False)
class VecchiaSearch:
    """Data Z (n, d), y (n,), and what is assumed of them besides hyper-parameters.

    A nugget of None is searched too; `prior` is whether hyper-parameters have priors.
    """

    kernel: Stationary
    trend: Trend
    nugget: float | None
    prior: bool
    n_neighbours: int
    Z: FloatArray
    y: FloatArray

    def fit(self, log_l: FloatArray | None, n_starts: int, seed: int) -> Fit:
        """Search from `n_starts` starts, the first of which is log_l (d,) if given."""
        rng = np.random.default_rng(seed)
        coarse = self._some(maxmin_order(self.Z, rng)[:_COARSE])
        objective = coarse._objective(np.zeros(self.Z.shape[1]), rng)
        found = search(objective, objective.starts(log_l, n_starts, rng))
        if len(coarse.y) > self.n_neighbours + 1:  # else the likelihood is exact
            found = coarse._refined(found, rng)
        if len(coarse.y) < len(self.y):
            for _ in range(_ROUNDS):
                found = self._refined(found, rng)
        return found

    def likelihood(
        self, log_l: FloatArray, rng: np.random.Generator
    ) -> VecchiaLikelihood:
        """Return some terms of the likelihood, neighbours as of length scales log_l."""
        scaled = self.Z * np.exp(-log_l)
        order = maxmin_order(scaled, rng)
        some = rng.choice(len(order), min(_TERMS, len(order)), replace=False)
        rows = np.union1d(np.arange(min(_FIRST, len(order))), some)
        sets = sets_of(scaled[order], self.n_neighbours, rows)
        Z = self.Z[order]
        return VecchiaLikelihood(
            self.kernel, Z, self.trend.basis(Z), self.y[order], sets
        )

    def _refined(self, found: Fit, rng: np.random.Generator) -> Fit:
        """Search on from what was found, with the neighbours that belong to it."""
        better = search(self._objective(found.theta, rng), [found.phi])
        spent = found.n_evaluations + better.n_evaluations
        return replace(better, n_evaluations=spent)

    def _objective(self, log_l: FloatArray, rng: np.random.Generator) -> Objective:
        return Objective(self.likelihood(log_l, rng), self.nugget, self.prior)

    def _some(self, rows: IntArray) -> VecchiaSearch:
        return replace(self, Z=self.Z[rows], y=self.y[rows])
