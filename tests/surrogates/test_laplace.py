import numpy as np
import pytest

from surrogo import GaussianProcess
from surrogo.surrogates import laplace
from surrogo.surrogates.laplace import Mixture
from tests.reference.differences import gradient
from tests.surrogates.cases import new_points, posterior, smooth, user_data


class Bowl:
    """A normal log density with this precision, in a box."""

    def __init__(self, H, width=50.0):
        self.H, self.width = np.asarray(H, float), width

    def __call__(self, phi):
        return 0.5 * phi @ self.H @ phi, self.H @ phi

    def bounds(self):
        d = len(self.H)
        return np.column_stack([np.full(d, -self.width), np.full(d, self.width)])


def test_draws_have_the_covariance_of_the_density(monkeypatch):
    monkeypatch.setattr(laplace, "N_DRAWS", 40000)
    H = np.array([[4.0, 1.0], [1.0, 2.0]])
    first, *others = laplace.draws(Bowl(H), np.zeros(2), np.random.default_rng(0))
    np.testing.assert_array_equal(first, 0.0)
    found = np.cov(np.array(others).T)
    np.testing.assert_allclose(found, np.linalg.inv(H), atol=0.02)
    np.testing.assert_allclose(np.mean(others, axis=0), 0.0, atol=1e-12)


def test_flat_directions_and_bounds_are_kept_in_check(monkeypatch):
    monkeypatch.setattr(laplace, "N_DRAWS", 4000)
    flat = laplace.draws(Bowl(np.zeros((1, 1))), np.zeros(1), np.random.default_rng(0))
    assert np.std(flat) == pytest.approx(2.0, rel=0.1)  # 1 / sqrt(1/4)
    bound = Bowl(np.eye(2), width=1.0)
    drawn = np.array(laplace.draws(bound, np.array([1.0, 0.0]),
                                   np.random.default_rng(0)))  # fmt: skip
    assert np.all(drawn[:, 0] == 1.0)
    assert np.all(np.abs(drawn) <= 1.0)
    corner = laplace.draws(bound, np.ones(2), np.random.default_rng(0))
    assert len(corner) == 1


def mixture():
    lengths = np.array([0.4, 0.9, 0.6])
    return Mixture(tuple(posterior(lengths=c * lengths) for c in (1.0, 0.5, 2.0)))


def test_moments_are_those_of_the_mixture(rng):
    model, Z = mixture(), rng.random((6, 3))
    mean, std = model.mean_std(Z)
    parts = [part.mean_std(Z) for part in model.parts]
    draws = np.concatenate([m + s * rng.normal(size=(100000, 6)) for m, s in parts])
    np.testing.assert_allclose(draws.mean(axis=0), mean, atol=0.01)
    np.testing.assert_allclose(draws.std(axis=0), std, rtol=0.02)
    normals = rng.normal(size=(6, 30000))
    found = model.draws(Z, normals)
    np.testing.assert_allclose(found.mean(axis=1), mean, atol=0.03)
    np.testing.assert_allclose(found.std(axis=1), std, rtol=0.05)
    assert model.posterior is model.parts[0]
    assert model.log_likelihood() == model.parts[0].log_likelihood()


def test_gradients_equal_central_differences(rng):
    model = mixture()
    Z = rng.random((4, 3))
    mean, std, mean_slope, std_slope = model.mean_std_gradients(Z)
    np.testing.assert_allclose((mean, std), model.mean_std(Z), rtol=1e-10)
    for row, z in enumerate(Z):
        for part, slope in enumerate((mean_slope, std_slope)):
            expected = gradient(
                lambda z, part=part: model.mean_std(z[None])[part][0], z, 1e-4
            )
            np.testing.assert_allclose(slope[row], expected, rtol=1e-5, atol=1e-6)


def test_estimator_averages_and_appends():
    X, y = user_data()
    gp = GaussianProcess(hyper="laplace", random_state=0).fit(X[:25], y[:25])
    assert len(gp.model_.parts) == laplace.N_DRAWS + 1
    one = GaussianProcess(random_state=0).fit(X[:25], y[:25])
    np.testing.assert_allclose(gp.theta_, one.theta_, rtol=1e-6)
    np.testing.assert_allclose(gp.predict(X[:25]), y[:25], atol=1e-4)
    assert np.mean(gp.predict(new_points(40), True)[1]) > 1.02 * np.mean(
        one.predict(new_points(40), True)[1]
    )
    gp.update(X[25:], y[25:])
    np.testing.assert_allclose(gp.predict(X), y, atol=1e-4)
    assert gp.sample_y(new_points(), 20).shape == (10, 20)
    loo, std = gp.leave_one_out()
    assert loo.shape == std.shape == (30,)
    both = GaussianProcess(hyper="laplace", y_transform="yeo_johnson", n_starts=1)
    mean, std, *slopes = (
        *both.fit(X, np.exp(y)).predict(new_points(), True),
        *both.predict_gradient(new_points(), True),
    )
    assert np.all(np.isfinite(mean))
    assert np.all(std >= 0)
    assert all(np.all(np.isfinite(slope)) for slope in slopes)


def coverage(**parameters):
    """Share of new values inside 95 % intervals, on draws of a process."""
    inside = []
    for seed in range(30):
        rng = np.random.default_rng(seed)
        Z = rng.random((45, 2))
        gp = GaussianProcess("matern52", n_starts=0, length_scale=0.3, nugget=1e-8)
        model = gp.fit(Z, smooth(Z)).model_
        R = model.kernel.correlations(Z, Z, np.log([0.3, 0.3])) + 1e-8 * np.eye(45)
        y = np.linalg.cholesky(R) @ rng.normal(size=45)
        fitted = GaussianProcess(
            "matern52", bounds=[[0, 1]] * 2, n_starts=1, nugget=1e-8, random_state=0,
            **parameters,
        ).fit(Z[:15], y[:15])  # fmt: skip
        mean, std = fitted.predict(Z[15:], return_std=True)
        inside.append(np.mean(np.abs(y[15:] - mean) < 1.96 * std))
    return np.mean(inside)


def test_averaging_makes_intervals_more_honest():
    plain, averaged = coverage(), coverage(hyper="laplace")
    assert averaged > plain + 0.01
    assert averaged > 0.85
