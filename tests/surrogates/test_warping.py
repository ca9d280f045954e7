import itertools

import numpy as np
import pytest

from surrogo import GaussianProcess
from surrogo.surrogates.kernel_base import over_pairs
from surrogo.surrogates.kernel_tensor import TensorMatern52
from surrogo.surrogates.kernels import Matern52
from surrogo.surrogates.likelihood import Likelihood
from surrogo.surrogates.warping import Warped
from tests.reference.differences import gradient

THETA = np.array([-0.5, -0.2, 0.3, -0.4, 0.2, -0.1])  # log l, log a, log b


def points(n=14, seed=0):
    return np.random.default_rng(seed).random((n, 2))


@pytest.mark.parametrize("base", [Matern52(), TensorMatern52()])
def test_gradients_equal_central_differences(base, rng):
    kernel, Z, W = Warped(base), points(), rng.normal(size=(14, 14))
    assert len(kernel.parameters(2)) == len(kernel.at_lengths(np.zeros(2))) == 6
    expected = gradient(
        lambda t: over_pairs(W, kernel.correlations(Z, Z, t)), THETA, 1e-4
    )
    found = kernel.lower_and_pull(Z, THETA)[1](np.asfortranarray(np.tril(W)))
    np.testing.assert_allclose(found, expected, rtol=1e-6, atol=1e-8)
    A, C = points(3, 1), rng.normal(size=(3, 14))
    slopes = kernel.correlations_and_pull(A, Z, THETA)[1](C)
    for i in range(3):
        expected = gradient(
            lambda a, i=i: C[i] @ kernel.correlations(a[None], Z, THETA)[0], A[i], 1e-4
        )
        np.testing.assert_allclose(slopes[i], expected, rtol=1e-6, atol=1e-8)
    part = Likelihood(kernel, Z, np.ones((14, 1)), np.sin(5 * Z[:, 0]) + Z[:, 1])
    expected = gradient(lambda t: part.value_and_gradient(t, 1e-4)[0], THETA, 1e-4)
    found = part.value_and_gradient(THETA, 1e-4)[1]
    np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-6)


def test_ends_stay_where_they_are():
    """Data at 0 and 1: no warp moves them, and derivatives there are right."""
    kernel, Z = Warped(), np.array([[0.0], [1e-9], [0.3], [1.0 - 1e-9], [1.0]])
    for log_a, log_b in itertools.product((-2.0, 0.7, 2.0), repeat=2):
        theta = np.array([0.2, log_a, log_b])
        ends = kernel.correlations(Z[[0]], Z[[-1]], theta)
        plain = Matern52().correlations(Z[[0]], Z[[-1]], theta[:1])
        np.testing.assert_allclose(ends, plain, rtol=1e-12)
        W = np.random.default_rng(0).normal(size=(5, 5))
        expected = gradient(
            lambda t, W=W: over_pairs(W, kernel.correlations(Z, Z, t)), theta, 1e-4
        )
        found = kernel.lower_and_pull(Z, theta)[1](np.asfortranarray(np.tril(W)))
        np.testing.assert_allclose(found, expected, rtol=1e-6, atol=1e-8)
        slope = kernel.correlations_and_pull(Z, Z, theta)[1](W)
        assert np.all(np.isfinite(slope))


def test_exponents_of_one_change_nothing():
    Z, log_l = points(), np.array([-0.5, 0.1])
    plain = Matern52().correlations(Z, Z, log_l)
    kernel = Warped()
    np.testing.assert_allclose(
        kernel.correlations(Z, Z, kernel.at_lengths(log_l)), plain, atol=1e-12
    )
    np.testing.assert_array_equal(kernel.log_lengths(THETA, 2), THETA[:2])


def test_points_outside_count_as_the_nearest_inside():
    kernel, Z = Warped(), points()
    out = np.array([[-0.5, 0.3], [0.2, 1.7]])
    inside = np.clip(out, 0.0, 1.0)
    np.testing.assert_array_equal(
        kernel.correlations(out, Z, THETA), kernel.correlations(inside, Z, THETA)
    )
    slope = kernel.correlations_and_pull(out, Z, THETA)[1](np.ones((2, 14)))
    assert slope[0, 0] == 0.0
    assert slope[1, 1] == 0.0
    assert np.all(np.isfinite(slope))


def uneven(X):
    """Varies fast near 0 and slowly near 1."""
    return np.sin(12.0 * X[:, 0] ** 0.4) + X[:, 1]


def error(f, seed, warp):
    """Median of absolute errors: at 0, where slopes are infinite, all are wrong."""
    rng, box = np.random.default_rng(seed), [[0, 1], [0, 1]]
    X, new = rng.random((40, 2)), rng.random((400, 2))
    gp = GaussianProcess("matern52", warp=warp, random_state=0, bounds=box)
    return np.median(np.abs(gp.fit(X, f(X)).predict(new) - f(new))), gp


def test_a_stretched_variable_is_found():
    ratios = []
    for seed in range(4):
        plain, without = error(uneven, seed, warp=False)
        warped, gp = error(uneven, seed, warp=True)
        ratios.append(warped / plain)
        assert gp.log_likelihood_ > without.log_likelihood_ + 20
        assert 0.25 < np.exp(gp.theta_[2]) < 0.5  # the exponent a of the first variable
        np.testing.assert_allclose(np.exp(gp.theta_[[3, 5]]), 1.0, atol=0.05)
    assert np.exp(np.mean(np.log(ratios))) < 0.5


def test_even_functions_lose_little():
    def even(X):
        return np.sin(5 * X[:, 0]) * np.cos(4 * X[:, 1])

    pairs = [[error(even, s, warp)[0] for warp in (False, True)] for s in range(4)]
    ratios = [warped / plain for plain, warped in pairs]
    assert np.exp(np.mean(np.log(ratios))) < 1.6
