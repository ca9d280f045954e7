"""A way down a valley of the sum of squares: a star, then steps; and its memory."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np

from surrogo.checks import FloatArray
from surrogo.optimizers.promises import BAD, GOOD, NARROWER, ON_BOUNDARY, WIDER, WIDEST

# Radii at first and of later valleys, in edges of the cube. From random points of the
# predator-prey calibration 15 % of the ways from .05 lead to the best valley, 8 % of
# those from .2; where there is one valley .2 needs a tenth less evaluations.
FIRST_RADIUS, LATER_RADIUS = 0.2, 0.05
LEAST_RADIUS = 1e-8
_RECENT = 4  # steps that tell whether a valley is a slow one
_SLOW = 0.1  # of the misfit: less gained by them, and hoped for from the next
_STILL = 1e-6  # of the misfit: a step that changes less gains nothing
_STILLS = 3  # of these in a row are the end


@dataclass(frozen=True)
class Promised:
    """A trial of a valley whose result is waited for.

    gain is predicted below the value `best`, for a step of this length in radii; 0 for
    points of the star and those that improve the model.
    """

    id: int
    valley: int
    gain: float = 0.0
    length: float = 0.0
    best: float = 0.0


@dataclass(frozen=True)
class Valley:
    """The memory of a way down, as plain data.

    Attributes
    ----------
    centre : list of float
        The first point (d,).
    rays : list
        Points of the star that were not asked for yet, the last one first.
    best : int
        The id of its best trial; -1 before it has one.
    value : float
        The value there.
    radius : float
    recent : list of float
        Best values before the last steps.
    hope : float
        What the next step is to gain.
    stills : int
        Steps in a row that have changed nothing.
    fails : int
        Steps in a row that have gained next to nothing of what they promised.
    ended : str
        "" while it goes on; then "bottom", "known" or "failed".
    slow : bool
        Little is gained: others may have a turn.
    credit : int
        Evaluations that it may still have before them, although it is slow.
    """

    centre: list[float]
    rays: list[list[float]]
    best: int = -1
    value: float = 0.0
    radius: float = FIRST_RADIUS
    recent: list[float] = field(default_factory=list)
    hope: float = 0.0
    stills: int = 0
    fails: int = 0
    ended: str = ""
    slow: bool = False
    credit: int = 0

    def with_value(self, id: int, value: float) -> Valley:
        """Take in the value of one of its trials; NaN where it failed."""
        if not np.isfinite(value) or (self.best >= 0 and value >= self.value):
            return self
        return replace(self, best=id, value=value)

    def judged(self, promised: Promised, value: float, misfit: float) -> Valley:
        """Return the valley after a step gave this value; NaN if it failed."""
        gained = promised.best - value
        if not np.isfinite(value):
            return replace(self, radius=NARROWER * self.radius)
        still = abs(gained) <= _STILL * misfit
        valley = replace(self, stills=self.stills + 1 if still else 0)
        ratio = gained / promised.gain
        valley = replace(valley, fails=self.fails + 1 if ratio < BAD else 0)
        if ratio > GOOD and promised.length > ON_BOUNDARY:
            return replace(valley, radius=min(WIDER * self.radius, WIDEST))
        if ratio < BAD:
            # A step well inside says that the region is too wide by more than half.
            shorter = self.radius * min(1.0, max(2.0 * promised.length, 0.2))
            return replace(valley, radius=NARROWER * shorter)
        return valley

    def hoping(self, gain: float, misfit: float) -> Valley:
        """Return the valley before a step that is to gain this."""
        recent = [*self.recent, self.value][-_RECENT:]
        gained = recent[0] - self.value
        slow = len(recent) == _RECENT and max(gained, gain) < _SLOW * misfit
        return replace(self, recent=recent, hope=gain, slow=slow)

    def spent(self) -> Valley:
        """Return the valley after another evaluation of it was asked for."""
        return replace(self, credit=max(0, self.credit - 1)) if self.slow else self

    @property
    def is_over(self) -> bool:
        """Whether steps gain nothing any more."""
        return self.stills >= _STILLS or self.radius < LEAST_RADIUS


def star_rays(
    centre: FloatArray, radius: float, rng: np.random.Generator
) -> list[list[float]]:
    """Return the ends of a ray along each axis, to a random side within the cube."""
    d = len(centre)
    sides = radius * rng.choice([-1.0, 1.0], d)
    ends = centre + sides
    sides = np.where((ends < 0.0) | (ends > 1.0), -sides, sides)
    rays: list[list[float]] = (centre + np.diag(sides)).tolist()
    return rays
