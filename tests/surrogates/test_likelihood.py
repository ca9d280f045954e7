import math

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.stats import multivariate_normal
from sklearn.gaussian_process import GaussianProcessRegressor
from sklearn.gaussian_process.kernels import RBF, ConstantKernel, Matern

from surrogo.surrogates import kernels
from surrogo.surrogates.likelihood import Likelihood
from tests.reference.differences import gradient
from tests.reference.naive_gp import NaiveGP
from tests.surrogates.cases import (
    LENGTHS,
    NUGGET,
    data,
    every_kernel,
    every_trend,
    likelihood,
    posterior,
)

NU = {"matern12": 0.5, "matern32": 1.5, "matern52": 2.5, "squared_exponential": np.inf}


def scikit_learn(kernel, lengths, nugget, variance, Z, y):
    """Return scikit-learn's model at the same hyper-parameters."""
    shape = RBF(lengths) if np.isinf(NU[kernel]) else Matern(lengths, nu=NU[kernel])
    model = GaussianProcessRegressor(
        ConstantKernel(variance) * shape, alpha=nugget * variance, optimizer=None
    )
    return model.fit(Z, y)


@every_kernel
@pytest.mark.parametrize("nugget", [1e-4, 1e-2])
def test_without_trend_everything_equals_scikit_learn(kernel, nugget, rng):
    ours = posterior(kernel, "zero", nugget=nugget)
    R = ours.factors.L @ ours.factors.L.T
    assert np.linalg.cond(R) < 1e6
    theirs = scikit_learn(kernel, LENGTHS, nugget, ours.factors.s2, ours.Z, ours.y)
    expected = theirs.log_marginal_likelihood(theirs.kernel_.theta)
    assert ours.log_likelihood() == pytest.approx(expected, rel=1e-8)
    Z = rng.random((50, 3))
    mean, std = theirs.predict(Z, return_std=True)
    np.testing.assert_allclose(ours.mean_std(Z)[0], mean, rtol=1e-8, atol=1e-9)
    np.testing.assert_allclose(ours.mean_std(Z)[1], std, rtol=1e-8)


@every_kernel
def test_gradient_equals_scikit_learn(kernel):
    part = likelihood(kernel, "zero")
    _, in_log_l, _ = part.value_and_gradient(np.log(LENGTHS), NUGGET)
    s2 = part.factors(np.log(LENGTHS), NUGGET).s2
    theirs = scikit_learn(kernel, LENGTHS, NUGGET, s2, part.Z, part.y)
    _, expected = theirs.log_marginal_likelihood(theirs.kernel_.theta, True)
    np.testing.assert_allclose(-in_log_l, expected[1:], rtol=1e-8)


@every_kernel
@every_trend
def test_value_and_gradient_equal_the_naive_ones(kernel, trend):
    ours = posterior(kernel, trend, n=25)
    naive = NaiveGP(kernel, trend, LENGTHS, NUGGET, ours.Z, ours.y)
    assert ours.log_likelihood() == pytest.approx(naive.log_likelihood(), rel=1e-8)
    part = likelihood(kernel, trend, n=25)
    _, in_log_l, in_nugget = part.value_and_gradient(np.log(LENGTHS), NUGGET)
    expected = naive.gradient()
    np.testing.assert_allclose(-in_log_l, expected[:-1], rtol=1e-8)
    assert -in_nugget == pytest.approx(expected[-1], rel=1e-8)


@every_kernel
@every_trend
@pytest.mark.parametrize(("n", "d", "nugget"), [(25, 3, 1e-2), (90, 2, 1e-4)])
def test_gradient_equals_central_differences(kernel, trend, n, d, nugget):
    part = likelihood(kernel, trend, n, d)
    theta = np.append(np.log(LENGTHS[:d]), math.log(nugget))

    def value(theta):
        return part.value_and_gradient(theta[:-1], math.exp(theta[-1]))[0]

    expected = gradient(value, theta)
    _, in_log_l, in_nugget = part.value_and_gradient(theta[:-1], nugget)
    size = np.abs(expected).max()
    found = np.append(in_log_l, in_nugget)
    np.testing.assert_allclose(found, expected, rtol=1e-6, atol=1e-8 * size)


@every_kernel
def test_the_two_ways_to_the_value_agree(kernel):
    part = likelihood(kernel, "linear", n=70)  # more than a panel
    value, _, _ = part.value_and_gradient(np.log(LENGTHS), NUGGET)
    factors = part.factors(np.log(LENGTHS), NUGGET)
    assert value == pytest.approx(factors.negative_log_likelihood(), rel=1e-13)


@pytest.mark.parametrize("trend", ["constant", "linear", "quadratic"])
def test_restricted_likelihood_is_the_limit_of_a_wide_prior_on_the_trend(trend):
    """With beta ~ N(0, tau^2 I) the likelihood loses p log tau + p/2 log 2 pi.

    What remains differs from the density of the contrasts by 1/2 log|F^T F|.
    """
    gp = posterior("matern32", trend)
    F = gp.trend.basis(gp.Z)
    n, p = F.shape
    tau = 3e3
    wide = gp.factors.s2 * gp.factors.L @ gp.factors.L.T + tau**2 * F @ F.T
    expected = -0.5 * gp.y @ np.linalg.solve(wide, gp.y)
    expected -= 0.5 * np.linalg.slogdet(wide)[1] + 0.5 * n * math.log(2 * math.pi)
    expected += p * math.log(tau) + 0.5 * p * math.log(2 * math.pi)
    expected += 0.5 * np.linalg.slogdet(F.T @ F)[1]
    assert gp.log_likelihood() == pytest.approx(expected, abs=1e-5)


def test_restricted_likelihood_is_the_integral_over_a_constant():
    gp = posterior("matern52", "constant", n=12)
    R = gp.factors.L @ gp.factors.L.T
    noise = multivariate_normal(np.zeros(12), gp.factors.s2 * R)
    centre, scale = gp.factors.beta[0], noise.logpdf(gp.y - gp.factors.beta[0])
    half = 30.0 * math.sqrt(gp.factors.s2)
    mass, _ = quad(
        lambda beta: math.exp(noise.logpdf(gp.y - beta) - scale),
        centre - half,
        centre + half,
        points=[centre],
        epsrel=1e-12,
        limit=200,
    )
    expected = math.log(mass) + scale + 0.5 * math.log(12)
    assert gp.log_likelihood() == pytest.approx(expected, rel=1e-9)


@every_trend
def test_process_variance_is_at_its_best_value(trend):
    part = likelihood("matern52", trend)
    best = part.factors(np.log(LENGTHS), NUGGET)

    def restricted(log_s2):
        """The likelihood as a function of the variance; q = nu s2_best."""
        return best.nu * (log_s2 + best.s2 / math.exp(log_s2))

    slope = gradient(lambda x: restricted(x[0]), [math.log(best.s2)])
    assert slope[0] == pytest.approx(0, abs=1e-6)


def test_data_that_the_trend_explains_leave_a_finite_likelihood():
    Z = np.linspace(0, 1, 9)[:, None]
    F = np.hstack([np.ones((9, 1)), Z])
    part = Likelihood(kernels.get("matern52"), Z, F, 2.0 * Z[:, 0] - 1.0)
    value, in_log_l, in_nugget = part.value_and_gradient(np.log([0.3]), 1e-6)
    assert np.isfinite([value, *in_log_l, in_nugget]).all()
    assert 0.0 < part.factors(np.log([0.3]), 1e-6).s2 < 1e-24


def test_evaluations_do_not_disturb_each_other():
    part = likelihood("matern52", "linear")
    factors = part.factors(np.log(LENGTHS), NUGGET)
    first = part.value_and_gradient(np.log(LENGTHS), NUGGET)
    L = factors.L.copy()
    part.value_and_gradient(np.zeros(3), 1e-6)
    again = part.value_and_gradient(np.log(LENGTHS), NUGGET)
    np.testing.assert_array_equal(factors.L, L)
    np.testing.assert_array_equal(first[1], again[1])
    assert (first[0], first[2]) == (again[0], again[2])


def test_gradient_keeps_its_digits_far_from_the_origin():
    near = likelihood("matern52", "constant")
    far = Likelihood(near.kernel, near.Z + 2.0**20, near.F, near.y)
    (_, expected, _), (_, found, _) = (
        part.value_and_gradient(np.log(LENGTHS), NUGGET) for part in (near, far)
    )
    np.testing.assert_allclose(found, expected, rtol=1e-6)


def test_arguments_stay_as_they_are():
    part = likelihood("matern52", "linear")
    before = part.Z.copy(), part.F.copy(), part.y.copy()
    log_l = np.log(LENGTHS)
    part.value_and_gradient(log_l, NUGGET)
    for now, then in zip((part.Z, part.F, part.y, log_l), (*before, np.log(LENGTHS)),
                         strict=True):  # fmt: skip
        np.testing.assert_array_equal(now, then)


def test_data_shared_by_the_cases_are_standardised():
    assert np.std(data()[1]) == pytest.approx(1.0)
