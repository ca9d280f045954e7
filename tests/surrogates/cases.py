"""Data, kernels and trends that the tests of the surrogates share."""

from __future__ import annotations

import numpy as np
import pytest

from surrogo import GaussianProcess
from surrogo.surrogates import kernels
from surrogo.surrogates.kernels import KERNELS
from surrogo.surrogates.likelihood import Likelihood
from surrogo.surrogates.posterior import Posterior
from surrogo.surrogates.trends import TRENDS, Trend

every_kernel = pytest.mark.parametrize("kernel", sorted(KERNELS))
every_trend = pytest.mark.parametrize("trend", sorted(TRENDS))

LENGTHS = np.array([0.4, 0.9, 0.6])
NUGGET = 1e-3


def smooth(Z):
    """A smooth function of rows Z, with more or less of every variable."""
    weights = 1.0 / np.arange(1, Z.shape[1] + 1)
    return np.sin(4.0 * Z @ weights) + Z[:, 0] ** 2 - 0.5 * Z[:, -1]


def data(n=40, d=3, seed=0):
    """Points Z (n, d) of the unit cube and standardised values y (n,)."""
    Z = np.random.default_rng(seed).random((n, d))
    y = smooth(Z)
    return Z, (y - y.mean()) / y.std()


def likelihood(kernel, trend, n=40, d=3, seed=0):
    Z, y = data(n, d, seed)
    return Likelihood(kernels.get(kernel), Z, Trend.of(trend, d).basis(Z), y)


def posterior(kernel="matern52", trend="constant", n=40, nugget=1e-3, lengths=LENGTHS):
    d = len(lengths)
    Z, y = data(n, d)
    parts = kernels.get(kernel), Trend.of(trend, d), np.log(lengths), nugget
    return Posterior.of(*parts, Z, y)


def user_data(n=30, d=2, seed=1):
    """Points in units of their own, and values."""
    U = np.random.default_rng(seed).random((n, d))
    return U * [30.0, 0.2][:d] + [-5.0, 100.0][:d], smooth(U)


def fixed(**changes):
    """A model whose hyper-parameters stay as they are given."""
    given = {"n_starts": 0, "length_scale": [12.0, 0.1], "nugget": 1e-6}
    return GaussianProcess(**(given | changes))


def new_points(m=10, seed=2):
    return np.random.default_rng(seed).random((m, 2)) * [30.0, 0.2] + [-5.0, 100.0]
