"""TuRBO: the constants of the paper, the shape of the region, draws in it."""

import numpy as np

from surrogo import Optimizer
from surrogo.optimizers import TuRBO, View
from surrogo.optimizers.turbo import TuRBOMemory, thompson, trust_region
from surrogo.surrogates import kernels
from surrogo.surrogates.posterior import Posterior
from surrogo.surrogates.trends import Trend
from surrogo.threads import one_blas_thread
from tests.optimizers.told import (
    median_best,
    median_of_random,
    memories,
    run_on_a_ramp_that_fails,
)

D = 2
DESIGN = 2 * D
FAILURES = 4  # max(4, d)


def lengths(values, d=D):
    return [m.length for m in memories("turbo", values, d)]


def test_the_region_halves_after_max_4_d_failures():
    seen = lengths(np.arange(DESIGN + 9.0))
    assert seen == [0.8] * (DESIGN + 4) + [0.4] * 4 + [0.2]
    seen = lengths(np.arange(12 + 7.0), d=6)
    assert seen == [0.8] * (12 + 6) + [0.4]


def test_it_doubles_after_three_successes_up_to_1_6():
    seen = lengths([*range(DESIGN), *(-(2.0 ** np.arange(8)))])
    assert seen[DESIGN:] == [0.8] * 3 + [1.6] * 5


def test_it_starts_anew_when_the_region_has_collapsed():
    # 0.8 / 2^6 is the last length that is not below 2^-7
    n = DESIGN + 7 * FAILURES
    seen = memories("turbo", np.arange(n + DESIGN + 1.0), D)
    assert seen[n - 1].length == 0.8 / 2**6 >= 2**-7
    assert (seen[n].first, seen[n].length, seen[n].designed) == (n, 0.8, 1)
    assert seen[n].hyper.n_full == 0
    assert seen[n + DESIGN].hyper.n_full == DESIGN  # a model of the new round alone


def test_a_success_gains_a_thousandth_of_the_distance_to_the_median():
    for gain, successes in ((0.9e-3, 0), (1.1e-3, 1)):  # the median is 1
        seen = memories("turbo", [*range(DESIGN), -gain, 9.0], D)
        assert seen[-1].successes == successes


def view_of(U, y, d=D):
    optimizer = Optimizer([(0, 1)] * d)
    for u, value in zip(U, y, strict=True):
        optimizer.add(u, value)
    return View.of(optimizer.trials, effort=1)


def test_the_sides_are_in_proportion_to_the_length_scales():
    view = view_of([[0.5] * 3, [0.6] * 3], [0.0, 1.0], 3)
    lengths = np.array([0.5, 1.0, 2.0])
    width = trust_region(view, np.log(lengths), 0.2).width
    assert np.allclose(width, 0.2 * lengths)  # their product is 1
    assert np.allclose(trust_region(view, np.log(7 * lengths), 0.2).width, width)


def quadratic(rng, d=D, n=30):
    U = rng.random((n, d))
    view = view_of(U, np.sum((U - 0.3) ** 2, axis=1), d)
    t = (view.y - np.mean(view.y)) / np.std(view.y)
    trend = Trend.of("constant", d)
    log_l = np.zeros(d)
    return view, Posterior.of(kernels.get("matern52"), trend, log_l, 1e-10, U, t)


def test_draws_lie_in_the_region_are_distinct_and_near_the_minimum(rng):
    view, model = quadratic(rng)
    points = thompson(view, model, 0.2, 5, rng)
    region = trust_region(view, model.log_l, 0.2)
    assert np.all((points >= region.low) & (points <= region.high))
    assert len(np.unique(points, axis=0)) == 5
    clipped = np.clip(0.3, region.low, region.high)
    assert np.max(np.abs(points - clipped)) < 0.05


def test_in_many_variables_a_draw_changes_about_twenty(rng):
    d = 40
    view, model = quadratic(rng, d)
    centre = view.U[np.argmin(view.y)]
    with one_blas_thread():
        points = thompson(view, model, 0.8, 4, rng)
    changed = np.sum(points != centre, axis=1)
    assert changed.min() >= 8
    assert changed.max() <= 32


def test_a_large_round_is_modelled_by_its_nearest_points(monkeypatch):
    monkeypatch.setattr("surrogo.optimizers.turbo._LARGEST_MODEL", 12)
    values = [*range(DESIGN), *(-np.arange(1.0, 21.0))]
    seen = memories("turbo", values, D)
    assert [m.fitted for m in seen[:13]] == [0] * 13
    # then whenever the data grew by a twentieth: at these sizes, by a point or two
    assert [m.fitted for m in seen[13:]] == [*range(13, 22), 21, 23]
    assert all(m.hyper.n_full <= 12 for m in seen)


def test_failures_count_and_points_where_it_fails_are_left():
    asked, optimizer = run_on_a_ramp_that_fails(TuRBO())
    assert np.mean(asked[-20:, 0] < 0.4) < 0.65
    assert optimizer.result().fun < 0.46
    memory = TuRBO().revive(optimizer.trials.memory)
    assert isinstance(memory, TuRBOMemory)


def test_it_beats_random_search():
    assert median_best("turbo", "branin", 25) < median_of_random("branin", 75)
    assert median_best("turbo", "hartmann6", 35) < median_of_random("hartmann6", 140)
