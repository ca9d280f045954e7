"""Finding the column of a variable that the user names or counts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from surrogo import checks


def column(key: Any, names: Sequence[str]) -> int:
    """Return the column of a variable given by name or by index.

    Raises
    ------
    ValueError
        If there is no such variable.

    Examples
    --------
    >>> column("rate", ["order", "rate"]), column(0, ["order", "rate"])
    (1, 0)
    """
    j = names.index(key) if isinstance(key, str) and key in names else checks.whole(key)
    if j is None or not 0 <= j < len(names):
        raise ValueError(
            f"a variable must be one of {checks.shown(list(names))} or an index below "
            f"{len(names)}, got {checks.shown(key)}"
        )
    return j
