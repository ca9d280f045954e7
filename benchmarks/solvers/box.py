"""What adapters share: starting points, the unit cube, values that are finite."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

import numpy as np

Function = Callable[[np.ndarray], Any]

_CENTRE_FIRST = ContextVar("_CENTRE_FIRST", default=True)


def in_unit_cube(fun: Function, lower: np.ndarray, upper: np.ndarray) -> Function:
    """Return the function of u in [0, 1]^d."""
    return lambda u: fun(lower + np.clip(u, 0.0, 1.0) * (upper - lower))


class NoStart(BaseException):
    """There has been no finite value yet; start elsewhere.

    Not an `Exception`, because some libraries treat those as failed evaluations.
    """


def finite(fun: Function) -> Function:
    """Return the function with the worst value so far where it is not finite.

    For libraries that end at such a value, or are misled by it.

    Raises
    ------
    NoStart
        By the returned function, if its first value is not finite.
    """
    worst = -math.inf

    def wrapped(x: np.ndarray) -> float:
        nonlocal worst
        value = fun(x)
        if math.isfinite(value):
            worst = max(worst, value)
        elif worst == -math.inf:
            raise NoStart
        return value if math.isfinite(value) else worst

    return wrapped


@contextmanager
def without_centre() -> Iterator[None]:
    """Let `starts` begin at a random point: one run is then unlike the next."""
    token = _CENTRE_FIRST.set(False)
    try:
        yield
    finally:
        _CENTRE_FIRST.reset(token)


def starts(d: int, seed: int) -> Iterator[np.ndarray]:
    """Yield the centre of the unit cube and then uniform random points, for ever."""
    rng = np.random.default_rng(seed)
    if _CENTRE_FIRST.get():
        yield np.full(d, 0.5)
    while True:
        yield rng.uniform(size=d)


def seeds(seed: int) -> Iterator[int]:
    """Yield a positive seed for each restart; those of two runs do not meet."""
    for restart in itertools.count():
        yield 1000 * (seed + 1) + restart
