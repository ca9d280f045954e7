import json
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from surrogo.packed import packed, unpacked
from surrogo.plain import plain, revived


@given(st.lists(st.floats()))
def test_numbers_come_back_bit_for_bit(numbers):
    text = json.loads(json.dumps(packed(numbers)))
    assert struct.pack(f"{len(numbers)}d", *unpacked(text)) == struct.pack(
        f"{len(numbers)}d", *numbers
    )


@given(st.lists(st.floats()))
def test_plain_data_leave_the_text_alone(numbers):
    text = packed(numbers)
    assert revived(plain(text)) == text


def test_the_text_is_the_same_everywhere():
    assert packed([1.0, float("inf")]) == "AAAAAAAA8D8AAAAAAADwfw=="


def test_lists_as_earlier_versions_wrote_them_are_read():
    assert unpacked([0.5, 2.0]) == [0.5, 2.0]


@pytest.mark.parametrize("data", ["AAA", "AAAA", "A%AA", "größe", None, 3.5])
def test_what_is_no_such_text_is_refused(data):
    with pytest.raises(ValueError, match="packed numbers must be base64"):
        unpacked(data)
