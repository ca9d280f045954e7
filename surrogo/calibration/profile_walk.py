"""One end of a profile likelihood, by few simulations along a surrogate's valley.

The surrogate says where the value, minimised over the other parameters, has risen by
the threshold; a simulation there says whether that is so, and the surrogate learns from
it. The walk goes no further ahead than predictions have been right.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np

from surrogo.calibration.learner import Learner
from surrogo.calibration.simulations import Seen
from surrogo.calibration.valley import lowest
from surrogo.checks import FloatArray

EndState: TypeAlias = Literal["found", "open", "failed", "unfinished"]

# Of the threshold: how far a point may lie above the valley (an end is then off by
# about 1.5 % of its distance), and a prediction be off that is relied on.
_TOLERANCE = 0.03
# A simulation this near the threshold, by its share, ends a walk; the rest is a step
# along the slope, which errs by the square of that.
_NEAR = 0.1
# An end that is predicted worse than this, or in doubt, is looked at from all sides.
_SURPRISE = 0.1
_FIRST = 1.3  # beyond where a normal posterior ends: the end lies inside then
_FAILURES = 4  # in a row halve the step to a sixteenth
# Mistakes at one place before derivatives are taken there, and how far to go then: a
# share of the way that would raise a normal posterior by the threshold.
_MISTAKES, _STEP = 3, 0.7
# So they are, too, this many standard deviations from where they were taken last, or
# where doubt lets a step be no longer than such a share.
_FAR, _LITTLE = 5.0, 0.1
_PIECES, _SECTIONS = 6, 8
_NO_STEP = 1e-9  # of the range


Place: TypeAlias = tuple[FloatArray, float]  # a point (p,) of the valley, its rise


@dataclass(frozen=True, eq=False)
class End:
    """Where a profile ends on one side, and what kind of end it is."""

    u: FloatArray  # (p,) the point of the valley
    state: EndState
    path: tuple[Place, ...]  # from the lowest point here, which is not in it


class Walk:
    """From the lowest point along variable `j`, `side` (+1 or -1), to a rise."""

    def __init__(self, learner: Learner, j: int, side: int, rise: float) -> None:
        self.learner = learner
        self.j, self.side, self.rise = j, side, rise
        self.known = learner.curvature.centre.u
        self.reach = _FIRST * self._expected
        self.failures = self.mistakes = 0
        self.path: list[Place] = []
        self.ahead: list[Place] = []  # where `_ahead` has just been

    def end(self, most: int) -> End:
        """Walk with at most `most` simulations, but for derivatives."""
        for _ in range(most):
            if not self.path and self._at_bound(self.known):
                return self._ended(self.known, "open")
            u = self._ahead()
            found = self._step(u)
            if found is not None:
                return found
        return self._ended(self.known, "unfinished")

    def _at_bound(self, u: FloatArray) -> bool:
        return abs(float(u[self.j]) - (self.side > 0)) <= _NO_STEP

    @property
    def _expected(self) -> float:
        """How far a normal posterior would have its end from its centre."""
        curvature = self.learner.curvature
        return float(np.sqrt(2.0 * self.rise) * curvature.std[self.j])

    @property
    def room(self) -> float:
        """How far the bound is."""
        return float((self.side > 0) - self.known[self.j])

    def _step(self, u: FloatArray) -> End | None:
        """Simulate at u, and judge; the end of the walk if this is one."""
        predicted = float(self.learner.values(u[None, :])[0])
        sure = self.learner.doubt(u) <= self._tolerance
        one = self.learner.learn(u[None, :])[0]
        if one is None:
            return self._failed(u)
        self.failures = 0
        rise = one.value - self.learner.simulations.best.value
        better, least = self._lowest(u)
        beyond = rise - self.rise
        if beyond > _NEAR * self.rise:
            self._mistaken(u, rise)
            return None
        ends = abs(beyond) <= _NEAR * self.rise or self._at_bound(u)
        if ends and not (sure and abs(rise - predicted) <= _SURPRISE * self.rise):
            self._look_around(one)
            better, least = self._lowest(u)
        polished = rise - least <= self._tolerance
        if polished and abs(beyond) <= _NEAR * self.rise:
            self.path += self.ahead
            return self._ended(self._corrected(better, least), "found")
        if polished and self._at_bound(u):
            self.path += self.ahead
            return self._ended(better, "open")
        self._advance(u, better, abs(rise - predicted))
        return None

    def _advance(self, u: FloatArray, better: FloatArray, error: float) -> None:
        """Go on from there; with derivatives taken there where little is known."""
        self.path += self.ahead
        gone, self.mistakes = self._gone(u), 0
        if error <= self._tolerance:
            self.reach = max(2.0 * gone, self.reach)
        far = np.linalg.norm(self.learner.curvature.to_z(better[None, :])) > _FAR
        self.known = better
        if far or gone < _LITTLE * self._expected:
            self._look_around(self.learner.simulations.at(better))

    def _mistaken(self, u: FloatArray, rise: float) -> None:
        """Go less far; where that is not enough, take derivatives at hand."""
        self.mistakes += 1
        if rise > 2.0 * self.rise:
            self.reach = 0.5 * self._gone(u)
        if self.mistakes == _MISTAKES:
            self._look_around(self.learner.simulations.at(self.known))

    def _look_around(self, here: Seen | None) -> None:
        """Take derivatives at a place."""
        self.mistakes = 0
        if here is not None:
            self.learner = self.learner.at(here)
            self.reach = _STEP * self._expected

    def _gone(self, u: FloatArray) -> float:
        return abs(float(u[self.j] - self.known[self.j]))

    def _ended(self, u: FloatArray, state: EndState) -> End:
        path = [place for place in self.path if self._before(place[0], u)]
        rise = float(self.learner.values(u[None, :])[0])
        return End(u, state, (*path, (u, rise)))

    def _before(self, u: FloatArray, end: FloatArray) -> bool:
        return (float(u[self.j]) - float(end[self.j])) * self.side < 0.0

    def _failed(self, u: FloatArray) -> End | None:
        self.failures += 1
        self.reach = 0.5 * self._gone(u)
        if self.failures < _FAILURES:
            return None
        return self._ended(self.known, "failed")

    @property
    def _tolerance(self) -> float:
        return _TOLERANCE * self.rise

    def _lowest(self, u: FloatArray) -> tuple[FloatArray, float]:
        return lowest(self.learner.values, u, self.j, self.learner.curvature.alone)

    def _ahead(self) -> FloatArray:
        """Return the first point of the valley that reaches the rise, else the last."""
        self.ahead = []
        u, far = self.known, self.side * min(self.reach, abs(self.room))
        for c in self.known[self.j] + far * np.arange(1, _PIECES + 1) / _PIECES:
            new, value = self._lowest(_with(u, self.j, c))
            if value >= self.rise:
                return self._between(u, new)
            self.ahead.append((new, value))
            u = new
        return u

    def _between(self, inside: FloatArray, outside: FloatArray) -> FloatArray:
        """Bisect until the rise is met."""
        for _ in range(_SECTIONS):
            middle = 0.5 * (inside + outside)
            u, value = self._lowest(middle)
            if abs(value - self.rise) < 0.2 * self._tolerance:
                return u
            inside, outside = (u, outside) if value < self.rise else (inside, u)
        return inside

    def _corrected(self, u: FloatArray, rise: float) -> FloatArray:
        """Shift the end by what its rise differs from the threshold.

        Along the valley the value rises as it does along the variable alone.
        """
        h = 0.02 * self.learner.curvature.alone[self.j] * self.side
        ahead = float(self.learner.values(_with(u, self.j, u[self.j] + h)[None, :])[0])
        slope = (ahead - rise) / h
        if slope * self.side <= 0.0:
            return u
        most = 0.1 * abs(u[self.j] - self.learner.curvature.centre.u[self.j])
        shift = np.clip((self.rise - rise) / slope, -most, most)
        return _with(u, self.j, float(np.clip(u[self.j] + shift, 0.0, 1.0)))


def _with(u: FloatArray, j: int, value: float) -> FloatArray:
    out = u.copy()
    out[j] = value
    return out
