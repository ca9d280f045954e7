"""A Gaussian process that has seen values and slopes: its posterior, immutable.

Slopes enter with their own covariances, trend rows and nugget (Rasmussen & Williams
2006, section 9.4; Morris, Mitchell & Ylvisaker 1993, Technometrics 35, 243-255), and
so the variance holds the trend term as it does without them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np

from surrogo.checks import BoolArray, FloatArray
from surrogo.surrogates import functionals
from surrogo.surrogates.contrasts import Conditioned
from surrogo.surrogates.hermite_model import HermiteModel
from surrogo.surrogates.profiles import Profile
from surrogo.surrogates.slopes import Slopes
from surrogo.surrogates.trends import Trend

# Squared length of a combination of rows of Q2, 1 - leverage, that is rounding.
_NEEDED = 1e-12
IntArray: TypeAlias = np.ndarray[Any, np.dtype[np.intp]]


@dataclass(frozen=True, eq=False)
class GradientPosterior(HermiteModel):
    """A Gaussian process conditioned on `data`, values and slopes.

    Nuggets are relative to the prior variance of what they belong to: that of values
    to the process variance s2, that of slopes in variable k to -2 g'(0) s2 / l_k^2.
    """

    data: Slopes
    nuggets: tuple[float, float | None]

    @classmethod
    def of(
        cls,
        kernel: Profile,
        trend: Trend,
        log_l: FloatArray,
        nuggets: tuple[float, float | None],
        data: Slopes,
    ) -> GradientPosterior:
        """Condition on `data`, with the `nuggets` of values and of slopes.

        One nugget serves both if the second is None.
        """
        base = HermiteModel.interpolating(
            kernel,
            trend,
            log_l,
            data.functionals(),
            data.observed,
            data.ridge(*nuggets),
        )
        return cls(**vars(base), data=data, nuggets=nuggets)

    @property
    def theta(self) -> FloatArray:
        """Hyper-parameters of the kernel: log l (d,)."""
        return self.log_l

    @property
    def nugget(self) -> float:
        """The nugget of values."""
        return self.nuggets[0]

    def append(
        self, Z: FloatArray, y: FloatArray, G: FloatArray | None = None
    ) -> GradientPosterior:
        """Condition on q further points at the same hyper-parameters.

        From scratch: the matrix is ordered by kinds of data, not by points.
        """
        data = self.data.and_more(Slopes.of(Z, y, G))
        return GradientPosterior.of(
            self.profile, self.trend, self.log_l, self.nuggets, data
        )

    def leave_one_out(self) -> tuple[FloatArray, FloatArray]:
        """Return what the other points say of each observed value: mean and std.

        A point is left out with all its slopes. With its rows I of P and a::

            mean = y - (P_II^-1 a_I)_value,  var = s2 (P_II^-1)_value

        (Dubrule 1983, for blocks). The std is that of an observation. Where the others
        do not determine the trend: 0, the centre of y, with an infinite std.
        """
        rows, present = self._rows_of_points()
        needed = self._needed(rows, present)
        blocks = _blocks(self.factors.precision(), rows, present)
        blocks[needed] = np.eye(rows.shape[1])
        first = np.eye(rows.shape[1])[:, :1]
        column = np.linalg.solve(blocks, first)[..., 0]  # of the symmetric inverse
        scale = self.sizes[rows[:, 0]]
        weights = np.where(present, self.factors.a[rows], 0.0)
        mean = self.y[rows[:, 0]] - scale * np.sum(column * weights, axis=1)
        std = scale * np.sqrt(self.factors.s2 * np.abs(column[:, 0]))
        return np.where(needed, 0.0, mean), np.where(needed, np.inf, std)

    def log_likelihood(self) -> float:
        """Return the restricted log likelihood of values and slopes."""
        F = functionals.basis(self.trend.d, self.trend.degree, self.given)
        kept = F[:, self.factors.split.columns]
        gram = np.linalg.slogdet(kept.T @ kept)[1]
        return 0.5 * float(gram) - negative_log_likelihood(self.factors, self.sizes)

    def _needed(self, rows: IntArray, present: BoolArray) -> BoolArray:
        """Return for which points (q,) the others do not determine the trend.

        Where a combination of its rows of Q1 has length 1, and none is left for Q2.
        """
        split = self.factors.split
        Q1 = split.back(np.eye(len(self.y), split.r))
        part = np.where(present[:, :, None], Q1[rows], 0.0)
        rest = np.eye(rows.shape[1]) - part @ part.swapaxes(1, 2)
        return np.asarray(np.linalg.eigvalsh(rest)[:, 0] < _NEEDED)

    def _rows_of_points(self) -> tuple[IntArray, BoolArray]:
        """Return the rows (q, 1 + d) of the data of each point with a value.

        And which of them are present (q, 1 + d).
        """
        here = ~np.isnan(self.data.table)
        rows = np.where(here, np.cumsum(here).reshape(here.shape) - 1, 0)
        with_value = here[0]
        return rows[:, with_value].T, here[:, with_value].T


def _blocks(P: FloatArray, rows: IntArray, present: BoolArray) -> FloatArray:
    """Return the blocks (q, b, b) of P at rows (q, b); identity where not present."""
    blocks = P[rows[:, :, None], rows[:, None, :]]
    both = present[:, :, None] & present[:, None, :]
    return np.where(both, blocks, np.eye(rows.shape[1]))


def negative_log_likelihood(factors: Conditioned, sizes: FloatArray) -> float:
    """Return -log L without the term 1/2 log|F^T F| that depends on the data alone.

    `factors` are those of the matrix divided by sizes (N,): the density of contrasts
    of the data itself has |F^T R^-1 F| |R| prod sizes^2 where that has
    |F^T R^-1 F| |R| / |F^T F|, F divided too.
    """
    scales = float(np.sum(np.log(sizes)))
    return factors.negative_log_likelihood() + 0.5 * factors.log_gram() + scales
