"""Designs without repeated points."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from surrogo.checks import FloatArray
from surrogo.samplers.base import Sampler, checked_sampler
from surrogo.space import Space

# Points drawn before it gives up: all N values of a discrete space, equally likely,
# turn up after about N log N draws.
_FEWEST, _PER_POINT = 2**14, 64


@dataclass(frozen=True)
class Distinct(Sampler):
    """A design in which no point comes twice, for small discrete spaces.

    Parameters
    ----------
    sampler : Sampler
        Drawn from until there are enough different points; the first ones count.

    Raises
    ------
    ValueError
        If the space does not have that many points, or they are too rare.

    Examples
    --------
    >>> from surrogo import Integer
    >>> from surrogo.samplers import Distinct, Sobol
    >>> X = Distinct(Sobol()).sample(6, [Integer(1, 2), Integer(1, 3)], rng=0)
    >>> sorted(map(tuple, X.astype(int).tolist()))
    [(1, 1), (1, 2), (1, 3), (2, 1), (2, 2), (2, 3)]
    """

    sampler: Sampler

    def __post_init__(self) -> None:
        checked_sampler(self.sampler)

    def _points(self, n: int, space: Space, rng: np.random.Generator) -> FloatArray:
        X = _without_repeats(self.sampler._points(n, space, rng))
        drawn = n
        while len(X) < n and drawn < max(_FEWEST, _PER_POINT * n):
            more = self.sampler._points(drawn, space, rng)
            X = _without_repeats(np.vstack([X, more]))
            drawn *= 2
        if len(X) < n:
            raise ValueError(
                f"n must be at most the number of different points, got n={n} and "
                f"found {len(X)} among {drawn} draws; ask for fewer"
            )
        return X[:n]

    def _box(self, space: Space) -> FloatArray:
        return self.sampler._box(space)

    def _unit(self, n: int, d: int, rng: np.random.Generator) -> FloatArray:
        return self.sampler._unit(n, d, rng)


def _without_repeats(X: FloatArray) -> FloatArray:
    """Keep the first of equal rows, in their order."""
    first = np.unique(X, axis=0, return_index=True)[1]
    return X[np.sort(first)]
