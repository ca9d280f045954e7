"""Plain data: JSON carries it without loss, and everything becomes plain data."""

from __future__ import annotations

import json
import math
from enum import IntEnum, StrEnum
from pathlib import Path
from types import MappingProxyType

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from surrogo.plain import floats, plain, revived
from tests.strategies import anything


class Unprintable:
    def __repr__(self) -> str:
        raise RuntimeError("no repr")


class Colour(StrEnum):
    RED = "red"


class Size(IntEnum):
    TWO = 2


class Metres(float):
    def __repr__(self) -> str:
        return f"{float(self)} m"


def through_json(value):
    return json.loads(json.dumps(value, allow_nan=False))


@given(anything)
def test_everything_becomes_plain_data_that_json_keeps(value):
    data = plain(value)
    assert repr(through_json(data)) == repr(data)
    assert repr(plain(data)) == repr(data)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, None),
        (True, True),
        (np.True_, True),
        (np.int8(3), 3),
        (np.float32(0.5), 0.5),
        (np.longdouble(0.5), 0.5),
        (np.str_("a"), "a"),
        (-0.0, -0.0),
        (math.nan, "nan"),
        (-math.inf, "-inf"),
        (Colour.RED, "red"),
        (Size.TWO, 2),
        (Metres(1.5), 1.5),
        (Metres("nan"), "nan"),
        ((1, [2.0]), [1, [2.0]]),
        (np.array(1.5), 1.5),
        (np.array([[1, 2]]), [[1, 2]]),
        (np.array([1.0, np.nan]), [1.0, "nan"]),
        (np.array([1j]), ["1j"]),
        (np.array([1.5], dtype=np.longdouble), [1.5]),
        (np.array([None, "a"]), [None, "a"]),
        ({1: "a", None: 2.0, np.int8(3): 4}, {"1": "a", "None": 2.0, "3": 4}),
        (MappingProxyType({"a": (1,)}), {"a": [1]}),
        (Path("a/b"), repr(Path("a/b"))),
        ({2, 1}, "{1, 2}"),
        (b"a", "b'a'"),
    ],
)
def test_plain_forms(value, expected):
    data = plain(value)
    assert repr(data) == repr(expected)
    assert repr(through_json(data)) == repr(expected)


def nested(depth):
    inner: list = []
    for _ in range(depth):
        inner = [inner]
    return inner


def cyclic():
    ring: dict = {"a": 1}
    ring["self"] = [ring, ring]
    return ring


@pytest.mark.parametrize(
    "value",
    [
        Unprintable(),
        {"a": Unprintable()},
        {Unprintable(): 1},
        cyclic(),
        nested(100_000),
        10**5000,
        [10**5000],
        {10**5000: 1},
        "\ud800",
        "x" * 10**6,
    ],
    ids=lambda value: type(value).__name__,
)
def test_recording_never_fails(value):
    data = plain(value)
    assert through_json(data) == data


def test_what_is_no_data_is_kept_to_a_reasonable_length():
    class Long:
        def __repr__(self) -> str:
            return "x" * 10**6

    assert len(plain(Long())) == 10_000


def test_plain_data_share_nothing():
    value = {"a": [1, {"b": 2}], "c": np.zeros(2)}
    data = plain(value)
    value["a"][1]["b"] = 3
    value["c"][0] = 1
    assert data == {"a": [1, {"b": 2}], "c": [0.0, 0.0]}


# ---- and back ---------------------------------------------------------------


@given(arrays(np.float64, st.tuples(st.integers(1, 3), st.integers(1, 3))))
def test_arrays_come_back_bit_for_bit(array):
    back = floats(through_json(plain(array)))
    assert back.shape == array.shape
    np.testing.assert_array_equal(back, array)
    np.testing.assert_array_equal(
        np.signbit(back)[array == 0], np.signbit(array)[array == 0]
    )


@given(st.floats())
def test_numbers_come_back(value):
    np.testing.assert_equal(float(floats(through_json(plain(value)))), value)


@pytest.mark.parametrize("value", [None, "x", ["1"], [None], [[1], [1, 2]], {}, "NaN"])
def test_what_is_no_array_is_refused(value):
    with pytest.raises(ValueError, match="the value must hold real numbers, got"):
        floats(value, "the value")


def test_memory_has_its_infinities_back():
    memory = {
        "radius": math.inf,
        "best": [math.nan, {"low": -math.inf}],
        "kind": "info",
    }
    back = revived(through_json(plain(memory)))
    assert repr(back) == repr(memory)


def test_revived_shares_nothing():
    data = {"a": [1, {"b": 2}]}
    back = revived(data)
    back["a"][1]["b"] = 3
    assert data == {"a": [1, {"b": 2}]}
