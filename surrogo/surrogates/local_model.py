"""Predictions from the nearest points only: what Vecchia and local models share."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.spatial import cKDTree

from surrogo.checks import FloatArray
from surrogo.surrogates.kernel_base import Kernel
from surrogo.surrogates.neighbourhoods import Sets, batches
from surrogo.surrogates.ordering import IntArray, nearest
from surrogo.surrogates.pairs import pairs_of
from surrogo.surrogates.trends import Trend

# Points further than this from all the data, in length scales, are moved there: all
# correlations are 0 anyway, and squares of distances stay finite.
_FAR = 1e6


@dataclass(frozen=True, eq=False)
class Process:
    """A Gaussian process before it sees data, up to its variance: the assumptions.

    log_l (d,) are log length scales on the unit cube, nugget is relative to the
    process variance.
    """

    kernel: Kernel
    trend: Trend
    log_l: FloatArray
    nugget: float

    def scaled(self, Z: FloatArray) -> FloatArray:
        """Return Z (n, d) in units of the length scales."""
        return np.asarray(Z * np.exp(-self.log_l))


@dataclass(frozen=True, eq=False)
class Coefficients:
    """Trend and variance for each of q targets.

    beta (q, p), the inverse of their precision G_inv (q, p, p), and s2 (q,).
    """

    beta: FloatArray
    G_inv: FloatArray
    s2: FloatArray


@dataclass(frozen=True, eq=False)
class LocalModel:
    """The best linear unbiased predictor from the `n_near` nearest of the data.

    Z (n, d) lies in the unit cube, y (n,) is standardised; "near" is meant in units
    of the length scales, and `tree` holds the points in these. A subclass says where
    trend and variance come from. Gradients are those at fixed neighbours: where a
    neighbour changes, predictions have a small step.
    """

    process: Process
    Z: FloatArray
    y: FloatArray
    n_near: int
    tree: Any

    def mean_std(self, Z: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return mean and standard deviation (m,) at Z (m, d)."""
        return self._predict(Z, self._nearest(Z))

    def mean_std_gradients(
        self, Z: FloatArray
    ) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
        """Return mean, std (m,) and their gradients (m, d) at Z (m, d).

        Where std is 0 its gradient, which does not exist, is given as 0.
        """
        parts = [
            (*_mean_std(sets, at), *self._slopes(Z[rows], sets, at))
            for rows, sets, at in self._every(Z, self._nearest(Z))
        ]
        mean, std, mean_slope, half = map(np.concatenate, zip(*parts, strict=True))
        known = (std == 0.0)[:, None]
        safe = np.where(known, 1.0, std[:, None])
        return mean, std, mean_slope, np.where(known, 0.0, half / safe)

    def _coefficients(self, sets: Sets) -> Coefficients:
        """Return trend and variance for sets that hold y and the columns of F."""
        raise NotImplementedError

    def _predict(
        self, Z: FloatArray, neighbours: IntArray, noise: float = 0.0
    ) -> tuple[FloatArray, FloatArray]:
        """Return mean and std (m,) at Z (m, d), given neighbours (m, k) of each."""
        parts = [_mean_std(s, at, noise) for _, s, at in self._every(Z, neighbours)]
        mean, std = map(np.concatenate, zip(*parts, strict=True))
        return mean, std

    def _nearest(self, Z: FloatArray) -> IntArray:
        return nearest(self.tree, self._within_reach(Z), min(self.n_near, len(self.y)))

    def _within_reach(self, Z: FloatArray) -> FloatArray:
        """Return Z (m, d) in units of the length scales, never far from all data."""
        low, high = self.tree.mins - _FAR, self.tree.maxes + _FAR
        return np.clip(self.process.scaled(Z), low, high)

    def _every(
        self, Z: FloatArray, neighbours: IntArray
    ) -> Iterator[tuple[slice, Sets, Coefficients]]:
        """Yield targets Z (q, d) with neighbours (q, m) in batches, y unknown there."""
        process, trend = self.process, self.process.trend
        target, data = self._within_reach(Z).T, self.tree.data.T
        H, f = np.vstack([self.y, trend.basis(self.Z).T]), trend.basis(Z).T
        f = np.vstack([np.zeros(len(Z)), f])
        for part in batches(len(Z), neighbours.shape[1] + 1):
            near = neighbours[part]
            P = np.dstack([data[:, near], target[:, part]])
            values = np.dstack([H[:, near], f[:, part]]).transpose(1, 0, 2)
            sets = Sets.of(pairs_of(process.kernel, P), process.nugget, values)
            yield part, sets, self._coefficients(sets)

    def _slopes(
        self, Z: FloatArray, sets: Sets, at: Coefficients
    ) -> tuple[FloatArray, FloatArray]:
        """Return the gradients (q, d) of the mean and of half the variance.

        a = R^-1 (y - F beta) and, with u = f - F^T w, d var / s2 =
        -2 (w + R^-1 F G^-1 u) . dk + 2 G^-1 u . df (as in posterior.py).
        """
        trend, scale = self.process.trend, np.exp(-self.process.log_l)
        S_F = sets.S[:, 1:]
        a = sets.S[:, 0] - np.einsum("qp,qpm->qm", at.beta, S_F)
        Gu = np.einsum("qpr,qr->qp", at.G_inv, sets.e()[:, 1:])
        c = np.einsum("qp,qpm->qm", Gu, S_F) - sets.rest[:, :-1]
        mean = trend.slope(Z, at.beta) + sets.pairs.target_pull(a) * scale
        half = trend.slope(Z, Gu) - sets.pairs.target_pull(c) * scale
        return mean, at.s2[:, None] * half


def tree_of(process: Process, Z: FloatArray) -> Any:
    """Return the k-d tree of Z (n, d) in units of the length scales."""
    return cKDTree(process.scaled(Z))


def _mean_std(
    sets: Sets, at: Coefficients, noise: float = 0.0
) -> tuple[FloatArray, FloatArray]:
    """Return mean and std (q,) of targets whose y was given as 0.

    The std is that of the function plus noise, relative to the process variance.
    """
    e = sets.e()
    u = e[:, 1:]
    mean = np.einsum("qp,qp->q", u, at.beta) - e[:, 0]
    trend_part = np.einsum("qp,qpr,qr->q", u, at.G_inv, u, optimize=True)
    return mean, np.sqrt(at.s2 * np.maximum(sets.left + trend_part + noise, 0.0))
