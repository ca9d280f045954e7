"""Evaluations: what they take, what they keep, and what they refuse."""

from __future__ import annotations

import copy
import json
import math
import pickle
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from surrogo.evaluation import Evaluation
from tests.strategies import anything, evaluations

ARRAYS = ("value", "constraints", "residuals", "outputs", "gradient")


def through_json(evaluation):
    text = json.dumps(evaluation.to_dict(), allow_nan=False)
    return Evaluation.from_dict(json.loads(text))


@given(evaluations())
def test_plain_data_survive_json(evaluation):
    again = through_json(evaluation)
    assert again == evaluation
    for name in ARRAYS:
        np.testing.assert_array_equal(getattr(again, name), getattr(evaluation, name))


@given(st.floats(), arrays(np.float64, (2,)), st.dictionaries(st.text(), anything))
def test_no_value_is_too_strange_for_json(value, array, info):
    evaluation = Evaluation(value, array, array, array, array, info=info)
    assert through_json(evaluation) == evaluation


@pytest.mark.parametrize(
    "value", [3, 3.0, np.float32(3), np.array(3), Fraction(3), np.longdouble(3)]
)
def test_a_value_is_a_float(value):
    assert type(Evaluation(value).value) is float
    assert Evaluation(value).value == 3.0


def test_several_objectives_are_an_array():
    evaluation = Evaluation([1, 2.5])
    assert evaluation.value.tolist() == [1.0, 2.5]
    assert through_json(evaluation) == evaluation


def test_residuals_give_their_sum_of_squares_without_the_half():
    assert Evaluation(residuals=[3, -4]).value == 25.0
    assert Evaluation(7, residuals=[3, -4]).value == 7.0


def test_a_sum_of_squares_may_overflow():
    evaluation = Evaluation(residuals=[1e200, 1.0])
    assert evaluation.value == math.inf
    assert evaluation.defect() == "the value is inf"


def test_residuals_and_constraints_are_flat():
    evaluation = Evaluation(residuals=[[1, 2], [3, 4]], constraints=-1.0)
    assert evaluation.residuals.tolist() == [1, 2, 3, 4]
    assert evaluation.constraints.tolist() == [-1]
    assert Evaluation(1.0, outputs=[[1, 2], [3, 4]]).outputs.shape == (2, 2)


@pytest.mark.parametrize("name", ARRAYS)
def test_arrays_are_copies_that_cannot_be_changed(name):
    mine = np.array([1.0, 2.0])
    evaluation = Evaluation(**({"value": 1.0} | {name: mine}))
    mine[0] = 9.0
    for kept in (
        evaluation,
        pickle.loads(pickle.dumps(evaluation)),
        copy.deepcopy(evaluation),
    ):
        assert getattr(kept, name).tolist() == [1.0, 2.0]
        with pytest.raises(ValueError, match="read-only"):
            getattr(kept, name)[0] = 9.0
    mine[1] = 8.0  # the array of the user can still be changed


def test_info_is_a_copy_in_plain_data():
    mine = {"mesh": np.array([1, 2]), "log": ["a"], "model": object}
    evaluation = Evaluation(1.0, info=mine)
    mine["log"].append("b")
    assert evaluation.info == {"mesh": [1, 2], "log": ["a"], "model": repr(object)}


def test_info_may_contain_itself():
    mine = {}
    mine["me"] = mine
    evaluation = Evaluation(1.0, info=mine)
    assert evaluation.info == {"info": "{'me': {...}}"}
    assert through_json(evaluation) == evaluation


@given(evaluations())
def test_pickling_keeps_everything(evaluation):
    assert pickle.loads(pickle.dumps(evaluation)) == evaluation


def test_the_quick_way_to_a_number_leads_to_the_same():
    quick, plain = Evaluation.of_number(0.5), Evaluation(0.5)
    assert quick == plain
    assert repr(quick) == repr(plain)
    assert pickle.loads(pickle.dumps(quick)) == plain
    assert quick.defect() is None


def test_evaluations_are_equal_if_all_parts_are():
    one = Evaluation(1.0, outputs=[np.nan], info={"a": 1})
    assert one == Evaluation(1, outputs=[np.nan], info={"a": 1})
    assert one != Evaluation(1, outputs=[0.0], info={"a": 1})
    assert one != Evaluation(1, outputs=[np.nan])
    assert one != 1.0
    with pytest.raises(TypeError, match="unhashable"):
        hash(one)


def test_plain_data_leave_out_what_is_not_given():
    assert Evaluation(1.5, cost=2).to_dict() == {"value": 1.5, "cost": 2.0}


# ---- defects ----------------------------------------------------------------


@pytest.mark.parametrize(
    ("parts", "defect"),
    [
        ({"value": math.nan}, "the value is nan"),
        ({"value": -math.inf}, "the value is -inf"),
        ({"value": [1.0, math.inf]}, "the value is inf"),
        ({"residuals": [1.0, math.nan]}, "the residuals contain nan"),
        ({"value": 1.0, "constraints": [-math.inf]}, "the constraints contain -inf"),
        ({"value": 1.0, "outputs": [math.nan], "gradient": [math.inf]}, None),
        ({"value": 1.0, "constraints": []}, None),
    ],
)
def test_defects_in_words(parts, defect):
    assert Evaluation(**parts).defect() == defect


# ---- what is refused --------------------------------------------------------


@pytest.mark.parametrize(
    ("parts", "match"),
    [
        ({}, "needs a value or residuals, got neither; to report a failure raise"),
        ({"outputs": [1.0]}, "needs a value or residuals"),
        (
            {"value": "3"},
            "value of an Evaluation must hold real numbers, got '3'; give",
        ),
        ({"value": 1j}, "value of an Evaluation must hold real numbers, got 1j"),
        (
            {"value": []},
            r"value of an Evaluation must be a number, .* got shape \(0,\)",
        ),
        ({"value": [[1, 2]]}, r"one for each objective .* got shape \(1, 2\)"),
        ({"residuals": []}, "residuals of an Evaluation must not be empty, got none"),
        (
            {"residuals": [1, None]},
            r"residuals .* must hold real numbers, got \[1, None",
        ),
        ({"residuals": [[1], [1, 2]]}, "residuals of an Evaluation must hold real"),
        ({"value": 1, "constraints": "ok"}, "constraints .* must hold real numbers"),
        ({"value": 1, "outputs": ["a"]}, "outputs of an Evaluation must hold real num"),
        ({"value": 1, "gradient": {}}, "gradient of an Evaluation must hold real num"),
        ({"value": 1, "noise_var": -1}, r"noise_var .* at least 0, got -1\.0"),
        ({"value": 1, "noise_var": math.nan}, "noise_var .* must be a finite number"),
        ({"value": 1, "cost": "free"}, "cost of an Evaluation must be a finite number"),
        (
            {"value": 1, "info": "log"},
            "info of an Evaluation must be a dict, got 'log'",
        ),
        ({"value": 1, "info": [("a", 1)]}, "info of an Evaluation must be a dict"),
    ],
)
def test_bad_parts_are_refused(parts, match):
    with pytest.raises(ValueError, match=match):
        Evaluation(**parts)


@pytest.mark.parametrize(
    ("data", "match"),
    [
        (None, "an evaluation must be a dict with some of the keys .* got None"),
        ([1.0], "an evaluation must be a dict"),
        ({"value": 1.0, "vlaue": 2.0}, r"some of the keys \['constraints', .* 'vlaue'"),
        ({"value": None}, "value of an Evaluation must hold real numbers, got None"),
        ({"value": "0.5"}, "value of an Evaluation must hold real numbers, got '0.5'"),
        ({}, "needs a value or residuals"),
    ],
)
def test_what_is_no_evaluation_is_refused(data, match):
    with pytest.raises(ValueError, match=match):
        Evaluation.from_dict(data)
