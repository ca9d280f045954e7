"""Long lists of numbers as short text, written and read in microseconds.

As JSON every number is written digit by digit, which takes a hundred times longer and
twice the room. What changes with every ask and only a program reads is packed.
"""

from __future__ import annotations

import base64
import struct
from collections.abc import Sequence
from typing import Any

from surrogo import checks

_BYTES = 8  # of a number


def packed(numbers: Sequence[float]) -> str:
    """Return the numbers, bit for bit, as text: base64 of little-endian doubles.

    Examples
    --------
    >>> packed([0.5, -1.0])
    'AAAAAAAA4D8AAAAAAADwvw=='
    >>> unpacked(packed([0.5, -1.0]))
    [0.5, -1.0]
    """
    raw = struct.pack(f"<{len(numbers)}d", *numbers)
    return base64.b64encode(raw).decode("ascii")


def unpacked(data: Any) -> list[float]:
    """Return the numbers in such text; a list of numbers is returned as it is.

    Raises
    ------
    ValueError
        If there are none in it.
    """
    if isinstance(data, list):
        return data
    try:
        raw = base64.b64decode(data, validate=True)
        return list(struct.unpack(f"<{len(raw) // _BYTES}d", raw))
    except (TypeError, ValueError, struct.error):
        raise ValueError(
            f"packed numbers must be base64 of {_BYTES} bytes each, got "
            f"{checks.shown(data)}; the record was changed"
        ) from None
