"""A process of transformed values: intervals, draws, what is appended, density."""

import math

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.stats import norm

from surrogo import GaussianProcess
from surrogo.surrogates import kernels
from surrogo.surrogates.likelihood import Noise
from surrogo.surrogates.posterior import Posterior
from surrogo.surrogates.transformed import Transformed
from surrogo.surrogates.transforms import ShiftedLog, YeoJohnson
from surrogo.surrogates.trends import Trend
from tests.surrogates.cases import LENGTHS, NUGGET, data, posterior

NAMES = ["log", "yeo_johnson"]
every_name = pytest.mark.parametrize("name", NAMES)


def skewed(n=40):
    Z, y = data(n)
    return Z, np.exp(y)


def transform(name, t):
    return {"log": ShiftedLog, "yeo_johnson": YeoJohnson}[name].of(t)


def model(name, n=30):
    """A model at fixed hyper-parameters, and the values that it holds."""
    Z, t = skewed(n)
    T, plain = transform(name, t), posterior(n=n, nugget=NUGGET)
    fixed = plain.kernel, plain.trend, plain.theta, plain.nugget
    return Transformed(Posterior.of(*fixed, Z, T.forward(t)), T), t


@every_name
def test_intervals_are_quantiles_of_the_draws(name, rng):
    found, _ = model(name)
    Z = rng.random((4, 3))
    draws = found.draws(Z, rng.normal(size=(4, 40000)))
    for level in (0.5, 0.9):
        low, high = found.interval(Z, level)
        for p, end in ((0.5 - level / 2, low), (0.5 + level / 2, high)):
            share = np.mean(draws < end[:, None], axis=1)
            np.testing.assert_allclose(share, p, atol=4 * 0.5 / np.sqrt(40000))
    # the "standard deviation" is half of the one of 68.3 %
    low, high = found.interval(Z, math.erf(1 / math.sqrt(2)))
    np.testing.assert_allclose(found.mean_std(Z)[1], 0.5 * (high - low), rtol=1e-9)


@every_name
def test_estimator_gives_intervals_in_the_units_of_y(name):
    X, y = skewed()
    gp = GaussianProcess(y_transform=name, n_starts=1).fit(X[:30], 100.0 * y[:30] + 7)
    low, high = gp.predict_interval(X[30:], 0.9)
    median = gp.predict(X[30:])
    assert np.all((low < median) & (median < high))
    T, inner = gp.y_transform_, gp.model_.posterior
    m, s = inner.mean_std(gp._to_unit(X[30:]))
    expected = T.inverse(m + norm.ppf(0.95) * s) * gp.y_scale_ + gp.y_mean_
    np.testing.assert_allclose(high, expected, rtol=1e-10)


@pytest.mark.parametrize("hyper", ["map", "laplace"])
def test_without_a_transform_intervals_are_symmetric(hyper):
    X, y = skewed()
    gp = GaussianProcess(n_starts=1, hyper=hyper, random_state=0).fit(X[:30], y[:30])
    low, high = gp.predict_interval(X[30:])
    mean, std = gp.predict(X[30:], return_std=True)
    np.testing.assert_allclose(high - mean, norm.ppf(0.975) * std, rtol=1e-10)
    np.testing.assert_allclose(mean - low, norm.ppf(0.975) * std, rtol=1e-10)


@pytest.mark.parametrize("level", [0.0, 1.0, -1, 2])
def test_levels_that_are_no_probabilities_are_refused(level):
    gp = GaussianProcess(n_starts=1).fit(*skewed(9))
    with pytest.raises(ValueError, match="level must lie between 0 and 1, got"):
        gp.predict_interval(np.zeros((1, 3)), level)


@every_name
def test_appending_equals_conditioning_on_everything(name, rng):
    found, t = model(name)
    new = rng.random((4, 3))
    values = np.median(t) + np.array([0.1, -0.2, 0.0, 0.3])
    T, inner = found.transform, found.posterior
    fresh = Posterior.of(
        *(inner.kernel, inner.trend, inner.theta, inner.nugget),
        *(np.vstack([inner.Z, new]), T.forward(np.append(t, values))),
    )
    grown = found.append(new, values)
    assert grown.transform is T
    Z = rng.random((5, 3))
    np.testing.assert_allclose(
        grown.mean_std(Z), Transformed(fresh, T).mean_std(Z), rtol=1e-8
    )


def test_a_logarithm_follows_a_new_lowest_value(rng):
    """In any order, and without an outlier where the new value is."""
    found, t = model("log")
    new = rng.random((3, 3))
    values = np.min(t) - np.array([0.3, 0.1, 0.6]) * (np.median(t) - np.min(t))
    at_once = found.append(new, values)
    one_by_one = found
    for z, value in zip(new, values, strict=True):
        one_by_one = one_by_one.append(z[None], np.array([value]))
    T = at_once.transform
    assert one_by_one.transform.low == pytest.approx(T.low, rel=1e-12)
    depth = np.min(t) - found.transform.low
    assert np.min(values) - T.low == pytest.approx(depth)
    np.testing.assert_allclose(
        T.inverse(at_once.posterior.y), np.append(t, values), rtol=1e-9
    )
    Z = rng.random((5, 3))
    np.testing.assert_allclose(at_once.mean_std(Z), one_by_one.mean_std(Z), rtol=1e-6)
    assert np.all(at_once.posterior.y > -4.0)


def test_better_values_do_no_harm_elsewhere():
    X, y = skewed()
    order = np.argsort(y)
    lowest, rest = order[:6], order[6:]
    gp = GaussianProcess(y_transform="log", random_state=0).fit(X[rest], y[rest])
    assert np.min(y) < gp.y_mean_ + gp.y_scale_ * gp.y_transform_.low
    gp.update(X[lowest], y[lowest])
    everything = GaussianProcess(y_transform="log", random_state=0).fit(X, y)
    new = np.random.default_rng(5).random((200, 3))
    truth = everything.predict(new)
    assert np.sqrt(np.mean((gp.predict(new) - truth) ** 2)) < 0.2 * np.std(truth)
    np.testing.assert_allclose(gp.predict(X), y, rtol=1e-2)


@every_name
def test_likelihood_is_the_density_of_the_values(name):
    """Integrated over the last value, it is that of the others.

    Without a trend, and with known noise, which gives the process variance.
    """
    Z, t = skewed(5)
    T, noise = transform(name, t), Noise(np.ones(5), 0.1)
    fixed = kernels.get("matern52"), Trend.of("zero", 3), np.log(LENGTHS), 0.1

    def density(values):
        rows = slice(len(values))
        known = Noise(noise.pattern[rows], noise.size)
        posterior = Posterior.of(*fixed, Z[rows], T.forward(values), known)
        return np.exp(Transformed(posterior, T).log_likelihood())

    ends = T.inverse(np.linspace(-8.0, 8.0, 33))
    whole = sum(
        quad(lambda last: density(np.append(t[:-1], last)), *ends[i : i + 2])[0]
        for i in range(32)
    )
    assert whole == pytest.approx(density(t[:-1]), rel=1e-7)


@pytest.mark.parametrize("name", [*NAMES, "auto"])
def test_predictions_far_outside_stay_numbers(name):
    """A linear trend of logarithms grows without end."""
    X, y = skewed(25)
    far = np.array([[300.0, 900.0, 0.0], [-500.0, -800.0, 10.0]])
    for scale in (1e-150, 1.0, 1e150):
        gp = GaussianProcess(y_transform=name, trend="linear", n_starts=1)
        gp.fit(X, scale * y)
        parts = *gp.predict(far, True), *gp.predict_gradient(far, True)
        for part in (*parts, *gp.predict_interval(far), gp.sample_y(far, 3)):
            assert np.all(np.isfinite(part))


def test_single_draws_come_from_all_hyper_parameters():
    """One at a time they spread as much as many at once."""
    X, y = skewed(12)
    gp = GaussianProcess(hyper="laplace", n_starts=1, random_state=0).fit(X, y)
    far = np.array([[2.0, 2.0, 2.0]])
    std = gp.predict(far, True)[1][0]
    single = [gp.sample_y(far, random_state=seed)[0, 0] for seed in range(600)]
    most_likely = gp.y_scale_ * gp.model_.posterior.mean_std(gp._to_unit(far))[1][0]
    assert abs(std / most_likely - 1.0) > 0.15  # so that the test can tell
    assert np.std(single) == pytest.approx(std, rel=0.15)
