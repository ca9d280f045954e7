"""Uniform points in a polytope, however thin or flat, by random walks."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from surrogo.checks import FloatArray
from surrogo.samplers.conditions import Rows

# Extents below this part of the box count as none. Corners come from bases of linear
# programs, exact but for rounding errors that grow with the condition of the basis.
_FLAT = 1e-10
# Steps of each walk, which starts inside and moves in a rounded body: some d**2 are
# enough there in practice (Lovasz & Vempala 2006 prove d**3).
_STEPS, _STEPS_PER_SQUARE = 100, 2
# Steps stop short of the walls by this part of their chord, lest rounding cross them.
_MARGIN = 1e-6


@dataclass(frozen=True)
class Polytope:
    """The points of the unit cube with ``low <= A u <= high``.

    Attributes
    ----------
    corners : array (k, d)
        Extreme points in the direction of every variable and every row of ``A``.
    rows : Rows
        Rows of ``A`` and of the unit matrix.
    """

    corners: FloatArray
    rows: Rows

    @classmethod
    def of(cls, rows: Rows) -> Polytope | None:
        """Explore the polytope; None if it is empty."""
        d = rows.A.shape[1]
        walls = Rows(np.eye(d), np.zeros(d), np.ones(d))
        A = np.vstack([walls.A, rows.A])
        corners = [_extreme(rows, c) for row in A for c in (row, -row)]
        found = [corner for corner in corners if corner is not None]
        if len(found) < len(corners):
            return None
        low = np.concatenate([walls.low, rows.low])
        return cls(
            np.array(found), Rows(A, low, np.concatenate([walls.high, rows.high]))
        )

    def sample(self, n: int, rng: np.random.Generator) -> FloatArray:
        """Return the ends (n, d) of `n` independent walks.

        Hit and run (Smith 1984, Operations Research 32, 1296-1308), in coordinates in
        which the corners spread alike in all directions in which the set extends.
        """
        centre, axes = self._frame()
        weights = rng.dirichlet(np.ones(len(self.corners)), n)
        U = np.asarray(weights @ self.corners)
        if len(axes) == 0:
            return U
        coordinates = (U - centre) @ np.linalg.pinv(axes)
        rows = self._rows_that_bind()
        for _ in range(_STEPS + _STEPS_PER_SQUARE * len(axes) ** 2):
            direction = rng.standard_normal(coordinates.shape)
            length = _chord(centre + coordinates @ axes, direction @ axes, rows, rng)
            coordinates = coordinates + length[:, None] * direction
        return np.asarray(centre + coordinates @ axes)

    def _frame(self) -> tuple[FloatArray, FloatArray]:
        """Return the centre (d,) and the axes (k, d) of the spread of the corners."""
        centre = self.corners.mean(axis=0)
        _, spread, axes = np.linalg.svd(self.corners - centre, full_matrices=False)
        wide = spread > _FLAT
        return centre, spread[wide, None] * axes[wide]

    def _rows_that_bind(self) -> Rows:
        """Leave out rows whose value is the same all over the set."""
        extent = np.ptp(self.corners @ self.rows.A.T, axis=0)
        some = extent > _FLAT
        return Rows(self.rows.A[some], self.rows.low[some], self.rows.high[some])


def _extreme(rows: Rows, direction: FloatArray) -> FloatArray | None:
    from scipy.optimize import linprog

    equal = rows.low == rows.high
    above, below = np.isfinite(rows.high) & ~equal, np.isfinite(rows.low) & ~equal
    solved = linprog(
        direction,
        A_ub=np.vstack([rows.A[above], -rows.A[below]]),
        b_ub=np.concatenate([rows.high[above], -rows.low[below]]),
        A_eq=rows.A[equal],
        b_eq=rows.high[equal],
        bounds=(0.0, 1.0),
    )
    return None if solved.x is None else np.clip(solved.x, 0.0, 1.0)


def _chord(
    U: FloatArray, direction: FloatArray, rows: Rows, rng: np.random.Generator
) -> FloatArray:
    """Return a uniform step (n,) along lines through the points, up to the walls."""
    value, slope = U @ rows.A.T, direction @ rows.A.T
    with np.errstate(divide="ignore", invalid="ignore"):  # lines along a wall
        ends = np.stack([(rows.low - value) / slope, (rows.high - value) / slope])
    ends = np.where(np.isnan(ends), [[[-np.inf]], [[np.inf]]], np.sort(ends, axis=0))
    first = np.minimum(np.max(ends[0], axis=1), 0.0)
    last = np.maximum(np.min(ends[1], axis=1), 0.0)
    return np.asarray(
        first + (last - first) * rng.uniform(_MARGIN, 1 - _MARGIN, len(U))
    )
