"""Descents on models of all outputs, in one valley after the other."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar

import numpy as np
from numpy.random import Generator

from surrogo import checks
from surrogo.checks import FloatArray
from surrogo.optimizers import design, valleys, valleys_memory
from surrogo.optimizers.base import Memory, Strategy, View
from surrogo.optimizers.free import cut, free_variables, with_pending
from surrogo.optimizers.outer import Outer, SumOfSquares
from surrogo.optimizers.outputs import (
    has_only_values,
    known,
    row_of,
    value_of,
    vectors,
)
from surrogo.optimizers.three_arms import ThreeArms
from surrogo.optimizers.valleys import Promised
from surrogo.optimizers.valleys_memory import ValleysMemory, is_hopeless
from surrogo.optimizers.vector_model import VectorModel

_LATE = 4  # times the variables and trials running: a trial is taken for lost
# Two valleys are one where the outputs differ by less than this share of the misfit
# (of ways down on the predator-prey calibration .1 loses no good one, .3 one in
# thirteen, and makes the others a quarter shorter).
_ALIKE = 0.3
_TURNS = 3  # every so-many-th evaluation polishes the best slow valley
_FIRST_LOOKS = 2  # evaluations a variable to look around before the second valley,
_LOOKS = 2  # and evaluations before every later one
_VANISHING = 1e-3  # radii: shorter steps say that the region is far too wide
_COLLAPSE = 0.2
_FAILS = 2  # steps in a row after which a model of too few points is improved


@dataclass(frozen=True)
class GaussNewton(Strategy):
    """Minimise a known function of the outputs, such as the sum of squared residuals.

    About the best point of a valley each output is modelled by a quadratic, all of
    them with one factor, and Gauss-Newton steps in a trust region go down. When they
    gain little, the search looks around for other valleys, and goes down the most
    promising ones as long as they do not lead to the same outputs; the best one is
    polished in between. Where trials have no outputs, or variables are not continuous,
    `ThreeArms` takes over.

    Attributes
    ----------
    outer : Outer
        What is minimised; its values are those of the evaluations.

    Examples
    --------
    >>> import surrogo
    >>> def residuals(x):
    ...     return surrogo.Evaluation(residuals=[x[0] - 0.3, 10 * (x[1] - x[0] ** 2)])
    >>> result = surrogo.optimize(residuals, [(-1, 1)] * 2, max_evals=20, rng=0,
    ...                           strategy=surrogo.optimizers.GaussNewton())
    >>> bool(result.fun < 1e-10)
    True
    """

    name: ClassVar[str] = "gauss_newton"
    Memory: ClassVar[type[Memory]] = ValleysMemory
    uses_vectors: ClassVar[bool] = True

    outer: Outer = field(default_factory=SumOfSquares)

    def __post_init__(self) -> None:
        outer: Any = self.outer
        if isinstance(outer, Mapping):  # from a record
            object.__setattr__(self, "outer", _known_outer(outer))
        elif not isinstance(outer, Outer):
            raise ValueError(
                "outer must be an Outer, such as SumOfSquares(), got "
                f"{checks.shown(self.outer)}"
            )

    def to_dict(self) -> dict[str, Any]:
        """Return name and outer function as plain data."""
        return {"name": self.name, "outer": self.outer.to_dict()}

    def revive(self, memory: Mapping[str, Any]) -> ValleysMemory:
        """Return the memory that this plain data describes."""
        return valleys_memory.revive(memory)

    def propose(
        self, view: View, memory: ValleysMemory, n: int, rng: Generator
    ) -> tuple[FloatArray, ValleysMemory]:
        """Return points (n, d), of the valleys and of looking around."""
        free = free_variables(view)
        if free is None or has_only_values(view):
            U, scalar = ThreeArms().propose(view, memory.scalar, n, rng)
            return U, replace(memory, scalar=scalar)
        view = cut(view, free)
        points = np.full((n, len(free)), 0.5)
        for i in range(n):
            with np.errstate(over="ignore", invalid="ignore"):  # values near 1e308
                u, memory = self._next(view, memory, rng)
            points[i, free] = u
            view = with_pending(view, u)
        return points, memory

    def observe(self, view: View, memory: ValleysMemory) -> ValleysMemory:
        """Return the memory after the results that valleys have waited for."""
        free = free_variables(view)
        if free is None or has_only_values(view):
            scalar = ThreeArms().observe(view, memory.scalar)
            return replace(memory, scalar=scalar)
        view = cut(view, free)
        late = _LATE * (view.U.shape[1] + len(view.pending))
        left = []
        for one in memory.asked:
            value = value_of(view, one.id)
            if value is None and view.next_id - one.id <= late:
                left.append(one)
            else:
                memory = self._heard(
                    view, memory, one, np.nan if value is None else value
                )
        return replace(memory, asked=left)

    def _heard(
        self, view: View, memory: ValleysMemory, one: Promised, value: float
    ) -> ValleysMemory:
        """Return the memory after a valley got a value."""
        valley = memory.valleys[one.valley]
        judged = valley.with_value(one.id, value)
        if one.gain > 0.0:
            row = row_of(view, valley.best)
            misfit = np.inf if row is None else self._misfit(view, row)
            judged = judged.judged(one, value, misfit)
        return memory.changed(one.valley, judged)

    def _next(
        self, view: View, memory: ValleysMemory, rng: Generator
    ) -> tuple[FloatArray, ValleysMemory]:
        """Return the next point (d,) and the memory."""
        if not memory.valleys:
            memory = valleys_memory.first(view, memory, rng)
        while (k := self._whose_turn(view, memory)) is not None:
            u, memory = self._go(view, memory, k, rng)
            if u is not None:
                return u, replace(memory, turns=memory.turns + 1)
        memory = replace(memory, turns=memory.turns + 1)
        return self._look(view, memory, rng)

    def _whose_turn(self, view: View, memory: ValleysMemory) -> int | None:
        """Return the valley to go on with; None to look around."""
        waiting = {one.valley for one in memory.asked if one.gain > 0.0}
        active = [
            k
            for k, valley in enumerate(memory.valleys)
            if not valley.ended and (valley.rays or k not in waiting)
        ]
        quick = [k for k in active if not memory.valleys[k].slow]
        if quick:
            return quick[-1]
        slow = [k for k in active if not is_hopeless(memory.valleys[k], view)]
        if not slow:
            return None
        best = min(slow, key=lambda k: memory.valleys[k].value)
        its_turn = memory.valleys[best].credit or memory.turns % _TURNS == 0
        return best if its_turn else None

    def _go(
        self, view: View, memory: ValleysMemory, k: int, rng: Generator
    ) -> tuple[FloatArray | None, ValleysMemory]:
        """Return the next point (d,) of a valley; None if it is not its turn now."""
        valley = memory.valleys[k]
        if valley.rays:
            *rest, u = valley.rays
            memory = memory.changed(k, replace(valley, rays=rest))
            return np.array(u), memory.asking(Promised(view.next_id, k))
        at = row_of(view, valley.best)
        if at is None:
            return self._without_centre(view, memory, k, rng)
        misfit = self._misfit(view, at)
        if valley.is_over or misfit == 0.0:
            return None, memory.changed(k, replace(valley, ended="bottom"))
        return self._step(view, memory, k, at, rng)

    def _without_centre(
        self, view: View, memory: ValleysMemory, k: int, rng: Generator
    ) -> tuple[FloatArray | None, ValleysMemory]:
        """Look around while the star is running; give up where all of it failed."""
        if any(one.valley == k for one in memory.asked):
            u, memory = self._look_anywhere(view, memory, rng)
            return u, memory
        valley = replace(memory.valleys[k], ended="failed")
        return None, memory.changed(k, valley)

    def _step(
        self, view: View, memory: ValleysMemory, k: int, at: int, rng: Generator
    ) -> tuple[FloatArray | None, ValleysMemory]:
        """Return a step (d,) of a valley, or a point to improve its model."""
        valley, there = memory.valleys[k], known(view)
        U, R = view.U[there], vectors(view)[there]
        centre = int(np.sum(there[:at]))
        misfit, was_slow = self._misfit(view, at), valley.slow
        while valley.radius >= valleys.LEAST_RADIUS:
            model = VectorModel.of(U, R, centre, valley.radius, self.outer)
            z, gain = model.lowest()
            length = float(np.max(np.abs(z)))
            fair = valley.fails < _FAILS or model.poised
            if length >= _VANISHING and gain > 1e-9 * misfit and fair:
                break
            if not model.poised:
                u = model.most_uncertain(view.pending, rng)
                memory = memory.changed(k, replace(valley.spent(), fails=0))
                return u, memory.asking(Promised(view.next_id, k))
            valley = replace(valley, radius=_COLLAPSE * valley.radius)
        else:
            return None, memory.changed(k, replace(valley, ended="bottom"))
        if self._is_known(view, memory, k, model, z, gain):
            return None, memory.changed(k, replace(valley, ended="known"))
        valley = valley.hoping(gain, misfit)
        if valley.slow and not was_slow and not valley.credit and k:
            return None, memory.changed(k, valley)  # its turn comes
        promise = Promised(view.next_id, k, gain, length, valley.value)
        memory = memory.changed(k, valley.spent())
        return model.place(z), memory.asking(promise)

    def _is_known(
        self,
        view: View,
        memory: ValleysMemory,
        k: int,
        model: VectorModel,
        z: FloatArray,
        gain: float,
    ) -> bool:
        """Say whether the next step leads a valley to where an earlier one is."""
        for other in memory.valleys[:k]:
            row = row_of(view, other.best)
            if row is None or other.ended == "known" or not (other.slow or other.ended):
                continue
            if memory.valleys[k].value - gain < other.value - other.hope:
                continue
            r = vectors(view)[row]
            if self._alike(model.outputs, r) and self._alike(model.expected(z), r):
                return True
        return False

    def _alike(self, r: FloatArray, known: FloatArray) -> bool:
        """Say whether outputs are those known, but for a share of the misfit."""
        away, weights = r - known, self.outer.expand(r)[2]
        differs = 0.5 * float(away @ (weights * away))
        misfits = self.outer.misfit(r), self.outer.misfit(known)
        return differs < _ALIKE * max(misfits)

    def _look(
        self, view: View, memory: ValleysMemory, rng: Generator
    ) -> tuple[FloatArray, ValleysMemory]:
        """Return a point (d,) to look around, or the first one of another valley."""
        d = view.U.shape[1]
        enough = _FIRST_LOOKS * d + _LOOKS * (len(memory.valleys) - 1)
        if len(memory.looks) < enough or len(view.y) == 0:
            return self._look_anywhere(view, memory, rng)
        begun = valleys_memory.most_promising(view, memory)
        if begun is None:
            return self._look_anywhere(view, memory, rng)
        memory = valleys_memory.begin(view, memory, begun, valleys.LATER_RADIUS, rng)
        u, memory = self._go(view, memory, len(memory.valleys) - 1, rng)
        assert u is not None  # it has a star
        return u, memory

    def _look_anywhere(
        self, view: View, memory: ValleysMemory, rng: Generator
    ) -> tuple[FloatArray, ValleysMemory]:
        U, memory = design.points(view, memory, 1, rng)
        return U[0], replace(memory, looks=[*memory.looks, view.next_id])

    def _misfit(self, view: View, row: int) -> float:
        return self.outer.misfit(vectors(view)[row])


def _known_outer(data: Mapping[str, Any]) -> Outer:
    """Return the outer function of this plain data."""
    if dict(data) == {"name": SumOfSquares.name}:
        return SumOfSquares()
    raise ValueError(
        f"the outer function {checks.shown(data.get('name'))} is not known here; give "
        "strategy=GaussNewton(outer) to go on with this run"
    )
