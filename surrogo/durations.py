"""Durations for people."""

from __future__ import annotations

_UNITS = (("d", 86400), ("h", 3600), ("min", 60), ("s", 1))


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
