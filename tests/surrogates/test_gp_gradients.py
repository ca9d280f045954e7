"""The estimator with observed gradients."""

import numpy as np
import pytest

from surrogo import GaussianProcess
from surrogo.surrogates.kernels import Matern32


def wave(X):
    y = np.sin(2 * X[:, 0]) + 10 * X[:, 1] ** 2
    return y, np.column_stack([2 * np.cos(2 * X[:, 0]), 20 * X[:, 1]])


def data(n=12, seed=0):
    X = np.random.default_rng(seed).random((n, 2)) * [4.0, 0.5] + [1.0, -3.0]
    return X, *wave(X)


@pytest.mark.parametrize("trend", ["zero", "constant", "linear"])
def test_values_and_slopes_of_the_data_come_back(trend):
    X, y, G = data()
    gp = GaussianProcess(trend=trend, random_state=0).fit(X, y, gradients=G)
    mean, std = gp.predict(X, return_std=True)
    np.testing.assert_allclose(mean, y, atol=1e-8 * np.ptp(y))
    np.testing.assert_allclose(gp.predict_gradient(X), G, atol=1e-7 * np.ptp(G))
    assert np.all(std < 1e-4 * np.std(y))
    assert gp.length_scale_.shape == (2,)
    assert gp.process_std_ > 0
    assert gp.jitter_ == 0.0
    assert np.isfinite(gp.log_likelihood_)
    assert gp.n_evaluations_ > 4


def test_slopes_are_worth_points():
    X, y, G = data(15)
    new, truth, _ = data(300, 1)
    gp = GaussianProcess("matern52", random_state=0)
    with_slopes = gp.fit(X, y, gradients=G).predict(new)
    without = gp.fit(*data(30)[:2]).predict(new)
    assert np.std(with_slopes - truth) < np.std(without - truth)


def test_what_was_not_observed_is_nan():
    X, y, G = data()
    G[::2, 0] = np.nan
    y[1] = np.nan
    gp = GaussianProcess(random_state=0).fit(X, y, gradients=G)
    seen = ~np.isnan(G)
    np.testing.assert_allclose(gp.predict_gradient(X)[seen], G[seen], atol=1e-6)
    known = ~np.isnan(y)
    np.testing.assert_allclose(gp.predict(X)[known], y[known], atol=1e-6)


def test_update_takes_gradients_where_the_fit_did():
    X, y, G = data(14)
    gp = GaussianProcess(random_state=0).fit(X[:10], y[:10], gradients=G[:10])
    gp.update(X[10:12], y[10:12], gradients=G[10:12]).update(X[12:], y[12:])
    np.testing.assert_allclose(gp.predict(X), y, atol=1e-6)
    np.testing.assert_allclose(gp.predict_gradient(X[:12]), G[:12], atol=1e-5)
    plain = GaussianProcess(n_starts=1).fit(X, y)
    with pytest.raises(ValueError, match="only if they were given to fit"):
        plain.update(X[:1] * 1.01, y[:1], gradients=G[:1])


def test_kept_hyper_parameters():
    X, y, G = data()
    gp = GaussianProcess(n_starts=0, length_scale=[3.0, 0.7]).fit(X, y, gradients=G)
    np.testing.assert_allclose(gp.length_scale_, [3.0, 0.7])
    assert gp.n_evaluations_ == 0


@pytest.mark.parametrize(
    ("parameters", "arguments", "message"),
    [
        ({}, {"noise_var": np.ones(12)}, "noise_var does not go with gradients"),
        ({"y_transform": "log"}, {}, "gradients go with y_transform=None"),
        ({"hyper": "laplace"}, {}, "gradients go with"),
        ({"kernel": "additive"}, {}, "gradients need a stationary kernel"),
        ({"kernel": "matern12"}, {}, "Matern12"),
        ({"warp": True}, {}, "gradients need a stationary kernel"),
        (
            {},
            {"gradients": np.ones((3, 2))},
            r"gradients must have the shape \(12, 2\)",
        ),
    ],
)
def test_what_does_not_go_together_is_refused(parameters, arguments, message):
    X, y, G = data()
    with pytest.raises(ValueError, match=message):
        GaussianProcess(**parameters).fit(X, y, **({"gradients": G} | arguments))


def test_a_kernel_that_is_smooth_enough():
    X, y, G = data()
    gp = GaussianProcess(Matern32(), nugget="auto").fit(X, y, gradients=G)
    np.testing.assert_allclose(gp.predict(X), y, atol=1e-6)
