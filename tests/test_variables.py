"""The kinds of variables: their maps, their plain data, and what they refuse."""

from __future__ import annotations

import json
import math
from collections import Counter
from enum import IntEnum, StrEnum
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from surrogo import variables as module
from surrogo.scales import SCALES, UnitMap
from surrogo.variables import KINDS, Categorical, Integer, Ordinal, Real
from tests.strategies import (
    LARGEST_INTEGER,
    choices,
    integers,
    plain_values,
    reals,
    variables,
)

UNITS = np.array([0.0, 5e-324, 1e-300, 0.3, 0.5, 1 - 2**-53, 1.0])


class Colour(StrEnum):
    RED = "red"


class Size(IntEnum):
    TWO = 2


# ---- real -------------------------------------------------------------------


@given(reals())
def test_maps_of_reals_increase_and_stay_inside(variable):
    x = variable.from_unit(UNITS)
    assert np.all(np.diff(x) >= 0)
    assert np.all(variable.contains(x))
    u = variable.to_unit(x)
    assert np.all(np.diff(u) >= 0)
    assert np.all((u >= 0) & (u <= 1))


@pytest.mark.parametrize(
    ("variable", "x"),
    [
        (Real(1e-300, 1e300, "log"), 1.0),
        (Real(1e-320, 1e-310, "log"), 1e-315),
        (Real(5e-324, 1.7e308, "log"), 2.8e-8),
        (Real(1e-300, 1 - 2**-53, "logit"), 1e-142),
        (Real(1e-12, 1 - 1e-12, "logit"), 0.5),
        (Real(-8e307, 8e307), 0.0),
        (Real(0.0, 1e-323), 5e-324),
    ],
)
def test_extreme_bounds_have_their_middle(variable, x):
    (middle,) = variable.from_unit(np.array([0.5]))
    assert middle == pytest.approx(x, rel=0.2, abs=0)
    assert variable.to_unit(np.array([middle]))[0] == pytest.approx(0.5, rel=1e-3)
    ends = np.array([variable.low, variable.high])
    assert variable.to_unit(ends).tolist() == [0.0, 1.0]


@pytest.mark.parametrize("scale", ["linear", "log"])
@pytest.mark.parametrize(("low", "high"), [(1e9, 1e9 + 1e-6), (15.6, 15.6 + 1e-12)])
def test_every_float_between_close_bounds_comes_back(scale, low, high):
    n = 1 + round((high - low) / math.ulp(low))
    floats = low + math.ulp(low) * np.arange(n)
    variable = Real(low, high, scale)
    assert variable.high == floats[-1]
    np.testing.assert_array_equal(variable.from_unit(variable.to_unit(floats)), floats)
    assert len(set(variable.from_unit(np.linspace(0, 1, 100 * n)))) == n


@pytest.mark.parametrize("scale", ["log", "logit"])
def test_a_scale_is_straight_only_where_it_is_narrow(scale):
    forward, backward = SCALES[scale]
    for width in (1e-5, 1e-2):
        variable = Real(0.3, 0.3 + width, scale)
        middle = backward(np.mean(forward(np.array([variable.low, variable.high]))))
        (x,) = variable.from_unit(np.array([0.5]))
        assert x - 0.3 == pytest.approx(middle - 0.3, rel=1e-9)


@pytest.mark.parametrize("scale", ["log", "logit"])
def test_a_narrow_scale_is_a_straight_line_where_the_other_begins(scale):
    # Relative widths on either side of the change of formula give the same map.
    for low in (1e-3, 0.3, 0.9):
        slope = {"log": low, "logit": low * (1 - low)}[scale]
        u = np.linspace(0, 1, 11)
        for width in (0.99e-6, 1.01e-6):
            high = low + slope * width
            x = low + (high - low) * u
            np.testing.assert_allclose(
                UnitMap(low, high, scale).to_unit(x), u, atol=3e-7
            )


def test_the_ends_are_exact_however_the_scale_rounds(monkeypatch):
    def rough(x):
        return np.log(x) + 1e-15 * len(x)

    monkeypatch.setitem(SCALES, "log", (rough, np.exp))
    variable = Real(0.1, 0.3, "log")
    ends = np.array([0.1, 0.3, 0.2, 0.25])
    assert variable.to_unit(ends)[:2].tolist() == [0.0, 1.0]
    assert variable.from_unit(np.array([0.0, 1.0, 0.5]))[:2].tolist() == [0.1, 0.3]


@pytest.mark.parametrize(
    ("variable", "outside"),
    [
        (Real(-8e307, 8e307), [-1.7e308, 1.7e308]),
        (Real(1e-3, 1e3, "log"), [-1.0, 1e300]),
        (Real(1e-3, 0.9, "logit"), [0.0, 1.0]),
        (Integer(1, 8, "log"), [-3.0, 9.0]),
    ],
)
def test_numbers_outside_count_as_the_ends(variable, outside):
    ends = np.array([variable.low, variable.high], dtype=float)
    u = variable.to_unit(np.array(outside))
    np.testing.assert_array_equal(u, variable.to_unit(ends))


@pytest.mark.parametrize("scale", sorted(SCALES))
def test_scale_and_inverse_agree(scale):
    forward, backward = SCALES[scale]
    x = np.array([1e-300, 1e-9, 0.2, 0.5, 0.8, 1 - 1e-9])
    np.testing.assert_allclose(backward(forward(x)), x, rtol=1e-12)


@pytest.mark.parametrize(
    ("arguments", "match"),
    [
        ((1, 0), r"lower bound must not be above .* low=1\.0, high=0\.0; swap them"),
        ((0, math.nan), "the upper bound must be a finite number, got nan; give a"),
        ((-math.inf, 0), "the lower bound must be a finite number, got -inf"),
        ((0, 10**400), "the upper bound must be a finite number, got 1000"),
        (([0], 1), r"the lower bound must be a finite number, got \[0\]"),
        (("0", 1), "the lower bound must be a finite number, got '0'"),
        ((1j, 1), "the lower bound must be a finite number, got 1j"),
        ((-1e308, 1e308), "range high - low must be a finite .*; give narrower bounds"),
        ((0, 1, "ln"), r"scale of Real must be one of 'linear', 'log', 'logit', got"),
        ((0, 1, None), "scale of Real must be one of .* got None"),
        ((0, 1, "log"), r"log scale needs a lower bound above 0, got 0\.0; raise"),
        ((-1, 1, "logit"), r"logit scale needs a lower bound above 0, got -1\.0"),
        ((0.5, 1, "logit"), r"logit scale needs an upper bound below 1, got 1\.0; low"),
    ],
)
def test_bad_reals_are_refused(arguments, match):
    with pytest.raises(ValueError, match=match):
        Real(*arguments)


def test_bounds_may_be_any_kind_of_number():
    same = [Real(0, 1), Real(np.float32(0), np.int8(1)), Real(Fraction(0), np.array(1))]
    assert [type(v.low) for v in same] == [float] * 3
    assert len(set(same)) == 1


# ---- integers ---------------------------------------------------------------


@given(integers(), st.data())
def test_integers_come_back_exactly(variable, data):
    numbers = st.integers(variable.low, variable.high)
    x = np.array(data.draw(st.lists(numbers, min_size=1)), dtype=float)
    np.testing.assert_array_equal(variable.from_unit(variable.to_unit(x)), x)


@given(integers(), st.floats(0, 1))
def test_integers_are_integers_inside(variable, u):
    (x,) = variable.from_unit(np.array([u]))
    assert x == int(x)
    assert variable.low <= x <= variable.high
    assert type(variable.value(x)) is int


@pytest.mark.parametrize(("low", "high"), [(1, 7), (-3, 3), (10**9, 10**9 + 4)])
def test_rounding_has_no_bias(low, high):
    n = high - low + 1
    u = (np.arange(1000 * n) + 0.5) / (1000 * n)
    counts = Counter(Integer(low, high).from_unit(u).tolist())
    assert counts == dict.fromkeys(range(low, high + 1), 1000)


def test_rounding_on_the_log_scale_has_the_share_of_the_logarithm():
    u = (np.arange(10**5) + 0.5) / 10**5
    counts = Counter(Integer(1, 9, "log").from_unit(u).tolist())
    for k in range(1, 10):
        share = math.log((k + 0.5) / (k - 0.5)) / math.log(9.5 / 0.5)
        assert counts[k] == pytest.approx(1e5 * share, abs=1.5)


def test_neighbours_at_the_largest_integers_are_told_apart():
    top = LARGEST_INTEGER
    for variable in (Integer(-top, top), Integer(1, top, "log")):
        x = np.array([top - 2, top - 1, top], dtype=float)
        np.testing.assert_array_equal(variable.from_unit(variable.to_unit(x)), x)
    assert Integer(-top, top).levels == 2 * top + 1


def test_numbers_between_integers_go_to_the_nearest():
    assert Integer(1, 4).to_unit(np.array([2.4, 2.6])).tolist() == [0.375, 0.625]


@pytest.mark.parametrize(
    ("arguments", "match"),
    [
        ((3, 1), "lower bound must not be above the upper one, got low=3, high=1"),
        ((1.5, 3), r"the lower bound must be an integer, got 1\.5"),
        ((1, "3"), "the upper bound must be an integer, got '3'"),
        ((1, math.nan), "the upper bound must be an integer, got nan"),
        ((1, math.inf), "the upper bound must be an integer, got inf"),
        ((True, 3), "the lower bound must be an integer, got True"),
        (
            (1, 2**43 + 1),
            r"upper bound of an Integer must lie within \+-2\*\*43, .* Real",
        ),
        ((-(10**5000), 1), r"lower bound of an Integer must lie within"),
        (
            (0, 9, "log"),
            "log scale of integers needs a lower bound of at least 1, got 0",
        ),
        (
            (1, 9, "logit"),
            "scale of Integer must be one of 'linear', 'log', got 'logit'",
        ),
    ],
)
def test_bad_integers_are_refused(arguments, match):
    with pytest.raises(ValueError, match=match):
        Integer(*arguments)


def test_bounds_of_integers_may_be_whole_floats():
    same = {
        Integer(1, 3),
        Integer(1.0, np.float64(3)),
        Integer(np.uint8(1), np.int64(3)),
    }
    assert len(same) == 1


# ---- choices ----------------------------------------------------------------


@given(choices())
def test_every_choice_comes_back_from_its_bin(variable):
    k = len(variable.values)
    for code, value in enumerate(variable.values):
        number = variable.number(value)
        u = variable.to_unit(np.array([number]))
        assert u[0] == (code + 0.5) / k
        assert variable.from_unit(u)[0] == number
        assert repr(variable.value(number)) == repr(value)


@given(choices(), plain_values)
def test_foreign_values_have_no_number(variable, value):
    assert math.isnan(variable.number(value)) == (value not in variable.values)


@pytest.mark.parametrize("cls", [Ordinal, Categorical])
def test_choices_are_equally_likely(cls):
    variable = cls([10, 20, 50])
    u = (np.arange(3000) + 0.5) / 3000
    assert Counter(variable.from_unit(u).tolist()) == {10: 1000, 20: 1000, 50: 1000}


def test_numbers_are_the_values_where_a_float_can_hold_them():
    assert Ordinal([10, 2.5, False]).numbers().tolist() == [10, 2.5, 0]
    for values in (["a", 1], [None, 1], [2**60, 2**60 + 1], [0, 10**400]):
        assert not Ordinal(values).numeric
        assert Ordinal(values).numbers().tolist() == [0, 1]
        assert [Ordinal(values).value(n) for n in (0, 1)] == values


def test_the_nearest_choice_is_found_without_overflow():
    variable = Ordinal([-1.7e308, 0, 1.7e308])
    assert variable.to_unit(np.array([-1.7e308, 1.7e308])).tolist() == [
        0.5 / 3,
        2.5 / 3,
    ]


def test_choices_are_stripped_to_plain_values():
    variable = Categorical(
        [np.int64(1), np.str_("a"), Colour.RED, Size.TWO, np.True_ * 3]
    )
    assert [type(value) for value in variable.values] == [int, str, str, int, int]
    assert variable.number(Colour.RED) == variable.number("red") == 2
    assert variable.number(np.array(1)) == 0


@pytest.mark.parametrize("cls", [Ordinal, Categorical])
@pytest.mark.parametrize(
    ("values", "match"),
    [
        ([], r"must be given at least one value and no value twice, got \[\]"),
        (["a", "b", "a"], "no value twice, got \\['a', 'b', 'a'\\]"),
        ([1, True], r"no value twice, got \[1, True\] \(1, 1\.0 and True are the same"),
        ("steel", r"must be given a list of values, got 'steel' \(text is one value"),
        (b"steel", "must be given a list of values"),
        ({1, 2}, r"must be given a list of values, got {1, 2} .* a set has no order"),
        (3, "must be given a list of values, got 3"),
        (np.array(3), "must be given a list of values, got array"),
        ([1, math.nan], "choices must be text, finite numbers, .* got nan; name other"),
        ([1, -math.inf], "choices must be text, finite numbers, .* got -inf"),
        ([1, 1j], "choices must be text, .* got 1j"),
        ([b"a"], "choices must be text, .* got b'a'"),
        ([[1, 2], [3, 4]], r"choices must be text, .* got \[1, 2\]"),
        ([object], r"choices must be text, .* look them up in your function"),
    ],
)
def test_bad_choices_are_refused(cls, values, match):
    with pytest.raises(ValueError, match=match):
        cls(values)


# ---- what all kinds share ---------------------------------------------------


@given(variables())
def test_plain_data_survive_json(variable):
    text = json.dumps(variable.to_dict(), allow_nan=False)
    again = module.from_dict(json.loads(text))
    assert again == variable
    assert again.to_dict() == variable.to_dict()


@given(variables())
def test_the_repr_builds_the_variable_again(variable):
    assert eval(repr(variable), dict(KINDS_BY_NAME)) == variable


KINDS_BY_NAME = {cls.__name__: cls for cls in KINDS.values()}


def test_the_repr_leaves_out_what_is_not_given():
    assert repr(Real(0, 1)) == "Real(0.0, 1.0)"
    assert repr(Integer(1, 8, "log")) == "Integer(1, 8, scale='log')"
    conditional = Ordinal([1, 2], active_if={"a": "b"})
    assert repr(conditional) == "Ordinal((1, 2), active_if=(('a', ('b',)),))"


@given(variables())
def test_numbers_lists_every_value_or_refuses(variable):
    if variable.levels == math.inf:
        with pytest.raises(ValueError, match="more values than can be listed"):
            variable.numbers()
    elif variable.levels < 1000:
        numbers = variable.numbers()
        assert len(set(numbers)) == variable.levels
        assert np.all(variable.contains(numbers))


@pytest.mark.parametrize(
    ("active_if", "frozen"),
    [
        ({}, ()),
        ({"a": "xy"}, (("a", ("xy",)),)),
        ({"a": None, 0: [1, 2]}, (("a", (None,)), (0, (1, 2)))),
        ({"a": np.array([1, 2])}, (("a", (1, 2)),)),
        ({"a": {"y", "x"}}, (("a", ("x", "y")),)),
    ],
)
def test_conditions_are_frozen(active_if, frozen):
    variable = Real(0, 1, active_if=active_if)
    assert variable.active_if == frozen
    assert Real(0, 1, active_if=variable.active_if) == variable
    assert hash(variable) == hash(Real(0, 1, active_if=frozen))


@pytest.mark.parametrize(
    ("active_if", "match"),
    [
        ("solver", "active_if must map a variable's name .* got 'solver'"),
        (None, "active_if must map a variable's name .* got None"),
        ((1, 2), r"active_if must map a variable's name .* got \(1, 2\)"),
        ({None: 1}, "active_if must map a variable's name"),
        ({"a": []}, r"active_if must give at least one value .* got \[\]; leave"),
        ({"a": [math.nan]}, "choices must be text, finite numbers"),
    ],
)
def test_bad_conditions_are_refused(active_if, match):
    with pytest.raises(ValueError, match=match):
        Integer(0, 1, active_if=active_if)


@pytest.mark.parametrize(
    ("data", "match"),
    [
        (None, "the kind of a variable must be one of 'categorical', .* got None"),
        ({"low": 0}, "the kind of a variable must be one of"),
        ({"kind": "complex"}, "the kind of a variable must be one of .* got 'complex'"),
        ({"kind": "real", "low": 0, "active_if": []}, "must describe a variable, got"),
        (
            {"kind": "real", "low": 0, "high": 1},
            "must describe a variable, .*active_if",
        ),
        (
            {"kind": "real", "low": 0, "high": 1, "active_if": [3]},
            "describe a variable",
        ),
        ({"kind": "ordinal", "values": [], "active_if": []}, "at least one value"),
        ({"kind": "ordinal", "values": [1], "active_if": [], "z": 1}, "argument 'z'"),
    ],
)
def test_what_is_no_variable_is_refused(data, match):
    with pytest.raises(ValueError, match=match):
        module.from_dict(data)
