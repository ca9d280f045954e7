"""What every registered strategy must do, whatever the record."""

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from surrogo import Categorical, Integer, Optimizer, Ordinal, Real, SpaceExhausted
from surrogo.optimizers import EGO, STRATEGIES, View

MIXED = {
    "rate": Real(1e-5, 1.0, scale="log"),
    "layers": Integer(1, 5),
    "solver": Categorical(["euler", "rk4"]),
    "mesh": Ordinal([8, 16, 32]),
    "order": Integer(1, 3, active_if={"solver": "rk4"}),
    "gravity": Real(9.81, 9.81),
}


@pytest.fixture(params=sorted(STRATEGIES))
def name(request):
    return request.param


def bowl(row):
    return float(np.sum((np.nan_to_num(row) - 0.3) ** 2))


def run(optimizer, n, f=bowl):
    for _ in range(n):
        trial = optimizer.ask()
        optimizer.tell(trial, f(trial.row))
    return optimizer


def points(optimizer):
    return optimizer.trials.rows()


def test_points_lie_in_the_space_and_never_repeat(name):
    optimizer = run(Optimizer(MIXED, strategy=name, rng=3), 30)
    X = points(optimizer)
    assert np.all(optimizer.space.contains(X))
    assert len(np.unique(X, axis=0)) == len(X)
    assert np.all(X[:, 5] == 9.81)


def test_the_same_seed_gives_the_same_points_and_another_seed_others(name):
    runs = [
        run(Optimizer([(0, 1), (-5, 5)], strategy=name, rng=s), 10) for s in (7, 7, 8)
    ]
    assert np.array_equal(points(runs[0]), points(runs[1]))
    assert not np.array_equal(points(runs[0]), points(runs[2]))


def test_a_batch_has_distinct_points_and_respects_pending_ones(name):
    optimizer = run(Optimizer([(0, 1)] * 2, strategy=name, rng=0), 8)
    first = optimizer.ask(4)
    second = optimizer.ask(3)
    rows = np.array([trial.row for trial in first + second])
    assert len(np.unique(rows, axis=0)) == 7
    assert [trial.id for trial in first + second] == list(range(8, 15))


@pytest.mark.parametrize("d", [1, 2, 15])
def test_dimensions(name, d):
    optimizer = run(Optimizer([(-1, 1)] * d, strategy=name, rng=0), d + 8)
    assert points(optimizer).shape == (d + 8, d)


@pytest.mark.parametrize("value", [0.0, 1e300, -1e300, 1e-300, 12345.678])
def test_constant_values_of_any_scale(name, value):
    optimizer = run(Optimizer([(0, 1)] * 2, strategy=name, rng=0), 12, lambda _: value)
    assert optimizer.result().fun == value


@given(
    st.lists(
        st.one_of(
            st.floats(allow_nan=True, allow_infinity=True),
            st.sampled_from([0.0, 1.0, -1e308, 1e308, 5e-324]),
        ),
        min_size=14,
        max_size=14,
    )
)
@settings(max_examples=6)
def test_any_pattern_of_values_and_failures_leaves_ask_working(values):
    for name in STRATEGIES:
        optimizer = Optimizer([(0, 1), (-3, 3)], strategy=name, rng=1)
        for value in values:
            optimizer.tell(optimizer.ask(), value)
        X = points(optimizer)
        assert np.all(optimizer.space.contains(X))
        assert len(np.unique(X, axis=0)) == len(X)


def test_a_run_where_everything_fails_goes_on_with_new_points(name):
    optimizer = Optimizer([(0, 1)] * 2, strategy=name, rng=0)
    for _ in range(20):
        optimizer.tell_failure(optimizer.ask(), "the mesh did not close")
    assert len(np.unique(points(optimizer), axis=0)) == 20


def test_a_discrete_space_is_used_up_without_repeats(name):
    optimizer = Optimizer([(0, 0), Integer(0, 3), Integer(1, 2)], strategy=name, rng=0)
    run(optimizer, 7)
    assert len(optimizer.ask(5)) == 1  # one point is left
    with pytest.raises(SpaceExhausted, match="all 8 points"):
        optimizer.ask()


def test_the_memory_is_plain_data(name):
    optimizer = run(Optimizer([(0, 1)] * 2, strategy=name, rng=0), 10)
    memory = optimizer.trials.memory
    assert json.loads(json.dumps(memory, allow_nan=False)) == memory
    revived = optimizer.strategy.revive(memory)
    assert type(revived) is optimizer.strategy.Memory


def test_a_run_goes_on_exactly_after_saving_at_any_time(name):
    optimizer = Optimizer(MIXED, strategy=name, rng=2)
    for _ in range(14):
        record = json.loads(json.dumps(optimizer.to_dict(), allow_nan=False))
        again = Optimizer.from_dict(record)
        batch = optimizer.ask(2)
        rows = [trial.row for trial in again.ask(2)]
        assert np.array_equal(rows, [trial.row for trial in batch])
        if batch[0].id in (4, 16):
            optimizer.tell_failure(batch[0], "the solver diverged")
        else:
            optimizer.tell(batch[0], bowl(batch[0].row))
        if batch[1].id % 3:  # the others are pending for ever
            optimizer.tell(batch[1], bowl(batch[1].row))


def test_propose_is_pure(name):
    optimizer = run(Optimizer([(0, 1)] * 2, strategy=name, rng=0), 10)
    strategy, view = optimizer.strategy, View.of(optimizer.trials, effort=1)
    memory = strategy.revive(optimizer.trials.memory)
    before = [array.copy() for array in (view.U, view.y, view.pending, view.failed)]
    first = strategy.propose(view, memory, 3, np.random.default_rng(5))
    second = strategy.propose(view, memory, 3, np.random.default_rng(5))
    assert np.array_equal(first[0], second[0])
    assert first[1] == second[1]
    after = (view.U, view.y, view.pending, view.failed)
    assert all(np.array_equal(a, b) for a, b in zip(before, after, strict=True))


def test_settings_that_make_no_sense_are_refused_at_once():
    for wrong in ({"kernel": "cubic"}, {"design_extra": -1}, {"exploit_every": 1.5}):
        with pytest.raises(ValueError, match=r"must be (one of|an integer)"):
            EGO(**wrong)
    with pytest.raises(ValueError, match="kernel must be one of"):
        Optimizer([(0, 1)], strategy={"name": "ego", "kernel": "cubic"})
    with pytest.raises(ValueError, match="ego"):
        Optimizer([(0, 1)], strategy={"name": "ego", "colour": "red"})
