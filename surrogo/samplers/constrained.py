"""Designs in the part of a space that constraints leave."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from surrogo import checks
from surrogo.checks import FloatArray
from surrogo.samplers.base import IntArray, Sampler, checked_sampler
from surrogo.samplers.conditions import Rows, checked_constraints, fulfilled
from surrogo.samplers.polytope import Polytope
from surrogo.samplers.sequence import Sequence
from surrogo.space import Space

# Candidates before it gives up: this many for each point, and at least so many.
_PER_POINT, _FEWEST = 200, 2**14
# Designs other than sequences are drawn in pieces of at most this many points, because
# some of them compare all pairs.
_PIECE = 1024


@dataclass(frozen=True)
class Constrained(Sampler):
    """A design of those points of another one that fulfil constraints.

    A larger design of `sampler` is drawn and the points outside are left out. If
    fewer than about one in 200 are inside, sets bounded by linear constraints, thin
    or flat ones included, are sampled by random walks instead: then the points are
    independent and uniform in the user's units. Other sets that small are refused.

    Parameters
    ----------
    sampler : Sampler
    constraints : callable, scipy.optimize.LinearConstraint, NonlinearConstraint, list
        A callable takes *one* point as the function to be minimised does (a float
        array, or a dict if the variables have names) and returns True inside.
        Constraints of SciPy are in the user's units; linear ones see a row of ``X``.

    Raises
    ------
    ValueError
        If something else is given, or too few points are found inside.

    Examples
    --------
    >>> from scipy.optimize import LinearConstraint
    >>> from surrogo.samplers import Constrained, Sobol
    >>> below = LinearConstraint([[1, 1]], ub=1)
    >>> disk = lambda x: x[0] ** 2 + x[1] ** 2 < 0.5
    >>> X = Constrained(Sobol(), [below, disk]).sample(50, [(0, 1), (0, 1)], rng=0)
    >>> bool(X.sum(axis=1).max() <= 1)
    True
    """

    sampler: Sampler
    constraints: Any

    def __post_init__(self) -> None:
        checked_sampler(self.sampler)
        object.__setattr__(self, "constraints", checked_constraints(self.constraints))

    def _points(self, n: int, space: Space, rng: np.random.Generator) -> FloatArray:
        rows = Rows.of(self.constraints, space.d)
        walkable = _walkable(rows, space)
        if walkable and np.any(rows.low == rows.high):  # no candidate would be inside
            return self._walked(n, rows, space, rng)
        X, drawn = self._chosen(n, space, rng)
        if len(X) == n:
            return X
        if walkable:
            return self._walked(n, rows, space, rng)
        raise ValueError(
            f"the constraints must leave more of the space: among {drawn} points of it "
            f"{len(X)} were inside, and n={n} were asked for; ask for fewer, tighten "
            "the bounds, or give linear constraints on real variables as such"
        )

    def _unit(self, n: int, d: int, rng: np.random.Generator) -> FloatArray:
        raise ValueError(
            "constraints are in the user's units and have no place in the unit cube: "
            f"call sample(n, space) instead of sample_unit, got {checks.shown(self)}"
        )

    def _box(self, space: Space) -> FloatArray:
        return self.sampler._box(space)

    def _chosen(
        self, n: int, space: Space, rng: np.random.Generator
    ) -> tuple[FloatArray, int]:
        """Return up to `n` points inside, and how many were drawn for them."""
        seed = int(rng.integers(2**63))  # so that sequences go on, not start anew
        most, count = max(_FEWEST, _PER_POINT * n), n
        while True:
            X = self._drawn(count, space, np.random.default_rng(seed))
            X = X[fulfilled(self.constraints, X, space)]
            if len(X) >= n:
                return self._cut(X, n, rng), count
            if count == most:
                return X, count
            needed = 1.2 * n * count / len(X) if len(X) else 0.0
            count = int(min(max(needed, 2 * count, 8 * n if not len(X) else 0), most))

    def _drawn(self, n: int, space: Space, rng: np.random.Generator) -> FloatArray:
        if isinstance(self.sampler, Sequence):
            return self.sampler._points(n, space, rng)
        sizes = [min(_PIECE, n - start) for start in range(0, n, _PIECE)]
        return np.vstack([self.sampler._points(k, space, rng) for k in sizes])

    def _cut(self, X: FloatArray, n: int, rng: np.random.Generator) -> FloatArray:
        if isinstance(self.sampler, Sequence):
            return X[:n]
        return X[np.sort(rng.choice(len(X), n, replace=False))]

    def _walked(
        self, n: int, rows: Rows, space: Space, rng: np.random.Generator
    ) -> FloatArray:
        walk = _Walk.of(rows, self._box(space))
        found = np.empty((0, space.d))
        for count in (n, 8 * n, 64 * n):  # the other constraints may refuse some
            X = walk.replaced(self._drawn(count, space, rng), rng)
            X = X[fulfilled(self.constraints, X, space)]
            found = np.vstack([found, X])
            if len(found) >= n:
                return found[:n]
        raise ValueError(
            f"only {len(found)} of the n={n} points asked for fulfil the other "
            "constraints inside the linear ones; ask for fewer or loosen one"
        )


def _walkable(rows: Rows, space: Space) -> bool:
    """Whether only variables that are real, or fixed, have linear constraints."""
    return len(rows.A) > 0 and all(
        (variable.kind == "real" and not variable.active_if) or variable.levels == 1
        for variable, used in zip(space.variables, np.any(rows.A, axis=0), strict=True)
        if used
    )


@dataclass(frozen=True)
class _Walk:
    """A polytope in some columns (d_used,) of ``X``, scaled to the unit cube."""

    polytope: Polytope
    columns: IntArray
    low: FloatArray
    width: FloatArray

    @classmethod
    def of(cls, rows: Rows, box: FloatArray) -> _Walk:
        used = np.flatnonzero(np.any(rows.A, axis=0))
        low, width = box[0, used], (box[1] - box[0])[used]
        A, shift = rows.A[:, used] * width, rows.A[:, used] @ low
        size = np.max(np.abs(A), axis=1, initial=0.0)
        size = np.where(size > 0, size, 1.0)  # a row in which all variables are fixed
        scaled = Rows(
            A / size[:, None], (rows.low - shift) / size, (rows.high - shift) / size
        )
        polytope = Polytope.of(scaled)
        if polytope is None:
            raise ValueError(
                "the linear constraints must leave some point of the space: there is "
                "none inside all of them and the bounds; loosen one"
            )
        return cls(polytope, used, low, width)

    def replaced(self, X: FloatArray, rng: np.random.Generator) -> FloatArray:
        out = X.copy()
        U = self.polytope.sample(len(X), rng)
        out[:, self.columns] = np.clip(
            self.low + self.width * U, self.low, self.low + self.width
        )
        return out
