"""The default strategy as a whole: what it solves, and what it survives."""

import json

import numpy as np
import pytest

import surrogo
from surrogo import Categorical, Integer, Optimizer, Real
from surrogo.optimizers import ThreeArms
from surrogo.optimizers.arms_memory import ArmsMemory


def rosenbrock(x):
    x = np.asarray(x)
    return float(np.sum(100.0 * (x[1:] - x[:-1] ** 2) ** 2 + (1.0 - x[:-1]) ** 2))


def tilted(u):
    """A quadratic with all couplings, least at 0.37."""
    z = np.asarray(u) - 0.37
    return float(z @ z + 2.0 * np.sum(z) ** 2)


def new(d=2, budget=None, rng=0, bounds=(0, 1), **settings):
    optimizer = Optimizer([bounds] * d, strategy=ThreeArms(**settings), rng=rng)
    optimizer.budget(budget)
    return optimizer


def run(optimizer, fun, n, target=-np.inf):
    """Tell n values, or up to the target; the values."""
    values = []
    while len(values) < n and not (values and values[-1] <= target):
        trial = optimizer.ask()
        values.append(fun(trial.row))
        optimizer.tell(trial, values[-1])
    return np.array(values)


def memory_of(optimizer):
    return optimizer.strategy.revive(optimizer.trials.memory)


def rows(optimizer):
    return optimizer.trials.rows()


# What comes first.


def test_it_is_the_default():
    assert isinstance(Optimizer([(0, 1)]).strategy, ThreeArms)


@pytest.mark.parametrize("d", [1, 3])
def test_a_run_begins_with_the_middle_and_a_point_along_each_axis(d):
    optimizer = new(d)
    run(optimizer, tilted, d + 1)
    moved = rows(optimizer) - 0.5
    assert not np.any(moved[0])
    assert np.abs(moved[1:]) == pytest.approx(0.18 * np.eye(d), abs=0.0201)


def test_points_of_the_user_come_first_and_the_star_is_about_the_best():
    x0 = [[0.2, 0.2], [0.6, 0.8]]
    result = surrogo.optimize(tilted, [(0, 1)] * 2, x0=x0, max_evals=4, rng=0)
    X = result.trials.rows()
    assert X[:2].tolist() == x0
    moved = np.abs(X[2:] - x0[0])  # 0.2 is nearer to 0.37
    assert moved == pytest.approx(0.18 * np.eye(2), abs=0.0201)


def test_known_points_are_not_evaluated_again():
    asked = []

    def fun(x):
        asked.append(np.array(x))
        return tilted(x)

    x0 = [[0.2, 0.2], [0.5, 0.4]]
    y0 = [tilted(x) for x in x0]
    surrogo.optimize(fun, [(0, 1)] * 2, x0=x0, y0=y0, max_evals=2, rng=0)
    assert np.abs(np.array(asked) - x0[1]) == pytest.approx(
        0.18 * np.eye(2), abs=0.0201
    )


def test_a_point_that_comes_while_the_star_runs_is_used():
    optimizer = new(2)
    run(optimizer, tilted, 2)
    trial = optimizer.ask_at([0.37, 0.37])
    optimizer.tell(trial, tilted([0.37, 0.37]))
    assert np.min(run(optimizer, tilted, 15)) < 1e-3
    assert len(np.unique(rows(optimizer), axis=0)) == 18


# What it solves.


@pytest.mark.parametrize("d", [2, 4])
def test_a_quadratic_takes_few_evaluations(d):
    values = run(new(d, 80), tilted, 80, 1e-8)
    assert len(values) <= 6 * (d + 1)
    assert values[-1] <= 1e-8


@pytest.mark.parametrize("seed", range(2))
def test_the_valley_of_rosenbrock(seed):
    values = run(new(2, 120, seed, (-2, 2)), rosenbrock, 120, 1e-8)
    assert values[-1] <= 1e-8


def test_rosenbrock_is_not_taken_for_a_sum_for_long():
    optimizer = new(3, 120, 0, (-2, 2))
    run(optimizer, rosenbrock, 40)
    assert memory_of(optimizer).separable == "no"


def test_what_passes_for_a_sum_by_accident_is_found_out_and_solved():
    """The first two variables are coupled where the star does not reach."""

    def fun(u):
        z, below = u - [0.15, 0.15, 0.4], np.maximum(0.28 - u, 0.0)
        return float(z @ ([1.0, 2.0, 3.0] * z) + below[0] * below[1])

    optimizer, seen = new(3, 120, 1), []
    for _ in range(120):
        trial = optimizer.ask()
        optimizer.tell(trial, fun(trial.row))
        seen.append(memory_of(optimizer).separable)
    assert seen[6] == "yes"
    assert seen[-1] == "no"
    assert memory_of(optimizer).lines is None
    x = optimizer.result().x
    slopes = [fun(x + h) - fun(x - h) for h in 1e-4 * np.eye(3)]
    assert slopes == pytest.approx([0.0] * 3, abs=1e-9)


def elsewhere(optimizer):
    """How many waited-for points of the last ask were replaced: they were known."""
    asked = memory_of(optimizer).asked
    rows_ = {trial.id: trial.row for trial in optimizer.trials}
    return sum(bool(np.max(np.abs(rows_[a.id] - a.u)) > 1e-6) for a in asked)


def waves(u):
    return float(np.sum(np.sin(12.0 * u) + 2.0 * (u - 0.7) ** 2))


def test_one_variable_wastes_no_evaluation():
    optimizer = new(1)
    for _ in range(12):
        trial = optimizer.ask()
        assert elsewhere(optimizer) == 0
        optimizer.tell(trial, waves(trial.row))


@pytest.mark.parametrize("seed", [0, 1])
def test_a_sum_stays_a_sum(seed):
    optimizer = new(2, 60, seed)
    for _ in range(60):
        trial = optimizer.ask()
        assert elsewhere(optimizer) == 0
        optimizer.tell(trial, waves(trial.row))
    assert memory_of(optimizer).separable == "yes"


@pytest.mark.parametrize(("d", "n"), [(1, 3), (2, 5)])
def test_a_batch_with_more_points_than_variables_of_a_sum(d, n):
    optimizer = new(d)
    for _ in range(6):
        batch = optimizer.ask(n)
        assert elsewhere(optimizer) == 0
        for trial in batch:
            optimizer.tell(trial, waves(trial.row))


@pytest.mark.parametrize("bottom", [[0.0, 1.0], [0.3, 0.0], [0.123, 0.877]])
def test_a_minimum_in_a_corner_on_a_bound_or_inside(bottom):
    def fun(u):
        z = u - bottom
        return float(z @ z + 0.5 * z[0] * z[1] + z[0] * (bottom[0] == 0.0))

    optimizer = new(2, 60)
    run(optimizer, fun, 60, 1e-12)
    assert optimizer.result().fun <= 1e-10


def test_a_function_of_one_variable_with_many_minima():
    def fun(x):
        return float(np.sin(12.0 * x[0]) + 2.0 * (x[0] - 0.7) ** 2)

    grid = np.linspace(0.0, 1.0, 100_001)
    least = float(np.min(np.sin(12.0 * grid) + 2.0 * (grid - 0.7) ** 2))
    optimizer = new(1, 40)
    values = run(optimizer, fun, 40)
    assert np.min(values) <= least + 1e-9
    assert len(np.unique(rows(optimizer))) == 40


def test_fixed_variables_stay_and_are_not_searched():
    optimizer = Optimizer(
        [(0, 1), (9.81, 9.81), (-1, 1), (3, 3)], strategy="three_arms", rng=0
    )
    values = run(optimizer, lambda x: (x[0] - 0.3 * x[2]) ** 2 + (x[2] - 0.2) ** 2, 40)
    X = rows(optimizer)
    assert np.all(X[:, 1] == 9.81)
    assert np.all(X[:, 3] == 3.0)
    assert np.count_nonzero(X[1:3] - X[0]) == 2  # a star of two rays
    assert np.min(values) < 1e-10


def test_only_fixed_variables():
    optimizer = Optimizer([(3, 3), (4, 4)], strategy="three_arms")
    assert optimizer.ask().row.tolist() == [3.0, 4.0]
    with pytest.raises(surrogo.SpaceExhausted):
        optimizer.ask()


@pytest.mark.parametrize("other", [Integer(0, 9), Categorical([3, 7, 5])])
def test_a_space_that_is_not_continuous_is_left_to_ego(other):
    space = [Real(0, 1), other, Real(2, 2)]
    mine, ego = (Optimizer(space, strategy=s, rng=4) for s in ("three_arms", "ego"))
    for _ in range(10):
        for optimizer in (mine, ego):
            trial = optimizer.ask()
            optimizer.tell(trial, float((trial.row[0] - 0.3) ** 2 + trial.row[1]))
    assert np.array_equal(rows(mine), rows(ego))
    assert mine.trials.memory["ego"] == ego.trials.memory
    assert mine.trials.memory["descent"] is None


def test_log_scales_and_wide_bounds():
    optimizer = Optimizer(
        [Real(1e-6, 1e3, scale="log"), Real(-1e9, 1e9)], strategy="three_arms", rng=0
    )

    def fun(x):
        a, b = np.log10(x[0]) + 2.5, x[1] / 1e9 - 0.2
        return float(a * a + b * b + a * b)

    assert np.min(run(optimizer, fun, 60)) < 1e-10


# Several minima.


def two_basins(u):
    """A wide basin of depth 0, a narrower one of depth -1; couplings in both."""
    wide = 4.0 * np.sum((u - 0.35) ** 2) + (u[0] - 0.35) * (u[1] - 0.35)
    z = u - 0.85
    deep = -1.0 + 40.0 * np.sum(z**2) + 10.0 * z[0] * z[1]
    return float(min(wide, deep))


def test_after_a_descent_another_begins_elsewhere_and_finds_the_deep_basin():
    optimizer = new(2, 250)
    values = run(optimizer, two_basins, 250, -1.0 + 1e-6)
    assert values[-1] <= -1.0 + 1e-6
    bottoms = memory_of(optimizer).bottoms
    assert bottoms[0] == pytest.approx([0.35, 0.35], abs=1e-5)
    first = memory_of(optimizer).descent.start
    assert first > 10
    assert np.max(np.abs(rows(optimizer)[first] - 0.35)) > 0.05


def test_hopeless_descents_are_left_long_before_their_bottom():
    """Where the deep basin is known, others are not walked to the end."""
    optimizer = new(2, rng=1)
    optimizer.add([0.85, 0.85], -1.0)
    run(optimizer, two_basins, 150)
    assert len(memory_of(optimizer).bottoms) >= 5
    at_the_other_bottom = np.max(np.abs(rows(optimizer) - 0.35), axis=1) < 1e-4
    assert np.sum(at_the_other_bottom) <= 5


# Failures and late results.


def test_a_star_that_fails_altogether():
    optimizer = new(2)
    for _ in range(3):
        optimizer.tell_failure(optimizer.ask(), "no mesh")
    values = run(optimizer, tilted, 40)
    assert np.min(values) < 1e-6


@pytest.mark.parametrize("failing", [0, 1, 3])
def test_a_star_with_a_point_that_fails(failing):
    optimizer = new(3)
    for k in range(50):
        trial = optimizer.ask()
        optimizer.tell(trial, np.nan if k == failing else tilted(trial.row))
    assert memory_of(optimizer).separable == "no"
    assert optimizer.result().fun < 1e-8


def test_a_star_with_a_point_that_fails_in_one_dimension():
    optimizer = new(1)
    for k in range(30):
        trial = optimizer.ask()
        optimizer.tell(trial, np.nan if k == 1 else tilted(trial.row))
    assert optimizer.result().fun < 1e-8


@pytest.mark.parametrize("fun", [tilted, lambda u: float(np.sum((u - 0.37) ** 2))])
def test_every_fourth_evaluation_fails(fun):
    optimizer = new(2)
    for k in range(70):
        trial = optimizer.ask()
        optimizer.tell(trial, np.inf if k % 4 == 3 else fun(trial.row))
    assert optimizer.result().fun < 1e-6


def test_a_region_that_fails_beside_the_minimum():
    optimizer = new(2)
    for _ in range(60):
        trial = optimizer.ask()
        fails = trial.row[0] < 0.36
        optimizer.tell(trial, np.nan if fails else tilted(trial.row))
    assert optimizer.result().fun < 1e-5


@pytest.mark.parametrize(
    ("fun", "n", "rounds", "error"),
    [(rosenbrock, 4, 55, 1e-6), (rosenbrock, 16, 12, 0.3), (tilted, 16, 3, 1e-8)],
)
def test_batches_have_distinct_points_and_converge(fun, n, rounds, error):
    optimizer = new(2, n * rounds, 0, (-2, 2))
    shuffle = np.random.default_rng(1)
    for _ in range(rounds):
        batch = optimizer.ask(n)
        assert len(batch) == n
        for k in shuffle.permutation(n):
            optimizer.tell(batch[k], fun(batch[k].row))
    assert len(np.unique(rows(optimizer), axis=0)) == n * rounds
    assert optimizer.result().fun < error


def test_batches_of_a_sum(rng):
    optimizer = new(3, 72)
    bottom = np.array([0.31, 0.62, 0.44])
    for _ in range(18):
        batch = optimizer.ask(4)
        for k in rng.permutation(4):
            z = batch[k].row - bottom
            optimizer.tell(batch[k], float(np.sum(z**2 + z**4)))
    assert memory_of(optimizer).separable == "yes"
    assert len(np.unique(rows(optimizer), axis=0)) == 72
    assert optimizer.result().fun < 1e-10


def test_a_large_first_batch_has_both_ends_of_the_axes():
    optimizer = new(3, 30)
    optimizer.ask(12)
    moved = rows(optimizer) - 0.5
    assert np.count_nonzero(moved, axis=1).tolist()[:10] == [
        0,
        1,
        1,
        1,
        3,
        1,
        1,
        1,
        3,
        3,
    ]
    assert moved[5:8] == pytest.approx(-moved[1:4])


@pytest.mark.parametrize("d", [1, 3])
def test_a_sum_is_solved_in_three_large_batches(d):
    optimizer = new(d, 48)
    for _ in range(3):
        for trial in optimizer.ask(16):
            optimizer.tell(trial, float(np.sum((trial.row - 0.37) ** 2)))
    assert memory_of(optimizer).separable == "yes"
    assert len(np.unique(rows(optimizer), axis=0)) == 48
    assert optimizer.result().fun < 1e-7


def test_a_corner_that_comes_with_the_whole_star_is_taken_in_last():
    optimizer = new(2)
    for trial in optimizer.ask(7):
        optimizer.tell(trial, float(np.sum(trial.row**2)))
    optimizer.ask()
    lines = memory_of(optimizer).lines
    assert [len(line.t) for line in lines.lines] == [3, 3]


def five_workers(fun):
    """The result whose turn it is to come is drawn at random."""
    optimizer, drawn = new(2), np.random.default_rng(3)
    running = [optimizer.ask() for _ in range(5)]
    for _ in range(90):
        trial = running.pop(int(drawn.integers(len(running))))
        optimizer.tell(trial, fun(trial.row))
        running.append(optimizer.ask())
    assert len(np.unique(rows(optimizer), axis=0)) == 95
    return optimizer.result().fun


def test_results_that_come_in_any_order():
    assert five_workers(tilted) < 1e-8


def test_results_of_a_sum_that_come_in_any_order():
    assert five_workers(lambda u: float(np.sum((u - 0.37) ** 2))) < 1e-8


def test_a_worker_that_never_answers():
    optimizer = new(2)
    for k in range(60):
        trial = optimizer.ask()
        if k not in (1, 9, 14):
            optimizer.tell(trial, tilted(trial.row))
    assert optimizer.result().fun < 1e-8


# The record.


@pytest.mark.parametrize(
    ("fun", "n"), [(rosenbrock, 120), (lambda x: float(x**2 @ x**2), 40)]
)
def test_a_run_goes_on_exactly_from_plain_data(fun, n):
    """The memory at every step; every eighth step the whole record."""
    straight, resumed = (new(2, n, 5, (-2, 2)) for _ in range(2))
    for k in range(n):
        trials = [optimizer.ask() for optimizer in (straight, resumed)]
        assert np.array_equal(trials[0].row, trials[1].row)
        memory = straight.trials.memory
        plain = json.loads(json.dumps(memory, allow_nan=False))
        strategy = straight.strategy
        assert strategy.describe(strategy.revive(plain)) == memory
        if k % 8 == 7:
            data = json.loads(json.dumps(resumed.to_dict(), allow_nan=False))
            resumed = Optimizer.from_dict(data)
        for optimizer, trial in zip((straight, resumed), trials, strict=True):
            optimizer.tell(trial.id, fun(trial.row))
    assert memory["bottoms"] or memory["separable"] == "yes"  # all of it was seen


def test_an_empty_memory_is_revived():
    assert ThreeArms().revive({}) == ArmsMemory()


def test_the_settings_are_kept_in_the_record():
    optimizer = new(2, explore_every=0, separable=False, trust=0.25)
    again = Optimizer.from_dict(optimizer.to_dict())
    assert again.strategy == ThreeArms(explore_every=0, separable=False, trust=0.25)


def test_without_the_test_for_sums():
    optimizer = new(2, separable=False)
    values = run(optimizer, lambda u: float(np.sum((u - 0.37) ** 2)), 40)
    assert memory_of(optimizer).separable == "unknown"
    assert np.min(values) < 1e-10


def test_without_exploring_and_looks():
    optimizer = new(2, 60, explore_every=0, looks=0)
    assert np.min(run(optimizer, two_basins, 60)) < 1e-8


@pytest.mark.parametrize(
    "wrong",
    [
        {"explore_every": -1},
        {"finish_from": 0},
        {"finish_by": 4},
        {"finish_again": 0},
        {"looks": -1},
        {"looks": 1.5},
    ],
)
def test_settings_that_make_no_sense(wrong):
    with pytest.raises(ValueError, match=f"{next(iter(wrong))} must be an integer"):
        ThreeArms(**wrong)


# Functions that are no pleasure.


@pytest.mark.parametrize("value", [0.0, -3.0, 1e-300, 1.7e308])
def test_a_constant_function_is_searched_all_over(value):
    optimizer = new(2, 60)
    run(optimizer, lambda u: value, 60)
    X = rows(optimizer)
    assert len(np.unique(X, axis=0)) == 60
    assert np.all(np.ptp(X, axis=0) > 0.5)


def test_steps_with_plateaus():
    def fun(u):
        return float(np.sum(np.floor(8.0 * np.abs(u - 0.41))) + (u[0] > u[1] + 0.3))

    optimizer = new(2, 80)
    values = run(optimizer, fun, 80)
    assert np.min(values) == 0.0
    assert len(np.unique(rows(optimizer), axis=0)) == 80


@pytest.mark.parametrize("d", [1, 2])
@pytest.mark.parametrize("sums", [True, False])
def test_values_near_the_largest_float(d, sums):
    """The record stays plain data, whatever overflows."""

    def fun(u):
        z = u - 0.4
        coupled = 0.0 if sums else 0.4 * z[0] * z[-1]
        return float(1.7e308 * (np.clip(4.0 * (z @ z / d + coupled), 0, 2) - 1.0))

    optimizer = new(d, 50)
    run(optimizer, fun, 50)
    json.dumps(optimizer.to_dict(), allow_nan=False)
    assert optimizer.result().fun < -1.6e308


@pytest.mark.parametrize("values", [(-1.7e308, 1.7e308), (1.7e308, -1.7e308)])
@pytest.mark.parametrize("d", [1, 2, 3])
def test_a_jump_from_the_least_to_the_largest_float(d, values):
    low, high = values
    optimizer = new(d)
    run(optimizer, lambda u: low if u[0] <= 0.5 else high, 30)
    json.dumps(optimizer.to_dict(), allow_nan=False)
    assert optimizer.result().fun == -1.7e308


@pytest.mark.parametrize("d", [1, 2])
def test_noise(d):
    noise = np.random.default_rng(0)
    optimizer = new(d, 100)
    run(optimizer, lambda u: tilted(u) + 1e-3 * noise.standard_normal(), 100)
    assert tilted(optimizer.result().x) < 0.02


def test_a_kink():
    def fun(u):
        z = u - 0.37
        return float(np.abs(z[0] + z[1]) + 2.0 * np.abs(z[0] - z[1]))

    assert np.min(run(new(2, 150), fun, 150)) < 1e-2


@pytest.mark.parametrize("offset", [1e6, -1e9])
def test_an_offset_costs_only_the_digits_that_rounding_takes(offset):
    optimizer = new(2)
    values = run(optimizer, lambda u: offset + 100.0 * rosenbrock(4.0 * u - 2.0), 140)
    assert np.min(values) - offset < 0.1


# Failures of a region and by chance


def fails_by_chance(u):
    return np.random.default_rng(np.frombuffer(u.tobytes(), np.uint32)).random() < 0.3


@pytest.mark.parametrize("d", [2, 4])
def test_failures_by_chance_cost_little(d):
    found = []
    for seed in range(3):
        optimizer = Optimizer([(0, 1)] * d, rng=seed)
        for _ in range(30 * d):
            trial = optimizer.ask()
            value = float(np.sum((trial.row - 0.4) ** 2) + trial.row[0] * trial.row[-1])
            optimizer.tell(trial, np.nan if fails_by_chance(trial.row) else value)
        found.append(optimizer.result().fun)
    assert np.ptp(found) < 1e-6


def test_lines_are_searched_to_the_end_though_samples_fail_by_chance():
    found = []
    for seed in range(3, 8):
        optimizer = Optimizer([(0, 1)] * 4, rng=seed)
        for _ in range(100):
            trial = optimizer.ask()
            value = float(np.sum(np.cosh(3.0 * (trial.row - 0.4)) - 1.0))
            optimizer.tell(trial, np.nan if fails_by_chance(trial.row) else value)
        found.append(optimizer.result().fun)
    assert np.median(found) < 1e-10
    assert max(found) < 1e-3  # where no corner has told that it is a sum


def test_a_minimum_on_the_border_of_failures_is_approached():
    optimizer = Optimizer([(0, 1)] * 2, rng=0)
    for _ in range(60):
        trial = optimizer.ask()
        a, b = trial.row
        value = (a - 0.8) ** 2 + (b - 0.3) ** 2 + (a - 0.8) * (b - 0.3)
        optimizer.tell(trial, np.nan if a + b > 0.9 else value)
    assert optimizer.result().fun < 0.03 + 2e-3  # 3 / 4 of the distance squared


def test_where_everything_fails_points_are_new_and_inside():
    optimizer = Optimizer([(0, 1)] * 3, rng=0)
    for _ in range(50):
        trial = optimizer.ask()
        optimizer.tell(trial, np.nan)
    rows = optimizer.trials.rows()
    assert len(np.unique(np.array(rows), axis=0)) == 50
