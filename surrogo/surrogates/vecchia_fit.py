"""Hyper-parameters from many points: first from part of them, then from all.

A part is small enough for the exact likelihood. Vecchia likelihoods of the whole see
finer detail, but with few neighbours they are blind to what many variables do together
(of which each does little), so that a result is taken only if it predicts better.
Neighbours and their order depend on the length scales that are searched, so they are
found anew between the searches (Katzfuss, Guinness & Lawrence 2022, section 3.4).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from scipy.spatial import cKDTree

from surrogo.checks import FloatArray
from surrogo.surrogates.kernel_base import Kernel
from surrogo.surrogates.likelihood import Likelihood
from surrogo.surrogates.map_fit import Fit, Objective, search
from surrogo.surrogates.ordering import IntArray, maxmin_order, nearest, others
from surrogo.surrogates.plan import Plan
from surrogo.surrogates.trends import Trend
from surrogo.surrogates.vecchia_likelihood import Regression, VecchiaLikelihood
from surrogo.surrogates.vecchia_model import sets_of

# Up to so many points the exact likelihood is as quick as the other.
_COARSE = 1000
# The searches by Vecchia likelihoods see so many terms of that of all points.
_TERMS = 4000
# Those of the first points are among them: they see all of the box, so that the trend
# is determined.
_FIRST = 100
# The first of these searches still has the neighbours of what came before.
_ROUNDS = 2
# Points that are left out one by one to compare what was found.
_TESTED = 500


def best_of(
    searches: list[VecchiaSearch], nugget: float | None, plan: Plan
) -> tuple[VecchiaSearch, Fit]:
    """Return the search, of those of several kernels, that finds the likeliest fit.

    They are compared after the first stage; only the best goes on. A nugget of None is
    searched too.
    """
    rows = maxmin_order(searches[0].Z, np.random.default_rng(plan.seed))[:_COARSE]
    best, rough = plan.search_best([one.exact(rows) for one in searches], nugget)
    return searches[best], searches[best].refined(rough, nugget, plan)


@dataclass(frozen=True, eq=False)
class VecchiaSearch:
    """Data Z (n, d), y (n,), and what is assumed of them besides hyper-parameters.

    Likelihoods have `n_neighbours` neighbours, predictions `n_near`.
    """

    kernel: Kernel
    trend: Trend
    n_neighbours: int
    n_near: int
    Z: FloatArray
    y: FloatArray

    def exact(self, rows: IntArray) -> Likelihood:
        """Return the exact likelihood of some of the points."""
        Z = self.Z[rows]
        return Likelihood(self.kernel, Z, self.trend.basis(Z), self.y[rows])

    def refined(self, rough: Fit, nugget: float | None, plan: Plan) -> Fit:
        """Search on from `rough` by all points, as long as predictions improve."""
        if len(self.y) <= _COARSE:
            return rough
        rng = np.random.default_rng(plan.seed)
        best, spent = rough, rough.n_evaluations
        for _ in range(_ROUNDS):
            terms = self.likelihood(best.theta, rng)
            fine = search(Objective(terms, nugget, plan.prior), [best.phi])
            spent += fine.n_evaluations
            if self.test(fine, plan.seed) >= self.test(best, plan.seed):
                break
            best = fine
        return replace(best, n_evaluations=spent)

    def test(self, fit: Fit, seed: int) -> float:
        """Return -log density of some points, each given those nearest to it.

        At the best trend and process variance for these.
        """
        rng = np.random.default_rng(seed)
        rows = rng.choice(len(self.y), min(_TESTED, len(self.y)), replace=False)
        scaled = self.Z * np.exp(-fit.theta)
        m = min(self.n_near, len(self.y) - 1)
        near = others(nearest(cKDTree(scaled), scaled[rows], m + 1), rows)
        sets = np.column_stack([near, rows])
        F = self.trend.basis(self.Z)
        density = VecchiaLikelihood(self.kernel, self.Z, F, self.y, sets)
        terms = density.terms(fit.theta, fit.nugget)
        return Regression.of(terms).negative_log_likelihood()

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
