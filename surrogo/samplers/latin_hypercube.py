"""Latin hypercube sampling."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from surrogo import checks
from surrogo.checks import FloatArray
from surrogo.samplers import maximin
from surrogo.samplers.base import Sampler
from surrogo.samplers.measures import unit_points
from surrogo.samplers.nested import nested
from surrogo.space import Space


@dataclass(frozen=True, kw_only=True)
class LatinHypercube(Sampler):
    """One point in each of the `n` strata of every variable.

    McKay, Beckman & Conover 1979, Technometrics 21, 239-245; built on
    `scipy.stats.qmc.LatinHypercube`. The equally wide values of a discrete
    variable come equally often, or once more where `n` is no multiple.

    Parameters
    ----------
    optimise : {None, "maximin", "discrepancy"}
        ``"maximin"`` moves close points apart (see `maximin.spread`; up to 4096
        points); ``"discrepancy"`` keeps the best of random exchanges by the centred
        discrepancy (SciPy's ``"random-cd"``).
    strength : {1, 2}
        2 also puts one point into each of the n = p**2 squares of every *pair* of
        variables, p a prime, in up to p + 1 variables (Tang 1993, J. American
        Statistical Association 88, 1392-1397). It goes without `optimise`, whose
        exchanges would destroy it.

    Raises
    ------
    ValueError
        If an option is unknown, two exclude each other, or there is no design of
        strength 2 with that many points and variables.

    Examples
    --------
    >>> import numpy as np
    >>> from surrogo.samplers import LatinHypercube
    >>> X = LatinHypercube().sample(4, [(0, 4)], rng=0)
    >>> np.sort(X.astype(int).ravel())
    array([0, 1, 2, 3])
    >>> more = LatinHypercube().extend(X, 4, [(0, 4)], rng=1)
    >>> np.sort(np.vstack([X, more]).ravel() * 2).astype(int)  # eight strata
    array([0, 1, 2, 3, 4, 5, 6, 7])
    """

    optimise: str | None = None
    strength: int = 1

    def __post_init__(self) -> None:
        if self.optimise is not None:
            checks.one_of(self.optimise, ("discrepancy", "maximin"), "optimise")
        if isinstance(self.strength, bool) or self.strength not in (1, 2):
            raise ValueError(
                "the strength of a Latin hypercube must be 1 or 2, got "
                f"{checks.shown(self.strength)}"
            )
        if self.strength == 2 and self.optimise is not None:
            raise ValueError(
                "a Latin hypercube of strength 2 must have optimise=None, got "
                f"{self.optimise!r}; exchanges would destroy the strength, take one"
            )

    def extend(self, X: Any, n: int, space: Any, rng: Any = None) -> FloatArray:
        """Return `n` more points, so that all together are a Latin hypercube.

        If `X` is a Latin hypercube of n0 points and `n` is a multiple of n0, the union
        is one exactly (nested designs, Qian 2009, Biometrika 96, 957-970). Otherwise
        the new points lie in as many different strata of the union as possible, none
        of which holds an earlier point.

        Parameters
        ----------
        X : array (n0, d)
            Earlier points, of this or any other design.
        n : int
            Number of new points.
        space : Space or bounds
        rng : int, numpy.random.Generator, optional

        Returns
        -------
        array (n, d)
            The new points only.

        Raises
        ------
        ValueError
            If `n` is below 1 or `X` does not fit the space.
        """
        within, rng = Space.of(space), np.random.default_rng(rng)
        U = within.to_unit(X)
        new = self.extend_unit(U, n, rng)
        return within.from_unit(_balanced(new, len(U) + n, within, rng))

    def extend_unit(self, U: FloatArray, n: int, rng: Any = None) -> FloatArray:
        """Do what `extend` does in the unit cube: (n0, d) to (n, d)."""
        if self.strength != 1 or self.optimise == "discrepancy":
            raise ValueError(
                f"only plain and maximin Latin hypercubes can be extended, got {self}; "
                "take LatinHypercube().extend or surrogo.samplers.extend"
            )
        n = checks.integer(n, "n, the number of points,", 1)
        U, rng = unit_points(U), np.random.default_rng(rng)
        return self._spread(np.vstack([U, nested(U, n, rng)]), rng, len(U))[len(U) :]

    def _points(self, n: int, space: Space, rng: np.random.Generator) -> FloatArray:
        U = self._unit(n, space.d, rng)
        return space.from_unit(_balanced(U, n, space, rng))

    def _unit(self, n: int, d: int, rng: np.random.Generator) -> FloatArray:
        from scipy.stats import qmc  # half a second to import: only where used

        if self.strength == 2:
            _check_strength_2(n, d)
        if self.optimise == "discrepancy" and n > 1:
            return qmc.LatinHypercube(d, optimization="random-cd", rng=rng).random(n)
        U = qmc.LatinHypercube(d, strength=self.strength, rng=rng).random(n)
        return self._spread(U, rng, 0)

    def _spread(
        self, U: FloatArray, rng: np.random.Generator, fixed: int
    ) -> FloatArray:
        if self.optimise != "maximin":
            return U
        if len(U) > maximin.LARGEST:
            raise ValueError(
                "optimise='maximin' compares all pairs of points and takes at most "
                f"{maximin.LARGEST}, got {len(U)}; take optimise=None"
            )
        return maximin.spread(U, rng, fixed)


def _balanced(
    U: FloatArray, n: int, space: Space, rng: np.random.Generator
) -> FloatArray:
    """Put points at the same place of their `n` strata in each discrete variable.

    Then any interval holds its share of points, rounded up or down, whatever its
    borders. The place is random, so that no value is preferred.
    """
    aligned = (np.floor(U * n) + rng.random(space.d)) / n
    return np.where(np.isfinite(space.levels), aligned, U)


def _check_strength_2(n: int, d: int) -> None:
    p = math.isqrt(n)
    if p * p != n or not _is_prime(p) or d > p + 1:
        valid = [k * k for k in range(d - 1, 2 * p + d + 4) if _is_prime(k)]
        nearest = min(valid, key=lambda number: abs(number - n))
        raise ValueError(
            "a Latin hypercube of strength 2 must have n = p**2 points, p a prime and "
            f"p + 1 at least the number of variables, got n={n}, d={d}; the nearest "
            f"is n={nearest}"
        )


def _is_prime(k: int) -> bool:
    return k > 1 and all(k % i for i in range(2, math.isqrt(k) + 1))
