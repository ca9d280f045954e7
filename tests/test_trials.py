"""The record of a run: plain data, replay, and what it refuses."""

from __future__ import annotations

import copy
import json
import math
import pickle
import random
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from surrogo.evaluation import Evaluation
from surrogo.space import Categorical, Integer, Real, Space
from surrogo.trials import Trial, Trials
from tests.strategies import records

BOX = Space.of([(0, 1), (-2, 2)])
TREE = Space.of(
    {
        "solver": Categorical(["explicit", "implicit"]),
        "order": Integer(1, 4),
        "tolerance": Real(1e-9, 1e-3, "log", active_if={"solver": "implicit"}),
    }
)


def asked(n=3, space=BOX):
    """Return a record in which `n` points were asked for."""
    trials = Trials(space)
    trials.ask(space.from_unit(np.random.default_rng(1).random((n, space.d))))
    return trials


def through_json(trials):
    return Trials.from_dict(json.loads(json.dumps(trials.to_dict(), allow_nan=False)))


def assert_same(one, other):
    assert list(one) == list(other)
    assert one.to_dict() == other.to_dict()
    assert one.memory == other.memory
    assert (one.max_evals, one.n_asks) == (other.max_evals, other.n_asks)
    assert one.best == other.best


# ---- plain data and replay --------------------------------------------------


@given(records())
def test_replay_rebuilds_the_record_bit_for_bit(trials):
    again = through_json(trials)
    assert_same(again, trials)
    for trial, twin in zip(trials, again, strict=True):
        assert twin.row.tobytes() == trial.row.tobytes()
        assert repr(twin.x) == repr(trial.x)
        assert repr(twin) == repr(trial)


@given(records())
def test_copies_and_pickles_are_the_same_record(trials):
    assert_same(pickle.loads(pickle.dumps(trials)), trials)
    assert_same(copy.deepcopy(trials), trials)


@given(records(), st.data())
def test_any_beginning_of_a_record_is_a_record(trials, data):
    kept = data.draw(st.integers(0, len(trials.events)))
    events = trials.events[:kept]
    again = Trials.from_dict({"space": trials.space.to_dict(), "events": events})
    assert again.events == events
    assert len(again) <= len(trials)


@given(records())
def test_events_are_copies(trials):
    before = json.dumps(trials.to_dict())
    for event in trials.events:
        for value in event.values():
            if isinstance(value, list | dict):
                value.clear()
        event.clear()
    trials.memory["spoilt"] = True
    assert json.dumps(trials.to_dict()) == before
    assert "spoilt" not in trials.memory


def test_a_record_does_not_share_the_data_it_was_built_from():
    data = asked().to_dict()
    data["events"][0]["memory"] = {"best": [1.0]}
    trials = Trials.from_dict(data)
    data["events"][0]["memory"]["best"].append(2.0)
    data["events"].clear()
    assert trials.memory == {"best": [1.0]}
    assert len(trials.events) == 1


def test_the_format_of_events():
    trials = Trials(BOX)
    trials.budget(7)
    trials.ask([[0.5, 1.0]], {"radius": np.float64(0.25)}, effort=2)
    trials.end(0, Evaluation(3.0, residuals=[1.0]), seconds=0.5)
    trials.add([0.25, -1.0], Evaluation(2.0))
    trials.ask([[0.0, 2.0]])
    trials.fail(2, "mesh", "Traceback ...")
    assert trials.events == [
        {"event": "budget", "max_evals": 7},
        {
            "event": "ask",
            "ids": [0],
            "x": [[0.5, 1.0]],
            "effort": 2,
        },
        {
            "event": "end",
            "id": 0,
            "evaluation": {"value": 3.0, "residuals": [1.0]},
            "seconds": 0.5,
        },
        {"event": "add", "id": 1, "x": [0.25, -1.0], "evaluation": {"value": 2.0}},
        {
            "event": "ask",
            "ids": [2],
            "x": [[0.0, 2.0]],
            "memory": {"radius": 0.25},
            "effort": 1,
        },
        {
            "event": "fail",
            "id": 2,
            "reason": "mesh",
            "traceback": "Traceback ...",
            "seconds": None,
        },
    ]
    assert list(trials.to_dict()) == ["space", "events"]


def test_numpy_numbers_are_welcome():
    trials = asked(2)
    trials.end(np.int64(0), Evaluation(np.float32(1)), np.float32(0.5))
    trials.fail(np.uint8(1), np.str_("mesh"), seconds=np.int64(2))
    trials.budget(np.int64(9))
    trials.ask(np.ones((1, 2), dtype=np.float32), {"n": np.int8(1)}, effort=np.int64(2))
    assert_same(through_json(trials), trials)
    assert trials.max_evals == 9


def test_the_memory_keeps_infinities():
    trials = Trials(BOX)
    trials.ask([[0.5, 0.5]], {"best": math.inf, "log_l": [0.5, -math.inf]})
    assert trials.memory == {"best": math.inf, "log_l": [0.5, -math.inf]}
    assert through_json(trials).memory == trials.memory


def test_an_equal_budget_is_no_event():
    trials = Trials(BOX)
    for limit in (None, 5, 5, None):
        trials.budget(limit)
    assert [event["max_evals"] for event in trials.events] == [5, None]


def test_ten_thousand_trials():
    """Quadratic work would show: a copy of the record per event takes minutes."""
    trials = Trials(BOX)
    for id in range(10_000):
        trials.ask([[0.5, 0.5]])
        trials.end(id, Evaluation(float(-id)))
        assert trials.best.id == id
    assert len(through_json(trials).in_state("done")) == 10_000


# ---- trials -----------------------------------------------------------------


def test_a_trial_from_beginning_to_end():
    trials = asked(2)
    first, second = trials
    assert (first.state, first.evaluation, first.seconds) == ("running", None, None)
    assert math.isnan(first.value)
    assert not first.feasible
    trials.end(1, Evaluation(2.5), 0.25)
    trials.fail(0, "mesh", "Traceback ...", 1.0)
    assert first.state == "running"  # what was handed out does not change
    assert (trials[0].state, trials[0].reason) == ("failed", "mesh")
    assert (trials[0].traceback, trials[0].seconds) == ("Traceback ...", 1.0)
    assert math.isnan(trials[0].value)
    assert (trials[1].state, trials[1].value) == ("done", 2.5)
    assert trials[1].row.tobytes() == second.row.tobytes()
    assert not trials[1].added
    assert trials.in_state("running") == []
    assert trials.add([0.5, 0.5], Evaluation(1.0)).added


def test_points_are_what_the_function_receives():
    assert asked()[0].x.shape == (2,)
    row = TREE.encode({"solver": "explicit", "order": 3})
    (trial,) = Trials(TREE).ask([row])
    assert trial.x == {"solver": "explicit", "order": 3}


def test_changing_a_point_changes_nothing():
    for space in (BOX, TREE):
        trials = asked(1, space)
        before = repr(trials[0].x)
        x = trials[0].x
        x[next(iter(x)) if isinstance(x, dict) else 0] = 99
        assert repr(trials[0].x) == before
        with pytest.raises(ValueError, match="read-only"):
            trials[0].row[0] = 99


def test_the_array_of_the_user_is_not_kept():
    mine = np.array([[0.5, 0.5]])
    (trial,) = Trials(BOX).ask(mine)
    mine[:] = 0.75
    assert trial.row.tolist() == [0.5, 0.5]


def test_trials_are_equal_if_all_parts_are():
    one, other = asked(), asked()
    assert one[0] == other[0]
    assert hash(one[0]) == hash(other[0])
    other.end(0, Evaluation(1.0))
    assert one[0] != other[0]
    assert one[0] != one[1]
    assert one[0] != 0
    assert one[1] in other
    assert other.index(one[2]) == 2


def test_the_quick_ways_to_a_trial_lead_to_the_same():
    row = BOX.encode([0.25, 0.5])
    asked = Trial.new(3, row, BOX)
    assert asked == Trial(3, row, BOX)
    again = replace(asked, retries=2)
    evaluation = Evaluation(0.5)
    for trial in (asked, again):
        done = trial.ended_with(evaluation, 1.5)
        parts = {"state": "done", "evaluation": evaluation, "seconds": 1.5}
        assert done == replace(trial, **parts)
        assert repr(done) == repr(replace(trial, **parts))
        assert pickle.loads(pickle.dumps(done)) == done
    assert asked.state == "running"


def test_pickled_trials_cannot_be_changed_either():
    trial = pickle.loads(pickle.dumps(asked()[0]))
    assert trial == asked()[0]
    with pytest.raises(ValueError, match="read-only"):
        trial.row[0] = 0.0


def test_trials_are_a_sequence():
    trials = asked(4)
    assert [trial.id for trial in trials] == [0, 1, 2, 3]
    assert trials[-1].id == 3
    assert [trial.id for trial in trials[1:3]] == [1, 2]
    assert [trial.id for trial in reversed(trials)] == [3, 2, 1, 0]
    np.testing.assert_array_equal(trials.rows()[[0]], trials.rows([trials[0]]))
    assert Trials(BOX).rows().shape == (0, 2)
    for trial in trials:  # a loop may add to what it runs over
        trials.add(trial.row, Evaluation(0.0))
    assert len(trials) == 8


# ---- the best ---------------------------------------------------------------


def test_the_best_is_feasible_and_first_of_equals():
    trials = asked(6)
    assert trials.best is None
    trials.fail(0, "mesh")
    trials.end(1, Evaluation(-9.0, constraints=[-1.0, 1e-300]))
    assert trials.best is None
    trials.end(4, Evaluation(2.0))
    trials.end(3, Evaluation(2.0, constraints=[0.0, -1.0]))
    assert trials.best.id == 3
    trials.end(5, Evaluation(2.0))
    assert trials.best.id == 3
    trials.end(2, Evaluation(5.0))
    assert trials.best.id == 3
    assert trials.add([0.5, 0.5], Evaluation(1.0)) == trials.best


def test_several_objectives_have_no_best():
    trials = asked(2)
    trials.end(0, Evaluation([1.0, 2.0]))
    assert math.isnan(trials[0].value)
    assert trials.best is None
    trials.end(1, Evaluation(7.0))
    assert trials.best.id == 1


@given(st.lists(st.sampled_from([None, -1.0, 0.0, 1.0]), max_size=6), st.randoms())
def test_the_order_of_results_does_not_matter(values, random: random.Random):
    in_order, shuffled = Trials(BOX), Trials(BOX)
    order = list(enumerate(values))
    for trials in (in_order, shuffled):
        for _ in values:
            trials.ask([[0.5, 0.5]])
        for id, value in order:
            if value is None:
                trials.fail(id, "mesh")
            else:
                trials.end(id, Evaluation(value))
        random.shuffle(order)
    assert list(in_order) == list(shuffled)
    assert in_order.best == shuffled.best
    finite = [v for v in values if v is not None]
    lowest = values.index(min(finite)) if finite else None
    assert getattr(in_order.best, "id", None) == lowest


# ---- the table --------------------------------------------------------------


def test_a_row_for_each_trial():
    trials = Trials(TREE)
    trials.ask([TREE.encode({"solver": "explicit", "order": 3})])
    implicit = {"solver": "implicit", "order": 1, "tolerance": 1e-6}
    trials.ask([TREE.encode(implicit)])
    trials.end(1, Evaluation(0.5), 2.0)
    trials.fail(0, "mesh")
    table = trials.to_frame()
    assert list(table) == [
        "id",
        *TREE.names,
        "value",
        "state",
        "reason",
        "seconds",
    ]
    assert table["solver"].tolist() == ["explicit", "implicit"]
    assert table["order"].tolist() == [3, 1]
    np.testing.assert_array_equal(table["tolerance"], [np.nan, 1e-6])
    np.testing.assert_array_equal(table["value"], [np.nan, 0.5])
    assert table["state"].tolist() == ["failed", "done"]
    assert table["reason"].tolist() == ["mesh", ""]
    np.testing.assert_array_equal(table["seconds"], [np.nan, 2.0])


def test_the_table_of_positional_points():
    space = Space.of([Integer(0, 1), Real(2, 3, active_if={0: 1})])
    trials = Trials(space)
    trials.ask([[0, 2.5], [1, 2.25]])
    np.testing.assert_array_equal(
        trials.to_frame()[["x0", "x1"]], [[0, np.nan], [1, 2.25]]
    )


def test_the_table_of_no_trials_has_its_columns():
    table = Trials(BOX).to_frame()
    assert len(table) == 0
    assert list(table) == ["id", "x0", "x1", "value", "state", "reason", "seconds"]


def test_names_of_variables_do_not_hide_columns():
    trials = Trials(Space.of({"value": (0, 1), "b": (0, 1)}))
    trials.add([0.25, 0.5], Evaluation(7.0))
    table = trials.to_frame()
    assert table["value"].tolist() == [7.0]
    assert table["x.value"].tolist() == [0.25]
    assert table["x.b"].tolist() == [0.5]


def test_without_pandas_the_error_says_what_to_install(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "pandas", None)
    with pytest.raises(ImportError, match=r"pip install 'surrogo\[frame\]'"):
        asked().to_frame()


# ---- what is refused --------------------------------------------------------


def refused(act, match):
    """Check that an error comes with this text, and that the record is as before."""
    trials = asked()
    trials.end(0, Evaluation(1.0))
    before = trials.to_dict()
    with pytest.raises(ValueError, match=match):
        act(trials)
    assert trials.to_dict() == before
    assert_same(through_json(trials), trials)


@pytest.mark.parametrize(
    ("act", "match"),
    [
        (lambda t: t.end(0, Evaluation(1.0)), r"trial 0 has ended already \(done\); a"),
        (lambda t: t.fail(0, "late"), r"trial 0 has ended already \(done\)"),
        (lambda t: t.end(3, Evaluation(1.0)), "there is no trial 3, the run has 3"),
        (
            lambda t: t.fail(-1, "mesh"),
            "there is no trial -1, .* numbered from 0; give",
        ),
        (lambda t: t.fail(1.5, "mesh"), r"there is no trial 1\.5"),
        (lambda t: t.fail(True, "mesh"), "there is no trial True"),
        (lambda t: t.fail("1", "mesh"), "there is no trial '1'"),
        (lambda t: t.end(1, 1.0), r"takes an Evaluation, got 1\.0; give Evaluation"),
        (lambda t: t.add([0, 0], 1.0), r"takes an Evaluation, got 1\.0"),
        (lambda t: t.end(1, Evaluation(math.nan)), "finite, and the value is nan; rec"),
        (lambda t: t.add([0, 0], Evaluation(math.inf)), "finite, and the value is inf"),
        (
            lambda t: t.end(1, Evaluation(1.0), math.nan),
            "seconds must be a finite numb",
        ),
        (lambda t: t.end(1, Evaluation(1.0), "1 s"), "seconds must be a finite number"),
        (lambda t: t.ask([0.5, 0.5]), r"rows must have shape \(n, 2\), got shape \(2,"),
        (
            lambda t: t.ask(np.zeros((0, 2))),
            r"rows must have shape \(n, 2\), got shape",
        ),
        (
            lambda t: t.ask([[0.5, math.nan]]),
            r"rows must be finite, got nan at \[0, 1\]",
        ),
        (
            lambda t: t.ask([[0, 0], [0, 3]]),
            r"rows must belong to the space, got \[0\.0, ",
        ),
        (
            lambda t: t.ask([[0, 0]], effort=-1),
            "effort must be an integer of at least 0",
        ),
        (
            lambda t: t.ask([[0, 0]], memory=[1]),
            r"the memory must be a dict, got \[1\]",
        ),
        (lambda t: t.add([0.5], Evaluation(1.0)), r"row must have shape \(n, 2\), got"),
        (lambda t: t.add([0, 9], Evaluation(1.0)), "rows must belong to the space"),
        (lambda t: t.budget(-1), "max_evals must be an integer of at least 0, got -1"),
        (lambda t: t.budget("all"), "max_evals must be an integer"),
    ],
)
def test_what_makes_no_sense_is_refused_and_changes_nothing(act, match):
    refused(act, match)


ASK = {"event": "ask", "ids": [0], "x": [[0.5, 0.5]], "memory": {}, "effort": 1}
END = {"event": "end", "id": 0, "evaluation": {"value": 1.0}, "seconds": None}
FAIL = {"event": "fail", "id": 0, "reason": "a", "traceback": "", "seconds": None}
ADD = {"event": "add", "id": 1, "x": [0.5, 0.5], "evaluation": {"value": 1.0}}
BUDGET = {"event": "budget", "max_evals": 3}


def test_only_the_last_ask_keeps_what_the_strategy_remembers():
    trials = Trials(BOX)
    for k in range(3):
        trials.ask([[0.1 * k, 0.0]], {"step": k})
    assert [event.get("memory") for event in trials.events] == [None, None, {"step": 2}]
    assert Trials.from_dict(trials.to_dict()).memory == {"step": 2}
    old = [{**event, "memory": {"step": 9}} for event in trials.events]
    read = Trials.from_dict({"space": BOX.to_dict(), "events": old})
    assert read.events == [*trials.events[:2], old[2]]
    cut = Trials.from_dict({"space": BOX.to_dict(), "events": trials.events[:2]})
    assert cut.memory == {}


@pytest.mark.parametrize("event", [ASK, END, FAIL, ADD, BUDGET])
def test_an_event_with_a_part_missing_is_refused(event):
    begin = [] if event is ASK else [ASK]
    space = BOX.to_dict()
    Trials.from_dict({"space": space, "events": [*begin, event]})
    for key in event.keys() - {"memory"}:
        broken = {k: v for k, v in event.items() if k != key}
        match = (
            f"event {len(begin)} of the record cannot be read: it has no '{key}'; it"
        )
        with pytest.raises(ValueError, match=match):
            Trials.from_dict({"space": space, "events": [*begin, broken]})


@pytest.mark.parametrize(
    ("event", "match"),
    [
        (None, "event 1 of the record cannot be read: .* it is None"),
        ([], "event 1 of the record cannot be read"),
        ({"event": "erase"}, "kind of an event must be one of 'add', .* got 'erase'"),
        (ASK, r"new trials must have the ids that come next, \[1\], got \[0\]"),
        (ASK | {"ids": [2]}, r"must have the ids that come next, \[1\], got \[2\]"),
        (ASK | {"ids": [1, 2]}, r"must have the ids that come next, \[1\], got \[1, 2"),
        (ASK | {"ids": None}, r"must have the ids that come next, \[1\], got None"),
        (ASK | {"ids": [1], "x": [[0.5]]}, r"rows must have shape \(n, 2\)"),
        (ASK | {"ids": [1], "x": [["a", 1]]}, "rows must hold real numbers"),
        (
            ASK | {"ids": [1], "x": [["nan", 1]]},
            r"rows must be finite, got nan at \[0, ",
        ),
        (ASK | {"ids": [1], "x": [[5, 1]]}, "rows must belong to the space"),
        (ASK | {"ids": [1], "memory": None}, "the memory must be a dict, got None"),
        (ASK | {"ids": [1], "effort": "much"}, "effort must be an integer"),
        (ADD | {"id": 0}, r"must have the ids that come next, \[1\], got \[0\]"),
        (ADD | {"evaluation": None}, "an evaluation must be a dict"),
        (END | {"id": 1}, "there is no trial 1, the run has 1"),
        (END | {"id": -1}, "there is no trial -1"),
        (
            END | {"evaluation": {"value": "nan"}},
            "must be finite, and the value is nan",
        ),
        (
            END | {"evaluation": {"value": 1.0, "z": 2}},
            "an evaluation must be a dict wi",
        ),
        (END | {"evaluation": {}}, "needs a value or residuals"),
        (END | {"seconds": "long"}, "seconds must be a finite number, got 'long'"),
        (FAIL | {"reason": 3}, "the reason must be text, got 3"),
        (FAIL | {"traceback": None}, "the traceback must be text, got None"),
        (BUDGET | {"max_evals": 1.5}, "max_evals must be an integer"),
    ],
)
def test_a_corrupted_event_is_refused(event, match):
    data = {"space": BOX.to_dict(), "events": [ASK, event]}
    with pytest.raises(ValueError, match=match):
        Trials.from_dict(data)


def test_a_record_in_which_a_trial_ends_twice_is_refused():
    data = {"space": BOX.to_dict(), "events": [ASK, END, FAIL]}
    with pytest.raises(ValueError, match=r"event 2 .* trial 0 has ended already"):
        Trials.from_dict(data)


@pytest.mark.parametrize("data", [None, {}, {"events": 3}, {"space": BOX.to_dict()}])
def test_what_is_no_record_is_refused(data):
    with pytest.raises(ValueError, match="a record must be a dict with a space and"):
        Trials.from_dict(data)


def test_a_record_without_a_space_is_refused():
    with pytest.raises(ValueError, match="these data must describe a space, got None"):
        Trials.from_dict({"events": []})


def test_a_record_says_how_many_trials_it_has():
    trials = Trials(BOX)
    trials.ask([[0.0, 0.0], [0.1, 0.0], [0.2, 0.0]])
    trials.end(0, Evaluation(1.0))
    trials.fail(1, "mesh")
    assert repr(trials) == "<Trials: 1 done, 1 failed, 1 running>"
