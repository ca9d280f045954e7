"""What every sampler shares: checks, and the way from the unit cube to the space."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from surrogo import checks
from surrogo.checks import FloatArray
from surrogo.space import Space

IntArray: TypeAlias = NDArray[np.int64]


@dataclass(frozen=True)
class Sampler:
    """A rule that spreads points; a subclass writes ``_unit``."""

    def sample(self, n: int, space: Any, rng: Any = None) -> FloatArray:
        """Spread `n` points over a space.

        Parameters
        ----------
        n : int
            Number of points, at least 1.
        space : Space or bounds
            Anything that `Space.of` reads.
        rng : int, numpy.random.Generator, optional
            Seed or generator (SPEC 7); the same seed gives the same points.

        Returns
        -------
        array (n, d)
            Rows of ``X`` in the user's units. Integers and choices are rounded from
            the unit cube, so in small discrete spaces points may repeat (see
            `Distinct`).

        Raises
        ------
        ValueError
            If `n` is below 1 or the space cannot be read.
        """
        n = checks.integer(n, "n, the number of points,", 1)
        return self._points(n, Space.of(space), np.random.default_rng(rng))

    def sample_unit(self, n: int, d: int, rng: Any = None) -> FloatArray:
        """Spread `n` points over the unit cube; shape (n, d)."""
        n = checks.integer(n, "n, the number of points,", 1)
        d = checks.integer(d, "d, the number of variables,", 1)
        return self._unit(n, d, np.random.default_rng(rng))

    def _points(self, n: int, space: Space, rng: np.random.Generator) -> FloatArray:
        """Return rows of ``X``; overridden where the space itself matters."""
        return space.from_unit(self._unit(n, space.d, rng))

    def _box(self, space: Space) -> FloatArray:
        """Return the corners (2, d) of the box in which the points of ``X`` lie."""
        corners = np.repeat([[0.0], [1.0]], space.d, axis=1)
        return space.from_unit(corners)

    def _unit(self, n: int, d: int, rng: np.random.Generator) -> FloatArray:
        raise NotImplementedError


def checked_sampler(sampler: Any) -> Sampler:
    """Return `sampler` if it is one."""
    if not isinstance(sampler, Sampler):
        raise ValueError(
            f"sampler must be a sampler such as Sobol(), got {checks.shown(sampler)}"
        )
    return sampler
