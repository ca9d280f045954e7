"""Values and slopes at points, some of them not observed."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from surrogo.checks import BoolArray, FloatArray
from surrogo.surrogates.functionals import Functionals


@dataclass(frozen=True, eq=False)
class Slopes:
    """Values y (n,) and gradients G (n, d) at points Z (n, d); NaN is not observed."""

    Z: FloatArray
    y: FloatArray
    G: FloatArray

    @classmethod
    def of(cls, Z: FloatArray, y: FloatArray, G: FloatArray | None = None) -> Slopes:
        """Return the data; no gradient is observed where `G` is None."""
        return cls(Z, y, np.full(Z.shape, np.nan) if G is None else G)

    @property
    def table(self) -> FloatArray:
        """Values and slopes of each point, (1 + d, n)."""
        return np.vstack([self.y, self.G.T])

    @property
    def observed(self) -> FloatArray:
        """The data in the order of `functionals`: all values, then slope by slope."""
        table = self.table
        return np.asarray(table[~np.isnan(table)])

    @property
    def is_value(self) -> BoolArray:
        """Which of the data are values."""
        here = ~np.isnan(self.table)
        return np.asarray(np.arange(int(here.sum())) < int(here[0].sum()))

    def functionals(self) -> tuple[Functionals, ...]:
        """Return what was observed; points share one array where all have the same."""
        out = []
        for k, row in enumerate(~np.isnan(self.table)):
            Z = self.Z if row.all() else self.Z[row]
            if row.any():
                out.append(Functionals.slopes(Z, k - 1) if k else Functionals.values(Z))
        return tuple(out)

    def and_more(self, more: Slopes) -> Slopes:
        """Return these data and further ones."""
        pairs = (self.Z, more.Z), (self.y, more.y), (self.G, more.G)
        return Slopes(*(np.concatenate(pair) for pair in pairs))

    def ridge(self, of_values: float, of_slopes: float | None) -> FloatArray:
        """Return the nugget of each of the data (N,), that of values if one is None."""
        other = of_values if of_slopes is None else of_slopes
        return np.where(self.is_value, of_values, other)
