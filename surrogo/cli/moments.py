"""Times for people, and for tables."""

from __future__ import annotations

from datetime import UTC, datetime

_UNITS = (("d", 86400), ("h", 3600), ("min", 60), ("s", 1))
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


def span(seconds: float) -> str:
    """Return a duration in its two largest units.

    Examples
    --------
    >>> span(100_000), span(3600), span(12.3), span(0.012)
    ('1 d 3 h', '1 h', '12 s', '0 s')
    """
    left = max(0, round(seconds))
    counts = []
    for unit, length in _UNITS:
        n, left = divmod(left, length)
        counts.append((n, unit))
    first = next((i for i, (n, _) in enumerate(counts) if n), len(counts) - 1)
    some = [f"{n} {unit}" for n, unit in counts[first : first + 2] if n]
    return " ".join(some) or "0 s"
