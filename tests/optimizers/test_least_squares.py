"""`least_squares` and `composite`: what they find, in how many evaluations, and how."""

import json

import numpy as np
import pytest

import surrogo
from surrogo import Evaluation, Integer, Optimizer, composite, least_squares, problems
from surrogo.optimizers import GaussNewton

BOX = [(-2.0, 2.0)] * 3


def linear(x):
    A = np.array([[1.0, 2.0, 0.5], [0.0, 1.0, -1.0], [3.0, 0.0, 1.0], [1.0, 1.0, 1.0]])
    return A @ x - np.array([1.0, 0.3, 2.0, 0.5])


def rosenbrock(x):
    return np.array([1.0 - x[0], 10.0 * (x[1] - x[0] ** 2)])


def test_linear_residuals_need_little_more_than_a_star():
    A = np.array([linear(e) - linear(np.zeros(3)) for e in np.eye(3)]).T
    best = np.linalg.lstsq(A, -linear(np.zeros(3)))[0]
    result = least_squares(linear, BOX, max_evals=8, rng=0)
    assert np.allclose(result.x, best, atol=1e-3)
    assert np.allclose(result.residuals, linear(result.x))
    assert result.fun == pytest.approx(float(result.residuals @ result.residuals))


@pytest.mark.parametrize("seed", range(5))
def test_rosenbrock_is_solved_in_a_few_evaluations(seed):
    result = least_squares(rosenbrock, [(-2, 2)] * 2, max_evals=60, rng=seed)
    assert result.fun < 1e-12


@pytest.mark.parametrize("name", ["gas_oil", "influenza", "heat"])
def test_calibrations_with_one_valley(name):
    problem = problems.get(name)
    result = least_squares(problem.residuals, problem.space, max_evals=70, rng=1)
    assert result.fun <= 1.01 * problem.f_opt + 1e-3


def test_the_second_valley_is_found():
    def f(x):  # minima at 0.2 (1) and 0.8 (0)
        return np.array([10 * (x[0] - 0.2) * (x[0] - 0.8), 1.2 * (x[0] - 0.8), x[1]])

    result = least_squares(f, [(0, 1), (-1, 1)], max_evals=40, x0=[0.15, 0.5], rng=0)
    assert result.fun < 1e-6


def test_a_region_that_fails_is_survived():
    def f(x):
        if x[0] < 0.4:
            raise RuntimeError("the mesh did not close")
        return linear(x)

    result = least_squares(f, BOX, max_evals=60, rng=0)
    free = least_squares(linear, [(0.4, 2.0), *BOX[1:]], max_evals=60, rng=0)
    assert result.fun <= free.fun + 1e-3


def test_all_failures_end_with_a_status():
    result = least_squares(lambda x: np.array([np.nan]), BOX, max_evals=15, rng=0)
    assert result.residuals is None
    assert len(result.trials) == 15


@pytest.mark.parametrize("batch", [2, 5])
def test_batches(batch):
    result = least_squares(
        rosenbrock, [(-2, 2)] * 2, max_evals=90, batch_size=batch, rng=0
    )
    assert result.fun < 1e-8
    assert len(np.unique(result.trials.rows(), axis=0)) == 90


def test_results_in_another_order_and_lost_ones():
    optimizer = Optimizer([(-2, 2)] * 2, strategy=GaussNewton(), rng=0)
    rng, running = np.random.default_rng(0), []
    for _ in range(120):
        running.append(optimizer.ask())
        if len(running) > 3:
            trial = running.pop(int(rng.integers(len(running))))
            if trial.id % 17:  # the others never come back
                optimizer.tell(trial, Evaluation(residuals=rosenbrock(trial.x)))
    assert optimizer.result().fun < 1e-6


def test_a_run_goes_on_exactly_after_saving_at_any_time():
    optimizer = Optimizer([(-2, 2)] * 2, strategy=GaussNewton(), rng=3)
    for k in range(40):
        record = json.loads(json.dumps(optimizer.to_dict(), allow_nan=False))
        trial, again = optimizer.ask(), Optimizer.from_dict(record).ask()
        assert np.array_equal(trial.row, again.row)
        if k in (5, 6, 20):
            optimizer.tell_failure(trial, "no")
        else:
            optimizer.tell(trial, Evaluation(residuals=rosenbrock(trial.x)))


def test_a_store_is_gone_on_with(tmp_path):
    path = tmp_path / "run.db"
    whole = least_squares(rosenbrock, [(-2, 2)] * 2, max_evals=20, rng=0)
    least_squares(rosenbrock, [(-2, 2)] * 2, max_evals=9, rng=0, store=path)
    least_squares(rosenbrock, [(-2, 2)] * 2, max_evals=20, store=path)
    there = surrogo.load(path)
    assert np.array_equal(there.trials.rows(), whole.trials.rows())


def test_known_residuals_are_not_evaluated_again():
    calls = []

    def f(x):
        calls.append(x)
        return linear(x)

    x0 = [[0.0, 0.0, 0.0], [1.0, 0.0, 0.0]]
    y0 = [linear(np.array(x)) for x in x0]
    least_squares(f, BOX, x0=x0, y0=y0, max_evals=4, rng=0)
    assert len(calls) == 4
    one = least_squares(f, BOX, x0=x0[0], y0=y0[0], max_evals=4, rng=0)
    assert one.trials[0].added


def test_values_without_residuals_are_searched_as_values():
    known = [0.5, 0.5, 0.5]
    result = least_squares(
        lambda x: Evaluation(float(np.sum(linear(x) ** 2))), BOX, x0=known,
        max_evals=60, rng=0,
    )  # fmt: skip
    assert result.fun < 0.5
    assert result.residuals is None


def test_discrete_variables_are_searched_as_values():
    result = least_squares(
        lambda x: np.array([x[0] - 0.3, x[1] - 4.0]),
        [(0, 1), Integer(1, 9)],
        max_evals=40,
        rng=0,
    )
    assert result.fun < 1e-2
    assert result.x[1] == 4


def test_wrong_residuals_are_named():
    with pytest.raises(TypeError, match="must return the residuals"):
        least_squares(lambda x: "a", BOX, max_evals=3)
    with pytest.raises(ValueError, match="fun must be callable"):
        least_squares(None, BOX)


def test_lengths_that_differ_do_not_stop_the_run():
    def f(x):
        r = linear(x)
        return r if x[0] > -1.0 else r[:2]

    result = least_squares(f, BOX, max_evals=30, rng=0)
    assert len(result.trials) == 30


def test_fixed_variables_stay():
    result = least_squares(linear, [*BOX[:2], (0.25, 0.25)], max_evals=12, rng=0)
    assert np.all(result.trials.rows()[:, 2] == 0.25)


def test_composites_use_what_is_known():
    target = np.array([0.3, -1.2, 0.7, 0.1])

    def outputs(x):
        return np.array([x[0], x[0] * x[1], np.sin(x[2]), x[1] + x[2]])

    def huber(r):
        away = np.abs(r - target)
        return float(np.sum(np.sqrt(1.0 + away**2) - 1.0))

    mine = composite(outputs, huber, BOX, max_evals=40, rng=0)
    scalar = surrogo.optimize(lambda x: huber(outputs(x)), BOX, max_evals=40, rng=0)
    assert mine.fun <= scalar.fun + 1e-6
    assert mine.fun == pytest.approx(huber(mine.outputs))
