import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from surrogo.acquisition import EI, Criterion, LogEI, NegativeMean
from surrogo.acquisition.improvement import log_h, log_h_slopes
from tests.reference import exact_improvement
from tests.reference.differences import gradient
from tests.surrogates.cases import posterior

Z = [
    30.0, 8.0, 3.0, 1.0, 0.1, 0.0, -0.1, -0.5, -0.999, -1.0, -1.001, -2.0, -5.0, -10.0,
    -20.0, -37.6, -50.0, -99.9, -100.0, -100.1, -1e3, -1e4, -1e5, -1e6,
]  # fmt: skip


@pytest.mark.parametrize("z", Z)
def test_log_h_equals_the_exact_value(z):
    exact = float(exact_improvement.log_h(z))
    # absolute where the value is of order 1, one unit in the last place where it is
    # -z^2 / 2
    assert log_h(np.array([z]))[0] == pytest.approx(exact, rel=4e-16, abs=1e-11)


@pytest.mark.parametrize("z", Z)
def test_slopes_of_log_h_equal_the_exact_values(z):
    exact = [float(v) for v in exact_improvement.slopes(z)]
    found = [v[0] for v in log_h_slopes(np.array([z]))]
    np.testing.assert_allclose(found, exact, rtol=1e-11)


@given(st.floats(-1e6, 30.0))
def test_slope_is_the_derivative(z):
    """h' = Phi, so that d log h / dz = Phi / h."""
    h = 1e-4 * max(1.0, abs(z)) ** -1.0
    expected = gradient(lambda x: log_h(x)[0], [z], h)[0]
    # log h is about z^2 / 2 and rounds accordingly
    rounding = 1e-15 * max(1.0, z * z) / h
    found = log_h_slopes(np.array([z]))[0][0]
    assert found == pytest.approx(expected, rel=1e-8, abs=rounding)


@given(st.floats(-1e60, 1e60))
def test_anything_finite_gives_something_finite(z):
    values = log_h(np.array([z])), *log_h_slopes(np.array([z]))
    assert np.isfinite(values).all()


def test_log_h_is_smooth_where_its_formulas_meet():
    for edge in (-1.0, -100.0):
        z = edge + np.linspace(-1e-6, 1e-6, 21)
        assert np.all(np.diff(log_h(z)) > 0)
        assert np.ptp(log_h_slopes(z)[0]) < 1e-4


@pytest.mark.parametrize(("mean", "std"), [(0.3, 1.0), (-1.0, 0.5), (2.0, 1.5)])
def test_expected_improvement_by_monte_carlo(mean, std):
    draws = mean + std * np.random.default_rng(0).normal(size=1_000_000)
    gain = np.maximum(0.5 - draws, 0.0)
    error = gain.std() / 1000.0
    found = np.exp(LogEI(best=0.5)._score(np.array([mean]), np.array([std]))[0])
    assert found == pytest.approx(gain.mean(), abs=4 * error)


@given(
    shift=st.floats(-1e3, 1e3),
    scale=st.floats(1e-3, 1e3),
    mean=st.floats(-3, 3),
    std=st.floats(0.01, 3),
)
def test_a_change_of_units_adds_a_constant(shift, scale, mean, std):
    """EI scales with the values, so that log EI grows by log scale everywhere."""
    one = LogEI(0.5)._score(np.array([mean]), np.array([std]))
    moved = np.array([shift + scale * mean]), np.array([scale * std])
    other = LogEI(shift + scale * 0.5)._score(*moved)
    tolerance = 1e-12 * (abs(shift) / scale + 1) / std * (1 + abs(one[0]))
    assert other[0] == pytest.approx(one[0] + np.log(scale), abs=max(tolerance, 1e-10))


def test_more_spread_and_lower_means_are_better():
    std, mean = np.linspace(0.1, 3, 20), np.linspace(-2, 2, 20)
    assert np.all(np.diff(LogEI(0.0)._score(np.ones(20), std)) > 0)
    assert np.all(np.diff(LogEI(0.0)._score(mean, np.ones(20))) < 0)


@pytest.mark.parametrize("mean", [-1.0, 0.0, 1e-9, 1.0, 1e5])
def test_a_point_without_spread_has_a_finite_score_and_slopes(mean):
    mean, std = np.array([mean]), np.zeros(1)
    assert np.isfinite(LogEI(0.0)._score(mean, std)).all()
    assert np.isfinite(LogEI(0.0)._slopes(mean, std)).all()


def test_the_score_at_the_data_is_finite_and_far_below_the_rest():
    model = posterior(nugget=0.0, n=12)
    criterion = LogEI(best=float(model.y.min()))
    at_data, _ = criterion.score_and_gradient(model, model.Z)
    assert np.isfinite(at_data).all()
    elsewhere = criterion.score(model, np.random.default_rng(0).random((50, 3)))
    worse = model.y > model.y.min()
    assert np.max(at_data[worse]) < np.median(elsewhere)


@pytest.mark.parametrize("criterion", [LogEI(-1.0), LogEI(-30.0), NegativeMean()])
def test_gradients_equal_central_differences(criterion, rng):
    model = posterior(n=20)
    U = rng.random((8, 3))
    score, slope = criterion.score_and_gradient(model, U)
    np.testing.assert_allclose(score, criterion.score(model, U), rtol=1e-10)
    for row, u in enumerate(U):
        expected = gradient(lambda u: criterion.score(model, u[None])[0], u, 1e-4)
        size = np.abs(expected).max()
        np.testing.assert_allclose(slope[row], expected, rtol=1e-6, atol=1e-7 * size)


def test_negative_mean_ranks_by_the_mean(rng):
    model, U = posterior(), rng.random((20, 3))
    np.testing.assert_array_equal(NegativeMean().score(model, U), -model.mean_std(U)[0])


def test_a_criterion_must_say_what_it_is():
    with pytest.raises(NotImplementedError):
        Criterion().score(posterior(), np.zeros((1, 3)))
    with pytest.raises(NotImplementedError):
        Criterion().score_and_gradient(posterior(), np.zeros((1, 3)))


@pytest.mark.parametrize(("mean", "std"), [(0.3, 1.0), (-1.0, 0.5), (2.0, 1.5)])
def test_plain_improvement_is_the_exponential_of_its_logarithm(mean, std):
    mean, std = np.array([mean]), np.array([std])
    expected = np.exp(LogEI(0.5)._score(mean, std))
    np.testing.assert_allclose(EI(0.5)._score(mean, std), expected, rtol=1e-13)


def test_plain_improvement_is_0_at_the_data():
    """Exactly where nothing is unknown, and to rounding where data have no noise."""
    mean, std = np.array([0.0, 1.0, -2.0]), np.zeros(3)
    np.testing.assert_array_equal(EI(0.0)._score(mean, std), [0.0, 0.0, 2.0])
    model = posterior(nugget=0.0, n=12)
    at_data = EI(float(model.y.min())).score(model, model.Z)
    assert np.all((at_data >= 0.0) & (at_data < 1e-7))
    elsewhere = EI(float(model.y.min())).score(model, np.full((1, 3), 0.5))
    assert elsewhere[0] > 0.0


def test_the_logarithm_stays_where_improvement_itself_underflows():
    mean, std = np.array([40.0]), np.ones(1)
    assert EI(0.0)._score(mean, std)[0] == 0.0
    assert LogEI(0.0)._score(mean, std)[0] == pytest.approx(-808.0, abs=1.0)
