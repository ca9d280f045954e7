"""Local interpolants blended by a partition of unity: an immutable value."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from surrogo.checks import FloatArray
from surrogo.surrogates.cells import Cells, Part
from surrogo.surrogates.rbf_model import RBFModel

# Fits a cell: from points (q, d) and values (q,) or (q, k) to a model.
LocalFit = Callable[[FloatArray, FloatArray], RBFModel]


@dataclass(frozen=True, eq=False)
class PartitionModel:
    """The sum of w_j(z) times the interpolant of the data in cell j, sum_j w_j = 1.

    Where w_j > 0 at a point, the point is one of the data of cell j; so the sum
    interpolates as each interpolant does (Wendland 2005, Scattered Data
    Approximation, section 15.4). Its error is at most sum_j w_j |error of j|, and the
    standard deviation is the same sum of theirs: right if their errors go together,
    and an upper bound otherwise.

    Z (n, d) are the data; y (n,) or (n, k) tells the number of outputs.
    """

    cells: Cells
    models: tuple[RBFModel, ...]
    Z: FloatArray
    y: FloatArray

    @classmethod
    def of(
        cls, cells: Cells, fit: LocalFit, Z: FloatArray, y: FloatArray
    ) -> PartitionModel:
        """Fit a model to the points Z (n, d) and values y (n,) or (n, k) of each cell.

        Every cell must hold a point.
        """
        models = tuple(fit(Z[part.rows], y[part.rows]) for part in cells.parts(Z))
        return cls(cells, models, Z, y)

    def append(self, Z: FloatArray, y: FloatArray) -> PartitionModel:
        """Fit to q further points; the cells stay as they are."""
        models = tuple(
            model.append(Z[part.rows], y[part.rows]) if len(part.rows) else model
            for part, model in zip(self.cells.parts(Z), self.models, strict=True)
        )
        points, values = np.vstack([self.Z, Z]), np.concatenate([self.y, y])
        return PartitionModel(self.cells, models, points, values)

    def mean(self, Z: FloatArray) -> FloatArray:
        """Return the mean (m,) or (m, k) at Z (m, d)."""
        out = self._zeros(Z)
        for part, model in self._parts(Z):
            out[part.rows] += _times(part.w, model.mean(Z[part.rows]))
        return out

    def mean_std(self, Z: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return mean and standard deviation at Z (m, d), each (m,) or (m, k)."""
        out = self._zeros(Z), self._zeros(Z)
        for part, model in self._parts(Z):
            for total, local in zip(out, model.mean_std(Z[part.rows]), strict=True):
                total[part.rows] += _times(part.w, local)
        return out

    def mean_std_gradients(
        self, Z: FloatArray
    ) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
        """Return mean, std (m,) and their gradients (m, d) at Z (m, d).

        With k outputs (m, k) and (m, k, d).
        """
        values = self._zeros(Z), self._zeros(Z)
        slopes = tuple(np.zeros((*v.shape, Z.shape[1])) for v in values)
        for part, model in self._parts(Z):
            local = model.mean_std_gradients(Z[part.rows])
            for j in (0, 1):
                values[j][part.rows] += _times(part.w, local[j])
                slopes[j][part.rows] += _times(part.w, local[2 + j])
                slopes[j][part.rows] += _outer(local[j], part.dw)
        return values[0], values[1], slopes[0], slopes[1]

    def leave_one_out(self) -> tuple[FloatArray, FloatArray]:
        """Return what the others say of each observation: mean and std, like y.

        With the same cells; in closed form, as the models of the cells have it.
        """
        out = self._zeros(self.Z), self._zeros(self.Z)
        for part, model in self._parts(self.Z):
            for total, local in zip(out, model.leave_one_out(), strict=True):
                total[part.rows] += _times(part.w, local)
        return out

    def _parts(self, Z: FloatArray) -> Iterator[tuple[Part, RBFModel]]:
        """Yield every cell with points of Z in it, and its model."""
        for part, model in zip(self.cells.parts(Z), self.models, strict=True):
            if len(part.rows):
                yield part, model

    def _zeros(self, Z: FloatArray) -> FloatArray:
        return np.zeros((len(Z), *self.y.shape[1:]))


def _times(w: FloatArray, values: FloatArray) -> FloatArray:
    """Return w (q,) times values (q, ...)."""
    return np.asarray(w.reshape(-1, *(1,) * (values.ndim - 1)) * values)


def _outer(values: FloatArray, dw: FloatArray) -> FloatArray:
    """Return values (q,) or (q, k) times dw (q, d): (q, d) or (q, k, d)."""
    return values[..., None] * (dw if values.ndim == 1 else dw[:, None])
