"""Parameters that a model never reads: the data can say nothing about them."""

from __future__ import annotations

from collections import UserDict
from collections.abc import Mapping
from typing import Any

from surrogo.calibration.problem import Calibration


class Watched(UserDict[str, Any]):
    """Parameters that remember which of them were read.

    Examples
    --------
    >>> seen = set()
    >>> p = Watched({"a": 1.0, "b": 2.0}, seen)
    >>> p["a"], sorted(seen)
    (1.0, ['a'])
    """

    def __init__(self, values: Mapping[str, Any], seen: set[str]) -> None:
        self.seen = seen
        super().__init__()
        self.data = dict(values)

    def __getitem__(self, key: str) -> Any:
        self.seen.add(key)
        return self.data[key]


def unread(problem: Calibration, p: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the parameters that neither model nor noise nor priors read at `p`.

    It takes one simulation.
    """
    seen: set[str] = set()
    problem.outputs(dict(p), lambda given: Watched(given, seen))
    return tuple(name for name in problem.space.names if name not in seen)
