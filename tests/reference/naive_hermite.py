"""Values and slopes of a function, conditioned on as the books write it.

Slow and obvious: covariances of slopes are central differences of the kernel, and
conditioning takes inverses. Everything is at given hyper-parameters.
"""

from __future__ import annotations

import math

import numpy as np

# Central differences of the n-th derivative: weights at multiples of the step.
_STENCILS = {
    0: {0: 1.0},
    1: {-2: 1 / 12, -1: -2 / 3, 1: 2 / 3, 2: -1 / 12},
    2: {-2: -1 / 12, -1: 4 / 3, 0: -5 / 2, 1: 4 / 3, 2: -1 / 12},
}


def partial(f, x, alpha, h=1e-2):
    """D^alpha f at x (d,) by central differences, orders 0 to 2 in each variable."""
    x = np.array(x, float)
    for k, order in enumerate(alpha):
        if order:
            rest = [0 if j == k else a for j, a in enumerate(alpha)]
            step = h * np.eye(len(x))[k]
            total = sum(
                weight * partial(f, x + i * step, rest, h)
                for i, weight in _STENCILS[order].items()
            )
            return total / h**order
    return f(x)


def covariance(profile, lengths, z, alpha, z2, alpha2, h=1e-2):
    """cov(D^alpha f(z), D^alpha2 f(z2)) by differences of the kernel."""

    def inner(x):
        return partial(lambda x2: _kernel(profile, lengths, x, x2), z2, alpha2, h)

    return partial(inner, z, alpha, h)


def _kernel(profile, lengths, z, z2):
    r2 = np.sum(((np.asarray(z) - np.asarray(z2)) / lengths) ** 2)
    return float(profile.value(np.array([r2]))[0])


class NaiveSlopes:
    """A Gaussian process with all values and slopes, rows point by point.

    The covariances of first derivatives are written out (Rasmussen & Williams 2006,
    section 9.4), with g' and g'' from the profile.
    """

    def __init__(self, profile, trend, lengths, nugget, Z, y, G):
        self.profile, self.trend, self.lengths = profile, trend, np.asarray(lengths)
        self.Z, (n, d) = Z, Z.shape
        self.t = np.hstack([y[:, None], G]).ravel()
        self.C = np.block([[self._block(a, b) for b in Z] for a in Z])
        self.C[np.diag_indices(n * (1 + d))] *= 1 + nugget
        self.F = np.vstack([self._trend_rows(z) for z in Z])
        inverse = np.linalg.inv(self.C)
        self.inverse, self.M = inverse, self.F.T @ inverse @ self.F
        beta = np.linalg.solve(self.M, self.F.T @ inverse @ self.t)
        self.beta, self.a = beta, inverse @ (self.t - self.F @ beta)
        self.nu = len(self.t) - len(beta)
        self.s2 = (self.t - self.F @ beta) @ self.a / self.nu

    def predict(self, z):
        """Mean and variance of value and slopes (1 + d,) at z (d,), trend included."""
        k = np.hstack([self._block(z, b) for b in self.Z])
        f = self._trend_rows(z)
        u = f - k @ self.inverse @ self.F
        left = self._block(z, z) - k @ self.inverse @ k.T
        left = left + u @ np.linalg.solve(self.M, u.T)
        return f @ self.beta + k @ self.a, self.s2 * np.diag(left)

    def log_likelihood(self):
        """Of the contrasts of all data."""
        n = self.nu
        out = n * math.log(self.s2) + np.linalg.slogdet(self.C)[1]
        out += np.linalg.slogdet(self.M)[1] - np.linalg.slogdet(self.F.T @ self.F)[1]
        return -0.5 * (out + n * (1 + math.log(2 * math.pi)))

    def _block(self, z, z2):
        """Covariances of value and slopes at z with those at z2, (1 + d, 1 + d)."""
        w = 1 / self.lengths**2
        u = w * (z - z2)
        r2 = np.array([np.sum(w * (z - z2) ** 2)])
        g, g1, g2 = (float(x[0]) for x in self.profile.derivatives(r2, 2))
        slopes = -2 * (g1 * np.diag(w) + 2 * g2 * np.outer(u, u))
        return np.block([[np.array([[g]]), -2 * g1 * u[None]],
                         [2 * g1 * u[:, None], slopes]])  # fmt: skip

    def _trend_rows(self, z):
        p = self.trend.p
        one = [self.trend.slope(z[None], c)[0] for c in np.eye(p)]
        slopes = np.array(one).reshape(p, len(z)).T
        return np.vstack([self.trend.basis(z[None]), slopes])
