"""The shape of a posterior at its lowest known point, and coordinates made of it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from surrogo.calibration import slopes
from surrogo.calibration.simulations import Seen, Simulations
from surrogo.checks import BoolArray, FloatArray

# Where the data say nothing, the box does: half its width counts as one standard
# deviation.
_BOX_STD = 0.5
_AT_BOUND = 1e-6  # share of the range
# A slope that lowers the value by less than this over a standard deviation belongs to
# a minimum that merely lies near its bound.
_PUSH = 0.1


@dataclass(frozen=True, eq=False)
class Curvature:
    """The value near a point u (p,): v + g t + t H t / 2, t in ranges of variables.

    Where values are half sums of squares, also the slope J (r, p) of the residuals,
    and H = J^T J (Gauss-Newton: Nocedal & Wright 2006, eq. 10.24).
    """

    centre: Seen
    g: FloatArray  # (p,)
    H: FloatArray  # (p, p)
    J: FloatArray | None = None

    @classmethod
    def of(cls, simulations: Simulations, centre: Seen | None = None) -> Curvature:
        """Return the curvature at a point, the lowest if left out.

        Costs p simulations where values are half sums of squares, none if enough is
        known nearby; else up to p^2 + 3 p.
        """
        centre = simulations.best if centre is None else centre
        if simulations.has_residuals():
            J = slopes.jacobian(simulations, centre)
            if simulations.is_least_squares():
                return cls(centre, J.T @ centre.residuals, J.T @ J, J)
            return cls(centre, *slopes.hessian(simulations, centre), J)
        return cls(centre, *slopes.hessian(simulations, centre))

    @cached_property
    def held(self) -> BoolArray:
        """Which variables (p,) lie at a bound that the value pushes against."""
        u, g = self.centre.u, self.g
        scale = np.sqrt(np.maximum(np.diag(self.H), _BOX_STD**-2))
        pushes = np.abs(g) / scale > _PUSH
        low, high = u <= _AT_BOUND, u >= 1.0 - _AT_BOUND
        return np.asarray(pushes & ((low & (g > 0.0)) | (high & (g < 0.0))))

    @cached_property
    def std(self) -> FloatArray:
        """Standard deviation (p,) of each variable, at most half its range."""
        inverse = self._spread @ self._spread.T
        return np.asarray(np.minimum(np.sqrt(np.diag(inverse)), _BOX_STD))

    @cached_property
    def alone(self) -> FloatArray:
        """Standard deviation (p,) of each variable with the others fixed."""
        H = self._filled
        return np.asarray(1.0 / np.sqrt(np.maximum(np.diag(H), _BOX_STD**-2)))

    def to_z(self, U: FloatArray) -> FloatArray:
        """Return points U (n, p) in coordinates where H is the identity."""
        return np.asarray((U - self.centre.u) @ self._root.T)

    def to_u(self, Z: FloatArray) -> FloatArray:
        """Return points Z (n, p) on the unit cube; they may lie outside."""
        return np.asarray(self.centre.u + Z @ self._spread.T)

    @cached_property
    def _filled(self) -> FloatArray:
        """H, where a variable that is held has at least the slope's own scale."""
        return np.asarray(self.H + np.diag(np.where(self.held, self.g**2, 0.0)))

    @cached_property
    def _eigen(self) -> tuple[FloatArray, FloatArray]:
        w, V = np.linalg.eigh(self._filled)
        return np.sqrt(np.maximum(w, _BOX_STD**-2)), V

    @property
    def _root(self) -> FloatArray:
        w, V = self._eigen
        return np.asarray(w[:, None] * V.T)

    @property
    def _spread(self) -> FloatArray:
        w, V = self._eigen
        return np.asarray(V / w)
