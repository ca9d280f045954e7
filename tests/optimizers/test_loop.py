"""optimize: stop rules, failures, start points, interruption, bad input."""

import collections
import sys
import time

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import Bounds, OptimizeResult

from surrogo import Evaluation, Real, Status, optimize
from surrogo.optimizers import EGO

BOX = [(-1, 1), (-1, 1)]


def bowl(x):
    return float((x[0] - 0.3) ** 2 + (x[1] + 0.2) ** 2)


class Counted:
    """A function that counts its calls and answers from a script."""

    def __init__(self, answer=bowl):
        self.calls = 0
        self.answer = answer

    def __call__(self, x, *args):
        self.calls += 1
        return self.answer(x, *args)


def test_it_finds_the_minimum_of_a_bowl():
    result = optimize(bowl, BOX, max_evals=25, rng=0)
    assert isinstance(result, OptimizeResult)
    assert result.success
    assert result.fun < 1e-5
    assert np.allclose(result.x, [0.3, -0.2], atol=0.01)
    assert result.status is Status.MAX_EVALS


def test_max_evals_is_exact():
    f = Counted()
    assert optimize(f, BOX, max_evals=7, rng=0).nfev == f.calls == 7


def test_without_a_stop_rule_the_budget_is_50_per_variable_and_the_message_says_so():
    result = optimize(bowl, [(-1, 1), (2, 2)], strategy="random", rng=0)
    assert result.nfev == 50
    assert "50 per variable" in result.message


def test_target():
    result = optimize(bowl, BOX, target=0.05, rng=0)
    assert result.status is Status.TARGET
    assert result.fun <= 0.05
    assert result.trials[-1].value == result.fun


def test_max_time():
    def slow(x):
        time.sleep(0.02)
        return bowl(x)

    result = optimize(slow, BOX, max_time=0.2, strategy="random", rng=0)
    assert result.status is Status.MAX_TIME
    assert 1 <= result.nfev <= 11


def test_callback_sees_the_result_so_far_and_may_stop():
    seen = []

    def callback(intermediate_result):
        seen.append((intermediate_result.nfev, intermediate_result.fun))
        if intermediate_result.nfev == 5:
            raise StopIteration

    result = optimize(bowl, BOX, callback=callback, rng=0)
    assert result.status is Status.CALLBACK
    assert [n for n, _ in seen] == [1, 2, 3, 4, 5]
    assert seen[-1][1] == result.fun


@pytest.mark.parametrize("where", ["function", "callback"])
def test_ctrl_c_returns_the_result_so_far(where):
    def interrupt(*_):
        if f.calls == 6:
            raise KeyboardInterrupt

    def answer(x):
        if where == "function":
            interrupt()
        return bowl(x)

    f = Counted(answer)
    callback = interrupt if where == "callback" else None
    result = optimize(f, BOX, callback=callback, max_evals=20, rng=0)
    assert result.status is Status.INTERRUPTED
    assert not result.success
    assert result.nfev == (5 if where == "function" else 6)
    assert result.fun == min(t.value for t in result.trials if t.state == "done")


def test_failures_are_recorded_with_their_reason_and_the_run_goes_on():
    def fails(x):
        if f.calls % 3 == 0:
            raise ArithmeticError(f"no convergence in call {f.calls}")
        if f.calls % 5 == 0:
            return float("nan")
        return np.inf if f.calls % 7 == 0 else bowl(x)

    f = Counted(fails)
    result = optimize(f, BOX, max_evals=30, rng=0)
    assert result.success
    assert result.nfev == f.calls == 30
    reasons = [t.reason for t in result.trials.in_state("failed")]
    assert "ArithmeticError: no convergence in call 3" in reasons
    assert any("nan" in reason for reason in reasons)
    assert any("inf" in reason for reason in reasons)
    assert "fails(x)" not in result.trials[2].reason
    assert "raise ArithmeticError" in result.trials[2].traceback
    assert result.fun < 0.05


def test_a_broken_function_stops_after_ten_and_shows_the_error():
    def broken(x):
        raise RuntimeError("licence server not found")

    f = Counted(broken)
    result = optimize(f, BOX, rng=0)
    assert f.calls == 10
    assert result.status is Status.SAME_ERROR
    assert "licence server not found" in result.message
    assert result.x is None
    assert np.isnan(result.fun)
    assert not result.success


def test_different_errors_use_the_budget_and_end_clearly():
    def broken(x):
        raise RuntimeError(f"failed at {x[0]}")

    result = optimize(broken, BOX, max_evals=15, rng=0)
    assert result.status is Status.ALL_FAILED
    assert result.nfev == 15
    assert "failed at" in result.message


@pytest.mark.parametrize("answer", [[1.0, 2.0], "0.5", None, np.ones(3), 1j])
def test_a_wrong_return_stops_after_the_first_evaluation(answer):
    f = Counted(lambda x: answer)
    with pytest.raises(TypeError, match=r"must return one real number.*got"):
        optimize(f, BOX, max_evals=20, rng=0)
    assert f.calls == 1


def test_a_wrong_return_later_is_a_failure():
    f = Counted(lambda x: "oops" if f.calls == 5 else bowl(x))
    result = optimize(f, BOX, max_evals=8, rng=0)
    assert result.nfev == 8
    assert "must return one real number" in result.trials[4].reason


def test_x0_comes_first_and_y0_is_not_paid_again():
    f = Counted()
    result = optimize(f, BOX, x0=[[0.1, 0.2], [0.3, -0.2]], max_evals=6, rng=0)
    assert np.array_equal(result.trials.rows()[:2], [[0.1, 0.2], [0.3, -0.2]])
    assert f.calls == 6
    f = Counted()
    result = optimize(f, BOX, x0=[0.3, -0.2], y0=0.0, max_evals=6, rng=0)
    assert f.calls == result.nfev == 6
    assert result.fun == 0.0


def test_named_variables_and_args():
    def f(p, factor, shift):
        return factor * (p["a"] - 0.5) ** 2 + shift

    bounds = {"a": (0, 1), "rate": Real(1e-3, 1, scale="log")}
    x0 = {"a": 0.1, "rate": 0.1}
    result = optimize(f, bounds, args=(2.0, 1.0), x0=x0, max_evals=12, rng=0)
    assert result.trials[0].x == x0
    assert set(result.x) == {"a", "rate"}
    assert result.fun == pytest.approx(1.0, abs=1e-3)


def test_an_evaluation_with_residuals():
    def f(x):
        return Evaluation(residuals=[x[0] - 0.3, x[1] + 0.2])

    result = optimize(f, Bounds([-1, -1], [1, 1]), max_evals=15, rng=0)
    assert result.fun < 0.01
    assert result.trials[0].evaluation.residuals.shape == (2,)


def test_the_function_cannot_change_the_record():
    def vandal(x):
        value = bowl(x)
        x[:] = 99.0
        return value

    result = optimize(vandal, BOX, max_evals=6, rng=0)
    assert np.all(np.abs(result.trials.rows()) <= 1.0)
    assert bowl(result.x) == result.fun


def test_progress_shows_best_and_failures_on_stderr(capsys):
    def half(x):
        return bowl(x) if x[0] > 0 else np.nan

    result = optimize(half, BOX, max_evals=6, progress=True, rng=0)
    out, err = capsys.readouterr()
    assert out == ""
    assert "6/6" in err
    assert f"best={result.fun:.6g}" in err
    assert "failed=" in err


@pytest.mark.parametrize(
    ("change", "match"),
    [
        ({"bounds": [(1, 0), (0, 1)]}, "lower bound must not be above"),
        ({"bounds": [(0, np.nan), (0, 1)]}, "upper bound must be a finite number"),
        ({"bounds": [(-np.inf, 0), (0, 1)]}, "lower bound must be a finite number"),
        ({"bounds": [(0, 1, 2), (0, 1)]}, r"must be a pair \(low, high\)"),
        ({"bounds": []}, "at least one variable"),
        ({"bounds": "box"}, "cannot read bounds"),
        ({"strategy": "bayes"}, "strategy must be one of 'auto', 'dycors', 'ego'"),
        ({"x0": [0.0, 1.5]}, r"x0\[0\] must lie inside the bounds: 'x1'"),
        ({"x0": [[0.0, 0.5], [0.0]]}, r"x0\[1\] must have 2 values"),
        ({"x0": [np.nan, 0.5]}, "must lie inside the bounds"),
        ({"y0": 1.0}, "y0 needs x0"),
        ({"x0": [0.0, 0.5], "y0": [1.0, 2.0]}, "a value for each of the 1 points"),
        ({"max_evals": 0}, "max_evals must be an integer of at least 1, got 0"),
        ({"max_evals": 2.5}, "max_evals must be an integer"),
        ({"max_time": 0}, "max_time .* must be above 0"),
        ({"target": "low"}, "target must be a finite number"),
        ({"fun": 3}, "fun must be callable"),
        ({"callback": 3}, "callback must be callable"),
    ],
)
def test_bad_input_is_refused_before_any_evaluation(change, match):
    f = Counted()
    arguments = {"fun": f, "bounds": BOX, "max_evals": 5, "rng": 0} | change
    with pytest.raises(ValueError, match=match):
        optimize(arguments.pop("fun"), arguments.pop("bounds"), **arguments)
    assert f.calls == 0


def test_an_instance_of_a_strategy_carries_its_settings():
    result = optimize(bowl, BOX, max_evals=8, strategy=EGO(exploit_every=0), rng=0)
    assert result.strategy["exploit_every"] == 0


NAMED = {"a": (0, 1), "b": (0, 1)}
Pair = collections.namedtuple("Pair", ["b", "a"])


@pytest.mark.parametrize(
    "x0",
    [
        {"a": 0.1, "b": 0.9},
        [{"b": 0.9, "a": 0.1}],
        pd.Series({"b": 0.9, "a": 0.1}),
        [Pair(b=0.9, a=0.1)],
        pd.DataFrame({"b": [0.9], "a": [0.1]}),
    ],
)
def test_labels_of_start_points_count(x0):
    result = optimize(lambda p: p["a"], NAMED, x0=x0, max_evals=1, rng=0)
    assert result.x == {"a": 0.1, "b": 0.9}


@pytest.mark.parametrize("make", [iter, np.array, pd.DataFrame])
def test_start_points_from_iterators_and_tables(make):
    points = [[0.1, 0.2], [0.3, 0.4], [0.5, 0.6]]
    result = optimize(bowl, BOX, x0=make(points), max_evals=3, rng=0)
    assert result.trials.rows().tolist() == points


def test_empty_start_points_are_none():
    assert optimize(bowl, BOX, x0=[], y0=[], max_evals=2, rng=0).nfev == 2


def test_values_of_huge_spread_do_not_stop_a_run():
    def penalised(x):
        return sys.float_info.max if x[0] > 0.5 else bowl(x)

    result = optimize(penalised, BOX, max_evals=20, rng=0)
    assert result.nfev == 20
    assert result.fun < 2.0


def test_done_but_infeasible_trials_are_not_thrown_away():
    def f(x):
        return None if f_.calls > 3 else Evaluation(1.0, constraints=[1.0])

    f_ = Counted(f)
    with pytest.warns(UserWarning, match="no strategy uses constraints"):
        result = optimize(f_, BOX, max_evals=5, rng=0)
    assert result.status is Status.INFEASIBLE
    assert len(result.trials.in_state("done")) == 3


def test_an_exception_of_the_callback_carries_the_result():
    def callback(result):
        if result.nfev == 3:
            raise OSError("disk full")

    with pytest.raises(OSError, match="disk full") as caught:
        optimize(bowl, BOX, max_evals=9, callback=callback, rng=0)
    assert caught.value.result.nfev == 3


def test_results_given_to_the_callback_are_snapshots():
    seen = []
    optimize(bowl, BOX, max_evals=4, callback=seen.append, rng=0)
    assert [len(result.trials) for result in seen] == [1, 2, 3, 4]
