"""Prediction bands and the choice of measurements, where both are known exactly."""

from __future__ import annotations

import numpy as np
import pytest

from surrogo.calibration.bands import predictions
from surrogo.calibration.design_of_measurements import best_measurements
from surrogo.calibration.posterior import PosteriorSample, posterior
from tests.calibration import models

T = np.array([0.0, 1.5, 6.0])


def sample_of(x, weights=None):
    n = len(x)
    weights = np.full(n, 1 / n) if weights is None else weights
    names = tuple("abc"[: x.shape[1]])
    return PosteriorSample(names, x, x, weights, np.zeros(n), n, 0.0, n, 0)


@pytest.fixture(scope="module")
def line():
    target, covariance = models.line()
    return posterior(target, n_effective=2000, rng=0), target.x_best, covariance


def test_bands_of_a_line_are_those_of_the_textbook(line):
    sample, x, covariance = line
    found = predictions(lambda x: x[0] + x[1] * T, sample, max_simulations=3000)
    A = np.column_stack([np.ones(3), T])
    variance = np.sum((A @ covariance) * A, axis=1)
    bands = found.bands(0.9, noise_sd=0.3)
    for half, low, high in [
        (1.6449 * np.sqrt(variance), bands.lower, bands.upper),
        (1.6449 * np.sqrt(variance + 0.09), bands.lower_noisy, bands.upper_noisy),
    ]:
        np.testing.assert_allclose(high - low, 2 * half, rtol=0.08)
        np.testing.assert_allclose(0.5 * (high + low), A @ x, atol=0.1)
    np.testing.assert_allclose(bands.median, A @ x, atol=0.08)


def test_a_sample_is_thinned_by_its_weights():
    x = np.arange(1000.0)[:, None]
    weights = np.where(x[:, 0] < 500, 1.5, 0.5) / 1000
    found = predictions(lambda x: x, sample_of(x, weights), max_simulations=100)
    assert found.n_simulations <= 100
    assert found.weights.sum() == pytest.approx(1.0)
    assert found.weights[found.values[:, 0] < 500].sum() == pytest.approx(0.75)


def test_predictions_of_any_shape():
    x = np.random.default_rng(0).normal(size=(50, 2))
    found = predictions(lambda x: np.outer(x, [1, 2, 3]), sample_of(x)).bands()
    assert found.lower.shape == (2, 3)
    np.testing.assert_allclose(found.upper[:, 2], 3 * found.upper[:, 0])
    assert found.upper_noisy is None


def test_simulations_that_fail_are_left_out():
    def simulate(x):
        if x[0] > 0:
            raise RuntimeError("no")
        return [x[0], np.nan] if x[0] < -1 else x[:1].repeat(2)

    x = np.linspace(-1.5, 1.5, 31)[:, None]
    found = predictions(simulate, sample_of(x))
    assert found.n_failed == 20
    assert np.all((found.values >= -1) & (found.values <= 0))


def test_nothing_but_failures_is_an_error():
    with pytest.raises(ValueError, match="got failures only"):
        predictions(lambda x: np.nan, sample_of(np.zeros((3, 1))))


def test_variances_after_measurements_are_exact_for_normals():
    # slope and offset independent N(0, 1); measure offset + slope t with noise 0.5
    x = np.random.default_rng(0).normal(size=(200_000, 2))
    t = np.array([0.0, 1.0, 3.0])
    found = best_measurements(x[:, 1], x[:, :1] + x[:, 1:] * t, 0.5, n=2)
    after = [1 - t**2 / (1 + t**2 + 0.25)]
    np.testing.assert_allclose(found.gains, 1 - np.array(after)[0], atol=0.01)
    precision = np.eye(2)
    for i, variance in zip(found.order, found.variances[1:, 0], strict=True):
        a = np.array([1.0, t[i]])
        precision += np.outer(a, a) / 0.25
        np.testing.assert_allclose(variance, np.linalg.inv(precision)[1, 1], rtol=0.03)
    assert found.order == (2, 0)  # the far end first, then the offset alone


def test_a_precise_measurement_is_worth_more():
    x = np.random.default_rng(0).normal(size=(5000, 1))
    found = best_measurements(sample_of(x), np.hstack([x, x]), [1.0, 0.1])
    assert found.order == (1,)
    assert "measure candidate 1: standard deviations become 10 %" in str(found)


def test_draws_count_by_their_weights():
    x = np.random.default_rng(0).normal(size=(50_000, 1))
    weights = np.exp(-0.5 * 3.0 * x[:, 0] ** 2)  # N(0, 1/4)
    found = best_measurements(x, x, 1.0, weights=weights)
    np.testing.assert_allclose(found.variances[:, 0], [0.25, 0.2], rtol=0.05)


def test_shapes_that_do_not_fit_are_refused():
    with pytest.raises(ValueError, match="at the same draws"):
        best_measurements(np.zeros((3, 1)), np.zeros((4, 2)), 1.0)
    with pytest.raises(ValueError, match="noise_sd must be"):
        best_measurements(np.zeros((3, 1)), np.zeros((3, 2)), [1.0, -1.0])
