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

from surrogo.checks import FloatArray
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
    and fit the negative log likelihood, but for terms that the length does not change.
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
            Slopes there; NaN in rows where they are not known.
        """
        fits = [cls.of(Z, y, G, length) for length in _LENGTHS]
        known = [one for one in fits if one is not None and np.isfinite(one.loss)]
        return min(known, key=_posterior, default=None)

    @classmethod
    def of(
        cls, Z: FloatArray, y: FloatArray, G: FloatArray, length: float
    ) -> SlopeProcess | None:
        """Condition on data at this length scale; None if that cannot be done."""
        data = np.column_stack([y, length * G])
        seen = ~np.isnan(data).ravel()
        scale = float(np.max(np.abs(data), initial=0.0, where=~np.isnan(data)))
        if scale == 0.0 or not np.isfinite(scale):
            return None
        t = data.ravel()[seen] / scale
        try:
            L, _ = linalg.cholesky(_covariance(Z / length)[np.ix_(seen, seen)])
        except linalg.NotPositiveDefinite:
            return None
        is_value = np.zeros_like(data)
        is_value[:, 0] = 1.0
        one = is_value.ravel()[seen]
        T = linalg.solve_lower(L, np.column_stack([t, one]))
        trend = float(T[:, 1] @ T[:, 0] / (T[:, 1] @ T[:, 1]))
        rest = T[:, 0] - trend * T[:, 1]
        weights = np.zeros(data.size)
        weights[seen] = scale * linalg.solve_lower_t(L, rest)
        weights = weights.reshape(data.shape)
        n_slopes = int(np.sum(seen)) - len(y)
        loss = _loss(L, rest, T[:, 1]) + (len(t) - 1) * math.log(scale)
        loss -= n_slopes * math.log(length)  # density of the slopes themselves
        return cls(Z, length, scale * trend, weights[:, 0], weights[:, 1:], loss)

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


def _covariance(Z: FloatArray) -> FloatArray:
    """Return the covariance (n (1 + d), n (1 + d)) of value and slopes, point by point.

    Z (n, d) and slopes are in units of the length scale.
    """
    n, d = Z.shape
    D = Z[:, None] - Z
    k = np.exp(-0.5 * np.einsum("ijk,ijk->ij", D, D))
    K = np.empty((n, 1 + d, n, 1 + d))
    K[:, 0, :, 0] = k
    K[:, 0, :, 1:] = k[:, :, None] * D
    K[:, 1:, :, 0] = -(k[:, :, None] * D).swapaxes(1, 2)
    bend = np.eye(d) - D[..., :, None] * D[..., None, :]
    K[:, 1:, :, 1:] = (k[:, :, None, None] * bend).transpose(0, 2, 1, 3)
    out = K.reshape(n * (1 + d), n * (1 + d))
    out[np.diag_indices_from(out)] += NUGGET
    return out
