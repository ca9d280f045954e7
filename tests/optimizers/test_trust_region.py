"""The local arm: exact on quadratics, the region, the points its model sees."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from surrogo.optimizers.promises import (
    RADIUS,
    WIDEST,
    Promise,
    Region,
    judged,
    revive_promise,
)
from surrogo.optimizers.trust_region import (
    LEAST_RADIUS,
    LocalModel,
    _choose,
    beside,
    full_quadratic,
    next_step,
)


def quadratic(d, rng, bottom):
    """A convex quadratic with all couplings, 0 at the bottom."""
    Q, _ = np.linalg.qr(rng.standard_normal((d, d)))
    H = Q @ np.diag(np.linspace(1.0, 5.0, d)) @ Q.T
    return lambda U: 0.5 * np.sum(((U - bottom) @ H) * (U - bottom), axis=1)


def around(centre, radius, n, rng):
    """The centre and n - 1 random points of the box about it."""
    d = len(centre)
    return np.vstack([centre, centre + radius * rng.uniform(-1, 1, (n - 1, d))])


def stepped(U, y, region, rng):
    return next_step(U, y, int(np.argmin(y)), region, rng)


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("d", [2, 3, 5])
def test_one_step_solves_a_quadratic_once_there_are_points_for_all_of_it(d, seed):
    rng = np.random.default_rng(seed)
    bottom = rng.uniform(0.45, 0.55, d)
    fun = quadratic(d, rng, bottom)
    U = around(np.full(d, 0.5), 0.2, full_quadratic(d) + d, rng)
    y = fun(U)
    u, promise, _ = stepped(U, y, Region(), rng)
    assert u == pytest.approx(bottom, abs=1e-6)
    assert promise.gain == pytest.approx(np.min(y), rel=1e-5)
    assert promise.best == np.min(y)
    assert promise.poised


@pytest.mark.parametrize("d", [2, 3, 5])
def test_two_steps_do_with_no_point_to_spare(d):
    rng = np.random.default_rng(1)
    bottom = rng.uniform(0.45, 0.55, d)
    fun = quadratic(d, rng, bottom)
    U = around(np.full(d, 0.5), 0.2, full_quadratic(d), rng)
    y, region = fun(U), Region()
    for error in (2e-3, 1e-5):
        u, _, region = stepped(U, y, region, rng)
        assert u == pytest.approx(bottom, abs=error)
        U, y = np.vstack([U, u]), np.append(y, fun(u[None]))


def test_far_fewer_points_do_not_solve_it(rng):
    bottom = rng.uniform(0.45, 0.55, 5)
    fun = quadratic(5, rng, bottom)
    U = around(np.full(5, 0.5), 0.2, 12, rng)
    u, *_ = stepped(U, fun(U), Region(), rng)
    assert np.max(np.abs(u - bottom)) > 5e-3


@pytest.mark.parametrize("radius", [1e-2, 1e-5, 1e-8])
def test_no_digits_are_lost_in_a_tiny_region(radius, rng):
    """The same quadratic in units of the radius gives the same step."""
    centre = np.full(3, 0.5)
    fun = quadratic(3, rng, np.array([0.4, -0.3, 0.2]))
    U = around(centre, radius, full_quadratic(3) + 3, rng)
    y = fun((U - centre) / radius)
    # Far points, of other scales, must not spoil it.
    U = np.vstack([U, rng.random((5, 3))])
    y = np.append(y, 1e6 + np.arange(5.0))
    u, promise, _ = next_step(U, y, 0, Region(radius=radius), rng)
    assert (u - centre) / radius == pytest.approx([0.4, -0.3, 0.2], abs=1e-5)
    assert promise.gain == pytest.approx(y[0], rel=1e-5)


@pytest.mark.parametrize("scale", [1e-14, 1e-6, 1.0, 1e12])
def test_a_quadratic_of_any_scale_is_solved(scale, rng):
    bottom = np.array([0.52, 0.44])
    fun = quadratic(2, rng, bottom)
    U = around(np.full(2, 0.5), 0.1, 8, rng)
    u, promise, _ = stepped(U, scale * fun(U), Region(), rng)
    assert u == pytest.approx(bottom, abs=1e-4)
    assert promise.gain == pytest.approx(scale * np.min(fun(U)), rel=1e-4)


def test_the_step_stays_in_the_region_and_in_the_cube(rng):
    U = around(np.array([0.95, 0.5]), 0.04, 8, rng)
    y = -5.0 * U[:, 0] + U[:, 1]  # downhill to the right and below
    at = int(np.argmin(y))
    u, promise, _ = next_step(U, y, at, Region(radius=0.1), rng)
    assert u == pytest.approx([1.0, U[at, 1] - 0.1])
    assert promise.length == pytest.approx(1.0)
    assert promise.gain == pytest.approx(5.0 * (1.0 - U[at, 0]) + 0.1, rel=1e-3)


def test_the_region_remembers_the_model(rng):
    U = around(np.full(2, 0.5), 0.1, 8, rng)
    y = quadratic(2, rng, np.array([0.6, 0.4]))(U)
    _, _, region = stepped(U, y, Region(radius=0.1), rng)
    assert len(region.phi) == 7
    assert (region.radius, region.unit) == (0.1, 0.1)
    again = stepped(U, y, replace(region, radius=0.05), rng)[2]
    assert (again.radius, again.unit) == (0.05, 0.05)


@pytest.mark.parametrize("known", [8, 40])
def test_where_nothing_is_to_be_gained_the_region_collapses(known, rng):
    U = around(np.full(2, 0.5), 0.1, known, rng)
    y = np.ones(len(U))
    region, points = Region(), 0
    while True:
        u, promise, region = next_step(U, y, 0, region, rng)
        if u is None:
            break
        # only improves the model, and does so in the region
        assert promise is None
        assert np.max(np.abs(u - U[0])) <= region.radius * (1 + 1e-9)
        U, y, points = np.vstack([U, u]), np.append(y, 1.0), points + 1
        assert points < 60
    assert promise is None
    assert region.radius < LEAST_RADIUS
    assert points > 0


def test_no_points_are_asked_for_a_region_that_has_collapsed_before(rng):
    region = Region(radius=0.5 * LEAST_RADIUS)
    U, y = rng.random((6, 2)), rng.random(6)
    assert next_step(U, y, 0, region, rng) == (None, None, region)


PROMISE = Promise(gain=2.0, length=1.0, best=10.0, poised=True)


@pytest.mark.parametrize(
    ("value", "radius"),
    [
        (8.0, 0.2),  # all that was promised
        (5.0, 0.2),  # more
        (8.59, 0.2),
        (8.61, 0.1),  # 0.695 of it
        (9.79, 0.1),
        (9.81, 0.05),  # less than a tenth
        (12.0, 0.05),
    ],
)
def test_what_a_step_gained_widens_or_narrows_the_region(value, radius):
    assert judged(Region(radius=0.1), PROMISE, value).radius == pytest.approx(radius)


def test_a_short_step_does_not_widen_and_a_poor_model_is_not_blamed():
    region = Region(radius=0.1)
    assert judged(region, replace(PROMISE, length=0.9), 8.0) == region
    poor = replace(PROMISE, poised=False)
    assert judged(region, poor, 12.0) == region
    assert judged(region, poor, 8.0).radius == 0.2  # but it may be right


def test_the_region_is_narrower_after_two_failures_in_a_row():
    once = judged(Region(radius=0.1), PROMISE, np.nan)
    assert (once.radius, once.failures) == (0.1, 1)
    twice = judged(once, PROMISE, np.nan)
    assert (twice.radius, twice.failures) == (0.05, 2)
    assert judged(twice, PROMISE, np.nan).radius == 0.025
    value_between = judged(once, PROMISE, 9.0)
    assert judged(value_between, PROMISE, np.nan).radius == 0.1


def test_after_a_failure_another_point_comes_before_the_next_step(rng):
    U = around(np.full(2, 0.5), 0.1, 8, rng)
    y = quadratic(2, rng, np.array([0.55, 0.45]))(U)
    step, promise, region = stepped(U, y, Region(), rng)
    region = judged(region, promise, np.nan)
    other, nothing, region = stepped(U, y, region, rng)
    assert nothing is None
    assert np.max(np.abs(other - step)) > 1e-3
    assert stepped(U, y, region, rng)[1] is not None
    # The next failure is followed by one again.
    assert stepped(U, y, judged(region, promise, np.inf), rng)[1] is None


def test_no_region_is_wider_than_the_widest():
    assert judged(Region(radius=0.3), PROMISE, 8.0).radius == WIDEST


def test_the_hyperparameters_survive_another_radius():
    region = Region(radius=0.1, phi=[1.0] * 7, scale=3.0, unit=0.3)
    assert judged(region, PROMISE, 8.0) == replace(region, radius=0.2)


@given(st.integers(1, 4), st.integers(1, 60), st.integers(0, 10**6))
def test_the_model_sees_the_nearest_points_and_no_far_one_it_does_not_need(d, n, seed):
    rng = np.random.default_rng(seed)
    Z = np.vstack([np.zeros(d), rng.normal(0.0, 3.0, (n, d))])
    chosen = _choose(Z)
    away = np.max(np.abs(Z), axis=1)
    full, spare = full_quadratic(d), 2 * d
    assert chosen[0] == 0
    assert len(np.unique(chosen)) == len(chosen) <= full + spare
    assert len(chosen) >= min(n + 1, full)
    assert np.all(away[chosen[full:]] <= 4.0)
    left = np.setdiff1d(np.arange(n + 1), chosen)
    if len(left):
        nearest_left = np.min(away[left])
        assert np.max(away[chosen]) <= nearest_left
        assert len(chosen) == full + spare or nearest_left > 4.0


def test_of_points_that_are_one_the_model_sees_the_nearest():
    Z = np.array([[0.0], [0.5], [0.50001], [0.499995], [0.6]])
    assert sorted(_choose(Z).tolist()) in ([0, 1, 4], [0, 3, 4])
    assert 2 not in _choose(Z)


def test_the_number_of_coefficients():
    assert [full_quadratic(d) for d in (1, 2, 3, 5)] == [3, 6, 10, 21]


NOTHING = np.empty((0, 2))


def batch(U, y, region, n, rng):
    """The points (n, d) of n workers, the first with the step itself."""
    u, promise, region = next_step(U, y, int(np.argmin(y)), region, rng)
    assert promise is not None
    points = u[None]
    for running in range(1, n):
        at = int(np.argmin(y))
        u = beside(U, y, at, region, points, running, rng)
        points = np.vstack([points, u])
    return points


def test_steps_of_a_batch_expect_the_region_to_shrink_or_to_grow(rng):
    U = around(np.full(2, 0.5), 0.02, 8, rng)
    y = U @ [1.0, 0.2]  # downhill to the left and below, without end
    points = batch(U, y, Region(radius=0.04), 3, rng)
    steps = np.max(np.abs(points - U[int(np.argmin(y))]), axis=1)
    assert steps == pytest.approx([0.04, 0.02, 0.08], rel=1e-3)


def test_points_of_a_batch_are_distinct_and_inside(rng):
    U = around(np.array([0.97, 0.5]), 0.02, 8, rng)
    y = quadratic(2, rng, np.array([0.96, 0.52]))(U)
    points = batch(U, y, Region(radius=0.1), 12, rng)
    assert np.all((points >= 0.0) & (points <= 1.0))
    apart = np.max(np.abs(points[:, None] - points), axis=2)
    assert np.min(apart[np.triu_indices(12, 1)]) > 1e-3


def test_a_step_beside_that_the_model_cannot_see_to_be_bad_is_not_tried_again(rng):
    U = around(np.full(2, 0.5), 0.01, 12, rng)  # more points than the model sees
    y = U @ [1.0, 0.2]
    at, region = int(np.argmin(y)), Region(radius=0.1)
    first = beside(U, y, at, region, NOTHING, 1, rng)
    U, y = np.vstack([U, first]), np.append(y, 9.0)
    again, _, _ = next_step(U, y, at, replace(region, radius=0.05), rng)
    assert np.array_equal(again, first)
    other = beside(U, y, at, region, NOTHING, 1, rng)
    assert np.min(np.max(np.abs(U - other), axis=1)) > 1e-6


def improving(U, y, region, pending, rng):
    """A point to improve the model, beside many others."""
    return beside(U, y, 0, region, pending, 99, rng)


def test_points_to_improve_the_model_keep_away_from_those_running(rng):
    U = around(np.full(2, 0.5), 0.1, 8, rng)
    y = quadratic(2, rng, np.array([0.4, 0.6]))(U)
    region, pending = Region(radius=0.1), NOTHING
    for _ in range(4):
        u = improving(U, y, region, pending, rng)
        assert np.max(np.abs(u - U[0])) <= 0.1 + 1e-12
        apart = np.max(np.abs(pending - u), axis=1)
        assert np.all(apart >= 0.5 * 0.1 - 1e-12)
        pending = np.vstack([pending, u])


def test_they_are_where_the_model_knows_least(rng):
    # Everything known lies to the left of the centre.
    U = np.vstack([[0.5, 0.5], np.array([0.4, 0.4]) + 0.1 * rng.random((15, 2))])
    y = np.exp(U[:, 0]) * np.cos(3.0 * U[:, 1])
    u = improving(U, y, Region(radius=0.1), NOTHING, rng)
    model = LocalModel.fit(U, y, 0, Region(radius=0.1))
    known = model.process.variance((U[:1] - U[0]) / 0.1)
    there = model.process.variance((u[None] - U[0]) / 0.1)
    assert there[0] > 10.0 * known[0]
    assert np.max(u) > 0.5


def test_a_crowded_region_still_has_a_point(rng):
    U = around(np.full(1, 0.5), 0.1, 4, rng)
    y = U[:, 0] ** 2
    pending = np.linspace(0.4, 0.6, 9)[:, None]
    u = improving(U, y, Region(radius=0.1), pending, rng)
    assert 0.4 <= u[0] <= 0.6


def test_values_near_the_largest_float_give_a_finite_promise(rng):
    U = around(np.full(2, 0.5), 0.1, 8, rng)
    y = np.array([-1.7e308, -1e308, 0.0, 1.0, 1e300, 1e308, 1.6e308, 1.7e308])
    with np.errstate(over="ignore"):  # as the strategy does
        u, promise, _ = stepped(U, y, Region(), rng)
    assert np.all((u >= 0.0) & (u <= 1.0))
    assert promise is None or np.isfinite(promise.gain)


def test_a_promise_comes_back_from_plain_data():
    assert revive_promise(vars(PROMISE)) == PROMISE
    assert revive_promise(None) is None
    assert Region().radius == RADIUS
