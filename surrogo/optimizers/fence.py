"""Where a step of the trust region may go when evaluations fail nearby."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from surrogo.acquisition.viability import Viability
from surrogo.checks import BoolArray, FloatArray
from surrogo.optimizers.nearness import gaps
from surrogo.surrogates import kernels

# Points within so many radii say where success is likely.
_WITHIN = 3.0
# A step goes where the chance is at least this: on the border between success and
# failure half of the steps fail. After k failures in a row 1 - _CHANCE / (1 + k).
_CHANCE = 0.5
# A point that failed is not tried again within this share of the radius.
_APART = 0.05
# Candidates a variable, and the spread of further ones around the best, in radii.
_CANDIDATES, _SPREADS = 50, (0.2, 0.05, 0.01)


class HasRadius(Protocol):
    """A region: its radius, and how many steps have failed in a row."""

    @property
    def radius(self) -> float:
        """How far steps may go."""
        ...

    @property
    def failures(self) -> int:
        """How many have failed in a row."""
        ...


@dataclass(frozen=True, eq=False)
class Fence:
    """The chance of success about a centre; points are in radii.

    Attributes
    ----------
    known : Viability
        In coordinates in which the points seen fill the unit cube.
    failed : array (f, d)
    failures : int
        How many steps have failed in a row.
    """

    known: Viability
    failed: FloatArray
    failures: int

    @classmethod
    def about(
        cls,
        U: FloatArray,
        failed: FloatArray,
        centre: FloatArray,
        region: HasRadius,
        by_chance: bool,
    ) -> Fence | None:
        """Fit to points U (n, d) that succeeded and others that failed.

        None if nothing has failed nearby. If they fail by chance, that is the same
        everywhere.
        """
        good, bad = ((A - centre) / region.radius for A in (U, failed))
        good, bad = (A[gaps(A, np.zeros(A.shape[1])) <= _WITHIN] for A in (good, bad))
        if not len(bad):
            return None
        labels = np.repeat([1.0, 0.0], [len(good), len(bad)])
        cube = _in_cube(np.vstack([good, bad]))
        evidence = np.inf if by_chance else 0.0
        known = Viability.fitted(kernels.get("matern52"), cube, labels, evidence)
        return cls(known, bad, region.failures)

    @property
    def depends_on_place(self) -> bool:
        """Whether success is not equally likely everywhere."""
        return self.known.depends_on_place

    def allows(self, Z: FloatArray) -> BoolArray:
        """Say of points Z (m, d) whether a step may go there."""
        chance = self.known.chance(_in_cube(Z))
        away = np.max(np.abs(Z[:, None] - self.failed), axis=2)
        sure = 1.0 - _CHANCE / (1.0 + self.failures)
        likely = chance >= (sure if self.depends_on_place else 0.0)
        return np.asarray(likely & np.all(away >= _APART, axis=1))

    def lowest(
        self,
        mean: Callable[[FloatArray], FloatArray],
        z: FloatArray,
        box: tuple[FloatArray, FloatArray],
        rng: np.random.Generator,
    ) -> FloatArray | None:
        """Return the point (d,) of the box with the lowest mean that is allowed.

        Near z (d,), the lowest of all, if that is. None where none is found.
        """
        if self.allows(z[None])[0]:
            return z
        lower, upper = box
        m = _CANDIDATES * len(z)
        some = rng.uniform(lower, upper, (m, len(z)))
        shares = np.linspace(0.0, 1.0, m)[1:, None]
        best = None
        for spread in _SPREADS:
            around = z if best is None else best
            close = around + spread * rng.standard_normal((m, len(z)))
            Z = np.clip(np.vstack([close, shares * z, some]), lower, upper)
            Z = Z if best is None else np.vstack([best, Z[:m]])
            Z = Z[self.allows(Z)]
            if not len(Z):
                return None
            best = Z[int(np.argmin(mean(Z)))]
        return best


def _in_cube(Z: FloatArray) -> FloatArray:
    return 0.5 + Z / (2.0 * _WITHIN)
