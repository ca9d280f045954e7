"""A Gaussian process on many points by Vecchia's approximation: an immutable value."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from surrogo.checks import FloatArray
from surrogo.surrogates.local_model import Coefficients, LocalModel, Process, tree_of
from surrogo.surrogates.neighbourhoods import Sets
from surrogo.surrogates.ordering import IntArray, maxmin_order, previous_neighbours
from surrogo.surrogates.vecchia_likelihood import Regression, Terms, VecchiaLikelihood


@dataclass(frozen=True, eq=False)
class VecchiaModel(LocalModel):
    """A process conditioned on data: trend and variance from all of them.

    The data are in max-min order in units of the length scales (Katzfuss, Guinness &
    Lawrence 2022, SIAM/ASA J. Uncertain. Quantif. 10, 537-554), those that were
    appended come last; terms and fit belong to this order.
    """

    n_neighbours: int
    terms: Terms
    fit: Regression

    @classmethod
    def of(
        cls,
        process: Process,
        Z: FloatArray,
        y: FloatArray,
        numbers: tuple[int, int],
        rng: np.random.Generator,
    ) -> VecchiaModel:
        """Condition on points Z (n, d) and values y (n,).

        `numbers` are those of the neighbours in the likelihood and in predictions.
        """
        n_neighbours, n_near = numbers
        order = maxmin_order(process.scaled(Z), rng)
        Z, y = Z[order], y[order]
        terms = _terms(process, Z, y, n_neighbours, 0)
        parts = Z, y, n_near, tree_of(process, Z), n_neighbours, terms
        return cls(process, *parts, Regression.of(terms))

    def append(self, Z: FloatArray, y: FloatArray) -> VecchiaModel:
        """Condition on q further points at the same hyper-parameters."""
        Z, y = np.vstack([self.Z, Z]), np.concatenate([self.y, y])
        new = _terms(self.process, Z, y, self.n_neighbours, len(self.y))
        terms = Terms.joined([self.terms, new])
        tree, fit = tree_of(self.process, Z), Regression.of(terms)
        return replace(self, Z=Z, y=y, tree=tree, terms=terms, fit=fit)

    def log_likelihood(self) -> float:
        """Return the restricted log likelihood of y, as `Posterior` does."""
        contrasts = 0.5 * self.process.trend.log_gram(self.Z)
        return contrasts - self.fit.negative_log_likelihood()

    def _coefficients(self, sets: Sets) -> Coefficients:
        q, p = len(sets.left), len(self.fit.beta)
        return Coefficients(
            np.broadcast_to(self.fit.beta, (q, p)),
            np.broadcast_to(self.fit.solve_G(np.eye(p)), (q, p, p)),
            np.full(q, self.fit.s2),
        )


def sets_of(Z: FloatArray, m: int, rows: IntArray) -> IntArray:
    """Return the sets (q, m + 1) of `rows` among scaled points Z in their order."""
    return np.column_stack([previous_neighbours(Z, min(m, len(Z) - 1), rows), rows])


def _terms(process: Process, Z: FloatArray, y: FloatArray, m: int, first: int) -> Terms:
    """Return the terms of all points from `first` on, given those before them."""
    sets = sets_of(process.scaled(Z), m, np.arange(first, len(Z)))
    F = process.trend.basis(Z)
    likelihood = VecchiaLikelihood(process.kernel, Z, F, y, sets)
    return likelihood.terms(process.log_l, process.nugget)
