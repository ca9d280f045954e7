"""Simulations and the surrogate that learns from each of them."""

from __future__ import annotations

import numpy as np

from surrogo.calibration.curvature import Curvature
from surrogo.calibration.emulator import Emulator
from surrogo.calibration.simulations import Seen, Simulations
from surrogo.calibration.valley import lowest
from surrogo.checks import FloatArray
from surrogo.threads import one_blas_thread

# A value this much lower is a better estimate; worth a simulation, not a new tangent
# below the second.
_LOWER, _MUCH_LOWER, _DESCENTS = 0.005, 0.05, 8


class Learner:
    """A surrogate around the lowest known point, kept up to date."""

    def __init__(self, simulations: Simulations) -> None:
        self.simulations = simulations
        self.recentre()
        for _ in range(_DESCENTS):
            if not self._descend():
                break

    def at(self, centre: Seen) -> Learner:
        """Return one around another point, with the same simulations."""
        out = Learner.__new__(Learner)
        out.simulations = self.simulations
        out.recentre(centre)
        return out

    def recentre(self, centre: Seen | None = None) -> None:
        """Take derivatives at the lowest point, or another, and fit anew."""
        with one_blas_thread():
            self.curvature = Curvature.of(self.simulations, centre)
            self.emulator = Emulator.of(self.simulations, self.curvature)

    def _descend(self) -> bool:
        """Simulate where the surrogate is lowest, if that promises to pay; say so."""
        u, value = lowest(
            self.values, self.simulations.best.u, None, self.curvature.alone
        )
        if value > -_LOWER:
            return False
        self.learn(u[None, :])
        if self.lower_by > _MUCH_LOWER:
            self.recentre()
        return True

    @property
    def lower_by(self) -> float:
        """How much lower a value was found than at the centre."""
        return self.curvature.centre.value - self.simulations.best.value

    def learn(self, U: FloatArray) -> list[Seen | None]:
        """Simulate at U (n, p), and fit to what came."""
        came = self.simulations.many(U)
        if any(one is not None for one in came):
            with one_blas_thread():
                self.emulator = Emulator.of(
                    self.simulations, self.curvature, self.emulator
                )
        return came

    def values(self, U: FloatArray) -> FloatArray:
        """Return cautious rises above the lowest value (m,) at U (m, p)."""
        return np.asarray(self.emulator.cautious(U) - self.simulations.best.value)

    def doubt(self, u: FloatArray) -> float:
        """Return how much caution adds to the value at u (p,)."""
        point = u[None, :]
        return float((self.emulator.cautious(point) - self.emulator.values(point))[0])
