import numpy as np
import pytest

from surrogo import Space
from surrogo.acquisition import gumbel_minima, path_minima
from surrogo.acquisition.minima import gumbel_of_quartiles, quantile_of_minimum
from tests.surrogates.cases import posterior

LENGTHS = np.array([0.3, 0.5])
BOX = Space.of([(0, 1), (0, 1)])


def model():
    return posterior(n=10, nugget=1e-8, lengths=LENGTHS)


@pytest.mark.parametrize("p", [0.05, 0.25, 0.5, 0.75, 0.95])
def test_quantiles_of_the_minimum_by_monte_carlo(p, rng):
    mean, std = rng.normal(size=6), rng.uniform(0.1, 1.0, 6)
    lowest = np.min(mean + std * rng.normal(size=(200_000, 6)), axis=1)
    found = quantile_of_minimum(mean, std, p)
    error = np.sqrt(p * (1 - p) / len(lowest))
    assert np.mean(lowest < found) == pytest.approx(p, abs=5 * error)


def test_points_without_spread_bound_the_minimum():
    mean, std = np.array([0.0, 3.0]), np.array([0.0, 1e-3])
    for p in (0.25, 0.75):
        assert quantile_of_minimum(mean, std, p) == pytest.approx(0.0, abs=1e-9)


def test_the_distribution_has_the_quartiles_it_was_made_of():
    """The median exactly; the quartiles by their distance."""
    location, scale = gumbel_of_quartiles(-1.5, -1.0, -0.6)

    def quantile(p):  # f* < y where -f* > -y
        return -(location - scale * np.log(-np.log(1.0 - p)))

    assert quantile(0.5) == pytest.approx(-1.0)
    assert quantile(0.75) - quantile(0.25) == pytest.approx(0.9)


def test_gumbel_draws_follow_the_quantiles_of_the_minimum(rng):
    m = model()
    draws = gumbel_minima(m, BOX, m.Z, rng, count=4000)
    assert np.max(draws) <= m.y.min() + 1e-6
    points = np.random.default_rng(1).random((2048, 2))
    mean, std = m.mean_std(np.vstack([points, m.Z]))
    width = quantile_of_minimum(mean, std, 0.75) - quantile_of_minimum(mean, std, 0.25)
    for p in (0.25, 0.5, 0.75):
        expected = quantile_of_minimum(mean, std, p)
        assert np.quantile(draws, p) == pytest.approx(expected, abs=0.25 * width)


def test_minima_of_paths_lie_below_the_data_and_agree_with_exact_draws(rng):
    m = model()
    found = path_minima(m, BOX, m.Z[np.argsort(m.y)[:3]], rng, count=24)
    assert np.all(found <= m.y.min() + 1e-3)
    steps = np.linspace(0.0, 1.0, 21)
    grid = np.stack(np.meshgrid(steps, steps), axis=-1).reshape(-1, 2)
    exact = m.draws(np.vstack([grid, m.Z]), rng.normal(size=(451, 400))).min(axis=0)
    error = np.hypot(found.std() / np.sqrt(24), exact.std() / 20.0)
    # a grid misses a little of what lies between its points
    assert abs(found.mean() - exact.mean()) < 4 * error + 0.05 * exact.std()


def test_independence_makes_minima_too_low(rng):
    m = model()
    gumbel = gumbel_minima(m, BOX, m.Z[:2], rng, count=1000)
    paths = path_minima(m, BOX, m.Z[:2], rng, count=8)
    assert np.median(gumbel) < np.median(paths)
