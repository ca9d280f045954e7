"""Multiple shooting: the states at which pieces of a trajectory begin are unknowns.

Bock (1983), "Recent advances in parameter identification techniques for O.D.E.", in
Numerical Treatment of Inverse Problems, Birkhaeuser. A trajectory of several short
pieces stays near the data at parameters where one long piece would run away; the gaps
between the pieces are further residuals, heavier than the data. Here it makes a point
to begin with, so the gaps need not close to the last digit.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from scipy.optimize import least_squares

from surrogo.calibration.problem import Calibration
from surrogo.calibration.segments import Segment
from surrogo.checks import FloatArray
from surrogo.space import Space

# What a gap as wide as the noise counts: first like a datum, then like one ten times
# off. From five points of hare and lynx, heavy gaps at once ended in the right valley
# once or twice, and this always.
_GAPS = (1.0, 10.0)
_STEP = 1e-5  # of differences, in the unit cube and of the noise; 1e-8 is exact
_STEPS = 6  # for each weight; each costs a simulation per parameter and per state
_TOLERANCE = 1e-3  # of the sum of squares: it is but a start
_INSIDE = 1e-4  # how far from the faces of the unit cube the solver begins


@dataclass(frozen=True, eq=False)
class Shot:
    """Where multiple shooting ended, and how many simulations it took."""

    x: FloatArray
    n_simulations: int


class Shooting:
    """Residuals of all segments, and their derivatives; counts its simulations.

    The unknowns w are the parameters in the unit cube and then, for each segment that
    is not the first of its condition, the states at its beginning. A simulation is one
    integration of all segments.
    """

    def __init__(self, space: Space, segments: Sequence[Segment], gap: float) -> None:
        self.space = space
        self.gap = gap
        self.segments = segments
        self.n_simulations = 0

    @cached_property
    def at(self) -> list[slice]:
        """Where each segment's states at the beginning stand in w."""
        sizes = [0 if one.is_first else len(one.unit) for one in self.segments]
        ends = self.space.d + np.cumsum(sizes)
        return [slice(e - s, e) for s, e in zip(sizes, ends.tolist(), strict=True)]

    @cached_property
    def rows(self) -> list[slice]:
        """Which residuals belong to each segment: data, then the gap at its end."""
        gaps = [0 if one.is_last else len(one.unit) for one in self.segments]
        sizes = [len(s.z) + gap for s, gap in zip(self.segments, gaps, strict=True)]
        ends = np.cumsum(sizes).tolist()
        return [slice(e - s, e) for s, e in zip(sizes, ends, strict=True)]

    def begin(self, u: FloatArray) -> FloatArray:
        """Return the unknowns for parameters u (d,), with states from the curves."""
        states = [one.begin() for one in self.segments if not one.is_first]
        return np.concatenate([u, *states])

    def residuals(self, w: FloatArray) -> FloatArray:
        """Return data residuals and gaps, shape (m,)."""
        return self._ends(w) - self._targets(w)

    def _ends(self, w: FloatArray) -> FloatArray:
        """Return what is simulated: values at the data, and weighted ends."""
        self.n_simulations += 1
        d = self.space.d
        x = self.space.from_unit(np.clip(w[None, :d], 0.0, 1.0))[0]
        p = dict(zip(self.space.names, x.tolist(), strict=True))
        parts: list[Any] = []
        for one, at in zip(self.segments, self.at, strict=True):
            Z = one.path(p, w[at])
            parts += [Z[one.row, one.state], [] if one.is_last else self.gap * Z[-1]]
        return np.concatenate(parts)

    def _targets(self, w: FloatArray) -> FloatArray:
        """Return what the simulated values should be: data, and the next beginnings."""
        parts: list[Any] = []
        for one, after in zip(self.segments, [*self.at[1:], slice(0)], strict=True):
            parts += [one.z, [] if one.is_last else self.gap * w[after]]
        return np.concatenate(parts)

    def jacobian(self, w: FloatArray) -> FloatArray:
        """Return the derivatives (m, n) of the residuals by differences.

        The states at which a segment begins move that segment alone, so that one
        simulation serves all segments.
        """
        base = self._ends(w)
        J = np.zeros((len(base), len(w)))
        for j in range(self.space.d):
            step = -_STEP if w[j] > 0.5 else _STEP
            J[:, j] = (self._ends(_moved(w, [j], step)) - base) / step
        for k in range(len(self.segments[0].unit)):
            columns = [at.start + k for at in self.at if at.stop > at.start]
            if columns:
                slope = (self._ends(_moved(w, columns, _STEP)) - base) / _STEP
                self._share(J, slope, k)
        return J

    def _share(self, J: FloatArray, slope: FloatArray, k: int) -> None:
        """Write the derivatives in state k of all beginnings, given all at once."""
        for one, at, rows in zip(self.segments, self.at, self.rows, strict=True):
            if not one.is_first:
                J[rows, at.start + k] = slope[rows]
            if not one.is_last:  # the gap: less what the next segment begins with
                gap = rows.stop - len(one.unit) + k
                J[gap, at.stop + k] -= self.gap


def shoot(problem: Calibration, segments: Sequence[Segment], x: FloatArray) -> Shot:
    """Improve a point (d,) by multiple shooting from curves through the data."""
    space, n_simulations = problem.space, 0
    u = space.to_unit(x[None, :])[0]
    states = Shooting(space, segments, 1.0).begin(u)[space.d :]
    for gap in _GAPS:
        shooting = Shooting(space, segments, gap)
        u, states = _solved(shooting, u, states)
        n_simulations += shooting.n_simulations
    return Shot(np.asarray(space.from_unit(u[None, :])[0]), n_simulations)


def _solved(
    shooting: Shooting, u: FloatArray, states: FloatArray
) -> tuple[FloatArray, FloatArray]:
    d, free = len(u), np.full(len(states), np.inf)
    end: Any = least_squares(
        shooting.residuals,
        np.concatenate([np.clip(u, _INSIDE, 1.0 - _INSIDE), states]),
        shooting.jacobian,
        (np.r_[np.zeros(d), -free], np.r_[np.ones(d), free]),
        max_nfev=_STEPS,
        ftol=_TOLERANCE,
    )
    return np.clip(end.x[:d], 0.0, 1.0), end.x[d:]


def _moved(w: FloatArray, columns: list[int], step: float) -> FloatArray:
    out = w.copy()
    out[columns] += step
    return out
