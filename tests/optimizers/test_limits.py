"""Stop rules: stagnation, and how the rules of `optimize` go together."""

import numpy as np
import pytest

from surrogo import Evaluation, Space, Status, Trials, optimize
from surrogo.optimizers.limits import Limits, stagnates

BOX = [(-1, 1), (-1, 1)]


def record(values, added=()):
    """Return a record of these values; None is a failure."""
    trials = Trials(Space.of([(0, 1)]))
    for value in added:
        trials.add([0.5], Evaluation(value))
    for value in values:
        (trial,) = trials.ask([[0.5]])
        if value is None:
            trials.fail(trial.id, "mesh")
        else:
            trials.end(trial.id, Evaluation(value))
    return trials


@pytest.mark.parametrize(
    ("values", "patience", "expected"),
    [
        ([], 1, False),
        ([1.0], 1, False),
        ([1.0, 2.0], 1, True),
        ([2.0, 1.0], 1, False),
        ([3.0, 1.0, 2.0, 1.5], 2, True),
        ([3.0, 1.0, 2.0, 1.5], 3, False),
        ([3.0, 1.0, 2.0, 1.0 - 1e-9], 2, True),  # too little to count
        ([3.0, 1.0, 2.0, 1.0 - 1e-3], 2, False),
        ([3.0, 1.0, None, None], 2, True),
        ([None, None, None], 2, False),  # there was nothing to improve
        ([None, None, 1.0], 2, False),
        ([5.0, 5.0, 5.0], 2, True),
        ([1e308, -1e308, 1e308, 0.0], 2, True),
    ],
)
def test_stagnation(values, patience, expected):
    assert stagnates(record(values), patience) is expected


def test_points_of_the_user_are_no_evaluations_but_count_as_found():
    assert not stagnates(record([], added=[1.0, 2.0, 3.0]), 2)
    assert not stagnates(record([1.5], added=[1.0]), 2)
    assert stagnates(record([1.5, 1.2], added=[1.0]), 2)
    assert not stagnates(record([1.5, 0.5], added=[1.0]), 2)


def test_a_value_that_violates_a_constraint_is_no_improvement():
    trials = record([3.0, 1.0])
    for value in (0.5, 0.2):
        (trial,) = trials.ask([[0.5]])
        trials.end(trial.id, Evaluation(value, constraints=[1.0]))
    assert stagnates(trials, 2)


def test_running_trials_do_not_count():
    trials = record([3.0, 1.0, 2.0])
    trials.ask([[0.1], [0.2]])
    assert not stagnates(trials, 2)


def test_patience_stops_a_run():
    values = iter([5.0, 4.0, 3.0, 7.0, 8.0, 9.0, 1.0])
    result = optimize(lambda x: next(values), BOX, patience=3, max_evals=7, rng=0)
    assert result.status is Status.STAGNATION
    assert result.success
    assert result.nfev == 6
    assert result.fun == 3.0


def test_stopping_does_not_change_the_points():
    def steps(x):
        return float(np.floor(5 * abs(x[0])) + np.floor(5 * abs(x[1])))

    whole = optimize(steps, BOX, max_evals=20, rng=0)
    short = optimize(steps, BOX, max_evals=20, patience=4, rng=0)
    assert short.status is Status.STAGNATION
    assert np.array_equal(short.trials.rows(), whole.trials.rows()[: short.nfev])


def test_rules_that_may_never_fire_leave_the_default_budget():
    result = optimize(
        lambda x: float(x[0]), [(0, 1)], strategy="random", rng=0, patience=1000
    )
    assert result.status is Status.MAX_EVALS
    assert result.nfev == 50
    assert "50 per variable" in result.message


def test_whoever_gives_a_time_or_a_target_gets_no_budget():
    assert Limits.of(2, None, 60.0, None, 5).max_evals is None
    assert Limits.of(2, None, None, 0.0, None).max_evals is None
    assert Limits.of(2, None, None, None, 5).max_evals == 100


@pytest.mark.parametrize(
    ("change", "match"),
    [
        ({"patience": 0}, "patience, a number of evaluations, must be an integer of"),
        ({"patience": 1.5}, "patience, .* must be an integer"),
        ({"tol": 0.0}, "tol, a difference of values, must be above 0"),
        ({"tol": "small"}, "tol, a difference of values, must be a"),
        ({"tol": 1.0, "confidence": 1.0}, "confidence must be a probability between"),
        ({"tol": 1, "confidence": 95}, "between 0 and 1, for example 0.95, got 95"),
        ({"confidence": 0.9}, "confidence needs tol, .* got confidence=0.9"),
    ],
)
def test_bad_rules_are_refused_before_any_evaluation(change, match):
    calls = []
    with pytest.raises(ValueError, match=match):
        optimize(calls.append, BOX, max_evals=5, rng=0, **change)
    assert calls == []
