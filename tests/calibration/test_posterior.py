"""Posterior samples where the posterior is known, or can be integrated."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import lognorm, norm

from surrogo.calibration.posterior import posterior, weighted_quantiles
from surrogo.calibration.simulations import Simulations
from surrogo.calibration.surrogate_chains import ensemble
from surrogo.calibration.target import Target
from surrogo.problems import hare_lynx as lynx
from surrogo.space import Real, Space
from surrogo.trials import Evaluation
from tests.calibration import models


@pytest.mark.parametrize("scalar", [False, True])
def test_of_a_linear_model_it_is_the_normal(scalar):
    target, covariance = models.line(scalar=scalar)
    found = posterior(target, n_effective=1500, rng=0)
    sd = np.sqrt(np.diag(covariance))
    np.testing.assert_allclose(found.mean, target.x_best, atol=0.15 * sd.min())
    np.testing.assert_allclose(found.covariance, covariance, rtol=0.12)
    half = 1.6448536 * sd
    expected = np.column_stack([target.x_best - half, target.x_best + half])
    np.testing.assert_allclose(found.interval(0.9), expected, atol=0.2 * sd.max())
    assert found.n_effective >= 1500
    assert found.n_simulations <= 1.2 * 1500


@pytest.mark.parametrize("scalar", [False, True])
def test_of_a_decay_it_is_what_a_grid_says(scalar):
    target, residuals = models.decay(sd=0.3, scalar=scalar)
    A, k = np.meshgrid(np.linspace(0.5, 5, 181), np.linspace(0.05, 3, 181))
    grid = np.column_stack([A.ravel(), k.ravel()])
    logs = np.array([-0.5 * np.sum(residuals(x) ** 2) for x in grid])
    w = np.exp(logs - logs.max())
    w /= w.sum()
    mean, sd = w @ grid, np.sqrt(w @ (grid - w @ grid) ** 2)
    found = posterior(target, n_effective=1000, rng=1)
    np.testing.assert_allclose(found.mean, mean, atol=0.12 * sd.min())
    np.testing.assert_allclose(found.std, sd, rtol=0.1)
    assert found.pareto_k < 0.7
    assert found.n_simulations < 1300


@pytest.mark.slow
def test_the_worth_is_what_repetition_shows():
    target, covariance = models.line()
    simulations = Simulations(target)
    means = [posterior(simulations, n_effective=100, rng=i).mean for i in range(60)]
    ratio = np.var(means, axis=0) / (np.diag(covariance) / 100)
    assert np.all((ratio > 0.45) & (ratio < 1.6))


def test_the_box_cuts_the_posterior():
    target = models.of_residuals([(0.0, 3.0)], lambda x: x / 0.5, [0.0])
    found = posterior(target, n_effective=1000, rng=0)
    assert np.all(found.x >= 0.0)
    np.testing.assert_allclose(found.mean, 0.5 * np.sqrt(2 / np.pi), rtol=0.08)


@pytest.mark.parametrize(
    ("density", "distribution"),
    [("scale", lognorm(0.5)), ("units", lognorm(0.5, scale=np.exp(0.25)))],
)
def test_a_density_over_logarithms_and_one_over_values(density, distribution):
    # exp(-v) = exp(-log(k)^2 / 2 s^2): normal in log k, or with mean + s^2 by dk = k du
    target = models.of_residuals(
        {"k": Real(0.01, 100, scale="log")}, lambda x: np.log(x) / 0.5, [1.0]
    )
    found = posterior(target, n_effective=1500, density=density, rng=0)
    np.testing.assert_allclose(
        found.quantile([0.25, 0.5, 0.75])[:, 0],
        distribution.ppf([0.25, 0.5, 0.75]),
        rtol=0.06,
    )


def test_a_banana():
    def residuals(x):
        return np.array([x[0] / 1.0, (x[1] - x[0] ** 2) / 0.3])

    target = models.of_residuals([(-4, 4), (-5, 15)], residuals, [0.0, 0.0])
    found = posterior(target, n_effective=1000, rng=0)
    np.testing.assert_allclose(found.mean, [0.0, 1.0], atol=0.17)
    np.testing.assert_allclose(found.std, [1.0, np.sqrt(2.09)], rtol=0.12)


def test_failures_have_no_weight():
    def residuals(x):
        if x[0] > 1.1:
            raise RuntimeError("diverged")
        return (x - 1.0) / 0.1

    target = models.of_residuals([(0.0, 3.0)], residuals, [1.0])
    found = posterior(target, n_effective=300, rng=0)
    assert found.weights[found.x[:, 0] > 1.1].sum() < 1e-9
    cut = norm.expect(lambda z: z, lb=-np.inf, ub=1.0, conditional=True)
    np.testing.assert_allclose(found.mean, 1.0 + 0.1 * cut, atol=0.02)


def test_a_seed_repeats_a_sample():
    first, second = (posterior(models.line()[0], n_effective=50, rng=3) for _ in "ab")
    np.testing.assert_array_equal(first.x, second.x)
    np.testing.assert_array_equal(first.weights, second.weights)


def test_the_limit_of_simulations_holds():
    target = models.decay(sd=0.3)[0]
    found = posterior(target, n_effective=500, max_simulations=60, rng=0)
    assert found.n_simulations <= 60
    assert found.n_effective < 60


def test_draws_of_equal_weight():
    found = posterior(models.line()[0], n_effective=400, rng=0)
    equal = found.resampled(20_000, rng=0)
    np.testing.assert_allclose(equal.mean(axis=0), found.mean, atol=0.01)


def test_a_sample_says_what_it_is_worth():
    text = str(posterior(models.line()[0], n_effective=50, rng=0))
    assert "independent draws" in text
    assert text.startswith("offset = 1.0")


def test_weighted_quantiles_of_equal_weights_are_numpys():
    x = np.random.default_rng(0).normal(size=(301, 2))
    found = weighted_quantiles(x, np.full(301, 1 / 301), [0.1, 0.5])
    expected = np.quantile(x, [0.1, 0.5], axis=0, method="hazen")
    np.testing.assert_allclose(found, expected)


def test_walkers_follow_a_correlated_normal():
    rng = np.random.default_rng(0)
    H = np.linalg.inv([[1.0, 0.95], [0.95, 1.0]])
    chains = ensemble(
        lambda u: -0.5 * np.sum((u @ H) * u, axis=1), rng.normal(size=(40, 2)), 800, rng
    )
    found = np.cov(chains.reshape(-1, 2).T)
    np.testing.assert_allclose(found, [[1.0, 0.95], [0.95, 1.0]], rtol=0.12)


# Means of posteriordb's reference for hudson_lynx_hare, with its priors.
LYNX = [0.5469, 0.02775, 0.8001, 0.02409, 34.03, 5.936, 0.2481, 0.2510]


def lynx_posterior(x):
    """Return the log-normal likelihood and the priors of posteriordb, over units."""
    rates, sigmas = x[:6], x[6:]
    r = lynx.log_residuals(rates).reshape(-1, 2) / sigmas
    prior = (
        norm.logpdf(x[[0, 2]], 1, 0.5).sum() + norm.logpdf(x[[1, 3]], 0.05, 0.05).sum()
    )
    prior += lognorm.logpdf(x[4:6], 1, scale=10).sum()
    prior += lognorm.logpdf(sigmas, 1, scale=np.exp(-1)).sum()
    rest = 21 * np.log(sigmas).sum() - prior
    return Evaluation(0.5 * float(np.sum(r**2)) + rest, residuals=r.ravel())


@pytest.mark.slow
def test_hare_and_lynx_with_the_priors_of_posteriordb():
    space = lynx.hare_lynx().space
    sigma = Real(0.05, 2, scale="log")
    target = Target(
        Space.of([*space.variables, sigma, sigma]),
        lynx_posterior,
        [0.54, 0.0272, 0.797, 0.0237, 34.6, 5.84, 0.22, 0.22],
    )
    found = posterior(target, n_effective=600, density="units", rng=0)
    np.testing.assert_allclose(found.mean, LYNX, rtol=0.05)
    assert found.n_effective >= 600
    assert found.n_simulations < 1500
