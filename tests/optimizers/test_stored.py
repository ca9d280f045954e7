"""Runs in a store: begun, interrupted, gone on with, refused."""

from __future__ import annotations

import logging

import numpy as np
import pytest

import surrogo
from surrogo import Evaluation, Integer, Optimizer, Real, Status, StoreError, optimize
from surrogo.execution import read_store

BOX = [(-2.0, 2.0), (0.0, 3.0)]


def bowl(x):
    return float((x[0] - 0.5) ** 2 + (x[1] - 1.0) ** 2)


class Broken(Exception):
    """Ends a run from within, as a kill would."""


def failing_after(n, fun=bowl):
    """Return a function that lets `n` calls pass, and then breaks the run."""
    calls = []

    def f(x):
        if len(calls) == n:
            raise KeyboardInterrupt
        calls.append(x)
        return fun(x)

    f.calls = calls
    return f


@pytest.fixture
def path(tmp_path):
    return tmp_path / "run.db"


def points(result):
    return [trial.row.tolist() for trial in result.trials]


@pytest.mark.parametrize("batch_size", [None, 3])
def test_a_run_that_is_interrupted_again_and_again_is_the_same_run(path, batch_size):
    whole = optimize(bowl, BOX, max_evals=25, batch_size=batch_size, rng=4)
    paid = 0
    for n in (0, 1, 4, 7, 2):
        f = failing_after(n)
        stopped = optimize(
            f, BOX, max_evals=25, batch_size=batch_size, rng=4, store=path
        )
        paid += len(f.calls)
        assert stopped.status is Status.INTERRUPTED
        assert stopped.nfev == paid
    last = failing_after(100)
    result = optimize(last, BOX, max_evals=25, batch_size=batch_size, store=path)
    assert result.status is Status.MAX_EVALS
    assert paid + len(last.calls) == 25
    assert points(result) == points(whole)
    assert result.seed == 4


def test_a_finished_run_spends_nothing_and_a_larger_budget_goes_on(path):
    first = optimize(bowl, BOX, max_evals=10, store=path, rng=0)
    f = failing_after(0)
    again = optimize(f, BOX, store=path)
    assert (again.nfev, again.fun, again.status) == (10, first.fun, first.status)
    assert "max_evals" in again.message
    more = optimize(bowl, BOX, max_evals=16, store=path)
    assert more.nfev == 16
    assert points(more)[:10] == points(first)
    budgets = [e["max_evals"] for e in more.trials.events if e["event"] == "budget"]
    assert budgets == [10, 16]


def test_stop_rules_on_record_hold_until_others_are_given(path):
    optimize(bowl, BOX, max_evals=5, target=1e-30, patience=50, store=path, rng=0)
    result = optimize(bowl, BOX, max_evals=40, target=1e-2, store=path)
    assert result.status is Status.TARGET
    assert result.trials.rules == {"target": 1e-2, "patience": 50}
    kinds = [event["event"] for event in result.trials.events]
    assert kinds.count("rules") == 2


def test_what_is_given_must_be_what_the_store_holds(path):
    optimize(bowl, BOX, max_evals=5, store=path, rng=3)
    before = path.read_bytes()
    for change, match in (
        ({"bounds": [(-2, 2), (0, 4)]}, r"x1 is Real\(0.0, 3.0\) there.*prior="),
        ({"bounds": {"a": (-2, 2), "b": (0, 3)}}, r"its variables are .*'x0'"),
        ({"rng": 4}, "begun with rng=3, got rng=4"),
        ({"strategy": "turbo"}, "begun with the strategy .*three_arms"),
        ({"max_evals": 0}, "max_evals"),
        ({"x0": [9, 9]}, "inside the bounds"),
    ):
        arguments = {"bounds": BOX} | change
        f = failing_after(0)
        with pytest.raises(ValueError, match=match):
            optimize(f, arguments.pop("bounds"), store=path, **arguments)
    assert path.read_bytes()[:100] == before[:100]
    assert len(surrogo.load(path).trials) == 5
    same = optimize(bowl, BOX, store=path, rng=3, strategy="three_arms")
    assert same.nfev == 5


def test_bad_arguments_make_no_store(path):
    with pytest.raises(ValueError, match="batch_size"):
        optimize(bowl, BOX, store=path, batch_size=0)
    with pytest.raises(ValueError, match="store must be the name of a file"):
        optimize(bowl, BOX, store=7)
    assert not path.exists()
    with pytest.raises(StoreError, match="folder that exists"):
        optimize(bowl, BOX, store=path.parent / "no" / "run.db")


def test_files_of_others_are_not_touched(tmp_path):
    text = tmp_path / "notes.txt"
    text.write_text("my notes, which are longer than a header of SQLite " * 20)
    empty = tmp_path / "empty.db"
    empty.touch()
    for path, match in ((text, "no store of surrogo"), (empty, "an empty file")):
        before = path.read_bytes()
        with pytest.raises(StoreError, match=match):
            Optimizer(BOX, store=path)
        assert path.read_bytes() == before
    assert sorted(p.name for p in tmp_path.iterdir()) == ["empty.db", "notes.txt"]


def test_start_points_are_evaluated_once(path):
    x0 = [[0.0, 0.0], [1.0, 1.0], [1.0, 1.0], [0.5, 2.0]]
    stopped = optimize(failing_after(2), BOX, x0=x0, max_evals=8, store=path, rng=1)
    assert stopped.nfev == 2
    result = optimize(bowl, BOX, x0=x0, store=path)
    assert points(result)[:4] == x0
    assert points(result) == points(optimize(bowl, BOX, x0=x0, max_evals=8, rng=1))


def test_known_values_are_added_once(path):
    known = {"x0": [[0.0, 0.0], [1.0, 1.0]], "y0": [1.25, 0.25]}
    optimize(failing_after(2), BOX, max_evals=6, store=path, rng=1, **known)
    result = optimize(bowl, BOX, store=path, **known)
    assert [trial.added for trial in result.trials].count(True) == 2
    assert points(result) == points(optimize(bowl, BOX, max_evals=6, rng=1, **known))


def test_everything_an_evaluation_says_is_kept(path):
    space = {"a": Real(1e-3, 1.0, scale="log"), "n": Integer(1, 4)}

    def f(p):
        if p["n"] == 2:
            raise ValueError("no mesh")
        return Evaluation(
            residuals=[p["a"], p["n"]], cost=2.0, info={"steps": p["n"], "x": np.inf}
        )

    result = optimize(f, space, max_evals=15, store=path, rng=0)
    loaded = surrogo.load(path)
    assert list(loaded.trials) == list(result.trials)
    assert loaded.trials.events == result.trials.events
    assert loaded.status is result.status
    assert (loaded.seed, loaded.strategy) == (result.seed, result.strategy)
    assert any("no mesh" in trial.traceback for trial in loaded.trials)


def test_ask_and_tell_go_on_where_they_were(path):
    mine, twin = Optimizer(BOX, rng=2, store=path), Optimizer(BOX, rng=2)
    for _ in range(9):
        for optimizer in (mine, twin):
            one, two = optimizer.ask(2)
            optimizer.tell(two, bowl(two.x), 0.5)
            optimizer.tell_failure(one, "it rained") if one.id % 6 == 0 else (
                optimizer.tell(one, bowl(one.x), 0.5)
            )
    running = mine.ask()
    twin.ask()
    mine.close()
    with Optimizer(BOX, store=path) as again:
        assert [t.id for t in again.trials.in_state("running")] == [running.id]
        again.tell(running.id, 1.0)
        twin.tell(running.id, 1.0)
        assert again.to_dict() == twin.to_dict() | {
            "versions": again.to_dict()["versions"]
        }
        assert again.ask().row.tolist() == twin.ask().row.tolist()


def test_the_store_is_read_while_it_is_written(path):
    with Optimizer(BOX, rng=2, store=path) as optimizer:
        for n in range(4):
            assert len(read_store(path).events) == 2 * n
            trial = optimizer.ask()
            assert len(surrogo.load(path).trials) == n + 1
            optimizer.tell(trial, bowl(trial.x))
        assert surrogo.load(path).status is Status.RUNNING


def test_one_at_a_time(path):
    with Optimizer(BOX, rng=2, store=path) as optimizer:
        with pytest.raises(StoreError, match="in use by process"):
            Optimizer(BOX, store=path)
        trial = optimizer.ask()
        optimizer.tell(trial, 1.0)
    optimizer.close()  # a second time nothing happens
    with Optimizer(BOX, store=path) as again:
        assert len(again.trials) == 1


def test_what_comes_after_closing_is_refused_clearly(path):
    optimizer = Optimizer(BOX, rng=2, store=path)
    trial = optimizer.ask()
    optimizer.close()
    with pytest.raises(StoreError, match="closed"):
        optimizer.tell(trial, 1.0)


def test_going_on_is_logged(path, caplog):
    optimize(bowl, BOX, max_evals=5, store=path, rng=3)
    with caplog.at_level(logging.INFO, logger="surrogo"):
        optimize(bowl, BOX, max_evals=6, store=path)
    assert "5 done, 0 failed, 0 running" in caplog.text


def test_a_run_that_all_failed_may_go_on_with_a_mended_function(path):
    def broken(x):
        raise RuntimeError("licence")

    first = optimize(broken, BOX, max_evals=30, store=path, rng=0)
    assert first.status is Status.SAME_ERROR
    second = optimize(bowl, BOX, store=path)
    assert second.status is Status.MAX_EVALS
    assert second.nfev == 30
    assert len(second.trials.in_state("failed")) == 10


def test_a_store_that_can_no_longer_be_written_ends_the_run_with_what_was_paid(path):
    def f(x):
        if len(f.calls) == 4:  # somebody else holds the file, for longer than we wait
            optimizer = f.optimizer[0]
            optimizer._journal._connection.execute("PRAGMA max_page_count = 1")
        f.calls.append(x)
        return Evaluation(bowl(x), info={"log": "x" * 20_000})

    f.calls, f.optimizer = [], []
    begin = Optimizer._begin

    def noted(self, *run):
        begin(self, *run)
        f.optimizer.append(self)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Optimizer, "_begin", noted)
        with pytest.raises(StoreError, match=r"disk is full.*untouched") as caught:
            optimize(f, BOX, max_evals=10, store=path, rng=0)
    result = caught.value.result
    assert len(f.calls) == result.nfev == 5
    assert surrogo.load(path).nfev == 4
    # The value that could not be written is taken along by hand, or paid again.
    again = optimize(bowl, BOX, max_evals=10, store=path)
    assert again.nfev == 10
    assert points(again)[:5] == points(result)


def test_other_names_of_a_store_are_the_same_store(path, monkeypatch):
    link = path.with_name("link.db")
    with Optimizer(BOX, rng=0, store=path) as optimizer:
        optimizer.tell(optimizer.ask(), 1.0)
        link.symlink_to(path)
        with pytest.raises(StoreError, match="in use"):
            Optimizer(BOX, store=link)
    monkeypatch.chdir(path.parent)
    for name in ("link.db", "run.db", ":memory:", "a?b#c%20.db", "ä ö.db"):
        with Optimizer(BOX, rng=0, store=name) as optimizer:
            n = len(optimizer.trials)
            optimizer.tell(optimizer.ask(), 1.0)
        assert len(surrogo.load(name).trials) == n + 1
    assert len(surrogo.load(path).trials) == 3
