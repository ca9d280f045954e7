"""Plain data: what a record may hold and JSON can carry without loss.

Floats survive JSON bit for bit (Python writes the shortest text that reads back the
same). Standard JSON has no NaN and no infinities; they travel as text.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from surrogo import checks
from surrogo.checks import FloatArray

_NOT_FINITE = {repr(x): x for x in (math.nan, math.inf, -math.inf)}
_MAX_BITS = 10_000  # Python refuses to write integers of more than 4300 digits
_MAX_REPR = 10_000  # characters kept of an object that is no plain data


def plain(value: Any) -> Any:
    """Return `value` as nested dicts, lists, text, numbers, True, False and None.

    The result shares nothing with `value`. What has no such form is kept as its
    ``repr``, so that recording never fails.

    Examples
    --------
    >>> import numpy as np
    >>> plain({"mesh": np.array([1, 2]), "residual": float("inf")})
    {'mesh': [1, 2], 'residual': 'inf'}
    """
    try:
        return _plain(value)
    except RecursionError:  # nested without end, or too deep for JSON
        return _text(value)


def _plain(value: Any) -> Any:
    if isinstance(value, np.ndarray) and value.dtype.kind == "f":
        return _plain_floats(value)
    if isinstance(value, np.generic | np.ndarray):
        value = value.tolist()
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, float | np.floating):  # a long double has no other form
        return float(value) if math.isfinite(value) else repr(float(value))
    if isinstance(value, str):
        return str.__str__(value)  # an Enum of texts is such a text, too
    if isinstance(value, int):
        return int(value) if value.bit_length() <= _MAX_BITS else hex(value)
    if isinstance(value, Mapping):
        return {_key(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return _text(value)


def _plain_floats(array: np.ndarray[Any, Any]) -> Any:
    numbers = checks.array(array, "an array")
    listed = numbers.tolist()
    return listed if np.isfinite(numbers).all() else _plain(listed)


def _key(key: Any) -> str:
    return str.__str__(key) if isinstance(key, str) else str(_plain(key))


def _text(value: Any) -> str:
    try:
        return repr(value)[:_MAX_REPR]
    except Exception:  # whatever a foreign repr does, recording goes on
        return checks.shown(value)


def revived(value: Any) -> Any:
    """Return a copy of plain data in which NaN and infinities are floats again.

    Examples
    --------
    >>> revived({"radius": "inf", "count": 3})
    {'radius': inf, 'count': 3}
    """
    if isinstance(value, dict):
        return {key: revived(item) for key, item in value.items()}
    if isinstance(value, list):
        return [revived(item) for item in value]
    return _NOT_FINITE.get(value, value) if isinstance(value, str) else value


def floats(value: Any, name: str = "an array") -> FloatArray:
    """Read back an array that `plain` wrote.

    Raises
    ------
    ValueError
        If there is anything but numbers in it.
    """
    try:
        return checks.array(value, name)
    except ValueError:  # text is in it: NaN or an infinity, or an error
        return checks.array(revived(value), name)
