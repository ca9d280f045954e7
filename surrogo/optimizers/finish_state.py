"""Where a walk to the bottom stands, as plain data; `finish.py` moves it on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from typing import Any

import numpy as np

from surrogo.checks import FloatArray
from surrogo.optimizers.curved import Curved

NO_ROOM = "no coordinate is free"
BARRED = "the way down leads to where evaluations fail"


@dataclass(frozen=True)
class Finish:
    """Where a walk stands: plain data, which `revive` reads back.

    Attributes
    ----------
    x, f : list of float, float
        The best point (d,) in the unit cube and its value.
    free : list of int
        Coordinates that may move.
    B, gradient : list of list of float, list of float
        Second derivatives (d, d), empty at first; slopes at x, 0 where not known.
    phase, reason : str
        "gradient", "search" or "ended"; why it ended.
    at, flipped : int
        Gradient: which of the free coordinates is next; how many differences failed.
    direction, slope, share : list of float, float, float
        Search: the whole step (d,), slope along it (where the process leads, along the
        step of the quadratic), share of it to be tried.
    gain : float
        What the whole step is to gain.
    enough : list of list of float, optional
        Search: point and (one number) value to beat by a shorter step.
    cuts, failures, idle, lost : int
        How often the step was cut; searches that failed, and steps that gained next to
        nothing, in a row; points without a value since the last gradient.
    curved : Curved
        What was seen so far, for the steps that follow a valley.
    """

    x: list[float]
    f: float
    free: list[int]
    B: list[list[float]]
    gradient: list[float]
    phase: str = "gradient"
    at: int = 0
    flipped: int = 0
    direction: list[float] | None = None
    slope: float = 0.0
    gain: float = 0.0
    share: float = 1.0
    cuts: int = 0
    failures: int = 0
    idle: int = 0
    lost: int = 0
    enough: list[list[float]] | None = None
    reason: str = ""
    curved: Curved = field(default_factory=Curved)

    @property
    def ended(self) -> bool:
        """Whether there is nothing left to ask."""
        return self.phase == "ended"


def begin(
    x: Sequence[float] | FloatArray,
    f: float,
    free: Sequence[bool] | None = None,
    known: Sequence[tuple[FloatArray, float]] = (),
) -> Finish:
    """Start at a point whose value is known.

    x (d,) lies in the unit cube, f is finite. Coordinates that are not free never move.
    Further points (d,) may be known with their values.
    """
    if not np.isfinite(f):
        raise ValueError(f"the value at the start must be finite, but it is {f}")
    point = np.clip(np.asarray(x, dtype=float), 0.0, 1.0).tolist()
    moves = [i for i in range(len(point)) if free is None or free[i]]
    around = Curved(seen=[[u.tolist(), [float(value)], []] for u, value in known])
    state = Finish(point, float(f), moves, [], [0.0] * len(point), curved=around)
    return state if moves else replace(state, phase="ended", reason=NO_ROOM)


def revive(data: Mapping[str, Any]) -> Finish:
    """Return the walk that this plain data describes.

    Data of walks before there was `Curved` have other parts, which are left out.
    """
    known = {one.name for one in fields(Finish)} & set(data)
    parts = {name: data[name] for name in known}
    return Finish(**{**parts, "curved": Curved(**data.get("curved", {}))})
