"""The default strategy that is not told where evaluations have failed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar

import numpy as np

from benchmarks.solvers.base import solver
from benchmarks.solvers.surrogo_ import FIELDS, run


def dropping():
    """Return the default strategy, whose view has no failed points.

    It learns that a trial has failed and goes on without its point. Should it ask for
    the same point again, the optimizer puts a random one in its place.
    """
    from surrogo.optimizers import Strategy, View
    from surrogo.optimizers.registry import make

    @dataclass(frozen=True)
    class Dropping(Strategy):
        name: ClassVar[str] = "dropping"

        inner: Strategy = field(default_factory=lambda: make("auto"))

        def propose(self, view: View, memory: Any, n: int, rng: np.random.Generator):
            return self.inner.propose(_without(view), memory, n, rng)

        def observe(self, view: View, memory: Any):
            return self.inner.observe(_without(view), memory)

        def describe(self, memory: Any):
            return self.inner.describe(memory)

        def revive(self, memory: Mapping[str, Any]):
            return self.inner.revive(memory)

    return Dropping()


def _without(view):
    return replace(view, failed=np.empty((0, view.U.shape[1])))


@solver("surrogo-dropping", **FIELDS, everywhere=False)
def surrogo_dropping(fun, lower, upper, budget, seed):
    """Run the default strategy without failed points."""
    run(dropping(), fun, lower, upper, budget, seed)
