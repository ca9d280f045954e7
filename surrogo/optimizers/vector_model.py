"""The outputs near a point, and where the outer function of them is lowest there.

Steps are those of Gauss and Newton in a box (Cartis & Roberts 2019, Mathematical
Programming Computation 11, 631-674, for linear models of the residuals), on the
quadratic model of each output, so several of them lead to the lowest point of the box.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.optimize import lsq_linear

from surrogo.checks import FloatArray, IntArray
from surrogo.optimizers.outer import Outer
from surrogo.surrogates.quadratic_process import blur
from surrogo.surrogates.shared_quadratic import SharedQuadratic

# Points that the model sees: those of a full quadratic and so many more for each
# variable, no more than _MOST; beyond 2 d only those within so many radii.
_SPARE, _MOST, _WITHIN = 2, 400, 4.0
_APART = 1e-4  # radii: closer points are one
_STEPS = 30  # of Gauss and Newton in the model
_DAMPINGS = 8  # times that a step is shortened until it goes down
_ENOUGH = 1e-3  # share of the gain so far that a further step must bring
_CANDIDATES = 50  # a variable, for a point to improve the model
_LEAST = 1e-12  # of the largest weight


@dataclass(frozen=True, eq=False)
class VectorModel:
    """Outputs about the centre (d,), where they are `outputs` (r,); in radii.

    near is the number of points in the region besides the centre. There is no fit
    where no other point is known.
    """

    centre: FloatArray
    outputs: FloatArray
    radius: float
    outer: Outer
    fit: SharedQuadratic | None
    near: int

    @classmethod
    def of(
        cls, U: FloatArray, R: FloatArray, at: int, radius: float, outer: Outer
    ) -> VectorModel:
        """Fit to the points U (n, d) and outputs R (n, r) near U[at]."""
        Z = (U - U[at]) / radius
        chosen = _choose(Z, at)
        Z = Z[chosen]
        near = int(np.sum(np.max(np.abs(Z), axis=1, initial=0.0) <= 1.0 + 1e-9))
        fit = None
        if len(chosen):
            fit = SharedQuadratic.fit(Z, R[chosen] - R[at], blur(Z))
        return cls(U[at], R[at], radius, outer, fit, near)

    @property
    def poised(self) -> bool:
        """Whether there are enough points in the region to blame the model."""
        return self.near >= len(self.centre)

    @property
    def box(self) -> tuple[FloatArray, FloatArray]:
        """Return the region within the cube, (d,) and (d,), in radii."""
        lower = np.maximum(-1.0, -self.centre / self.radius)
        return lower, np.minimum(1.0, (1.0 - self.centre) / self.radius)

    def place(self, z: FloatArray) -> FloatArray:
        """Return the points of the cube that are z (.., d) in radii."""
        return np.clip(self.centre + self.radius * z, 0.0, 1.0)

    def expected(self, z: FloatArray) -> FloatArray:
        """Return the outputs (r,) expected at z (d,)."""
        return self.outputs if self.fit is None else self.outputs + self.fit.mean(z)

    def _value(self, z: FloatArray) -> float:
        return float(self.outer.values(self.expected(z)[None])[0])

    def lowest(self) -> tuple[FloatArray, float]:
        """Return where the outer function is lowest in the region, and the gain."""
        z = np.zeros(len(self.centre))
        start = value = self._value(z)
        if self.fit is None:
            return z, 0.0
        damping = 0.0
        for _ in range(_STEPS):
            step, lower, damping = self._step(self.fit, z, value, damping)
            if step is None:
                break
            z, gained, value = z + step, value - lower, lower
            if gained <= _ENOUGH * (start - value):
                break
        return z, start - value

    def _step(
        self, fit: SharedQuadratic, z: FloatArray, value: float, damping: float
    ) -> tuple[FloatArray | None, float, float]:
        """Return a step (d,) that goes down in the model, its end, and the damping."""
        lower, upper = self.box
        _, g, w = self.outer.expand(self.expected(z))
        w = np.sqrt(np.maximum(w, _LEAST * max(float(np.max(w)), _LEAST)))
        A = w[:, None] * fit.jacobian(z)
        size = np.sqrt(np.mean(np.sum(A * A, axis=0))) or 1.0
        for _ in range(_DAMPINGS):
            step = _bounded(A, -g / w, damping * size, lower - z, upper - z)
            end = self._value(z + step)
            if end < value:
                return step, end, 0.1 * damping
            damping = max(10.0 * damping, 1e-3)
        return None, value, damping

    def most_uncertain(
        self, pending: FloatArray, rng: np.random.Generator
    ) -> FloatArray:
        """Return a point (d,) of the region about which the model knows little.

        Away from the points pending (p, d), as far as the candidates allow.
        """
        lower, upper = self.box
        d = len(lower)
        Z = rng.uniform(lower, upper, (_CANDIDATES * d, d))
        running = (pending - self.centre) / self.radius
        away = np.max(np.abs(Z[:, None] - running), axis=2, initial=0.0)
        free = ~np.any(away < 0.5, axis=1)
        Z = Z[free] if np.any(free) else Z
        spread = np.sum(Z * Z, axis=1) if self.fit is None else self.fit.variance(Z)
        return self.place(Z[int(np.argmax(spread))])


def _bounded(
    A: FloatArray, b: FloatArray, damping: float, lower: FloatArray, upper: FloatArray
) -> FloatArray:
    """Return s (d,) in [lower, upper] with the least |A s - b|^2 + |damping s|^2."""
    d = A.shape[1]
    # All that matters of many rows, without squaring the condition number.
    if len(A) > 2 * d:
        Q, A = np.linalg.qr(A)
        b = Q.T @ b
    A = np.vstack([A, damping * np.eye(d)])
    b = np.concatenate([b, np.zeros(d)])
    low, high = np.minimum(lower, -1e-15), np.maximum(upper, 1e-15)
    found = lsq_linear(A, b, (low, high), method="bvls", tol=1e-12).x
    return np.clip(found, lower, upper)


def _choose(Z: FloatArray, at: int) -> IntArray:
    """Return the indices of the points Z (n, d), in radii, that the model sees."""
    d = Z.shape[1]
    away = np.max(np.abs(Z), axis=1)
    order = np.argsort(away, kind="stable")
    full = (d + 1) * (d + 2) // 2
    order = order[(away[order] > _APART) & (order != at)][
        : min(full + _SPARE * d, _MOST)
    ]
    rank = np.arange(len(order))
    return np.asarray(order[(rank < 2 * d) | (away[order] <= _WITHIN)])
