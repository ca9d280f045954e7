"""Known noise of each point, and the test for unknown noise."""

import numpy as np
import pytest
from sklearn.gaussian_process import GaussianProcessRegressor
from sklearn.gaussian_process.kernels import ConstantKernel, Matern

from surrogo import GaussianProcess
from surrogo.surrogates import kernels
from surrogo.surrogates.likelihood import Likelihood, Noise
from surrogo.surrogates.noise_test import NO_NOISE, repeats_differ
from surrogo.surrogates.posterior import Posterior
from surrogo.surrogates.trends import Trend
from tests.reference.differences import gradient
from tests.surrogates.cases import LENGTHS, data, smooth


def noisy_data(n=60, size=0.3, seed=0):
    """Points, values, and variances that differ from point to point."""
    rng = np.random.default_rng(seed)
    X = rng.random((n, 2))
    variances = size**2 * rng.uniform(0.1, 4.0, n)
    return X, smooth(X) + np.sqrt(variances) * rng.normal(size=n), variances


def noise(n=40):
    return Noise.of(0.01 * np.linspace(0.5, 2.0, n))


def test_gradient_equals_central_differences():
    Z, y = data()
    part = Likelihood(kernels.get("matern52"), Z, np.ones((40, 1)), y, noise())

    def value(phi):
        return part.value_and_gradient(phi[:-1], np.exp(phi[-1]))[0]

    phi = np.append(np.log(LENGTHS), -4.0)
    _, slope, in_nugget = part.value_and_gradient(phi[:-1], np.exp(-4.0))
    np.testing.assert_allclose(
        np.append(slope, in_nugget), gradient(value, phi), rtol=1e-6
    )


def test_with_known_variances_everything_equals_scikit_learn(rng):
    Z, y = data()
    nugget, known = 0.02, noise()
    gp = Posterior.of(
        kernels.get("matern52"),
        Trend.of("zero", 3),
        np.log(LENGTHS),
        nugget,
        Z,
        y,
        known,
    )
    s2 = known.size / nugget
    assert gp.factors.s2 == pytest.approx(s2)
    theirs = GaussianProcessRegressor(
        ConstantKernel(s2) * Matern(LENGTHS, nu=2.5),
        alpha=known.size * known.pattern,
        optimizer=None,
    ).fit(Z, y)
    expected = theirs.log_marginal_likelihood(theirs.kernel_.theta)
    assert gp.log_likelihood() == pytest.approx(expected, rel=1e-9)
    new = rng.random((9, 3))
    mean, std = theirs.predict(new, return_std=True)
    np.testing.assert_allclose(gp.mean_std(new)[0], mean, rtol=1e-8, atol=1e-9)
    np.testing.assert_allclose(gp.mean_std(new)[1], std, rtol=1e-8)


def test_fit_finds_the_process_behind_noise_of_known_size():
    X, y, variances = noisy_data()
    gp = GaussianProcess(random_state=0).fit(X, y, noise_var=variances)
    new = np.random.default_rng(5).random((400, 2))
    error = np.sqrt(np.mean((gp.predict(new) - smooth(new)) ** 2))
    assert error < 0.5 * np.sqrt(np.mean(variances))
    exact = GaussianProcess(random_state=0).fit(X, y)
    assert error < 0.6 * np.sqrt(np.mean((exact.predict(new) - smooth(new)) ** 2))
    ratio = np.mean(variances) / gp.process_std_**2
    assert gp.nugget_ == pytest.approx(ratio, rel=1e-9)


def test_points_without_noise_are_interpolated_among_noisy_ones():
    X, y, variances = noisy_data()
    variances[::6] = 0.0
    gp = GaussianProcess(random_state=0).fit(X, y, noise_var=variances)
    away = np.abs(gp.predict(X) - y)
    assert np.max(away[::6]) < 1e-4
    assert np.max(away) > 0.1


def test_units_of_the_noise_are_those_of_the_values():
    X, y, variances = noisy_data()
    one = GaussianProcess(random_state=0).fit(X, y, noise_var=variances)
    other = GaussianProcess(random_state=0).fit(
        X, 1e4 * y + 1e3, noise_var=1e8 * variances
    )
    np.testing.assert_allclose(
        other.predict(X), 1e4 * one.predict(X) + 1e3, rtol=1e-4, atol=1.0
    )
    assert other.nugget_ == pytest.approx(one.nugget_, rel=1e-3)


def test_update_equals_a_fit_at_the_same_hyper_parameters():
    X, y, variances = noisy_data()
    few = GaussianProcess(random_state=0).fit(X[:40], y[:40], noise_var=variances[:40])
    before = few.process_std_
    few.update(X[40:], y[40:], noise_var=variances[40:])
    assert few.process_std_ == pytest.approx(before, rel=1e-9)
    model = few.model_
    new = np.random.default_rng(1).random((5, 2))
    fresh = Posterior.of(
        model.kernel,
        model.trend,
        model.theta,
        model.nugget,
        model.Z,
        model.y,
        Noise.of(variances / few.y_scale_**2),
    )
    np.testing.assert_allclose(fresh.mean_std(new), model.mean_std(new), rtol=1e-8)
    with pytest.raises(ValueError, match="noise_var must be given to update exactly"):
        few.update(X[:1], y[:1])


@pytest.mark.parametrize(
    ("noise_var", "message"),
    [
        (np.ones(3), r"noise_var must have shape \(60,\) and no negative entry"),
        (-np.ones(60), "no negative entry"),
        (np.zeros(60), "noise_var must be above 0 somewhere"),
        (np.full(60, np.nan), "noise_var must be finite"),
        (np.full(60, 1e250), "noise_var must be at most 1e\\+200 times the variance"),
        ("much", "noise_var must hold real numbers"),
    ],
)
def test_senseless_noise_is_refused(noise_var, message):
    X, y, _ = noisy_data()
    with pytest.raises(ValueError, match=message):
        GaussianProcess().fit(X, y, noise_var=noise_var)


def test_nothing_known_is_no_reason_to_keep_hyper_parameters():
    X, y, variances = noisy_data()
    with pytest.raises(ValueError, match="and no noise_var"):
        GaussianProcess(n_starts=0, length_scale=1.0).fit(X, y, noise_var=variances)


def test_smooth_data_are_not_taken_for_noisy():
    for seed in range(20):
        Z, y = data(25, 2, seed)
        gp = GaussianProcess(nugget="auto", random_state=0).fit(Z, y)
        assert gp.nugget_ == NO_NOISE


def test_noise_is_seen():
    found = 0
    for seed in range(20):
        X, y, _ = noisy_data(60, 0.2, seed)
        gp = GaussianProcess(nugget="auto", random_state=0).fit(X, y)
        found += gp.nugget_ > 1e-3
    assert found >= 18


def test_draws_of_a_process_are_seldom_taken_for_noisy():
    """At 3 nats chance alone exceeds the limit in less than 1 % of the cases."""
    rng, wrong = np.random.default_rng(0), 0
    for _ in range(40):
        Z = rng.random((30, 2))
        k = kernels.get("matern52").correlations(Z, Z, np.log([0.5, 0.5]))
        y = np.linalg.cholesky(k + 1e-12 * np.eye(30)) @ rng.normal(size=30)
        gp = GaussianProcess(nugget="auto", n_starts=1).fit(Z, y)
        wrong += gp.nugget_ > NO_NOISE
    assert wrong <= 2


def test_repeated_points_tell():
    Z = np.array([[0.1, 0.2], [0.5, 0.6], [0.1, 0.2], [0.9, 0.1]])
    assert repeats_differ(Z, np.array([1.0, 2.0, 1.0, 5.0])) is False
    assert repeats_differ(Z, np.array([1.0, 2.0, 1.1, 5.0])) is True
    assert repeats_differ(Z[1:], np.array([1.0, 2.0, 1.1])) is None
    X, y, _ = noisy_data(20)
    twice = np.vstack([X, X[:5]])
    same = GaussianProcess(nugget="auto").fit(twice, np.append(y, y[:5]))
    assert same.nugget_ == NO_NOISE
    other = GaussianProcess(nugget="auto").fit(twice, np.append(y, y[:5] + 0.3))
    assert other.nugget_ > 1e-6
