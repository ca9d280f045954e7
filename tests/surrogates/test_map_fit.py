import math

import numpy as np
import pytest

from surrogo.surrogates import map_fit
from surrogo.surrogates.map_fit import Objective, search
from tests.reference.differences import gradient
from tests.surrogates.cases import LENGTHS, every_trend, likelihood


def objective(nugget=1e-3, prior=True, trend="constant", d=3):
    return Objective(likelihood("matern52", trend, d=d), nugget, prior)


@every_trend
@pytest.mark.parametrize("nugget", [1e-3, None])
@pytest.mark.parametrize("prior", [True, False])
def test_gradient_equals_central_differences(nugget, prior, trend):
    target = objective(nugget, prior, trend)
    theta = np.log(LENGTHS) if nugget else np.append(np.log(LENGTHS), -5.0)
    expected = gradient(lambda x: target(x)[0], theta)
    np.testing.assert_allclose(target(theta)[1], expected, rtol=1e-6, atol=1e-7)


@pytest.mark.parametrize("nugget", [1e-3, None])
def test_prior_is_the_stated_normal_density(nugget):
    theta = np.log(LENGTHS) if nugget else np.append(np.log(LENGTHS), -5.0)
    added = objective(nugget, True)(theta)[0] - objective(nugget, False)(theta)[0]
    away = np.log(LENGTHS) - 0.5 * math.log(3)  # median sqrt(d), log-variance 1
    expected = np.sum(away**2) / 2
    if nugget is None:
        expected += (-5.0 + 4.0) ** 2 / 2
    assert added == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize("nugget", [1e-3, None])
def test_theta_is_split_into_log_lengths_and_nugget(nugget):
    theta = np.array([0.1, 0.2, 0.3] if nugget else [0.1, 0.2, 0.3, -2.0])
    log_l, found = objective(nugget).split(theta)
    np.testing.assert_array_equal(log_l, [0.1, 0.2, 0.3])
    assert found == (nugget or math.exp(-2.0))
    assert objective(nugget).bounds().shape == (len(theta), 2)


@pytest.mark.parametrize("nugget", [1e-3, None])
def test_starts_are_the_warm_one_then_the_ladder_then_random_ones(nugget, rng):
    target = objective(nugget)
    warm = np.log([0.3, 5.0, 0.03])
    starts = target.starts(warm, 9, rng)
    assert len(starts) == 9
    low, high = target.bounds().T
    assert all(np.all((low <= start) & (start <= high)) for start in starts)
    np.testing.assert_allclose(starts[0][:3], warm)
    rungs = [start[:3] - 0.5 * math.log(3) for start in starts[1:5]]
    np.testing.assert_allclose(
        rungs, np.broadcast_to(np.log(map_fit.LADDER)[:, None], (4, 3)), atol=1e-12
    )
    assert len({tuple(start) for start in starts}) == 9


def test_a_start_outside_the_box_is_moved_into_it(rng):
    target = objective()
    (start,) = target.starts(np.log([1e-9, 1.0, 1e9]), 1, rng)
    low, high = target.bounds().T
    np.testing.assert_array_equal(start, [low[0], 0.0, high[2]])


def test_search_ends_where_the_gradient_vanishes_or_at_a_bound(rng):
    target = objective()
    fit = search(target, target.starts(None, 4, rng))
    value, slope = target(fit.theta)
    assert fit.value == value
    low, high = target.bounds().T
    pushed = (fit.theta <= low) & (slope > 0) | (fit.theta >= high) & (slope < 0)
    np.testing.assert_allclose(slope[~pushed], 0, atol=1e-2)
    assert fit.nugget == 1e-3


def test_search_is_no_worse_than_any_of_its_starts(rng):
    target = objective(None)
    starts = target.starts(None, 6, rng)
    fit = search(target, starts)
    assert fit.value <= min(target(start)[0] for start in starts)
    assert fit.n_evaluations >= 6


class TwoValleys:
    """Minima -1 at -1 and -2 at 2, with a hill between them."""

    def __call__(self, theta):
        (x,) = theta
        below = np.exp(-4 * (x + 1) ** 2), 2 * np.exp(-4 * (x - 2) ** 2)
        slope = 8 * (x + 1) * below[0] + 8 * (x - 2) * below[1]
        return -sum(below), np.array([slope])

    def bounds(self):
        return np.array([[-3.0, 3.0]])

    def split(self, theta):
        return theta, 0.0


@pytest.mark.parametrize("order", [1, -1])
def test_search_keeps_the_best_end(order):
    fit = search(TwoValleys(), [np.array([-0.8]), np.array([1.8])][::order])
    assert fit.theta[0] == pytest.approx(2.0, abs=1e-3)
    assert fit.value == pytest.approx(-2.0, abs=1e-6)
