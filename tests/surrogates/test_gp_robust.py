"""Units, scales, order, duplicates and constants: what must not matter, or not much."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from surrogo import GaussianProcess
from tests.surrogates.cases import fixed, new_points, user_data


@given(
    shift=st.floats(-100, 100),
    factor=st.floats(0.01, 100) | st.floats(-100, -0.01),
    moved=st.floats(-100, 100),
    stretched=st.floats(0.01, 100),
)
def test_predictions_follow_a_change_of_units(shift, factor, moved, stretched):
    X, y = user_data()
    new = new_points()
    mean, std = fixed().fit(X, y).predict(new, return_std=True)
    lengths = np.array([12.0, 0.1]) * stretched
    other = fixed(length_scale=lengths).fit(moved + stretched * X, shift + factor * y)
    m, s = other.predict(moved + stretched * new, return_std=True)
    size = abs(factor) * np.ptp(y)
    # shifting X by 100 rounds the second variable, whose range is 0.2, to 1e-13
    np.testing.assert_allclose(m, shift + factor * mean, atol=1e-7 * size)
    np.testing.assert_allclose(s, abs(factor) * std, rtol=1e-6)


def test_fits_follow_a_change_of_units():
    X, y = user_data()
    new = new_points()
    one = GaussianProcess(random_state=0).fit(X, y)
    other = GaussianProcess(random_state=0).fit(3.0 + 7.0 * X, 5.0 - 2.0 * y)
    np.testing.assert_allclose(other.length_scale_, 7.0 * one.length_scale_, rtol=1e-2)
    tolerance = 1e-3 * np.ptp(y)  # the searches end within a tolerance of each other
    mean = other.predict(3.0 + 7.0 * new)
    np.testing.assert_allclose(mean, 5.0 - 2.0 * one.predict(new), atol=tolerance)


def test_order_of_the_data_does_not_matter(rng):
    X, y = user_data()
    order = rng.permutation(len(y))
    new = new_points()
    one, other = fixed().fit(X, y), fixed().fit(X[order], y[order])
    np.testing.assert_allclose(one.predict(new), other.predict(new), rtol=1e-9)
    assert one.log_likelihood_ == pytest.approx(other.log_likelihood_, rel=1e-9)


@pytest.mark.parametrize("trend", ["constant", "zero"])
@pytest.mark.parametrize("scale", [1e-300, 1e-150, 1e150, 1e300])
def test_any_scale_of_y(trend, scale):
    X, y = user_data()
    new = new_points()
    mean, std = fixed(trend=trend).fit(X, y).predict(new, return_std=True)
    gp = fixed(trend=trend).fit(X, scale * y)
    m, s = gp.predict(new, return_std=True)
    np.testing.assert_allclose(m / scale, mean, rtol=1e-8)
    np.testing.assert_allclose(s / scale, std, rtol=1e-8)
    assert np.isfinite(gp.log_likelihood_)
    searched = GaussianProcess(trend=trend, n_starts=1).fit(X, scale * y)
    np.testing.assert_allclose(searched.predict(X) / scale, y, atol=1e-3)


@pytest.mark.parametrize("trend", ["constant", "zero"])
def test_values_too_small_for_floating_point_are_predicted_near_zero(trend):
    X, y = user_data()
    gp = GaussianProcess(trend=trend, n_starts=1).fit(X, 5e-324 * np.round(9 * y))
    mean, std = gp.predict(new_points(), return_std=True)
    assert np.all(np.abs(mean) < 1e-300)
    assert np.all(std < 1e-300)
    assert np.isfinite(gp.log_likelihood_)


def test_a_huge_offset_costs_no_more_than_its_rounding():
    X, y = user_data()
    new = new_points()
    gp = fixed(nugget=1e-4).fit(X, 1e9 + y)
    expected = fixed(nugget=1e-4).fit(X, y).predict(new)
    np.testing.assert_allclose(gp.predict(new) - 1e9, expected, atol=1e-5)


@pytest.mark.parametrize("trend", ["zero", "constant", "linear"])
@pytest.mark.parametrize("value", [0.0, 3.5, -1e-200, 0.1, 1e200])
def test_constant_data_are_predicted_constant(value, trend):
    X, _ = user_data(12)
    gp = GaussianProcess(trend=trend, nugget=1e-6, random_state=0)
    gp.fit(X, np.full(12, value))
    mean, std = gp.predict(X, return_std=True)
    np.testing.assert_allclose(mean, value, rtol=1e-3)
    assert np.all(std <= 1e-2 * abs(value) + 1e-15)
    assert np.isfinite(gp.log_likelihood_)


def test_two_points_are_enough():
    gp = GaussianProcess(random_state=0).fit([[0.0], [1.0]], [1.0, 3.0])
    mean, std = gp.predict([[0.0], [0.5], [1.0]], return_std=True)
    np.testing.assert_allclose(mean, [1.0, 2.0, 3.0], atol=1e-3)
    assert std[1] > std[0]


def test_duplicates_with_equal_values_change_nothing_much():
    X, y = user_data(15)
    once, twice = fixed().fit(X, y), fixed().fit(np.vstack([X, X]), np.append(y, y))
    new = new_points()
    np.testing.assert_allclose(twice.predict(new), once.predict(new), rtol=1e-3)


def test_duplicates_with_different_values_are_averaged():
    X, y = user_data(15)
    everything = np.vstack([X, X]), np.append(y - 0.1, y + 0.1)
    gp = fixed(nugget=1e-4).fit(*everything)
    np.testing.assert_allclose(gp.predict(X), y, atol=0.02)
    assert GaussianProcess(random_state=0).fit(*everything).process_std_ > 0


def test_jitter_is_reported_where_the_nugget_is_not_enough():
    X, y = user_data(15)
    singular = np.vstack([X, X]), np.append(y, y)
    gp = fixed(nugget=0.0, kernel="squared_exponential").fit(*singular)
    assert gp.jitter_ in (1e-10, 1e-9, 1e-8)
    assert fixed(nugget=0.0).fit(X, y).jitter_ == 0.0
    np.testing.assert_allclose(gp.predict(X), y, atol=1e-2)


@pytest.mark.parametrize("trend", ["zero", "constant"])
def test_constant_columns_are_ignored(trend):
    X, y = user_data()
    wide = np.column_stack([X[:, 0], np.full(30, 7.0), X[:, 1]])
    new = new_points()
    wide_new = np.column_stack([new[:, 0], np.full(10, 7.0), new[:, 1]])
    narrow = fixed(trend=trend).fit(X, y)
    gp = fixed(trend=trend, length_scale=[12.0, 1.0, 0.1]).fit(wide, y)
    np.testing.assert_allclose(gp.predict(wide_new), narrow.predict(new), rtol=1e-9)
    searched = GaussianProcess(trend=trend, random_state=0).fit(wide, y)
    assert searched.score(wide, y) > 0.999
