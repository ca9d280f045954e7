import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.integrate import quad
from scipy.special import ndtr

from surrogo.acquisition import LogMES
from surrogo.acquisition.entropy import log_alpha
from tests.reference import exact_improvement
from tests.reference.differences import gradient

G = [
    -1e5, -301.0, -299.0, -100.1, -99.9, -8.5, -5.0, -1.001, -1.0, -0.999, 0.0,
    3.0, 7.999, 8.001, 20.0,
]  # fmt: skip


@pytest.mark.parametrize("g", G)
def test_log_alpha_and_its_slope_equal_the_exact_values(g):
    exact = [float(v) for v in exact_improvement.log_alpha_and_slope(g)]
    value, slope = (part[0] for part in log_alpha(np.array([g])))
    assert value == pytest.approx(exact[0], rel=1e-12, abs=1e-12)
    assert slope == pytest.approx(exact[1], rel=2e-8)


def test_far_to_the_right_the_logarithm_goes_on_where_alpha_underflows():
    g = np.array([40.0, 1e3, 1e60])
    value, slope = log_alpha(g)
    # there alpha is phi (g / 2 + 1 / g - ...)
    expected = -0.5 * g**2 - 0.5 * np.log(2.0 * np.pi) + np.log(0.5 * g + 1.0 / g)
    np.testing.assert_allclose(value, expected, rtol=1e-9)
    np.testing.assert_allclose(slope, -g, rtol=2e-3)


def entropy_by_integration(mean, std, low=-np.inf):
    """The entropy of a normal distribution, cut off below `low`."""
    left = ndtr((mean - low) / std)

    def minus_p_log_p(y):
        log_p = -0.5 * ((y - mean) / std) ** 2 - np.log(std * np.sqrt(2 * np.pi) * left)
        return -np.exp(log_p) * log_p

    ends = max(low, mean - 12 * std), max(low, mean) + 12 * std
    return quad(minus_p_log_p, *ends, epsabs=1e-12, epsrel=1e-10)[0]


@pytest.mark.parametrize(("mean", "std"), [(0.3, 1.0), (-1.0, 0.5), (2.0, 1.5)])
def test_it_is_the_mean_fall_of_entropy(mean, std):
    """Wang & Jegelka 2017, eq. 5 and 6."""
    minima = np.array([-1.5, -0.7, 0.1])
    before = entropy_by_integration(mean, std)
    falls = [before - entropy_by_integration(mean, std, low) for low in minima]
    found = np.exp(LogMES(minima)._score(np.array([mean]), np.array([std]))[0])
    assert found == pytest.approx(np.mean(falls), rel=1e-7)


def test_the_entropy_integral_is_right():
    known = 0.5 * np.log(2.0 * np.pi * np.e * 0.3**2)
    assert entropy_by_integration(1.0, 0.3) == pytest.approx(known, rel=1e-9)


@given(mean=st.floats(-3, 8), std=st.floats(0.05, 3.0))
def test_slopes_are_those_of_the_score(mean, std):
    criterion = LogMES(np.array([-1.0, -0.4]))

    def score(v):
        return criterion._score(v[:1], v[1:])[0]

    slopes = np.concatenate(criterion._slopes(np.array([mean]), np.array([std])))
    expected = gradient(score, [mean, std], 1e-4 * std)
    size = 1.0 + np.abs(expected).max()
    np.testing.assert_allclose(slopes, expected, rtol=1e-5, atol=1e-6 * size)


@given(mean=st.floats(-1e5, 1e5), std=st.floats(0.0, 1e3))
def test_anything_gives_finite_scores_and_slopes(mean, std):
    criterion, arrays = (
        LogMES(np.array([-1.0, 2.0])),
        (np.array([mean]), np.array([std])),
    )
    assert np.isfinite(criterion._score(*arrays)).all()
    assert np.isfinite(criterion._slopes(*arrays)).all()


def test_low_means_and_more_spread_are_more_informative():
    criterion = LogMES(np.array([-1.0, -0.5]))
    ramp = np.linspace(0.0, 3.0, 20)
    assert np.all(np.diff(criterion._score(ramp, np.ones(20))) < 0.0)
    assert np.all(np.diff(criterion._score(np.ones(20), 0.1 + ramp)) > 0.0)


@pytest.mark.parametrize("minima", [[], [np.nan], [[1.0]], [np.inf, 0.0]])
def test_minima_that_are_none_are_refused(minima):
    with pytest.raises(ValueError, match="minima must be a row of finite numbers"):
        LogMES(np.array(minima))
