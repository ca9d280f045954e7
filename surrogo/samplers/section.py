"""Designs in a section of the space: some variables have fixed values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from surrogo import checks
from surrogo.checks import FloatArray
from surrogo.samplers.base import IntArray, Sampler, checked_sampler
from surrogo.samplers.columns import column
from surrogo.samplers.constrained import Constrained
from surrogo.space import Space


@dataclass(frozen=True)
class Section(Sampler):
    """A design in the variables that are left when the others have fixed values.

    Parameters
    ----------
    sampler : Sampler
        Spreads the points over the free variables. Constraints go around a section:
        ``Constrained(Section(...), ...)``.
    fixed : mapping
        Names or indices of variables, with the values of the user. For
        ``sample_unit`` indices and values in [0, 1].

    Raises
    ------
    ValueError
        If a variable or a value does not exist, no variable is left free, or the
        sampler has constraints.

    Examples
    --------
    >>> from surrogo.samplers import Grid, Section
    >>> space = {"rate": (0, 1), "load": (0, 100)}
    >>> Section(Grid(), {"load": 30}).sample(2, space)
    array([[ 0.25, 30.  ],
           [ 0.75, 30.  ]])
    """

    sampler: Sampler
    fixed: Any

    def __post_init__(self) -> None:
        _check_unconstrained(checked_sampler(self.sampler))
        pairs = self.fixed.items() if isinstance(self.fixed, Mapping) else self.fixed
        object.__setattr__(self, "fixed", tuple((key, value) for key, value in pairs))

    def _points(self, n: int, space: Space, rng: np.random.Generator) -> FloatArray:
        fixed = self._numbers(space)
        free = self._free(space.d, fixed)
        X = np.empty((n, space.d))
        X[:, free] = self.sampler._points(n, _subspace(space, free), rng)
        X = _replaced(X, fixed)
        middle = space.from_unit(np.full((1, space.d), 0.5))
        return np.where(space.active(X), X, middle)  # as Space.from_unit does it

    def _box(self, space: Space) -> FloatArray:
        return _replaced(super()._box(space), self._numbers(space))

    def _unit(self, n: int, d: int, rng: np.random.Generator) -> FloatArray:
        cube = Space.of([(0.0, 1.0)] * d)
        fixed = self._numbers(cube)
        free = self._free(d, fixed)
        U = np.empty((n, d))
        U[:, free] = self.sampler._unit(n, len(free), rng)
        return _replaced(U, fixed)

    def _numbers(self, space: Space) -> dict[int, float]:
        """Return the fixed columns and their numbers in ``X``."""
        out = {}
        for key, value in self.fixed:
            j = column(key, space.names)
            out[j] = space.variables[j].number(value)
            if not space.variables[j].contains(np.array([out[j]]))[0]:
                raise ValueError(
                    f"the fixed value of {space.names[j]!r} must be "
                    f"{space.variables[j].options}, got {checks.shown(value)}"
                )
        return out

    def _free(self, d: int, fixed: Mapping[int, float]) -> IntArray:
        free = np.setdiff1d(np.arange(d), list(fixed))
        if len(free) == 0:
            raise ValueError(
                f"a section must leave at least one of the {d} variables free, got "
                f"fixed={checks.shown(dict(self.fixed))}"
            )
        return free


def _check_unconstrained(sampler: Any) -> None:
    """Refuse constraints inside a section: they speak of all variables."""
    while not isinstance(sampler, Constrained):
        if not hasattr(sampler, "sampler"):
            return
        sampler = sampler.sampler
    raise ValueError(
        "the sampler of a section must have no constraints, got "
        f"{checks.shown(sampler)}; write Constrained(Section(...), ...)"
    )


def _subspace(space: Space, free: IntArray) -> Space:
    """Return the space of some variables, which exist everywhere."""
    variables = [replace(space.variables[j], active_if=()) for j in free]
    return Space(tuple(variables), tuple(space.names[j] for j in free), named=True)


def _replaced(X: FloatArray, fixed: Mapping[int, float]) -> FloatArray:
    out = X.copy()
    for j, number in fixed.items():
        out[:, j] = number
    return out
