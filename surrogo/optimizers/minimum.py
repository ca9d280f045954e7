"""What a Gaussian process believes of the lowest value of its function.

The lowest value of a function drawn from the posterior, on the points where a low value
is likeliest (after Wilson 2024, "Stopping Bayesian optimization with probabilistic
regret bounds", who minimises approximate draws).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.linalg import lapack

from surrogo.acquisition import Criterion, maximise
from surrogo.acquisition.maximise import Search
from surrogo.checks import FloatArray
from surrogo.space import Space
from surrogo.surrogates.posterior import Posterior

_SEARCH = Search(raw=512, near=256, starts=5)  # 1024, 512, 8: the same probabilities
_LIKELIEST, _OTHERS = 200, 300  # points at which functions are drawn
_IMPOSSIBLE = -6.0  # standard deviations
_NEGLIGIBLE = 1e-12  # variance, of the largest
_LEAST_STD = 1e-12  # in standard deviations of the targets; keeps slopes finite at data


@dataclass(frozen=True)
class Chance(Criterion):
    """Standard deviations by which the mean lies below a level: ranks P(f < level)."""

    level: float

    def _score(self, mean: FloatArray, std: FloatArray) -> FloatArray:
        return (self.level - mean) / np.maximum(std, _LEAST_STD)

    def _slopes(
        self, mean: FloatArray, std: FloatArray
    ) -> tuple[FloatArray, FloatArray]:
        std = np.maximum(std, _LEAST_STD)
        return -1.0 / std, (mean - self.level) / std**2


def draw_minima(
    model: Posterior,
    space: Space,
    incumbents: FloatArray,
    level: float,
    n: int,
    caution: float,
    rng: np.random.Generator,
) -> FloatArray:
    """Return the lowest values (n,) of n functions drawn from a posterior.

    Only points that may be below `level` count: of many spread over the cube and around
    the incumbents (k, d), and the ends of climbs from some. The process variance is
    unknown, so draws are Student's t with the degrees of freedom of its estimate;
    `caution` stretches them around the mean.
    """
    points = _where_low(model, space, incumbents, level, rng)
    mean, _ = model.mean_std(points)
    root = _root(model.covariance(points))
    nu = model.factors.nu
    size = caution * np.sqrt(nu / rng.chisquare(nu, size=n))
    away = root @ rng.normal(size=(root.shape[1], n)) * size
    return np.asarray(np.min(mean[:, None] + away, axis=-2))


def _where_low(
    model: Posterior,
    space: Space,
    incumbents: FloatArray,
    level: float,
    rng: np.random.Generator,
) -> FloatArray:
    """Return the likeliest points, which crowd, and some of all that are possible."""
    points, chance = maximise(Chance(level), model, space, incumbents, rng, _SEARCH)
    possible = np.flatnonzero(chance[_LIKELIEST:] > _IMPOSSIBLE)
    some = _LIKELIEST + possible[:: 1 + len(possible) // _OTHERS]
    return np.vstack([points[:_LIKELIEST], points[some]])


def _root(covariance: FloatArray) -> FloatArray:
    """Return A (m, r) with covariance = A A^T, r its rank up to rounding.

    By a Cholesky factorisation with pivots: P^T C P = L L^T (Higham 1990, "Analysis of
    the Cholesky decomposition of a semi-definite matrix").
    """
    largest = float(np.max(np.diag(covariance)))
    L, order, rank, _ = lapack.dpstrf(covariance, tol=_NEGLIGIBLE * largest, lower=1)
    root = np.zeros((len(covariance), rank))
    root[order - 1] = np.tril(L)[:, :rank]
    return root
