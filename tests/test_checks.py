"""Every check: what it lets through, and the text of what it refuses."""

from __future__ import annotations

import math
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from surrogo import checks


class Unprintable:
    def __repr__(self) -> str:
        raise RuntimeError("no repr")


class Foreign:
    """An array of another library that refuses to become one of NumPy's."""

    def __array__(self, *args, **kwargs):
        raise RuntimeError("detach it first")


# ---- texts ------------------------------------------------------------------


@given(st.text(), st.integers(4, 30))
def test_cut_gives_one_short_printable_line(text, length):
    line = checks.cut(text, length)
    assert len(line) <= length
    assert line.isprintable()
    assert line == " ".join(line.split())


def test_cut_keeps_what_fits():
    assert checks.cut("a\n\tb  c", 5) == "a b c"
    assert checks.cut("\x1b[31mred\ud800", 20) == r"\x1b[31mred\ud800"
    assert checks.cut("12345678", 6) == "123..."
    assert len(checks.cut("x" * 10**7, 9)) == 9


def test_shown_repeats_a_value_in_one_piece():
    assert checks.shown([1, 2.5]) == "[1, 2.5]"
    assert checks.shown(np.float64(2.5)) == "2.5"
    assert checks.shown("a\nb") == r"'a\nb'"
    assert checks.shown(np.eye(2)) == "array([[1., 0.], [0., 1.]])"


@pytest.mark.parametrize(
    "value",
    [
        range(10**6),
        [0.5] * 10**6,
        "x" * 10**6,
        10**5000,
        Unprintable(),
        [Unprintable()],
    ],
    ids=lambda value: type(value).__name__,
)
def test_shown_is_short_whatever_comes(value):
    assert 0 < len(checks.shown(value)) <= 60


# ---- numbers ----------------------------------------------------------------


@pytest.mark.parametrize(
    "value",
    [
        2,
        2.0,
        np.int8(2),
        np.float32(2),
        np.longdouble(2),
        np.array(2),
        np.array(Fraction(2)),
        Fraction(2),
        Decimal("2.0"),
    ],
)
def test_anything_that_is_a_number_is_one(value):
    assert checks.real(value) == 2.0
    assert type(checks.real(value)) is float
    assert checks.number(value, "a") == 2.0


@pytest.mark.parametrize(
    "value",
    [
        None,
        "2",
        b"2",
        bytearray(b"2"),
        np.str_("2"),
        np.array("2"),
        2j,
        np.complex128(2),
        np.array(2j),
        [2.0],
        np.array([2.0]),
        [[1], [1, 2]],
        {},
        object(),
        np.datetime64("2020-01-01"),
        np.timedelta64(2, "s"),
        Decimal("sNaN"),
    ],
)
def test_nothing_else_is_a_number(value):
    assert checks.real(value) is None
    with pytest.raises(ValueError, match=r"a must be a finite number, got .*; give a"):
        checks.number(value, "a")


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf, np.float32("nan")])
def test_numbers_of_a_kind_are_not_finite(value):
    np.testing.assert_equal(checks.real(value), float(value))
    with pytest.raises(
        ValueError, match=f"must be a finite number, got {float(value)}"
    ):
        checks.number(value, "a")


@pytest.mark.parametrize("value", [10**400, Fraction(10**400, 3)])
def test_numbers_beyond_the_floats_are_infinite(value):
    assert checks.real(value) == math.inf
    assert checks.real(-value) == -math.inf


def test_positive():
    assert checks.positive(np.float64(0.5), "a") == 0.5
    for value in (0, -1.0):
        with pytest.raises(ValueError, match=f"a must be above 0, got {value}"):
            checks.positive(value, "a")
    with pytest.raises(ValueError, match="a must be a finite number, got nan"):
        checks.positive(math.nan, "a")


@pytest.mark.parametrize("value", [3, 3.0, np.int8(3), np.float32(3), np.array(3.0)])
def test_whole_numbers_become_int(value):
    assert checks.integer(value, "n", 3) == 3
    assert type(checks.integer(value, "n", 3)) is int


@pytest.mark.parametrize("value", [True, np.True_, np.array(True)])
def test_true_is_no_integer(value):
    assert checks.whole(value) is None


@pytest.mark.parametrize(
    "value", [2, 3.5, math.nan, math.inf, True, np.True_, "3", None, 3 + 0j, [3]]
)
def test_other_integers_are_refused(value):
    with pytest.raises(ValueError, match="n must be an integer of at least 3, got"):
        checks.integer(value, "n", 3)


def test_an_integer_needs_no_minimum():
    assert checks.integer(-(10**30), "n") == -(10**30)
    with pytest.raises(ValueError, match="n must be an integer, got 'x'"):
        checks.integer("x", "n")


# ---- words and keys ---------------------------------------------------------


def test_one_of():
    assert type(checks.one_of(np.str_("b"), "ab", "letter")) is str
    for value in ("c", None, ["a"]):
        with pytest.raises(ValueError, match="letter must be one of 'a', 'b', got"):
            checks.one_of(value, "ba", "letter")


def test_rejected_keys():
    checks.rejected_keys({"a": 1, "b": 2}, "ba", "x")
    with pytest.raises(ValueError, match=r"names \['a', 'b'\]; missing \['a'\], unkn"):
        checks.rejected_keys({"b": 2}, "ab", "x")
    with pytest.raises(ValueError, match=r"missing \[\], unknown \['3'\]"):
        checks.rejected_keys({"a": 1, "b": 2, 3: 3}, "ab", "x")


# ---- arrays -----------------------------------------------------------------


def test_a_float_array_is_not_copied():
    X = np.ones((2, 3))
    assert checks.array(X, "X") is X
    assert checks.matrix(X, 3) is X
    assert checks.finite(X, "X") is X


@pytest.mark.parametrize(
    "values",
    [
        [[1, 2]],
        [[True, 2]],
        np.array([[1, 2]], dtype=np.uint8),
        np.array([[1, 2]], dtype=np.longdouble),
        [[Fraction(1), Decimal(2)]],
        np.ma.masked_array([[1.0, 2.0]]),
    ],
)
def test_arrays_of_numbers_become_floats(values):
    out = checks.matrix(values, 2)
    assert out.dtype == np.float64
    assert out.tolist() == [[1.0, 2.0]]


def test_arrays_may_hold_nan_and_overflow_without_a_warning():
    values = [np.longdouble(10) ** 400, 1, np.nan]
    np.testing.assert_array_equal(checks.array(values, "a"), [np.inf, 1, np.nan])
    np.testing.assert_array_equal(checks.array([10**400], "a"), [np.inf])


@pytest.mark.parametrize(
    "values",
    [
        None,
        "12",
        ["1", "2"],
        [1, None],
        [1, "2"],
        [1, 2j],
        np.array([1j]),
        [[1], [1, 2]],
        [{}],
        np.array(["2020-01-01"], dtype=np.datetime64),
        np.ma.masked_array([1.0, 2.0], [False, True]),
        Foreign(),
    ],
)
def test_arrays_of_anything_else_are_refused(values):
    with pytest.raises(ValueError, match=r"r must hold real numbers, got .*; give a"):
        checks.array(values, "r")


def test_matrices_have_their_shape():
    with pytest.raises(
        ValueError, match=r"\(n, 2\), got shape \(2,\); .*\(X, \(-1, 2\)"
    ):
        checks.matrix([1.0, 2.0], 2)
    with pytest.raises(
        ValueError, match=r"rows must have shape \(n, 3\), got .*\(1, 2\)"
    ):
        checks.matrix([[1.0, 2.0]], 3, "rows")


@pytest.mark.parametrize("bad", [math.nan, math.inf])
def test_finite_says_where(bad):
    with pytest.raises(
        ValueError, match=rf"U must be finite, got {bad} at \[1, 0\]; re"
    ):
        checks.finite(np.array([[0.0, 1.0], [bad, bad]]), "U")


def test_listed():
    assert checks.listed((1, "a")) == [1, "a"]
    assert checks.listed(np.arange(2)) == [0, 1]
    assert checks.listed(x for x in "ab") == ["a", "b"]
    for single in ("ab", b"ab", 3, None, np.array(3)):
        assert checks.listed(single) is None
