"""No point is asked for twice."""

from __future__ import annotations

import numpy as np

from surrogo.checks import FloatArray
from surrogo.space import Space, all_unit_points

_TRIES = 100  # random points tried before a discrete space is listed
_LISTED = 100_000  # largest discrete space that is listed in full


class SpaceExhausted(RuntimeError):
    """Every point of a discrete space has been asked for.

    Examples
    --------
    >>> import surrogo
    >>> optimizer = surrogo.Optimizer([surrogo.Integer(0, 1)], rng=0)
    >>> len(optimizer.ask(5))
    2
    >>> optimizer.ask()
    Traceback (most recent call last):
    ...
    surrogo.optimizers.unseen.SpaceExhausted: all 2 points of the discrete space ...
    """


def unseen(
    rows: FloatArray, known: FloatArray, space: Space, rng: np.random.Generator
) -> FloatArray:
    """Return `rows` (q, d) with random points instead of those that are `known` (n, d).

    Fewer where a discrete space has no more.

    Raises
    ------
    SpaceExhausted
        If it has none at all.
    """
    seen = {row.tobytes() for row in known}
    fresh: list[FloatArray] = []
    for row in rows:
        new = row if row.tobytes() not in seen else _another(space, seen, rng)
        if new is not None:
            seen.add(new.tobytes())
            fresh.append(new)
    if not fresh:
        raise SpaceExhausted(
            f"all {len(seen)} points of the discrete space have been asked for; "
            "there is nothing left to propose"
        )
    return np.array(fresh)


def _another(
    space: Space, seen: set[bytes], rng: np.random.Generator
) -> FloatArray | None:
    """Return a point (d,) that nobody asked for; None if there is none."""
    rows = list(space.from_unit(rng.random((_TRIES, space.d))))
    every = all_unit_points(space, _LISTED)
    rows += [] if every is None else list(space.from_unit(rng.permutation(every)))
    return next((row for row in rows if row.tobytes() not in seen), None)
