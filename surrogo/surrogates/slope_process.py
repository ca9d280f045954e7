"""A Gaussian process for what a quadratic leaves over, from values and slopes.

Squared exponential, one length scale for all variables, a constant trend, data without
noise. Values and slopes have the covariances of Rasmussen & Williams 2006, section 9.4:
with D = (z - z') / l and k = exp(-D D / 2), slopes taken in units of l::

    cov(f, f') = k,   cov(f, dj f') = k Dj,   cov(di f, dj f') = k (eij - Di Dj)

`GradientPosterior` is the general model, for any kernel; this one is fitted within
milliseconds, because a walk asks for it at every step.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from surrogo.checks import BoolArray, FloatArray
from surrogo.surrogates import linalg

# Length scales that are tried, in units of the farthest point. Their prior is lognormal
# with this median, times sqrt(d), and this deviation: flat beside what 2 d slopes say.
_LENGTHS = 0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 32.0
_MEDIAN, _SPREAD = 4.0, 2.0
# On the diagonal: 1e-13 to 1e-11 do alike, below the factor is not definite.
NUGGET = 1e-12


@dataclass(frozen=True, eq=False)
class SlopeProcess:
    """The process conditioned on points Z (n, d).

    w (n,) and v (n, d) are the weights of values and slopes, `trend` is the constant,
    and `loss` the negative log likelihood, but for terms that the length does not
    change.
    """

    Z: FloatArray
    length: float
    trend: float
    w: FloatArray
    v: FloatArray
    loss: float

    @classmethod
    def fit(cls, Z: FloatArray, y: FloatArray, G: FloatArray) -> SlopeProcess | None:
        """Take the likeliest length scale; None if no matrix is definite.

        Parameters
        ----------
        Z : array (n, d)
            Points, at most about 1 apart.
        y : array (n,)
            Values there.
        G : array (n, d)
            Slopes there; rows with NaN are not known.
        """
        fits = [cls.of(Z, y, G, length) for length in _LENGTHS]
        known = [one for one in fits if one is not None and np.isfinite(one.loss)]
        return min(known, key=_posterior, default=None)

    @classmethod
    def of(
        cls, Z: FloatArray, y: FloatArray, G: FloatArray, length: float
    ) -> SlopeProcess | None:
        """Condition on data at this length scale; None if that cannot be done."""
        known = ~np.any(np.isnan(G), axis=1)
        data = np.column_stack([y, length * G])
        seen = np.ones(data.shape, dtype=bool)
        seen[:, 1:] = known[:, None]
        scale = float(np.max(np.abs(data[seen]), initial=0.0))
        if scale == 0.0 or not np.isfinite(scale):
            return None
        try:
            L, _ = linalg.cholesky(_covariance(Z / length, known))
        except linalg.NotPositiveDefinite:
            return None
        one = (np.nonzero(seen)[1] == 0).astype(float)  # where there is a value
        T = linalg.solve_lower(L, np.column_stack([data[seen] / scale, one]))
        trend = float(T[:, 1] @ T[:, 0] / (T[:, 1] @ T[:, 1]))
        rest = T[:, 0] - trend * T[:, 1]
        weights = np.zeros(data.shape)
        weights[seen] = scale * linalg.solve_lower_t(L, rest)
        loss = _loss(L, rest, T[:, 1]) + (len(rest) - 1) * math.log(scale)
        loss -= np.sum(seen[:, 1:]) * math.log(length)  # density of the slopes
        return cls(Z, length, scale * trend, weights[:, 0], weights[:, 1:], float(loss))

    def mean_gradient(self, z: FloatArray) -> tuple[float, FloatArray]:
        """Return the mean and its gradient (d,) at one point z (d,)."""
        D = (z - self.Z) / self.length
        k = np.exp(-0.5 * np.einsum("ij,ij->i", D, D))
        terms = k * (self.w + np.einsum("ij,ij->i", self.v, D))
        slope = (k @ self.v - terms @ D) / self.length
        return self.trend + float(np.sum(terms)), slope


def _posterior(one: SlopeProcess) -> float:
    middle = math.log(_MEDIAN * math.sqrt(one.Z.shape[1]))
    return one.loss + 0.5 * ((math.log(one.length) - middle) / _SPREAD) ** 2


def _loss(L: FloatArray, rest: FloatArray, one: FloatArray) -> float:
    """Return the restricted negative log likelihood, variance profiled out."""
    n = len(rest) - 1  # contrasts
    s2 = max(float(rest @ rest) / n, float(np.finfo(float).tiny))
    log_det = 2.0 * float(np.sum(np.log(np.diag(L)))) + math.log(float(one @ one))
    return 0.5 * (n * math.log(s2) + log_det)


def _covariance(Z: FloatArray, known: BoolArray) -> FloatArray:
    """Return the covariance of values, and of slopes where they are known, by points.

    Z (n, d) and slopes are in units of the length scale. Slopes that are not known (n,)
    take no room: all of them would be n^2 d^2 numbers.
    """
    (n, d), m = Z.shape, int(np.sum(known))
    D = Z[:, None] - Z
    k = np.exp(-0.5 * np.einsum("ijk,ijk->ij", D, D))
    cross = (k[:, known, None] * D[:, known]).reshape(n, m * d)
    S, k_S = D[np.ix_(known, known)], k[np.ix_(known, known)]
    bend = np.eye(d) - S[..., :, None] * S[..., None, :]
    slopes = (k_S[:, :, None, None] * bend).transpose(0, 2, 1, 3)
    K = np.block([[k, cross], [cross.T, slopes.reshape(m * d, m * d)]])
    point = np.concatenate([np.arange(n), np.repeat(np.flatnonzero(known), d)])
    order = np.argsort(point, kind="stable")
    out: FloatArray = K[np.ix_(order, order)]
    out[np.diag_indices_from(out)] += NUGGET
    return out
