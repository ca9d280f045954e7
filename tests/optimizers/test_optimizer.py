"""Ask and tell: bookkeeping, refusals, order, threads."""

import copy
import json
import pickle
import threading

import numpy as np
import pytest

from surrogo import Evaluation, Integer, Optimizer, Real
from surrogo.optimizers import EGO, RandomSearch, ThreeArms


def make(**more):
    return Optimizer([(0, 1), (-2, 2)], rng=0, **more)


def test_ask_gives_one_trial_and_ask_n_a_list():
    optimizer = make()
    assert optimizer.ask().id == 0
    assert [trial.id for trial in optimizer.ask(2)] == [1, 2]


@pytest.mark.parametrize("n", [0, -1, 1.5, "two", True])
def test_ask_refuses_a_wrong_number(n):
    with pytest.raises(ValueError, match="n, the number of points, must be an integer"):
        make().ask(n)


def test_points_reach_the_user_in_the_form_of_the_bounds():
    named = Optimizer({"rate": Real(1e-3, 1, scale="log"), "n": Integer(1, 3)}, rng=0)
    x = named.ask().x
    assert list(x) == ["rate", "n"]
    assert isinstance(x["n"], int)
    assert isinstance(make().ask().x, np.ndarray)


def test_tell_takes_a_trial_or_its_id_a_number_or_an_evaluation():
    optimizer = make()
    optimizer.ask(2)
    optimizer.tell(1, Evaluation(2.0, info={"steps": 3}))
    optimizer.tell(optimizer.trials[0], 1)
    assert [trial.value for trial in optimizer.trials] == [1.0, 2.0]
    assert optimizer.trials[1].evaluation.info == {"steps": 3}


@pytest.mark.parametrize(
    ("value", "reason"), [(np.nan, "value is nan"), (-np.inf, "value is -inf")]
)
def test_a_value_that_is_not_finite_is_a_failure_with_its_reason(value, reason):
    optimizer = make()
    optimizer.tell(optimizer.ask(), value)
    assert optimizer.trials[0].state == "failed"
    assert reason in optimizer.trials[0].reason


@pytest.mark.parametrize("value", ["3.0", [1, 2], None, 1j, np.ones(3), {"f": 1.0}])
def test_tell_refuses_what_is_no_number_and_the_trial_goes_on(value):
    optimizer = make()
    trial = optimizer.ask()
    with pytest.raises(TypeError, match="must return one real number"):
        optimizer.tell(trial, value)
    assert optimizer.trials[0].state == "running"
    optimizer.tell(trial, 1.0)


def test_several_objectives_are_refused():
    optimizer = make()
    with pytest.raises(TypeError, match="minimise one number"):
        optimizer.tell(optimizer.ask(), Evaluation([1.0, 2.0]))


def test_a_trial_ends_once_and_must_exist():
    optimizer = make()
    optimizer.tell(optimizer.ask(), 1.0)
    with pytest.raises(ValueError, match="trial 0 has ended already"):
        optimizer.tell(0, 2.0)
    with pytest.raises(ValueError, match="no trial 7"):
        optimizer.tell(7, 2.0)


def test_points_evaluated_elsewhere_count_as_data_and_not_as_spent():
    optimizer = make()
    optimizer.add([0.5, 0.5], 3.0)
    result = optimizer.result()
    assert (result.fun, result.nfev) == (3.0, 0)
    with pytest.raises(ValueError, match="x must lie inside the bounds"):
        optimizer.add([0.5, 2.5], 3.0)
    with pytest.raises(ValueError, match="needs a finite value"):
        optimizer.add([0.5, 1.5], np.nan)


def test_ask_at_checks_the_point():
    optimizer = make()
    assert np.array_equal(optimizer.ask_at([0.25, -1]).x, [0.25, -1.0])
    with pytest.raises(ValueError, match="x must have 2 values"):
        optimizer.ask_at([0.25])


def test_results_in_another_order_give_the_same_next_point():
    values = {0: 3.0, 1: 1.0, 2: 2.0, 3: 5.0, 4: 0.5, 5: 4.0, 6: 0.7, 7: 1.5}
    following = []
    for order in (sorted(values), sorted(values, reverse=True)):
        optimizer = make()
        optimizer.ask(8)
        for id in order:
            optimizer.tell(id, values[id])
        following.append(optimizer.ask().row)
    assert np.array_equal(*following)


def test_threads_may_ask_and_tell():
    optimizer = make(strategy="random")

    def work():
        for _ in range(25):
            trial = optimizer.ask()
            optimizer.tell(trial, float(np.sum(trial.x)))

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [trial.id for trial in optimizer.trials] == list(range(100))
    assert all(trial.state == "done" for trial in optimizer.trials)


def test_unknown_strategy_and_settings():
    with pytest.raises(ValueError, match="strategy must be one of 'auto'"):
        make(strategy="bayes")
    with pytest.raises(ValueError, match="strategy must be one of 'auto'"):
        make(strategy=3)
    assert make(strategy=RandomSearch()).strategy == RandomSearch()
    assert isinstance(make().strategy, ThreeArms)


def test_the_plain_data_hold_the_settings_of_the_strategy():
    optimizer = make(strategy=EGO(exploit_every=3))
    again = Optimizer.from_dict(json.loads(json.dumps(optimizer.to_dict())))
    assert again.strategy == optimizer.strategy


def test_data_of_a_newer_format_are_refused():
    data = make().to_dict() | {"format": 99}
    with pytest.raises(ValueError, match="must have format 1, got 99"):
        Optimizer.from_dict(data)


def test_seeds_follow_spec_7():
    points = [
        Optimizer([(0, 1)], strategy="random", rng=rng).ask().x[0]
        for rng in (5, np.int64(5), np.random.default_rng(5), np.random.default_rng(5))
    ]
    assert points[0] == points[1]
    assert points[2] == points[3]
    for wrong in ("five", -1, 2.5):
        with pytest.raises(ValueError, match="rng must be None, an integer of at"):
            Optimizer([(0, 1)], rng=wrong)


def test_the_surrogate_takes_and_gives_the_users_units():
    optimizer = Optimizer([Real(1.0, 1e4, scale="log"), (-5, 5)], rng=0)
    for _ in range(20):
        trial = optimizer.ask()
        optimizer.tell(trial, np.log10(trial.x[0]) ** 2 + trial.x[1])
    mean, std = optimizer.result().surrogate.predict([[100.0, 1.0]], return_std=True)
    assert mean[0] == pytest.approx(5.0, abs=0.3)
    assert std[0] < 1.0
    with pytest.raises(ValueError, match="inside the bounds of the run"):
        optimizer.result().surrogate.predict([[0.1, 1.0]])


def test_constraints_decide_the_best_point_and_a_warning_says_that_is_all():
    optimizer = make()
    for value, constraint in ((1.0, 0.5), (2.0, -0.5)):
        trial = optimizer.ask()
        with pytest.warns(UserWarning, match="no strategy uses constraints"):
            optimizer.tell(trial, Evaluation(value, constraints=[constraint]))
    assert optimizer.result().fun == 2.0


def test_an_optimizer_can_be_pickled_and_copied():
    optimizer = make()
    optimizer.tell(optimizer.ask(), 1.0)
    for again in (pickle.loads(pickle.dumps(optimizer)), copy.deepcopy(optimizer)):
        assert again.to_dict() == optimizer.to_dict()
        assert np.array_equal(again.ask().row, copy.copy(optimizer).ask().row)


def test_the_trial_of_another_run_is_refused():
    mine, other = make(strategy="ego"), Optimizer([(0, 1), (-2, 2)], rng=1)
    mine.ask()
    with pytest.raises(ValueError, match="does not belong to this run"):
        mine.tell(other.ask(), 1.0)
    assert mine.trials[0].state == "running"


def test_a_result_does_not_change_when_the_run_goes_on():
    optimizer = make()
    optimizer.tell(optimizer.ask(), 1.0)
    result = optimizer.result()
    optimizer.tell(optimizer.ask(), -5.0)
    assert (result.fun, len(result.trials), result.trials.best.value) == (1.0, 1, 1.0)


@pytest.mark.parametrize("what", ["ask", "tell"])
def test_ctrl_c_between_applying_and_recording_leaves_a_consistent_record(what):
    class Interrupted(list):
        def append(self, _):
            optimizer.trials._events = list(self)
            raise KeyboardInterrupt

    optimizer = make()
    trial = optimizer.ask()
    before = optimizer.to_dict()
    optimizer.trials._events = Interrupted(optimizer.trials._events)
    with pytest.raises(KeyboardInterrupt):
        optimizer.ask() if what == "ask" else optimizer.tell(trial, 1.0)
    assert optimizer.to_dict() == before
    assert [t.state for t in optimizer.trials] == ["running"]
    optimizer.tell(trial, 2.0)
    again = Optimizer.from_dict(optimizer.to_dict())
    assert again.ask().row.tolist() == optimizer.ask().row.tolist()


def test_the_surrogate_takes_named_points():
    optimizer = Optimizer({"a": (0, 1), "b": (0, 1)}, rng=0)
    for _ in range(10):
        trial = optimizer.ask()
        optimizer.tell(trial, trial.x["a"] + 2 * trial.x["b"])
    surrogate = optimizer.result().surrogate
    by_name = surrogate.predict([{"b": 0.5, "a": 0.25}])
    assert by_name == surrogate.predict([[0.25, 0.5]])
    assert by_name[0] == pytest.approx(1.25, abs=0.05)
