"""Do the intervals cover, and does the fit find what the data were drawn with?

Seeds are fixed; tolerances are those of the binomial and normal distributions.
"""

from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import norm, t

from surrogo import GaussianProcess
from surrogo.surrogates import kernels
from surrogo.surrogates.likelihood import Likelihood
from surrogo.surrogates.posterior import Posterior
from surrogo.surrogates.trends import Trend
from tests.reference.naive_gp import correlation
from tests.surrogates.cases import every_kernel


def draws(kernel, Z, lengths, count, seed, nugget=0.0):
    """Draw functions from the prior at Z (n, d), plus noise; shape (count, n)."""
    r = np.linalg.norm((Z[:, None] - Z[None]) / lengths, axis=2)
    R = np.vectorize(lambda r: correlation(kernel, r))(r)
    root = np.linalg.cholesky(R + 1e-10 * np.eye(len(Z)))
    rng = np.random.default_rng(seed)
    noise = np.sqrt(nugget) * rng.normal(size=(count, len(Z)))
    return rng.normal(size=(count, len(Z))) @ root.T + noise


def scores(kernel, trend, count, known_variance):
    """Standardised errors (count,) of one prediction each, at the true lengths."""
    Z = np.random.default_rng(0).random((16, 2))
    lengths, shift = np.array([0.3, 0.6]), 0.0 if trend == "zero" else 5.0
    y = shift + draws(kernel, Z, lengths, count, seed=1)
    fixed = kernels.get(kernel), Trend.of(trend, 2), np.log(lengths), 1e-10
    out = []
    for row in y:
        gp = Posterior.of(*fixed, Z[:-1], row[:-1])
        if known_variance:
            gp = replace(gp, factors=replace(gp.factors, s2=1.0))
        mean, std = gp.mean_std(Z[-1:])
        out.append((row[-1] - mean[0]) / std[0])
    return np.array(out), gp.factors.nu


def assert_coverage(covered, nominal):
    error = np.sqrt(nominal * (1 - nominal) / len(covered))
    assert np.mean(covered) == pytest.approx(nominal, abs=3.5 * error)


@every_kernel
@pytest.mark.parametrize("trend", ["zero", "constant", "linear"])
def test_intervals_cover_at_the_true_hyper_parameters(kernel, trend):
    z, _ = scores(kernel, trend, 1000, known_variance=True)
    for nominal in (0.5, 0.95):
        assert_coverage(np.abs(z) < norm.ppf(0.5 + nominal / 2), nominal)


@pytest.mark.parametrize("trend", ["zero", "constant", "quadratic"])
def test_errors_follow_student_where_the_variance_is_estimated(trend):
    """With s2 = q / nu the ratio is exactly t-distributed."""
    z, nu = scores("matern52", trend, 2000, known_variance=False)
    for nominal in (0.5, 0.95):
        assert_coverage(np.abs(z) < t(nu).ppf(0.5 + nominal / 2), nominal)


def test_intervals_nearly_cover_after_a_fit():
    """Estimating everything from 30 points: 95 % intervals may cover 88 to 99 %."""
    rng = np.random.default_rng(3)
    covered = []
    for seed in range(40):
        Z = rng.random((35, 2))
        y = draws("matern52", Z, np.array([0.4, 0.8]), 1, seed)[0]
        gp = GaussianProcess(random_state=0).fit(Z[:30], y[:30])
        mean, std = gp.predict(Z[30:], return_std=True)
        covered.extend(np.abs(y[30:] - mean) < 1.96 * std)
    assert 0.88 < np.mean(covered) < 0.99


def test_length_scales_are_recovered_within_their_standard_errors():
    """Errors over standard errors (from the observed information) look normal."""
    rng, truth = np.random.default_rng(4), np.log([0.25, 0.5])
    errors = []
    for seed in range(30):
        Z = rng.random((80, 2))
        y = draws("matern32", Z, np.exp(truth), 1, seed)[0]
        gp = GaussianProcess("matern32", prior=False, bounds=[[0, 1]] * 2)
        log_l = gp.fit(Z, y).model_.log_l
        F = Trend.of("constant", 2).basis(Z)
        likelihood = Likelihood(kernels.get("matern32"), Z, F, gp.model_.y)
        slopes = [
            likelihood.value_and_gradient(log_l + step, 1e-10)[1]
            - likelihood.value_and_gradient(log_l - step, 1e-10)[1]
            for step in 1e-3 * np.eye(2)
        ]
        covariance = np.linalg.inv(np.array(slopes) / 2e-3)
        errors.append((log_l - truth) / np.sqrt(np.diag(covariance)))
    errors = np.array(errors)
    assert np.all(np.abs(errors) < 4.0)
    # 60 nearly normal numbers: their mean square lies between 0.62 and 1.45
    # with probability 99 %; doubled for the small samples behind each
    assert 0.6 < np.mean(errors**2) < 2.0
    assert np.all(np.abs(errors.mean(axis=0)) < 3.5 / np.sqrt(30))


@pytest.mark.parametrize("prior", [True, False])
@pytest.mark.parametrize("nugget", [0.01, 0.1])
def test_noise_level_is_recovered(nugget, prior):
    found = []
    for seed in range(12):
        Z = np.random.default_rng(seed).random((80, 1))
        y = draws("matern52", Z, np.array([0.2]), 1, seed, nugget)[0]
        gp = GaussianProcess(nugget="estimate", prior=prior, n_starts=2).fit(Z, y)
        found.append(gp.nugget_ * gp.process_std_**2)
    # the variance of 80 normal numbers has a relative error of sqrt(2/80) = 0.16,
    # a little more because some of the 80 determine the function
    ratio = np.array(found) / nugget
    assert np.all((ratio > 1 / 2.5) & (ratio < 2.5))
    assert 0.8 < np.median(ratio) < 1.25


def test_no_noise_is_found_where_there_is_none():
    Z = np.random.default_rng(0).random((60, 1))
    y = draws("matern52", Z, np.array([0.3]), 1, 0)[0]
    gp = GaussianProcess(nugget="estimate", prior=False).fit(Z, y)
    assert gp.nugget_ < 1e-5
