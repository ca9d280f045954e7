"""Spreading the points of a Latin hypercube by swaps within its columns."""

from __future__ import annotations

import numpy as np

from surrogo.checks import FloatArray
from surrogo.samplers.base import IntArray

# The criterion of Morris & Mitchell 1995 (J. Statistical Planning and Inference 43,
# 381-402), sum of distance**-p over all pairs, with p = 16: closest pairs rule it.
_HALF_P = 8
# Squared distances are n x n numbers: 128 MiB for one such matrix.
LARGEST = 4096
# Swaps looked at in one step times the points that each concerns: about 0.1 ms.
_WORK = 20_000
# Steps per value, and at most. On 100 points in 10 variables (5000 steps, 0.4 s)
# four times as many raise the least distance by another 2 %.
_STEPS, _MOST_STEPS = 5, 5000
# Steps until the sums of rows, which gather rounding errors, are formed anew.
_RECOUNT = 64


def spread(U: FloatArray, rng: np.random.Generator, fixed: int = 0) -> FloatArray:
    """Swap values within columns of `U` (n, d) so that close points move apart.

    Each step takes a point (likelier one with close neighbours) and a variable, and
    the partner whose exchange lowers the criterion most (exchanges as in Jin, Chen &
    Sudjianto 2005, J. Statistical Planning and Inference 134, 268-287). Each column
    keeps its values, so that a Latin hypercube stays one. The first `fixed` rows stay.
    """
    n, d = U.shape
    if n - fixed < 2:
        return U
    state = _Pairs(U)
    for step in range(min(_STEPS * n * d, _MOST_STEPS)):
        if step % _RECOUNT == 0:
            state.recount()
        state.step(fixed, rng)
    return state.U


class _Pairs:
    """Points, their squared distances and the terms of the criterion.

    ``D`` and ``F`` are (n, n); ``F`` has zeros on its diagonal; ``crowding`` (n,) are
    its row sums. Nothing of this leaves the module, so that it may change in place.
    """

    def __init__(self, U: FloatArray) -> None:
        self.U = U.copy()
        self.D = np.stack([np.sum((U - u) ** 2, axis=1) for u in U])
        np.fill_diagonal(self.D, np.inf)
        self.F = _repulsion(self.D)
        self.recount()

    def recount(self) -> None:
        """Form the sums of rows anew."""
        self.crowding = self.F.sum(axis=1)

    def step(self, fixed: int, rng: np.random.Generator) -> None:
        """Make the best exchange of one value of one point, if it helps."""
        n, d = self.U.shape
        sums = np.cumsum(self.crowding[fixed:])
        i = min(fixed + int(np.searchsorted(sums, rng.random() * sums[-1])), n - 1)
        column = int(rng.integers(d))
        partners = self._partners(i, fixed, rng)
        D_i, D_j = self._exchanged(i, partners, self.U[:, column])
        change = _repulsion(D_i).sum(axis=1) + _repulsion(D_j).sum(axis=1)
        change -= self.crowding[i] + self.crowding[partners]
        best = int(np.argmin(change))
        if change[best] < 0:
            j = int(partners[best])
            self._replace(i, D_i[best])
            self._replace(j, D_j[best])
            self.U[[i, j], column] = self.U[[j, i], column]

    def _partners(self, i: int, fixed: int, rng: np.random.Generator) -> IntArray:
        free = len(self.U) - fixed
        count = max(_WORK // len(self.U), 8)
        chosen = np.arange(fixed, len(self.U))
        if count < free:
            chosen = rng.choice(chosen, count, replace=False)
        return np.asarray(chosen[chosen != i])

    def _exchanged(
        self, i: int, partners: IntArray, x: FloatArray
    ) -> tuple[FloatArray, FloatArray]:
        """Return squared distances of i and of each partner j after the exchange.

        Both are (m, n). Only the coordinate `x` (n,) changes hands, and what one
        gains towards a third point the other loses.
        """
        gain = (x[partners, None] - x) ** 2 - (x[i] - x) ** 2
        D_i, D_j = self.D[i] + gain, self.D[partners] - gain
        row = np.arange(len(partners))
        D_i[:, i] = D_j[row, partners] = np.inf
        D_i[row, partners] = D_j[:, i] = self.D[i, partners]
        return D_i, D_j

    def _replace(self, i: int, distances: FloatArray) -> None:
        new = _repulsion(distances)
        self.crowding += new - self.F[i]
        self.crowding[i] = new.sum()
        self.D[i] = self.D[:, i] = distances
        self.F[i] = self.F[:, i] = new


def _repulsion(D: FloatArray) -> FloatArray:
    """Return distance**-p of squared distances; finite where points coincide."""
    power = 1.0 / (D + 1e-12)
    for _ in range(_HALF_P.bit_length() - 1):
        power *= power
    return power
