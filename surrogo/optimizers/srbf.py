"""Stochastic search around the best point with a radial basis function."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, ClassVar

import numpy as np
from numpy.random import Generator

from surrogo import checks
from surrogo.checks import FloatArray
from surrogo.optimizers import candidates, design, rounds
from surrogo.optimizers.base import Memory, Strategy, View
from surrogo.optimizers.failures import of_the_place
from surrogo.optimizers.rounds import Round

# The step is halved at most six times, after max(d, 4) failures each; it doubles after
# 3 successes in a row (Regis & Shoemaker 2013, section 4.2; the 4 as in their program).
_HALVINGS = 6
_SUCCESSES, _LEAST_FAILURES = 3, 4
# Weights of the predicted value: those of 2013, taken in turn, or the greediest of them
# throughout.
_GREEDY, _IN_TURN = (0.95,), (0.3, 0.5, 0.8, 0.95)


@dataclass(frozen=True)
class SRBFMemory(Round):
    """The round, how often the step was halved, and how many points the model gave."""

    halvings: int = 0
    proposed: int = 0


@dataclass(frozen=True)
class SRBF(Strategy):
    """Random steps from the best point, sifted by a cubic radial basis function.

    Of 100 d candidates around the best point the next one is that of the best mix of
    predicted value and distance to the points known. Steps grow and shrink with
    success; when they are at their smallest and fail, the search starts anew with
    another design. Cheap: it takes milliseconds where a Gaussian process takes tenths
    of a second.

    The local metric stochastic RBF method with restarts of Regis & Shoemaker 2007,
    INFORMS Journal on Computing 19, 497-509. Values above the median count as the
    median; so does a point that failed where failures are to be expected. Published
    (2013, Engineering Optimization 45, 529-555) are a first step of 0.2, weights in
    turn, and a design of 2 (d + 1) points; half of it and the settings below did better
    within 20 evaluations a variable, and not worse within 60.

    Attributes
    ----------
    first_step : float
        Standard deviation of the largest steps, in edges of the box.
    greedy : bool
        Whether the predicted value always has the weight 0.95, or 0.3, 0.5, 0.8 and
        0.95 in turn.
    restarts : bool
        Whether to start anew when the smallest steps fail, or to go on with them.

    Raises
    ------
    ValueError
        If the first step is not above 0.

    Examples
    --------
    >>> import surrogo
    >>> result = surrogo.optimize(lambda x: (x[0] - 0.3) ** 2, [(-1, 1)], max_evals=25,
    ...                           strategy="srbf", rng=0)
    >>> bool(result.fun < 1e-3)
    True
    """

    name: ClassVar[str] = "srbf"
    Memory: ClassVar[type[Memory]] = SRBFMemory

    first_step: float = 0.1
    greedy: bool = True
    restarts: bool = True

    def __post_init__(self) -> None:
        checks.positive(self.first_step, "first_step")

    def observe(self, view: View, memory: SRBFMemory) -> SRBFMemory:
        """Count successes and failures; change the step, or start anew."""
        memory = rounds.count(view, memory, self._size(view))
        if memory.successes >= _SUCCESSES:
            halvings = max(0, memory.halvings - 1)
            return replace(rounds.counted(memory), halvings=halvings)
        if memory.failures < max(view.space.d_free, _LEAST_FAILURES):
            return memory
        if memory.halvings < _HALVINGS:
            return replace(rounds.counted(memory), halvings=memory.halvings + 1)
        if self.restarts:
            return SRBFMemory(first=view.next_id)
        return rounds.counted(memory)

    def propose(
        self, view: View, memory: SRBFMemory, n: int, rng: Generator
    ) -> tuple[FloatArray, SRBFMemory]:
        """Return points of the design while it lasts, then of the model."""
        k = design.missing(view, self._size(view), n, memory.first)
        points, memory = design.points(view, memory, k, rng)
        if k == n:
            return points, memory
        return self._by_model(view, memory, points, n, rng)

    def _by_model(
        self, view: View, memory: SRBFMemory, points: FloatArray, n: int, rng: Generator
    ) -> tuple[FloatArray, SRBFMemory]:
        """Return n points (n, d), of which the first are given, and the memory."""
        own = rounds.members(view, memory)
        U, y = view.U[own], view.y[own]
        # Distances of the design are of the order of the box; shorter ones are tried.
        bad = view.failed[of_the_place(view)]
        model = candidates.capped_model(U, y, bad)
        best, sigma = U[np.argmin(y)], self.first_step * 0.5**memory.halvings
        weights = _GREEDY if self.greedy else _IN_TURN
        for _ in range(n - len(points)):
            chance = self._chance(view, memory)
            some = candidates.perturbed(view.space, best, sigma, chance, rng)
            weight = weights[memory.proposed % len(weights)]
            taken = np.vstack([view.everything, points])
            point = candidates.choose(some, model.mean(some), taken, weight)
            points = np.vstack([points, point])
            memory = replace(memory, proposed=memory.proposed + 1)
        return points, memory

    def _chance(self, view: View, memory: Any) -> float:
        """Return the chance that a coordinate moves: all do."""
        del view, memory
        return 1.0

    def _size(self, view: View) -> int:
        """Return the size of the design: what a linear tail needs."""
        return view.space.d_free + 1
