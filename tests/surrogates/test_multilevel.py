"""MultilevelRBF: nested levels, residuals that fall, better than one level."""

from itertools import pairwise

import numpy as np
import pytest
from sklearn.utils.estimator_checks import parametrize_with_checks

from surrogo.surrogates import multilevel
from surrogo.surrogates.compact_rbf import CompactRBF
from surrogo.surrogates.multilevel import MultilevelRBF
from tests.surrogates.cases import new_points, smooth, user_data

BOX = [[0.0, 1.0]] * 2


@parametrize_with_checks([MultilevelRBF()])
def test_scikit_learn_checks(estimator, check):
    check(estimator)


def points(n, d=2, seed=0):
    return np.random.default_rng(seed).random((n, d))


def grid(n):
    steps = np.linspace(0.0, 1.0, n)
    return np.stack(np.meshgrid(steps, steps), axis=-1).reshape(-1, 2)


def rms(v):
    return np.sqrt(np.mean(v**2))


@pytest.mark.parametrize(("n", "d"), [(1, 2), (90, 2), (5000, 1), (5000, 2), (5000, 6)])
def test_levels_are_nested_and_the_last_has_all_points(n, d):
    rows = multilevel.nested(points(n, d))
    assert len(rows[0]) <= 100
    assert sorted(rows[-1]) == list(range(n))
    for coarse, fine in pairwise(rows):
        np.testing.assert_array_equal(fine[: len(coarse)], coarse)
        assert len(fine) // len(coarse) in (min(2**d, 8), min(2**d, 8) + 1)


def test_first_level_has_points_enough_for_the_trend():
    X = points(150, 8)
    y = 1.0 + X @ np.arange(8.0) + X[:, 0] * X[:, 5]
    model = MultilevelRBF(trend="quadratic").fit(X, y)  # 45 coefficients
    assert model.sizes_.tolist() == [150]
    new = points(20, 8, seed=1)
    truth = 1.0 + new @ np.arange(8.0) + new[:, 0] * new[:, 5]
    np.testing.assert_allclose(model.predict(new), truth, atol=1e-7)


def test_distances_and_radii_halve():
    model = MultilevelRBF().fit(points(6400), smooth(points(6400)))
    assert model.sizes_.tolist() == [100, 400, 1600, 6400]
    ratios = model.radii_[:-1] / model.radii_[1:]
    assert np.all((ratios > 1.7) & (ratios < 3.5))


@pytest.mark.parametrize("smoothness", [2, 4])
def test_residual_falls_by_about_the_same_factor_at_every_level(smoothness):
    Z = grid(81)
    y = smooth(Z)
    model = MultilevelRBF(smoothness, bounds=BOX).fit(Z, y).model_
    new = points(1000, seed=1)
    truth = (smooth(new) - y.mean()) / y.std()
    left, error = truth, []
    for level in model.levels:
        left = left - level.mean(new)
        error.append(rms(left))
    factors = np.divide(error[1:], error[:-1])
    assert np.all((factors > 0.05) & (factors < 0.25))


def test_better_than_one_level():
    Z, new = points(4000), points(1000, seed=1)
    several, one = (
        rms(model.fit(Z, smooth(Z)).predict(new) - smooth(new))
        for model in (MultilevelRBF(), CompactRBF())
    )
    assert several < 0.02 * one


@pytest.mark.parametrize("smoothness", [0, 2, 4, 6])
def test_interpolates(smoothness):
    X, y = user_data(700)
    model = MultilevelRBF(smoothness).fit(X, y)
    assert len(model.sizes_) == 3
    assert np.max(np.abs(model.predict(X) - y)) < 1e-7
    assert np.max(model.predict(X, return_std=True)[1]) < 1e-6


def test_up_to_a_hundred_points_it_is_one_level():
    X, y = user_data(100)
    model, one = MultilevelRBF().fit(X, y), CompactRBF().fit(X, y)
    for ours, theirs in zip(
        model.predict(new_points(), return_std=True),
        one.predict(new_points(), return_std=True),
        strict=True,
    ):
        np.testing.assert_allclose(ours, theirs, rtol=1e-7)
    assert model.radii_ == one.radius_


def test_gradient_is_the_sum_of_the_levels():
    Z, h = points(1500), 1e-6
    model = MultilevelRBF(4, bounds=BOX).fit(Z, smooth(Z))
    new = points(20, seed=1)
    slope = model.predict_gradient(new)
    for k, step in enumerate(h * np.eye(2)):
        difference = (model.predict(new + step) - model.predict(new - step)) / (2 * h)
        np.testing.assert_allclose(slope[:, k], difference, atol=1e-6)


def test_std_has_the_size_of_the_error():
    Z, new = points(3000), points(1000, seed=1)
    model = MultilevelRBF(bounds=BOX).fit(Z, smooth(Z))
    mean, std = model.predict(new, return_std=True)
    assert 0.1 < rms(mean - smooth(new)) / rms(std) < 5.0


def test_rest_is_what_each_level_found():
    Z = points(700)
    y = 1e6 * smooth(Z) + 5e6
    model = MultilevelRBF(bounds=BOX).fit(Z, y)
    assert model.rest_[0] == pytest.approx(np.std(y), rel=0.3)
    assert np.all(model.rest_[1:] < 0.2 * model.rest_[:-1])


def test_smoothing_averages_noise():
    Z, rng = points(3000), np.random.default_rng(1)
    y = smooth(Z) + 0.2 * rng.normal(size=3000)
    error = [
        rms(MultilevelRBF(smoothing=s, bounds=BOX).fit(Z, y).predict(Z) - smooth(Z))
        for s in (0.0, 1.0)
    ]
    assert error[0] == pytest.approx(0.2, rel=0.05)
    assert error[1] < 0.5 * error[0]
    twice = np.vstack([Z, Z]), np.append(y, y + 1.0)
    assert np.all(np.isfinite(MultilevelRBF(smoothing=0.1).fit(*twice).predict(Z)))


def test_duplicates_count_as_their_mean():
    X, y = user_data(150)
    model = MultilevelRBF().fit(np.vstack([X, X]), np.append(y + 0.1, y - 0.1))
    np.testing.assert_allclose(model.predict(X), y, atol=1e-7)


@pytest.mark.parametrize(
    ("settings", "text"),
    [
        ({"smoothness": 1}, "smoothness must be 0, 2, 4 or 6, got 1"),
        ({"smoothing": -1.0}, "smoothing must be at least 0, got -1.0"),
        ({"trend": "cubic"}, "trend must be one of 'constant', 'linear'"),
    ],
)
def test_parameters_are_checked(settings, text):
    with pytest.raises(ValueError, match=text):
        MultilevelRBF(**settings).fit(*user_data())
