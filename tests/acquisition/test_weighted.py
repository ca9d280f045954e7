import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import ndtr

from surrogo.acquisition import LogEI, LogWeightedEI
from tests.reference.differences import gradient

WEIGHTS = [0.0, 0.1, 0.5, 0.5 + 1e-9, 0.6, 0.9, 1.0]


def naive(best, w, mean, std):
    """Sobester, Leary & Keane 2005, as it stands."""
    z = (best - mean) / std
    phi = np.exp(-0.5 * z**2) / np.sqrt(2.0 * np.pi)
    return w * (best - mean) * ndtr(z) + (1.0 - w) * std * phi


def points(m=400):
    rng = np.random.default_rng(0)
    return rng.uniform(-4.0, 6.0, m), rng.uniform(0.1, 3.0, m)


@pytest.mark.parametrize("w", WEIGHTS)
def test_it_is_the_logarithm_of_the_formula_wherever_that_is_positive(w):
    mean, std = points()
    expected = naive(0.5, w, mean, std)
    clear = expected > 1e-6 * std + 0.02 * (w > 0.5) * std
    found = LogWeightedEI(0.5, w)._score(mean, std)
    assert np.sum(clear) > 100
    np.testing.assert_allclose(found[clear], np.log(expected[clear]), atol=1e-8)


def test_a_weight_of_one_half_ranks_as_expected_improvement():
    mean, std = points()
    mean[0], std[1] = 1e4, 1e-6
    found = LogWeightedEI(0.5, 0.5)._score(mean, std)
    expected = LogEI(0.5)._score(mean, std) + np.log(0.5)
    np.testing.assert_allclose(found, expected, rtol=1e-13)


def test_weight_0_explores_and_weight_1_exploits():
    mean, std = np.full(20, -0.5), np.linspace(0.1, 3.0, 20)
    assert np.all(np.diff(LogWeightedEI(0.0, 0.0)._score(mean, std)) > 0.0)
    assert np.all(np.diff(LogWeightedEI(0.0, 1.0)._score(mean, std)) < 0.0)
    # one point with a low mean, one of which little is known
    mean, std = np.array([-0.1, 0.5]), np.array([0.1, 1.0])
    chosen = [np.argmax(LogWeightedEI(0.0, w)._score(mean, std)) for w in (0.0, 1.0)]
    assert chosen == [1, 0]


@pytest.mark.parametrize("w", WEIGHTS)
def test_the_worse_the_mean_the_lower_the_score(w):
    """Of weights beyond 1/2 the formula itself has a valley."""
    mean = np.linspace(0.0, 50.0, 2001)
    assert np.all(np.diff(LogWeightedEI(0.0, w)._score(mean, np.ones(2001))) < 0.0)


@given(w=st.sampled_from(WEIGHTS), mean=st.floats(-8, 30), std=st.floats(0.05, 5.0))
def test_slopes_are_those_of_the_score(w, mean, std):
    criterion = LogWeightedEI(0.3, w)

    def score(v):
        return criterion._score(v[:1], v[1:])[0]

    z = (0.3 - mean) / std
    if abs(z - criterion._edge) < 0.05:  # where the tangent begins curvature jumps
        return
    slopes = np.concatenate(criterion._slopes(np.array([mean]), np.array([std])))
    expected = gradient(score, [mean, std], 1e-4 * std)
    size = 1.0 + np.abs(expected).max()
    np.testing.assert_allclose(slopes, expected, rtol=1e-5, atol=1e-6 * size)


@given(w=st.floats(0.0, 1.0), mean=st.floats(-1e5, 1e5), std=st.floats(0.0, 1e3))
def test_anything_gives_finite_scores_and_slopes(w, mean, std):
    criterion = LogWeightedEI(0.0, w)
    arrays = np.array([mean]), np.array([std])
    assert np.isfinite(criterion._score(*arrays)).all()
    assert np.isfinite(criterion._slopes(*arrays)).all()


@pytest.mark.parametrize("w", [0.6, 0.9, 1.0])
def test_the_tangent_meets_the_logarithm(w):
    criterion = LogWeightedEI(0.0, w)
    mean = -criterion._edge + np.array([-1e-7, 1e-7])
    score = criterion._score(mean, np.ones(2))
    slope = criterion._slopes(mean, np.ones(2))[0]
    assert abs(np.diff(score)[0]) < 1e-4
    assert slope[0] == pytest.approx(slope[1], rel=1e-3)


@pytest.mark.parametrize("w", [-0.1, 1.1])
def test_other_weights_are_refused(w):
    with pytest.raises(ValueError, match="weight must lie between 0"):
        LogWeightedEI(0.0, w)
