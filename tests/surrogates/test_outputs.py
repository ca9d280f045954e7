"""Several outputs behind one Cholesky factor."""

import numpy as np
import pytest

from surrogo import GaussianProcess
from surrogo.surrogates import kernels
from surrogo.surrogates.likelihood import Likelihood
from surrogo.surrogates.posterior import Posterior
from surrogo.surrogates.trends import Trend
from tests.reference.differences import gradient
from tests.surrogates.cases import LENGTHS, data, every_trend, new_points, user_data


def outputs(n=40):
    Z, y = data(n)
    return Z, np.column_stack([y, Z[:, 0] ** 3 + 3.0, np.cos(5 * Z[:, 1])])


@every_trend
def test_likelihood_is_the_sum_and_its_gradient_follows(trend):
    Z, Y = outputs()
    F = Trend.of(trend, 3).basis(Z)
    together = Likelihood(kernels.get("matern52"), Z, F, Y)
    alone = [Likelihood(kernels.get("matern52"), Z, F, y) for y in Y.T]
    value, slope, in_nugget = together.value_and_gradient(np.log(LENGTHS), 1e-3)
    parts = [part.value_and_gradient(np.log(LENGTHS), 1e-3) for part in alone]
    assert value == pytest.approx(sum(v for v, _, _ in parts), rel=1e-12)
    np.testing.assert_allclose(slope, sum(s for _, s, _ in parts), rtol=1e-9)
    assert in_nugget == pytest.approx(sum(g for _, _, g in parts), rel=1e-9)
    expected = gradient(
        lambda t: together.value_and_gradient(t, 1e-3)[0], np.log(LENGTHS)
    )
    np.testing.assert_allclose(slope, expected, rtol=1e-6)


@every_trend
def test_predictions_are_those_of_each_output_alone(trend, rng):
    Z, Y = outputs()
    fixed = kernels.get("matern32"), Trend.of(trend, 3), np.log(LENGTHS), 1e-4
    together = Posterior.of(*fixed, Z, Y)
    new = rng.random((7, 3))
    mean, std, mean_slope, std_slope = together.mean_std_gradients(new)
    assert mean.shape == std.shape == (7, 3)
    assert mean_slope.shape == std_slope.shape == (7, 3, 3)
    loo = together.leave_one_out()
    grown = Posterior.of(*fixed, Z[:30], Y[:30]).append(Z[30:], Y[30:])
    np.testing.assert_allclose(grown.mean_std(new)[0], mean, atol=1e-8)
    for j, y in enumerate(Y.T):
        alone = Posterior.of(*fixed, Z, y)
        one = alone.mean_std_gradients(new)
        found = mean[:, j], std[:, j], mean_slope[:, j], std_slope[:, j]
        for ours, theirs in zip(found, one, strict=True):
            np.testing.assert_allclose(ours, theirs, rtol=1e-8, atol=1e-9)
        np.testing.assert_allclose(together.covariance(new)[j], alone.covariance(new))
        for ours, theirs in zip(loo, alone.leave_one_out(), strict=True):
            np.testing.assert_allclose(ours[:, j], theirs, rtol=1e-9)
    np.testing.assert_allclose(together.mean_std(new), (mean, std), rtol=1e-10)


def test_estimator_takes_columns_of_any_scale():
    X, y = user_data()
    Y = np.column_stack([y, 1e6 * y + 1e9, np.cos(X[:, 0])])
    gp = GaussianProcess(random_state=0).fit(X, Y)
    mean, std = gp.predict(new_points(), return_std=True)
    assert mean.shape == std.shape == (10, 3)
    np.testing.assert_allclose(mean[:, 1], 1e6 * mean[:, 0] + 1e9, rtol=1e-9)
    np.testing.assert_allclose(std[:, 1], 1e6 * std[:, 0], rtol=1e-6)
    slope, std_slope = gp.predict_gradient(new_points(), return_std=True)
    assert slope.shape == std_slope.shape == (10, 3, 2)
    draws = gp.sample_y(new_points(), 2000)
    assert draws.shape == (10, 3, 2000)
    away = np.abs(draws.mean(axis=2) - mean)
    assert np.all(away < 6 * std / np.sqrt(2000) + 1e-6 * np.abs(mean))
    np.testing.assert_allclose(draws.std(axis=2), std, rtol=0.1, atol=1e-9 * 1e9)
    assert gp.process_std_.shape == (3,)
    loo, loo_std = gp.leave_one_out()
    assert loo.shape == loo_std.shape == (30, 3)


def test_one_column_is_no_different_from_a_vector():
    X, y = user_data()
    flat = GaussianProcess(random_state=0).fit(X, y)
    column = GaussianProcess(random_state=0).fit(X, y[:, None])
    np.testing.assert_allclose(
        column.predict(new_points())[:, 0], flat.predict(new_points()), rtol=1e-8
    )
    assert column.log_likelihood_ == pytest.approx(flat.log_likelihood_, rel=1e-9)


def test_update_wants_as_many_outputs_as_the_fit():
    X, y = user_data()
    gp = GaussianProcess(n_starts=1).fit(X, np.column_stack([y, y]))
    with pytest.raises(ValueError, match="y must have as many outputs as in the fit"):
        gp.update(X[:2], y[:2])
    with pytest.raises(ValueError, match="as many outputs"):
        gp.update(X[:2], np.ones((2, 3)))


def test_noise_is_for_one_output():
    X, y = user_data()
    with pytest.raises(ValueError, match="noise_var is for a single output"):
        GaussianProcess().fit(X, np.column_stack([y, y]), noise_var=np.ones(30))
