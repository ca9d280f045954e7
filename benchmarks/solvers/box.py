"""Starting points, and the unit cube for solvers that do not scale by themselves."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

Function = Callable[[np.ndarray], Any]


def in_unit_cube(fun: Function, lower: np.ndarray, upper: np.ndarray) -> Function:
    """Return the function of u in [0, 1]^d."""
    return lambda u: fun(lower + np.clip(u, 0.0, 1.0) * (upper - lower))


def starts(d: int, seed: int) -> Iterator[np.ndarray]:
    """Yield the centre of the unit cube and then uniform random points, for ever."""
    rng = np.random.default_rng(seed)
    yield np.full(d, 0.5)
    while True:
        yield rng.uniform(size=d)


def seeds(seed: int) -> Iterator[int]:
    """Yield a positive seed for each restart; those of two runs do not meet."""
    for restart in itertools.count():
        yield 1000 * (seed + 1) + restart
