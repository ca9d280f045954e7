"""What the default strategy carries from one ask to the next, as plain data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any

import numpy as np

from surrogo.checks import FloatArray, IntArray
from surrogo.optimizers import finish_state
from surrogo.optimizers.base import Memory, View
from surrogo.optimizers.ego import EGO, EGOMemory
from surrogo.optimizers.finish_state import Finish
from surrogo.optimizers.lines import (
    Lines,
    Sample,
    describe_lines,
    revive_lines,
    revive_sample,
)
from surrogo.optimizers.promises import Promise, Region, revive_promise
from surrogo.optimizers.star import RAYS, other_end

# A point that came back further than this from where it was asked is another one.
_ELSEWHERE = 1e-6
_PATIENCE = 4  # times the variables and trials running is too late

# Who waits for a result.
STAR, CORNER, LINE, STEP, FINISH = "star", "corner", "line", "step", "finish"


@dataclass(frozen=True)
class Asked:
    """A trial whose result somebody waits for: its id, the arm that does, the point.

    k is the number of a star's point; a step has its promise, and a sample of a line
    itself.
    """

    id: int
    arm: str
    u: list[float]
    k: int = 0
    promise: Promise | None = None
    sample: Sample | None = None


@dataclass(frozen=True)
class Answer:
    """What a trial gave: the point (d,) where it was evaluated, and a value or NaN.

    failed says that it was evaluated in vain, unlucky that this was not to be expected.
    """

    asked: Asked
    u: FloatArray
    value: float
    failed: bool = False
    unlucky: bool = False


@dataclass(frozen=True)
class Descent:
    """A way down: a star, then steps of the trust region, then a walk to the bottom.

    Attributes
    ----------
    start, since : int
        Trials from the id `start` on belong to it, and the centre of the star; those
        from `since` on were asked for it.
    star, values : list
        The centre and the ends of the star, and what is known of their values.
    begun : int
        How many points of the star were asked for.
    region : Region
    trust : float
        Average of what steps gained, as a share of what they promised.
    turns : int
        Turns of the trust region and of exploring.
    walk : Finish, optional
    looks : int
        Evaluations to look around with before the star, whose centre they choose.
    failed, again : list of int
        Points of the star that failed, once for each time; those to be asked again.
    barred : bool
        A walk has ended where evaluations fail: steps go on.
    """

    start: int
    star: list[list[float]]
    values: list[float | None]
    since: int = 0
    begun: int = 0
    region: Region = field(default_factory=Region)
    trust: float = 1.0
    turns: int = 0
    walk: Finish | None = None
    looks: int = 0
    failed: list[int] = field(default_factory=list)
    again: list[int] = field(default_factory=list)
    barred: bool = False

    def with_value(self, k: int, value: float) -> Descent:
        """Take in a value of the star; if it is NaN, a point beside takes its place."""
        if np.isfinite(value):
            values = [*self.values[:k], float(value), *self.values[k + 1 :]]
            return replace(self, values=values)
        tried = self.failed.count(k)
        failed = replace(self, failed=[*self.failed, k])
        if k == 0 or tried >= RAYS:
            return failed
        end = other_end(np.array(self.star[0]), np.array(self.star[k]), tried)
        star = [*self.star[:k], end.tolist(), *self.star[k + 1 :]]
        return replace(failed, star=star, again=[*self.again, k])


@dataclass(frozen=True)
class ArmsMemory(Memory):
    """The descent under way, where earlier ones ended, results waited for, lines.

    bottoms are points (d,); separable is "unknown", "testing", "yes" or "no"; there are
    lines if it is "yes", and only then; ego is the memory of the strategy that takes
    over where a variable is not continuous.
    """

    descent: Descent | None = None
    bottoms: list[list[float]] = field(default_factory=list)
    asked: list[Asked] = field(default_factory=list)
    separable: str = "unknown"
    lines: Lines | None = None
    ego: EGOMemory = field(default_factory=EGOMemory)

    def asking(self, view: View, arm: str, u: FloatArray, **more: Any) -> ArmsMemory:
        """Wait for the trial that comes next, at u (d,)."""
        asked = Asked(view.next_id, arm, u.tolist(), **more)
        return replace(self, asked=[*self.asked, asked])

    def waits_for(self, arm: str) -> list[Asked]:
        """Return the trials whose results an arm waits for."""
        return [one for one in self.asked if one.arm == arm]


def answers(view: View, asked: list[Asked]) -> tuple[list[Answer], list[Asked]]:
    """Return what has come of the trials waited for, and those still running.

    One that many younger ones have overtaken is taken for lost.
    """
    late = _PATIENCE * (view.U.shape[1] + len(view.pending))
    here, left = [], []
    for one in asked:
        row = _row(view.ids, one.id)
        failed = _row(view.failed_ids, one.id) is not None
        if row is not None:
            u = view.U[row]
            moved = np.max(np.abs(u - one.u)) > _ELSEWHERE
            here.append(Answer(one, u, np.nan if moved else float(view.y[row])))
        elif failed or view.next_id - one.id > late:
            here.append(Answer(one, np.array(one.u), np.nan, failed))
        else:
            left.append(one)
    return here, left


def _row(ids: IntArray, id: int) -> int | None:
    """Return where an id is among ids (n,), which ascend; None if it is not."""
    row = int(np.searchsorted(ids, id))
    return row if row < len(ids) and ids[row] == id else None


def describe(memory: ArmsMemory) -> dict[str, Any]:
    """Return a memory as plain data that `revive` reads."""
    rest = asdict(replace(memory, lines=None))
    return rest | {"lines": describe_lines(memory.lines)}


def revive(data: Mapping[str, Any]) -> ArmsMemory:
    """Return the memory that this plain data describes."""
    if not data:
        return ArmsMemory()
    return ArmsMemory(
        descent=_descent(data["descent"]),
        bottoms=data["bottoms"],
        asked=[_asked(one) for one in data["asked"]],
        separable=data["separable"],
        lines=revive_lines(data["lines"]),
        ego=EGO().revive(data["ego"]),
    )


def _descent(data: Mapping[str, Any] | None) -> Descent | None:
    if data is None:
        return None
    walk = None if data["walk"] is None else finish_state.revive(data["walk"])
    return Descent(**{**data, "region": Region(**data["region"]), "walk": walk})


def _asked(data: Mapping[str, Any]) -> Asked:
    sample = None if data["sample"] is None else revive_sample(data["sample"])
    promise = revive_promise(data["promise"])
    return Asked(**{**data, "promise": promise, "sample": sample})
