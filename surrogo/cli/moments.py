"""Moments for people, and for tables."""

from __future__ import annotations

from datetime import UTC, datetime

_NO_TIME = (OSError, OverflowError, ValueError)  # in a store anything may stand


def local(moment: float) -> str:
    """Return a Unix time on the clock of this machine, to the second."""
    try:
        return f"{datetime.fromtimestamp(moment):%Y-%m-%d %H:%M:%S}"
    except _NO_TIME:
        return f"{moment:g}"


def universal(moment: float | None) -> str | None:
    """Return a Unix time in ISO 8601, UTC, to the millisecond.

    Examples
    --------
    >>> universal(1.5)
    '1970-01-01T00:00:01.500Z'
    """
    if moment is None:
        return None
    try:
        text = datetime.fromtimestamp(moment, UTC).isoformat(timespec="milliseconds")
    except _NO_TIME:
        return f"{moment:g}"
    return text.replace("+00:00", "Z")
