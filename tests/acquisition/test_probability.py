import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from surrogo.acquisition import LogEI, LogPI
from surrogo.acquisition.probability import inverse_mills
from tests.reference import exact_improvement
from tests.surrogates.cases import posterior


@pytest.mark.parametrize("z", [30.0, 3.0, 0.0, -1.0, -5.0, -40.0, -1e3, -1e6])
def test_inverse_mills_equals_the_exact_value(z):
    Phi_h, phi_h = exact_improvement.slopes(z)
    assert inverse_mills(np.array([z]))[0] == pytest.approx(
        float(phi_h / Phi_h), rel=1e-13
    )


@pytest.mark.parametrize(("mean", "std"), [(0.3, 1.0), (-1.0, 0.5), (2.0, 1.5)])
def test_probability_by_monte_carlo(mean, std):
    draws = mean + std * np.random.default_rng(0).normal(size=1_000_000)
    hit = draws < 0.5
    found = np.exp(LogPI(0.5)._score(np.array([mean]), np.array([std]))[0])
    assert found == pytest.approx(hit.mean(), abs=4 * hit.std() / 1000.0)


@given(mean=st.floats(-1e5, 1e5), std=st.floats(0.0, 1e3))
def test_anything_gives_finite_scores_and_slopes(mean, std):
    arrays = np.array([mean]), np.array([std])
    assert np.isfinite(LogPI(0.0)._score(*arrays)).all()
    assert np.isfinite(LogPI(0.0)._slopes(*arrays)).all()


def grid_and_model():
    steps = np.linspace(0.0, 1.0, 61)
    grid = np.stack(np.meshgrid(steps, steps), axis=-1).reshape(-1, 2)
    return grid, posterior(nugget=1e-8, n=8, lengths=np.array([0.3, 0.5]))


def test_a_small_margin_searches_locally_and_a_large_one_where_least_is_known():
    """Jones 2001, method 4."""
    grid, model = grid_and_model()
    mean, std = model.mean_std(grid)
    lowest = mean.min()
    near = np.argmax(LogPI(lowest).score(model, grid))
    assert near == np.argmin(mean)
    stds = [
        std[np.argmax(LogPI(lowest - margin).score(model, grid))]
        for margin in (0.0, 1e-2, 1e-1, 1.0, 10.0, 1e3)
    ]
    assert np.all(np.diff(stds) >= 0.0)
    assert stds[-1] == pytest.approx(std.max(), rel=1e-3)
    assert stds[0] < 0.5 * std.max()


def test_it_is_the_slope_of_expected_improvement():
    """EI is the integral of the probabilities below the best value."""
    mean, std = np.array([0.4]), np.array([0.8])
    h = 1e-5
    rise = np.exp(LogEI(h)._score(mean, std)) - np.exp(LogEI(-h)._score(mean, std))
    probability = np.exp(LogPI(0.0)._score(mean, std))
    np.testing.assert_allclose(rise / (2 * h), probability, rtol=1e-8)
