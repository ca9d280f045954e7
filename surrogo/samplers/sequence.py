"""Sequences: designs that go on where shorter ones end."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from surrogo import checks
from surrogo.checks import FloatArray
from surrogo.samplers.base import Sampler


@dataclass(frozen=True, kw_only=True)
class Sequence(Sampler):
    """A design whose first points do not depend on `n`; a subclass writes ``_first``.

    Parameters
    ----------
    skip : int
        Number of points of the sequence to leave out. ``skip=100`` with the integer
        seed of an earlier design of 100 points continues that design.
    """

    skip: int = 0

    def __post_init__(self) -> None:
        skip = checks.integer(self.skip, "skip, the number of points to leave out,", 0)
        object.__setattr__(self, "skip", skip)

    def _unit(self, n: int, d: int, rng: np.random.Generator) -> FloatArray:
        return self._first(self.skip + n, d, rng)[self.skip :]

    def _first(self, n: int, d: int, rng: np.random.Generator) -> FloatArray:
        """Return the first `n` points of the sequence in the unit cube (n, d)."""
        raise NotImplementedError
