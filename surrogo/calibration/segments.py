"""Short pieces of a trajectory, each beginning at states of its own."""

from __future__ import annotations

from dataclasses import dataclass
from time import monotonic
from typing import Any

import numpy as np

from surrogo.calibration.errors import SimulationError
from surrogo.calibration.ode_model import OdeModel
from surrogo.calibration.problem import Calibration
from surrogo.calibration.smoothing import Curves, scaled_data
from surrogo.checks import FloatArray, IntArray
from surrogo.ode import IntegrationError

_MOST = 10  # segments of a condition: short enough for any oscillation data can show
# The least noise, as a share of the range: curves may go through all data.
_LEAST_UNIT = 0.05

# What a failed integration counts as, in units of the noise.
FAILED = 1e6


@dataclass(frozen=True, eq=False)
class Segment:
    """A piece of one condition's trajectory.

    States are on the scale of their noise and in units of it.

    Attributes
    ----------
    curves : Curves
    model : OdeModel
    constants : dict
    unit : ndarray, shape (s,)
        The noise of each state.
    grid : ndarray, shape (n,)
        Times: those of its data, and where the next segment begins.
    is_first, is_last : bool
    row, state : ndarray, shape (k,)
        Where its data stand in the trajectory (n, s).
    z : ndarray, shape (k,)
        Its data, in units.
    """

    curves: Curves
    model: OdeModel
    constants: dict[str, Any]
    unit: FloatArray
    grid: FloatArray
    is_first: bool
    is_last: bool
    row: IntArray
    state: IntArray
    z: FloatArray

    def begin(self) -> FloatArray:
        """Return the curves at the beginning, shape (s,)."""
        return np.asarray(self.curves.scaled(self.grid[:1])[0] / self.unit)

    def path(self, p: dict[str, Any], begin: FloatArray) -> FloatArray:
        """Return the trajectory (n, s) from states (s,); the first finds its own."""
        p = {**self.constants, **p}
        try:
            with np.errstate(all="ignore"):
                Y = self._integrated(p, begin)
        except (IntegrationError, SimulationError, ArithmeticError):
            return np.full((len(self.grid), len(self.unit)), FAILED)
        Z = np.asarray(self.curves.to_scale(Y) / self.unit)
        return np.clip(np.nan_to_num(Z, nan=FAILED), -FAILED, FAILED)

    def _integrated(self, p: dict[str, Any], begin: FloatArray) -> FloatArray:
        if self.is_first:
            return self.model.trajectory(p, self.grid)
        y = self.curves.from_scale((begin * self.unit)[None, :])[0]
        if not np.isfinite(y).all():
            raise SimulationError(f"a segment cannot begin at {y.tolist()}")
        deadline = monotonic() + self.model.limits.max_seconds
        return self.model.solve(p, self.grid, y, deadline)


def cut(
    problem: Calibration, observed: dict[str, str], curves: Curves
) -> list[Segment]:
    """Cut one condition into segments with about the same number of times."""
    model, t = problem.model, curves.times
    assert isinstance(model, OdeModel)
    constants = problem.conditions.get(curves.condition, {})
    data = [scaled_data(problem, observed[s], curves.condition) for s in model.states]
    unit = noise_units(problem, observed, curves)
    n = min(_MOST, (len(t) - 1) // 2)
    cuts = np.linspace(0, len(t) - 1, n + 1).astype(np.int64)
    found = []
    for j in range(n):
        first, last = j == 0, j == n - 1
        low, high = cuts[j], cuts[j + 1] + (1 if last else 0)
        inside = [(rows >= low) & (rows < high) for rows, _ in data]
        pairs = list(zip(data, inside, strict=True))
        row = np.concatenate([rows[mask] - low for (rows, _), mask in pairs])
        state = np.repeat(np.arange(len(data)), [mask.sum() for mask in inside])
        z = np.concatenate([z[mask] for (_, z), mask in pairs]) / unit[state]
        grid = t[low : cuts[j + 1] + 1]
        found.append(
            Segment(curves, model, constants, unit, grid, first, last, row, state, z)
        )
    return found


def noise_units(
    problem: Calibration, observed: dict[str, str], curves: Curves
) -> FloatArray:
    """Return the deviation of the data from the curves, for each observed state."""
    out = []
    for spline, observable in zip(curves.splines, observed.values(), strict=True):
        rows, z = scaled_data(problem, observable, curves.condition)
        noise = float(np.std(z - spline(curves.times[rows])))
        out.append(max(noise, _LEAST_UNIT * float(np.ptp(z)), 1e-12))
    return np.array(out)
