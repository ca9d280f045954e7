"""Observations at their sites: what an interpolant does where points coincide."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from surrogo.checks import FloatArray


@dataclass(frozen=True, eq=False)
class Sites:
    """Observations y (N,) or (N, k), and the distinct points Z (n, d) they stand at.

    Several observations of one point count as their mean, which is what smoothing
    tends to as it goes to 0.

    Examples
    --------
    >>> import numpy as np
    >>> Sites.merged(np.array([[0.5], [0.1], [0.5]]), np.array([1.0, 2.0, 3.0])).values
    array([2., 2.])
    """

    Z: FloatArray
    index: np.ndarray[tuple[int], np.dtype[np.intp]]  # (N,): the site of each
    y: FloatArray

    @classmethod
    def apart(cls, Z: FloatArray, y: FloatArray) -> Sites:
        """Return one site per observation, for models that smooth."""
        return cls(Z, np.arange(len(Z)), y)

    @classmethod
    def merged(cls, Z: FloatArray, y: FloatArray) -> Sites:
        """Return one site per distinct point."""
        distinct, index = np.unique(Z, axis=0, return_inverse=True)
        if len(distinct) == len(Z):
            return cls.apart(Z, y)
        return cls(distinct, index.ravel(), y)

    @property
    def observed(self) -> FloatArray:
        """All points (N, d), one for each observation."""
        return self.Z[self.index]

    @property
    def simple(self) -> bool:
        """Whether no two observations share a site."""
        return len(self.y) == len(self.Z)

    @property
    def values(self) -> FloatArray:
        """Mean observation (n,) or (n, k) of each site."""
        return self.y if self.simple else self._sums() / self._column(self._counts())

    def leave_one_out(
        self, mean: FloatArray, std: FloatArray
    ) -> tuple[FloatArray, FloatArray]:
        """Return what the others say of each observation, like `y`.

        `mean` and `std`, like `values`, are what the other sites say; an observation
        with others at its site is what these say, without doubt.
        """
        if self.simple:
            return mean, std
        count = self._column(self._counts()[self.index])
        others = (self._sums()[self.index] - self.y) / np.maximum(count - 1, 1)
        alone = count == 1
        return (
            np.where(alone, mean[self.index], others),
            np.where(alone, std[self.index], 0.0),
        )

    def _counts(self) -> FloatArray:
        return np.bincount(self.index).astype(np.float64)

    def _sums(self) -> FloatArray:
        sums = np.zeros((len(self.Z), *self.y.shape[1:]))
        np.add.at(sums, self.index, self.y)
        return sums

    def _column(self, v: FloatArray) -> FloatArray:
        return v if self.y.ndim == 1 else v[:, None]
