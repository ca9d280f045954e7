"""The points that a user wants first: x0, and y0 where their values are known."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterable, Iterator, Sequence, Sized
from typing import Any

import numpy as np

from surrogo.optimizers.optimizer import Optimizer
from surrogo.space import Space


def start_points(space: Space, x0: Any, y0: Any) -> tuple[list[Any], list[Any] | None]:
    """Return the points of x0, and their values if y0 is given.

    Raises
    ------
    ValueError
        If a point does not belong to the space, or there are not as many values.
    """
    if hasattr(x0, "columns"):  # a pandas data frame, a row for each point
        x0 = x0.to_dict("records") if space.named else x0.to_numpy()
    if x0 is None or (isinstance(x0, Sized) and len(x0) == 0):
        if y0 is not None and np.size(y0):
            raise ValueError("y0 needs x0, the points at which these are the values")
        return [], None
    x0 = list(x0) if isinstance(x0, Iterator) else x0
    points = [x0] if _is_single(x0) else list(x0)
    for i, point in enumerate(points):
        space.encode(point, f"x0[{i}]")
    if y0 is None:
        return points, None
    values = np.atleast_1d(np.asarray(y0, dtype=object)).tolist()
    if len(values) != len(points):
        raise ValueError(
            f"y0 must have a value for each of the {len(points)} points of x0, got "
            f"{len(values)}"
        )
    return points, values


def begin_with(
    optimizer: Optimizer, points: list[Any], values: Sequence[Any] | None
) -> deque[Any]:
    """Add points with values to the record, return those to evaluate first.

    Points that are on record already, because the run goes on from a store, are left
    out, as often as they are there.
    """
    known = Counter(row.tobytes() for row in optimizer.trials.rows())
    left: deque[Any] = deque()
    for i, point in enumerate(points):
        key = optimizer.space.encode(point).tobytes()
        if known[key]:
            known[key] -= 1
        elif values is None:
            left.append(point)
        else:
            optimizer.add(point, values[i])
    return left


def _is_single(x0: Any) -> bool:
    """Whether x0 is one point (a dict, or flat) rather than a list of points."""
    if isinstance(x0, dict | str) or not isinstance(x0, Iterable):
        return True
    return all(np.ndim(entry) == 0 and not isinstance(entry, dict) for entry in x0)
