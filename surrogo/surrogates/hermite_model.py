"""Interpolation of any linear data: values, derivatives, differential operators.

One immutable model serves radial basis functions (Hermite-Birkhoff interpolation, Wu
1992) and Gaussian processes with derivatives among their data (Rasmussen & Williams
2006, section 9.4): they are the same predictor.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from surrogo.checks import FloatArray
from surrogo.surrogates import functional_covariances, functionals
from surrogo.surrogates.contrasts import Conditioned, condition
from surrogo.surrogates.functionals import Functionals
from surrogo.surrogates.profiles import Profile
from surrogo.surrogates.trends import Trend

_PANEL = 2**21  # entries of a matrix of covariances that is made at once


@dataclass(frozen=True, eq=False)
class HermiteModel:
    """A function known by N functionals of it: data y (N,), in the order of `given`.

    The points lie in the unit cube and y is of order 1; log_l (d,) are the logarithms
    of the length scales. Each row and column of the matrix is divided by the size of
    its functional, `sizes` (N,), so that the diagonal is 1 (Marchildon & Zingg 2023);
    `ridge` (N,) is what stands on top of that diagonal.
    """

    profile: Profile
    trend: Trend
    log_l: FloatArray
    given: tuple[Functionals, ...]
    y: FloatArray
    ridge: FloatArray
    sizes: FloatArray
    factors: Conditioned

    @classmethod
    def interpolating(
        cls,
        profile: Profile,
        trend: Trend,
        log_l: FloatArray,
        given: Sequence[Functionals],
        y: FloatArray,
        ridge: float | FloatArray = 0.0,
    ) -> HermiteModel:
        """Fit to the data y (N,) of the functionals `given`, with a ridge (N,).

        Where the data do not determine all of the trend, the monomials that they leave
        open are left out; `unisolvent` tells.

        Raises
        ------
        ValueError
            If the profile is not smooth enough for the functionals.
        NotPositiveDefinite
            If the degree of the trend is too low for the profile.
        """
        given = tuple(given)
        functional_covariances.require_smooth(profile, given)
        sizes = natural_sizes(profile, log_l, given)
        ridge = np.broadcast_to(np.asarray(ridge, float), sizes.shape)
        factors = solve(profile, trend, log_l, given, y, ridge)
        return cls(profile, trend, log_l, given, y, ridge, sizes, factors)

    @property
    def unisolvent(self) -> bool:
        """Whether the data determine all coefficients of the trend."""
        return self.factors.split.r == self.trend.p

    def apply(self, wanted: Sequence[Functionals]) -> tuple[FloatArray, FloatArray]:
        """Predict the functionals `wanted`, M in all: mean and std (M,)."""
        k, f = self._relations(wanted)
        prior = functional_covariances.variances(self.profile, self.log_l, wanted)
        return self._mean(k, f), np.sqrt(self.factors.variance(prior, k, f)[0])

    def joint(self, wanted: Sequence[Functionals]) -> FloatArray:
        """Return the joint covariance (M, M) of the functionals `wanted`."""
        k, f = self._relations(wanted)
        prior = functional_covariances.covariances(
            self.profile, self.log_l, wanted, wanted
        )
        return self.factors.covariance(prior, k, f)

    def mean(self, Z: FloatArray) -> FloatArray:
        """Return the mean (m,) at Z (m, d), in O(m n)."""
        out = np.empty(len(Z))
        for rows in _panels(len(Z), len(self.y)):
            out[rows] = self._mean(*self._relations([Functionals.values(Z[rows])]))
        return out

    def mean_std(self, Z: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return mean and standard deviation (m,) at Z (m, d)."""
        mean, std = np.empty(len(Z)), np.empty(len(Z))
        for rows in _panels(len(Z), len(self.y)):
            mean[rows], std[rows] = self.apply([Functionals.values(Z[rows])])
        return mean, std

    def mean_std_gradients(
        self, Z: FloatArray
    ) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
        """Return mean, std (m,) and their gradients (m, d) at Z (m, d).

        Where std is 0 its gradient, which does not exist, is given as 0.
        """
        m, d = Z.shape
        out = np.empty(m), np.empty(m), np.empty((m, d)), np.empty((m, d))
        for rows in _panels(m, len(self.y) * (1 + d)):
            for whole, part in zip(out, self._gradients(Z[rows]), strict=True):
                whole[rows] = part
        return out

    def covariance(self, Z: FloatArray) -> FloatArray:
        """Return the joint covariance (m, m) of the function at Z (m, d)."""
        return self.joint([Functionals.values(Z)])

    def _gradients(self, Z: FloatArray) -> tuple[FloatArray, ...]:
        m, d = Z.shape
        here = Functionals.values(Z)
        slopes = [Functionals.slopes(Z, k) for k in range(d)]
        k, f = self._relations([here, *slopes])
        prior = functional_covariances.variances(self.profile, self.log_l, [here])
        var, V = self.factors.variance(prior, k[:, :m], f[:m])
        mu = self.factors.multipliers(k[:, :m], V)
        mean = self._mean(k, f).reshape(1 + d, m)
        # The derivative of a minimum: only k and f move, V and mu stay (Danskin 1966).
        half = np.einsum("nm,nkm->mk", V, k[:, m:].reshape(-1, d, m))
        half += np.einsum("pm,kmp->mk", mu, f[m:].reshape(d, m, -1))
        std = np.sqrt(var)
        known = (std == 0.0)[:, None]
        safe = np.where(known, 1.0, std[:, None])
        std_slope = np.where(known, 0.0, -self.factors.s2 * half / safe)
        return mean[0], std, mean[1:].T, std_slope

    def _relations(
        self, wanted: Sequence[Functionals]
    ) -> tuple[FloatArray, FloatArray]:
        """Return the covariances k (N, M) with the data, scaled, and f (M, p)."""
        k = functional_covariances.covariances(
            self.profile, self.log_l, self.given, wanted
        )
        f = functionals.basis(self.trend.d, self.trend.degree, wanted)
        return k / self.sizes[:, None], f

    def _mean(self, k: FloatArray, f: FloatArray) -> FloatArray:
        return f @ self.factors.beta + k.T @ self.factors.a


def solve(
    profile: Profile,
    trend: Trend,
    log_l: FloatArray,
    given: Sequence[Functionals],
    y: FloatArray,
    ridge: FloatArray,
) -> Conditioned:
    """Condition on y (N,), in units of the functionals' sizes."""
    sizes = natural_sizes(profile, log_l, given)
    A = functional_covariances.covariances(profile, log_l, given, given)
    A /= np.outer(sizes, sizes)
    np.fill_diagonal(A, np.diag(A) + ridge)
    F = functionals.basis(trend.d, trend.degree, given) / sizes[:, None]
    return condition(A, F, y / sizes)


def natural_sizes(
    profile: Profile, log_l: FloatArray, given: Sequence[Functionals]
) -> FloatArray:
    """Return the prior standard deviations (N,) of the functionals.

    Of a profile that is 0 at 0, where there is none, what length scales alone say.
    """
    prior = np.abs(functional_covariances.variances(profile, log_l, given))
    if np.all(prior > 0.0):
        return np.sqrt(prior)
    return np.concatenate([part.sizes(log_l) for part in given])


def _panels(m: int, n: int) -> Iterator[slice]:
    """Yield slices of m rows for which a matrix with n columns stays small."""
    step = max(1, _PANEL // max(n, 1))
    for top in range(0, m, step):
        yield slice(top, top + step)
