"""Moving least squares as an immutable value.

At every point z a polynomial of its own is fitted to the nearest data by weighted least
squares, and its value at z is the prediction (Lancaster & Salkauskas 1981, Math. Comp.
37, 141-158). The weights are infinite at r = 0, which makes it interpolate, and 0 from
a radius on, that of the first point that is not near (Franke & Nielson 1980, Int. J.
Numer. Methods Eng. 15, 1691-1704, eq. 7, for degree 0)::

    w_j = ((1 - r_j / R) / r_j)^power,   v = w / sum(w)

With the monomials q of (x - z) without the constant, their weighted mean q0 and
covariance C, the fit without its constant is (q - q0)^T C^-1 sum_j v_j (q_j - q0) y_j.
As q(z) = 0, the mean is sum_j kappa_j v_j y_j, kappa_j = 1 - (q_j - q0)^T C^-1 q0.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.spatial import cKDTree

from surrogo.checks import FloatArray
from surrogo.surrogates.neighbourhoods import batches
from surrogo.surrogates.ordering import IntArray, nearest
from surrogo.surrogates.sites import Sites
from surrogo.surrogates.tails import Tail, size

# Distances below this part of the radius count as this much: it is where weights end.
_NEAREST = 1e-10
# The factor 1 - r / R is never less, so that points all equally far away share.
_LEAST = 1e-8
# Eigenvalues of C below this part of the largest are rounding: the neighbours do not
# determine a polynomial in that direction, and it is taken to be flat there.
_DEPENDENT = 1e-11


@dataclass(frozen=True, eq=False)
class Weights:
    """Weights of q targets for the m points near each.

    v (q, m) sum to 1, dlog (q, m, d) are the gradients of log w, scale (q,) is a
    length, and away (q, m, d) are the points relative to the target.
    """

    v: FloatArray
    dlog: FloatArray
    scale: FloatArray
    away: FloatArray

    @classmethod
    def of(cls, away: FloatArray, end: FloatArray | None, power: float) -> Weights:
        """Return the weights of points `away` (q, m, d) from their targets.

        `end` (q, d) is the first point that has none; None if there is no such point.
        """
        r2 = np.einsum("qmd,qmd->qm", away, away)
        scale = np.sqrt(r2.max(axis=1) if end is None else np.sum(end**2, axis=1))
        scale = np.where(scale > 0.0, scale, 1.0)
        r2 += (_NEAREST * scale[:, None]) ** 2
        root = 1.0 / np.sqrt(r2)
        dlog = away / r2[:, :, None]  # of 1 / r
        if end is not None:
            left = 1.0 - 1.0 / (root * scale[:, None])
            root *= np.maximum(left, _LEAST)
            dlog += _of_the_end(away, end, left, np.sqrt(r2), scale)
        v = (root / root.max(axis=1, keepdims=True)) ** power
        v /= v.sum(axis=1, keepdims=True)
        return cls(v, power * dlog, scale, away)


def _of_the_end(
    away: FloatArray,
    end: FloatArray,
    left: FloatArray,
    r: FloatArray,
    scale: FloatArray,
) -> FloatArray:
    """Return the gradients (q, m, d) of log(1 - r / R), 0 where it is cut off."""
    R = scale[:, None]
    free = left > _LEAST
    share = np.where(free, 1.0 / (R * np.where(free, left, 1.0)), 0.0)
    # dr = -away / r and dR = -end / R
    of_r = away / r[:, :, None]
    of_R = (r / R)[:, :, None] * (end / R)[:, None]
    return np.asarray(share[:, :, None] * (of_r - of_R))


@dataclass(frozen=True, eq=False)
class LocalFit:
    """Polynomials fitted around q targets: weights kappa and v, residuals, slopes.

    mean and s2 are (q, k) for k outputs, e (q, m, k), slope (q, d, k).
    """

    kappa: FloatArray
    mean: FloatArray
    e: FloatArray
    s2: FloatArray
    slope: FloatArray

    @classmethod
    def of(cls, weights: Weights, y: FloatArray, degree: int) -> LocalFit:
        """Fit to the values y (q, m, k) of the points near each target."""
        v, scale = weights.v[:, :, None], weights.scale[:, None, None]
        Q, y0 = _monomials(weights.away / scale, degree), np.sum(v * y, axis=1)
        q0 = np.sum(v * Q, axis=1)
        Q -= q0[:, None]
        y = y - y0[:, None]
        weighted = (v * Q).swapaxes(1, 2)
        inverse = _inverse(weighted @ Q)
        b = inverse @ (weighted @ y)
        kappa = 1.0 - (Q @ (inverse @ q0[:, :, None]))[:, :, 0]
        e, slope = y - Q @ b, np.zeros((len(y), weights.away.shape[2], y.shape[2]))
        if degree > 0:  # the first monomials are the coordinates
            slope = b[:, : slope.shape[1]] / scale
        mean = y0 - np.einsum("qp,qpk->qk", q0, b)
        return cls(kappa, mean, e, np.sum(v * e**2, axis=1), slope)

    def gradients(self, weights: Weights) -> tuple[FloatArray, FloatArray]:
        """Return the gradients (q, k, d) of mean and s2.

        The coefficients are optimal, so those of s2 do not see them move.
        """
        v, excess = weights.v[:, :, None], self.e**2 - self.s2[:, None]
        moved = (v * self.kappa[:, :, None] * self.e).swapaxes(1, 2) @ weights.dlog
        s2 = (v * excess).swapaxes(1, 2) @ weights.dlog
        return self.slope.swapaxes(1, 2) + moved, s2


@dataclass(frozen=True, eq=False)
class MovingModel:
    """Local polynomials of a degree through the `n_near` nearest of the data.

    The std is the root of the weighted mean square of the residuals of the local
    polynomial, times n_near / (n_near - p): how well a polynomial describes the data
    there, 0 at the data. It is no statement about a random function.
    """

    sites: Sites
    degree: int
    n_near: int
    power: float
    tree: Any

    @classmethod
    def of(
        cls, Z: FloatArray, y: FloatArray, degree: int, n_near: int, power: float
    ) -> MovingModel:
        """Take in points Z (n, d) and values y (n,) or (n, k)."""
        sites = Sites.merged(Z, y)
        return cls(sites, degree, n_near, power, cKDTree(sites.Z))

    def append(self, Z: FloatArray, y: FloatArray) -> MovingModel:
        """Take in q further points."""
        points = np.vstack([self.sites.observed, Z])
        values = np.concatenate([self.sites.y, y])
        return MovingModel.of(points, values, self.degree, self.n_near, self.power)

    def mean_std(self, Z: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return mean and std at Z (m, d), each (m,) or (m, k)."""
        return self._predict(Z, nearest(self.tree, Z, self._searched(0)))

    def mean_std_gradients(
        self, Z: FloatArray
    ) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
        """Return mean, std (m,) and their gradients (m, d) at Z (m, d).

        With k outputs (m, k) and (m, k, d). Where the std is 0 its gradient, which
        does not exist, is given as 0.
        """
        found = nearest(self.tree, Z, self._searched(0))
        out = self._zeros(Z), self._zeros(Z)
        slopes = tuple(np.zeros((*v.shape, Z.shape[1])) for v in out)
        for rows in batches(len(Z), found.shape[1]):
            weights, fit = self._fit(Z[rows], found[rows])
            factor = self._factor(weights.v.shape[1])
            out[0][rows], std = fit.mean, np.sqrt(factor * fit.s2)
            out[1][rows], (slopes[0][rows], ds2) = std, fit.gradients(weights)
            none = std == 0.0
            half = 0.5 * factor / np.where(none, np.inf, std)
            slopes[1][rows] = half[:, :, None] * ds2
        return (*map(self._shaped, out), *map(self._shaped, slopes))  # type: ignore[return-value]

    def leave_one_out(self) -> tuple[FloatArray, FloatArray]:
        """Return what the others say of each observation: mean and std, like y.

        Of a single site, which has no others, the mean is 0, the centre of y, with an
        infinite std.
        """
        mean, std = self._without(np.arange(len(self.sites.Z)))
        return self.sites.leave_one_out(mean, std)

    def error_without(self, rows: IntArray) -> float:
        """Return the mean squared error at these sites, each left out."""
        mean, _ = self._without(rows)
        return float(np.mean((mean - self.sites.values[rows]) ** 2))

    def _without(self, rows: IntArray) -> tuple[FloatArray, FloatArray]:
        """Return what the other sites say of these (q,), like their values."""
        Z = self.sites.Z[rows]
        if len(self.sites.Z) == 1:
            shape = self.sites.values[rows].shape
            return np.zeros(shape), np.full(shape, np.inf)
        found = nearest(self.tree, Z, self._searched(1))
        others = found != rows[:, None]  # the sites are distinct: each finds itself
        return self._predict(Z, found[others].reshape(len(rows), -1))

    def _searched(self, extra: int) -> int:
        """Return how many points to search: the near ones, and the one that ends."""
        return min(self.n_near + 1 + extra, len(self.sites.Z))

    def _predict(self, Z: FloatArray, found: IntArray) -> tuple[FloatArray, FloatArray]:
        mean, std = self._zeros(Z), self._zeros(Z)
        for rows in batches(len(Z), found.shape[1]):
            weights, fit = self._fit(Z[rows], found[rows])
            mean[rows] = fit.mean
            std[rows] = np.sqrt(self._factor(weights.v.shape[1]) * fit.s2)
        return self._shaped(mean), self._shaped(std)

    def _fit(self, Z: FloatArray, found: IntArray) -> tuple[Weights, LocalFit]:
        """Fit polynomials around Z (q, d) to the points found (q, m or m + 1)."""
        away = self.sites.Z[found] - Z[:, None]
        ended = found.shape[1] > self.n_near
        near = away[:, : self.n_near]
        weights = Weights.of(near, away[:, -1] if ended else None, self.power)
        values = self.sites.values.reshape(len(self.sites.Z), -1)
        y = values[found[:, : self.n_near]]
        return weights, LocalFit.of(weights, y, self._degree(near.shape[1]))

    def _degree(self, m: int) -> int:
        """Return the highest degree of fewer coefficients than points."""
        d = self.sites.Z.shape[1]
        lower = (j for j in range(self.degree, 0, -1) if size(j, d) < m)
        return next(lower, 0)

    def _factor(self, m: int) -> float:
        p = size(self._degree(m), self.sites.Z.shape[1])
        return m / max(m - p, 1)

    def _zeros(self, Z: FloatArray) -> FloatArray:
        return np.zeros((len(Z), self.sites.y[:1].size))

    def _shaped(self, values: FloatArray) -> FloatArray:
        """Return (m, k, ...) as it is, (m, 1, ...) as (m, ...) for y (n,)."""
        return values[:, 0] if self.sites.y.ndim == 1 else values


def _monomials(away: FloatArray, degree: int) -> FloatArray:
    """Return the monomials (q, m, p - 1) of points (q, m, d), without the constant."""
    d = away.shape[2]
    tail = Tail(degree, np.zeros(d), np.ones(d))
    return tail.basis(away.reshape(-1, d)).reshape(*away.shape[:2], -1)[:, :, 1:]


def _inverse(C: FloatArray) -> FloatArray:
    """Return pseudo-inverses of C (q, p, p), scaled to a unit diagonal before."""
    diagonal = np.einsum("qpp->qp", C)
    root = 1.0 / np.sqrt(np.where(diagonal > 0.0, diagonal, 1.0))
    scaled = np.linalg.pinv(
        C * root[:, :, None] * root[:, None, :], rcond=_DEPENDENT, hermitian=True
    )
    return np.asarray(scaled * root[:, :, None] * root[:, None, :])
