"""The likelihood of many points by Vecchia's approximation, with all its gradients.

In a given order the density of all y is the product of that of each y_i given all
before it. Vecchia (1988, J. R. Stat. Soc. B 50, 297-312) conditions on the m nearest
of them only. For the model of `likelihood.py` (trend F, correlations R with nugget
lambda, process variance s2), neighbours c of i and w = R_cc^-1 R_ci::

    e_i(h) = h_i - w^T h_c        for h = y and the columns of F
    v_i    = 1 + lambda - R_ic w

e / sqrt(v) is L^-1 h with a sparse L: generalised least squares gives the trend's
coefficients beta, their precision G and s2, and (Katzfuss & Guinness 2021, Statist.
Sci. 36, 124-141; restricted as in `likelihood.py`)::

    -log L = 1/2 [nu (log s2 + 1 + log 2 pi) + sum_i log v_i + log|G|]

With m = n - 1 that is the exact likelihood.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from surrogo.checks import FloatArray
from surrogo.surrogates import linalg
from surrogo.surrogates.kernel_base import Kernel
from surrogo.surrogates.neighbourhoods import Sets, batches
from surrogo.surrogates.ordering import IntArray
from surrogo.surrogates.pairs import pairs_of

# Conditional variances below this, relative to the process variance, are rounding.
_LEAST_VARIANCE = 1e-13
# Standardised values carry a rounding error of about this: see likelihood.py.
_ROUNDING = 1e-16


@dataclass(frozen=True, eq=False)
class Terms:
    """What is left of y and F given the neighbours: e (q, 1 + p), v (q,)."""

    e: FloatArray
    v: FloatArray

    @classmethod
    def of(cls, sets: Sets, nugget: float) -> Terms:
        """Return the terms of sets that hold y and the columns of F."""
        return cls(sets.e(), np.maximum(sets.left, _LEAST_VARIANCE) + nugget)

    @classmethod
    def joined(cls, parts: list[Terms]) -> Terms:
        """Return all of them as one."""
        e = np.concatenate([part.e for part in parts])
        return cls(e, np.concatenate([part.v for part in parts]))


@dataclass(frozen=True, eq=False)
class Regression:
    """Trend and scale: beta (p,), s2, factor LG (p, p) of G; nu degrees of freedom."""

    beta: FloatArray
    s2: float
    LG: FloatArray
    nu: int
    log_v: float

    @classmethod
    def of(cls, terms: Terms) -> Regression:
        """Estimate by generalised least squares, through a QR factorisation."""
        q, p = len(terms.v), terms.e.shape[1] - 1
        white = terms.e / np.sqrt(terms.v)[:, None]
        T = linalg.upper_of_qr(np.roll(white, -1, axis=1))  # y last
        beta = linalg.solve_lower_t(T[:p, :p].T, T[:p, p])
        s2 = float(T[p, p]) ** 2 / (q - p) + _ROUNDING**2
        log_v = float(np.sum(np.log(terms.v)))
        return cls(beta, s2, np.asfortranarray(T[:p, :p].T), q - p, log_v)

    def negative_log_likelihood(self) -> float:
        """Return -log L as in the head of this file."""
        log_G = 2.0 * float(np.sum(np.log(np.abs(np.diag(self.LG)))))
        scale = math.log(self.s2) + 1.0 + math.log(2.0 * math.pi)
        return 0.5 * (self.nu * scale + self.log_v + log_G)

    def solve_G(self, B: FloatArray) -> FloatArray:
        """Return G^-1 b for the rows b of B (q, p)."""
        half = linalg.solve_lower(self.LG, B.T)
        return linalg.solve_lower_t(self.LG, half).T


@dataclass(frozen=True, eq=False)
class VecchiaLikelihood:
    """-log L of data Z (n, d), y (n,), basis F (n, p), as a function of log l, lambda.

    Each of `sets` (q, m + 1) holds neighbours (-1: none) and, last, the point they
    belong to. All points of an ordering make up the likelihood, and the scaled
    likelihood of any random part of them estimates it.
    """

    kernel: Kernel
    Z: FloatArray
    F: FloatArray
    y: FloatArray
    sets: IntArray
    noise: None = None  # known variances of the noise are not offered here

    def terms(self, log_l: FloatArray, nugget: float) -> Terms:
        """Return the terms of all the sets."""
        every = self._every(log_l, nugget)
        return Terms.joined([Terms.of(sets, nugget) for sets in every])

    def value_and_gradient(
        self, log_l: FloatArray, nugget: float
    ) -> tuple[float, FloatArray, float]:
        """Return -log L, its gradient in log l (d,) and in log lambda."""
        parts, slopes = [], []
        for sets in self._every(log_l, nugget):
            parts.append(Terms.of(sets, nugget))
            slopes.append(_slopes(sets, nugget))
        terms = Terms.joined(parts)
        fit = Regression.of(terms)
        gradient = np.einsum("qh,qht->t", _pull(terms, fit), np.concatenate(slopes))
        return fit.negative_log_likelihood(), gradient[:-1], float(gradient[-1])

    def _every(self, log_l: FloatArray, nugget: float) -> Iterator[Sets]:
        """Yield all sets in batches; what there is for -1 does not matter."""
        points = (self.Z * np.exp(-log_l)).T
        H = np.vstack([self.y, self.F.T])
        for part in batches(*self.sets.shape):
            rows = self.sets[part]
            values = H[:, rows].transpose(1, 0, 2)
            pairs = pairs_of(self.kernel, points[:, rows])
            yield Sets.of(pairs, nugget, values, rows >= 0)


def _slopes(sets: Sets, nugget: float) -> FloatArray:
    """Return the derivatives (q, 2 + p, d + 1) of e and v in log l and log lambda.

    With c = (-w, 1): as w minimises v, dv = c^T dR c; and R_cc w = R_ci gives
    de = -H_c^T R_cc^-1 (dR c)_c.
    """
    dR_c = np.concatenate(
        [sets.pairs.length_slopes(sets.rest), nugget * sets.rest[:, :, None]], axis=2
    )
    de = -sets.S @ dR_c[:, :-1]
    dv = sets.rest[:, None] @ dR_c
    return np.concatenate([de, dv], axis=1)


def _pull(terms: Terms, fit: Regression) -> FloatArray:
    """Return the derivatives (q, 2 + p) of -log L in e and v.

    beta and s2 are at their best values, so that their changes do not count.
    """
    e_F, v = terms.e[:, 1:], terms.v
    G_e = fit.solve_G(e_F)
    residual = terms.e[:, 0] - e_F @ fit.beta
    in_y = residual / (v * fit.s2)
    in_F = G_e / v[:, None] - in_y[:, None] * fit.beta
    explained = residual**2 / fit.s2 + np.sum(e_F * G_e, axis=1)
    in_v = 0.5 * (1.0 - explained / v) / v
    return np.column_stack([in_y, in_F, in_v])
