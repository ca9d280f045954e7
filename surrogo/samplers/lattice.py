"""Rank-1 lattices."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from surrogo import checks
from surrogo.checks import FloatArray
from surrogo.samplers.base import Sampler
from surrogo.samplers.rotation import rotated

# The search for a multiplier looks at about this many coordinates (a second), but at
# no fewer than 8 and no more than 128 multipliers: good ones are frequent.
_WORK, _FEWEST, _MOST = 2**24, 8, 128


@dataclass(frozen=True)
class Lattice(Sampler):
    """The points ``i z / n`` modulo 1, i = 0, ..., n - 1, shifted at random.

    A rank-1 lattice rule (Korobov 1959; Sloan & Joe 1994). One point lies in each of
    the `n` strata of every variable, and the cube without its walls looks the same
    from every point. Below d points some variables must repeat others, shifted.

    Parameters
    ----------
    generator : sequence of int, optional
        The vector z. By default the best among Korobov's (1, a, a**2, ...) modulo n
        by the criterion of `worst_case`.
    shift : bool
        False leaves out the random shift (Cranley & Patterson 1976).

    Raises
    ------
    ValueError
        If there is not one integer for each variable.

    Examples
    --------
    >>> from surrogo.samplers import Lattice
    >>> Lattice((1, 3), shift=False).sample_unit(5, 2)
    array([[0. , 0. ],
           [0.2, 0.6],
           [0.4, 0.2],
           [0.6, 0.8],
           [0.8, 0.4]])
    """

    generator: Any = None
    shift: bool = True

    def __post_init__(self) -> None:
        if self.generator is not None:
            entries = checks.listed(self.generator) or [self.generator]
            name = "each entry of the generator of a lattice"
            whole = tuple(checks.integer(entry, name) for entry in entries)
            object.__setattr__(self, "generator", whole)

    def _unit(self, n: int, d: int, rng: np.random.Generator) -> FloatArray:
        U = lattice(n, self._vector(n, d))
        return rotated(U, rng) if self.shift else U

    def _vector(self, n: int, d: int) -> tuple[int, ...]:
        if self.generator is None:
            return korobov(n, d)
        if len(self.generator) != d:
            raise ValueError(
                f"the generator must hold one integer for each of the {d} variables, "
                f"got {len(self.generator)}; leave it out to have one searched for"
            )
        return tuple(self.generator)


def lattice(n: int, z: tuple[int, ...]) -> FloatArray:
    """Return the points i z / n modulo 1; shape (n, d)."""
    remainders = np.array([entry % n for entry in z])
    return np.asarray(np.arange(n)[:, None] * remainders % n / n)


def worst_case(U: FloatArray) -> float:
    """Return P2, the squared worst error of the mean over a lattice, with weights 1/d.

    The worst is taken over periodic functions with square-integrable mixed first
    derivatives (Sloan & Joe 1994, section 5; weights of Sloan & Wozniakowski 1998,
    Journal of Complexity 14, 1-33). Equal weights prefer no variable, and 1/d keeps
    the product bounded.

    Examples
    --------
    >>> round(worst_case(lattice(5, (1,))) * 5**2, 12) == round(np.pi**2 / 3, 12)
    True
    """
    bernoulli = U * U - U + 1.0 / 6.0
    factors = 1.0 + 2.0 * np.pi**2 / U.shape[1] * bernoulli
    return float(np.mean(np.prod(factors, axis=1)) - 1.0)


@lru_cache(maxsize=256)
def korobov(n: int, d: int) -> tuple[int, ...]:
    """Return the vector (1, a, a**2, ...) modulo `n` with the lowest P2."""
    vectors = [
        tuple(pow(a, j, n) for j in range(d)) for a in multipliers(n, _WORK // (n * d))
    ]
    return min(vectors, key=lambda z: worst_case(lattice(n, z)))


def multipliers(n: int, count: int) -> list[int]:
    """Return `count` numbers without a common factor with `n`, evenly spread.

    Only up to n / 2, as n - a gives the mirror image of a.
    """
    units = [a for a in range(1, max(n // 2, 1) + 1) if math.gcd(a, n) == 1]
    count = min(max(count, _FEWEST), _MOST, len(units))
    return [units[i * len(units) // count] for i in range(count)]
