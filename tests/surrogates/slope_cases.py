"""Functions with gradients that the tests of derivative data share."""

from __future__ import annotations

import numpy as np

from surrogo.surrogates import kernels
from surrogo.surrogates.gradient_likelihood import GradientLikelihood
from surrogo.surrogates.slopes import Slopes
from surrogo.surrogates.trends import Trend

LENGTHS = np.array([0.5, 0.8, 0.9])
SMOOTH = ["matern32", "matern52", "squared_exponential"]


def wavy(Z):
    """A smooth function of rows Z (n, 3)."""
    return np.sin(3.0 * Z[:, 0]) + Z[:, 1] ** 2 * Z[:, 2]


def wavy_gradient(Z):
    """Its gradient (n, 3)."""
    x, y, z = Z.T
    return np.column_stack([3.0 * np.cos(3.0 * x), 2.0 * y * z, y**2])


def rosenbrock(X):
    """Rosenbrock's function of rows X (n, d)."""
    head, tail = X[:, :-1], X[:, 1:]
    return np.sum(100.0 * (tail - head**2) ** 2 + (1.0 - head) ** 2, axis=1)


def rosenbrock_gradient(X):
    """Its gradient (n, d)."""
    out = np.zeros(X.shape)
    away = X[:, 1:] - X[:, :-1] ** 2
    out[:, :-1] = -400.0 * X[:, :-1] * away - 2.0 * (1.0 - X[:, :-1])
    out[:, 1:] += 200.0 * away
    return out


def points(n=9, d=3, seed=0):
    return np.random.default_rng(seed).random((n, d))


def slopes(n=9, seed=0, complete=True):
    """Values and slopes of `wavy`; if not `complete`, some are not observed."""
    Z = points(n, seed=seed)
    y, G = wavy(Z), wavy_gradient(Z)
    if not complete:
        G[2, 1] = G[4] = y[3] = np.nan
    return Slopes(Z, y, G)


def likelihood(
    kernel="matern52", trend="constant", n=9, complete=True, slope_nugget=None
):
    data = slopes(n, complete=complete)
    parts = kernels.get(kernel), Trend.of(trend, 3), data
    return GradientLikelihood(*parts, slope_nugget)


def posterior(nugget=0.0, **options):
    return likelihood(**options).posterior(np.log(LENGTHS), nugget)
