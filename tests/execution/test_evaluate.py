"""One evaluation: every answer a function may give, and every way it may fail."""

from __future__ import annotations

import math
import pickle
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from surrogo.evaluation import Evaluation
from surrogo.execution import Failure, Misuse, as_evaluation, evaluate
from surrogo.space import Space
from surrogo.trials import Trials
from tests.strategies import anything

X = np.array([0.5, 1.0])


class NoText(Exception):
    def __str__(self) -> str:
        raise RuntimeError("this exception cannot be printed")


class NoTextAtAll(Exception):
    def __str__(self) -> str:
        return 3


def raising(error):
    def fun(x):
        raise error

    return fun


# ---- values -----------------------------------------------------------------


@pytest.mark.parametrize(
    "value",
    [
        2,
        2.0,
        np.int8(2),
        np.float32(2),
        np.longdouble(2),
        np.array(2.0),
        np.array([2.0]),
        np.array([[2.0]]),
        [2.0],
        (2,),
        Fraction(2),
        Decimal("2"),
        np.array(Fraction(2)),
        Evaluation(2.0),
        Evaluation([2.0]),
    ],
)
def test_one_number_in_any_form(value):
    answer = evaluate(lambda x: value, X)
    assert isinstance(answer, Evaluation)
    assert type(answer.value) is float
    assert answer.value == 2.0


@pytest.mark.parametrize("value", [True, np.True_, np.array([True])])
def test_true_is_one(value):
    assert as_evaluation(value) == Evaluation(1.0)


def test_an_evaluation_is_the_answer_itself():
    given = Evaluation(residuals=[1.0, 2.0], info={"steps": 3})
    assert evaluate(lambda x: given, X) is given


def test_points_and_arguments_arrive():
    assert evaluate(lambda x, a, b: x[0] * a + b, X, (4.0, 1.0)).value == 3.0
    assert evaluate(lambda x: x["a"], {"a": 2.0}).value == 2.0


@pytest.mark.parametrize("named", [False, True])
def test_a_function_that_changes_its_argument_harms_nothing(named):
    space = Space.of({"a": (0, 1)} if named else [(0, 1)])
    trials = Trials(space)
    (trial,) = trials.ask([[0.5]])
    x = trial.x

    def fun(x):
        x["a" if named else 0] = 99.0
        return 1.0

    assert evaluate(fun, x).value == 1.0
    assert space.encode(x).tolist() == [0.5]
    assert space.encode(trials[0].x).tolist() == [0.5]


# ---- values that are not finite ---------------------------------------------


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (math.nan, "the value is nan"),
        (np.float32("inf"), "the value is inf"),
        (np.array([-np.inf]), "the value is -inf"),
        (Decimal("NaN"), "the value is nan"),
        (10**400, "the value is inf"),
        (-(10**400), "the value is -inf"),
        (Evaluation(math.nan), "the value is nan"),
        (Evaluation(residuals=[1.0, math.nan]), "the residuals contain nan"),
        (Evaluation(residuals=[1e200]), "the value is inf"),
        (Evaluation(1.0, constraints=[math.inf]), "the constraints contain inf"),
    ],
)
def test_values_that_are_not_finite_are_failures(value, reason):
    assert evaluate(lambda x: value, X) == Failure(reason)


# ---- exceptions -------------------------------------------------------------


def test_an_exception_is_a_failure_with_reason_and_traceback():
    answer = evaluate(raising(ArithmeticError("no convergence")), X)
    assert answer.reason == "ArithmeticError: no convergence"
    assert answer.traceback.startswith("Traceback (most recent call last):")
    assert "raise error" in answer.traceback
    assert answer.traceback.endswith("ArithmeticError: no convergence\n")
    assert "evaluate.py" not in answer.traceback.replace("test_evaluate.py", "")


def test_a_function_with_the_wrong_arguments_is_a_failure():
    answer = evaluate(lambda: 1.0, X)
    assert "takes 0 positional arguments but 1 was given" in answer.reason
    assert answer.traceback.startswith("TypeError: ")


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (SystemExit(2), "SystemExit: 2"),
        (SystemExit("licence"), "SystemExit: licence"),
        (MemoryError(), "MemoryError"),
        (RecursionError("deep"), "RecursionError: deep"),
        (StopIteration(), "StopIteration"),
        (KeyError("a"), "KeyError: 'a'"),
        (ValueError("  \n "), "ValueError"),
        (ValueError("one\n\ttwo   three"), "ValueError: one two three"),
        (ValueError("\x1b[31mred\x00\ud800"), r"ValueError: \x1b[31mred\x00\ud800"),
        (NoText(), "NoText: (its text cannot be read)"),
        (NoTextAtAll(), "NoTextAtAll: (its text cannot be read)"),
        (
            ExceptionGroup("two", [ValueError(), KeyError()]),
            "ExceptionGroup: two (2 sub",
        ),
    ],
    ids=lambda value: type(value).__name__,
)
def test_every_exception_has_a_reason(error, reason):
    answer = evaluate(raising(error), X)
    assert answer.reason.startswith(reason)
    assert type(error).__name__ in answer.traceback
    (answer.reason + answer.traceback).encode("utf-8")


def test_a_long_text_is_cut():
    answer = evaluate(raising(ValueError("begin " + "log\n" * 10**6 + " end")), X)
    assert len(answer.reason) == 300
    assert answer.reason.startswith("ValueError: begin log log")
    assert len(answer.traceback) < 10_100
    assert answer.traceback.startswith("Traceback")
    assert answer.traceback.endswith("end\n")
    assert "characters]" in answer.traceback


def test_ctrl_c_passes_through():
    with pytest.raises(KeyboardInterrupt):
        evaluate(raising(KeyboardInterrupt()), X)


@given(st.text(), st.text())
def test_every_failure_can_be_recorded(reason, traceback):
    failure = Failure(reason, traceback)
    assert failure.reason.isprintable()
    assert Failure(failure.reason, failure.traceback) == failure
    assert pickle.loads(pickle.dumps(failure)) == failure
    trials = Trials(Space.of([(0, 1)]))
    trials.ask([[0.5]])
    trials.fail(0, failure.reason, failure.traceback)
    assert Trials.from_dict(trials.to_dict())[0] == trials[0]


# ---- misuse -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "match"),
    [
        (None, "got NoneType: None; end it with return and the value"),
        ("3", r"got str: '3'; for more than a value return Evaluation\(value, info="),
        (b"3", "got bytes: b'3'"),
        ({"loss": 1.0}, r"got dict: {'loss': 1\.0}; for more than a value return"),
        (
            np.zeros(3),
            r"got ndarray of shape \(3,\): .*; for a vector of residuals retu",
        ),
        (
            [1.0, 2.0],
            r"got list: \[1\.0, 2\.0\]; for a vector of residuals return Eval",
        ),
        ([], r"got list: \[\]"),
        ([[1], [1, 2]], "got list"),
        ((1.0, np.zeros(2)), "got tuple"),
        (1j, "got complex: 1j"),
        (np.complex128(1), "got complex128"),
        (np.array([1j]), r"got ndarray of shape \(1,\)"),
        (np.array(["3"]), "got ndarray"),
        (["3"], "got list"),
        ([None], "got list"),
        (np.datetime64("2020-01-01"), "got datetime64"),
        (object, "got type"),
        ((x for x in [1.0]), "got generator"),
    ],
    ids=lambda value: None if isinstance(value, str) else type(value).__name__,
)
def test_what_is_no_number_is_refused_with_advice(value, match):
    with pytest.raises(
        Misuse, match=r"must return one real number or a surrogo\.Evaluation, " + match
    ):
        evaluate(lambda x: value, X)


def test_several_objectives_are_refused():
    with pytest.raises(
        Misuse, match=r"minimise one number, got .* with 2 values; combine"
    ):
        as_evaluation(Evaluation([1.0, 2.0]))


@given(anything)
def test_whatever_comes_there_is_an_answer_or_advice(value):
    try:
        answer = as_evaluation(value)
    except Misuse as misuse:
        assert issubclass(Misuse, TypeError)
        assert "return" in str(misuse)
    else:
        assert isinstance(answer, Evaluation | Failure)
