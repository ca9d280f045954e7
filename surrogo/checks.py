"""Every shape, finiteness and range check, and the text of its error.

Each text has three parts: what was expected, what came, what to do.
"""

from __future__ import annotations

import math
import operator
import reprlib
from collections.abc import Iterable, Mapping
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

FloatArray: TypeAlias = NDArray[np.float64]
BoolArray: TypeAlias = NDArray[np.bool_]
IntArray: TypeAlias = NDArray[np.int64]

_TEXT = str | bytes | bytearray
_NUMERIC = "biuf"  # kinds of NumPy arrays that hold real numbers
_SHOWN = 60  # characters of an offending value that an error repeats

# repr would print all of a million numbers before they are cut.
_repr = reprlib.Repr()
_repr.maxstring = _repr.maxother = _repr.maxlong = 10 * _SHOWN
_repr.maxlist = _repr.maxtuple = _repr.maxdict = _repr.maxset = _SHOWN


def cut(text: str, length: int) -> str:
    r"""Bring text into one line of at most `length` printable characters.

    Examples
    --------
    >>> cut("no\n  convergence at step 31", 20)
    'no convergence at...'
    """
    line = " ".join(text[: 10 * length].split())
    line = "".join(c if c.isprintable() else ascii(c)[1:-1] for c in line)
    return line if len(line) <= length else line[: length - 3] + "..."


def shown(value: object) -> str:
    """Repeat an offending value in an error, cut to one readable piece."""
    if isinstance(value, np.generic):
        value = value.item()  # 2.0 rather than np.float64(2.0)
    try:
        return cut(_repr.repr(value), _SHOWN)
    except Exception:  # an error about a value must not end in an error of its repr
        return f"<{type(value).__name__}>"


def real(value: Any) -> float | None:
    """Return `value` as a float, which may be NaN or infinite; None if it is no number.

    Anything that converts itself counts (NumPy scalars, Fraction, Decimal, 0-d arrays),
    but not text and nothing complex, which NumPy would convert with a warning or none.

    Examples
    --------
    >>> from fractions import Fraction
    >>> real(Fraction(1, 4)), real("0.25"), real([0.25])
    (0.25, None, None)
    """
    if isinstance(value, float):
        return float(value)
    if isinstance(value, np.ndarray | np.generic) and value.dtype.kind not in "biufO":
        return None
    try:
        if isinstance(value, _TEXT) or np.ndim(value) != 0:
            return None
        return float(value)
    except OverflowError:  # an integer or a fraction beyond the range of floats
        return math.inf if value > 0 else -math.inf
    except (TypeError, ValueError, ArithmeticError):
        return None


def real_text(text: str) -> float | None:
    """Return the number that a text says, which may be NaN or infinite; None if none.

    Examples
    --------
    >>> real_text(" 2.5e-3 "), real_text("1_000"), real_text("two")
    (0.0025, None, None)
    """
    try:
        return None if "_" in text else float(text)
    except ValueError:
        return None


def number(value: Any, name: str) -> float:
    """Return `value` as a finite float; text, arrays and None are refused."""
    if type(value) is float and math.isfinite(value):  # most of all, and quick
        return value
    out = real(value)
    if out is None or not math.isfinite(out):
        raise ValueError(
            f"{name} must be a finite number, got {shown(value)}; "
            "give a plain int or float"
        )
    return out


def positive(value: Any, name: str) -> float:
    """Return `value` as a finite float above zero."""
    out = number(value, name)
    if out <= 0:
        raise ValueError(f"{name} must be above 0, got {shown(value)}")
    return out


def whole(value: Any) -> int | None:
    """Return `value` as an int; 3.0 is 3. None if it is no integer, or True or False.

    Examples
    --------
    >>> whole(3.0), whole(3.5), whole("3"), whole(True)
    (3, None, None, None)
    """
    if type(value) is int:  # most of all, and quick
        return value
    if isinstance(value, np.ndarray) and value.ndim == 0:
        value = value.item()
    if isinstance(value, bool | np.bool_):
        return None
    if isinstance(value, float | np.floating):
        return int(value) if float(value).is_integer() else None
    try:
        return operator.index(value)
    except TypeError:
        return None


def integer(value: Any, name: str, minimum: int | None = None) -> int:
    """Return `value` as an int of at least `minimum`; 3.0 is 3, 3.5 is refused."""
    out = whole(value)
    if out is None or (minimum is not None and out < minimum):
        least = "" if minimum is None else f" of at least {minimum}"
        raise ValueError(f"{name} must be an integer{least}, got {shown(value)}")
    return out


def one_of(value: Any, known: Iterable[str], name: str) -> str:
    """Return `value` if it is one of the `known` words."""
    known = sorted(known)
    if not isinstance(value, str) or value not in known:
        raise ValueError(
            f"{name} must be one of {', '.join(map(repr, known))}, got {shown(value)}"
        )
    return str(value)


def array(values: Any, name: str) -> FloatArray:
    """Return `values` as a float array of any shape; NaN and infinities may be in it.

    A float array comes back itself, not a copy. Text, None, complex numbers, rows of
    unequal lengths and masked entries are refused, where NumPy would guess.
    """
    try:
        out = np.asarray(values)
    except (TypeError, ValueError, RuntimeError):  # unequal rows; foreign arrays
        raise ValueError(_no_numbers(values, name)) from None
    masked = isinstance(values, np.ndarray) and np.any(getattr(values, "mask", False))
    if out.dtype.kind in _NUMERIC and not masked:
        with np.errstate(over="ignore"):  # of long doubles
            return out.astype(np.float64, copy=False)
    numbers = [real(value) for value in out.ravel()] if out.dtype == object else [None]
    if None in numbers:
        raise ValueError(_no_numbers(values, name))
    return np.array(numbers, dtype=np.float64).reshape(out.shape)


def _no_numbers(values: Any, name: str) -> str:
    return (
        f"{name} must hold real numbers, got {shown(values)}; "
        "give a number, a list of them or an array"
    )


def matrix(X: Any, d: int, name: str = "X") -> FloatArray:
    """Return `X` as a float array of shape (n, d); NaN may be in it."""
    out = array(X, name)
    if out.ndim != 2 or out.shape[1] != d:
        raise ValueError(
            f"{name} must have shape (n, {d}), got shape {out.shape}; "
            f"one point is a row: np.reshape({name}, (-1, {d}))"
        )
    return out


def finite(values: FloatArray, name: str) -> FloatArray:
    """Return `values` if none of them is NaN or infinite."""
    if not np.isfinite(values).all():
        where = np.argwhere(~np.isfinite(values))[0].tolist()
        raise ValueError(
            f"{name} must be finite, got {values[tuple(where)]} at {where}; "
            "replace it or leave the point out"
        )
    return values


def listed(values: Any) -> list[Any] | None:
    """Return what can be iterated as a list; None for text and single things."""
    if isinstance(values, _TEXT) or not isinstance(values, Iterable):
        return None
    try:
        return list(values)
    except TypeError:  # a 0-d array says that it can be iterated, and cannot
        return None


def rejected_keys(given: Mapping[str, Any], known: Iterable[str], name: str) -> None:
    """Refuse keys that nobody knows and ask for the ones that are missing."""
    known = list(known)
    unknown = [key for key in given if key not in known]
    missing = [key for key in known if key not in given]
    if unknown or missing:
        raise ValueError(
            f"{name} must have the names {known}; missing {missing}, "
            f"unknown {[shown(key) for key in unknown]}"
        )
