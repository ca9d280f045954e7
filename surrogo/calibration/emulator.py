"""A surrogate of a posterior near its lowest point.

What is modelled is what the tangent leaves of the residuals (or the parabola of the
value), in coordinates in which the posterior is about a standard normal: so that one
Gaussian process with few points says much.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from surrogo.calibration.curvature import Curvature
from surrogo.calibration.simulations import Seen, Simulations
from surrogo.checks import FloatArray
from surrogo.surrogates.gp import GaussianProcess

# Points that fit worse by this many nats, or that are so far away, say little about the
# posterior, and their size spoils the scale of a Gaussian process. Kept while there are
# few others.
_FAR_RISE, _FAR = 40.0, 9.0  # nats, and standard deviations: 9^2 / 2 = 40
# Closer to another, in standard deviations, a point adds more rounding than knowledge.
_CLOSE = 0.05
_MOST_POINTS = 250
# A box of points is taken to be this wide at least, in standard deviations: of a
# variable that has hardly moved one cannot learn that it acts over short distances.
_NARROWEST = 1.0
# Of what the tangent leaves of the residuals, components below this share are dropped.
_SHARE = 1e-3
# Relative to the process variance: what solvers leave of noise; interpolation, nearly.
_NOTHING = 1e-8  # of residuals of order 1
_ROUNDING = 1e-9  # see simulations.py
_NUGGET = 1e-8
# Smallest singular value of a trend's columns, relative to the largest, below which its
# coefficients are known no better than to that share: the tangent does without.
_APART = 1e-3
_KERNEL = "squared_exponential"  # solutions of differential equations are smooth


@dataclass(frozen=True, eq=False)
class Emulator:
    """Predicts the value at points of the unit cube.

    Examples
    --------
    >>> import numpy as np
    >>> from surrogo import Evaluation, Space
    >>> from surrogo.calibration.curvature import Curvature
    >>> from surrogo.calibration.simulations import Simulations
    >>> from surrogo.calibration.target import Target
    >>> def evaluate(x):
    ...     r = 3.0 * x - 1.5
    ...     return Evaluation(0.5 * float(r @ r), residuals=r)
    >>> target = Target(Space.of([(0, 1), (0, 1)]), evaluate, [0.5, 0.5])
    >>> simulations = Simulations(target)
    >>> emulator = Emulator.of(simulations, Curvature.of(simulations))
    >>> emulator.values(np.array([[0.5, 1.0]])).round(6)
    array([1.125])
    """

    curvature: Curvature
    gp: GaussianProcess | None  # of the components, on the cube of `box`
    box: tuple[FloatArray, FloatArray]  # lower corner and width (p,), of z
    directions: FloatArray  # (k, r + 1): what a component does to residuals and rest

    @classmethod
    def of(
        cls,
        simulations: Simulations,
        curvature: Curvature,
        like: Emulator | None = None,
    ) -> Emulator:
        """Fit to everything seen nearby; `like` lends its length scales."""
        chosen = _chosen(simulations.seen, curvature)
        U = np.array([one.u for one in chosen])
        C, directions = _components(
            _seen_outputs(chosen, curvature) - _tangents(U, curvature)
        )
        Z = curvature.to_z(U)
        low, width = Z.min(axis=0), np.maximum(np.ptp(Z, axis=0), _NARROWEST)
        if C.shape[1] == 0:
            return cls(curvature, None, (low, width), directions)
        warm = None
        if like is not None and like.gp is not None:
            warm = like.gp.length_scale_ * like.box[1] / width
        gp = _fitted((Z - low) / width, C, warm)
        return cls(curvature, gp, (low, width), directions)

    def values(self, U: FloatArray) -> FloatArray:
        """Return the predicted value (m,) at U (m, p)."""
        return self.values_and_std(U)[0]

    def values_and_std(self, U: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return the predicted value and its standard deviation (m,) at U (m, p)."""
        Y, std = self._outputs(U)
        R, rest = Y[:, :-1], Y[:, -1]
        value = 0.5 * np.sum(R**2, axis=1) + rest
        return value, self._std(R, std)

    def _outputs(self, U: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return residuals and rest (m, r + 1), and the std of components (m, k)."""
        Y = _tangents(U, self.curvature)
        if self.gp is None:
            return Y, np.zeros((len(U), 0))
        low, width = self.box
        # without the checks of `predict`, which take longer than all the rest
        mean, std = self.gp.model_.mean_std((self.curvature.to_z(U) - low) / width)
        C = self.gp.y_mean_ + self.gp.y_scale_ * mean
        size = (len(U), -1)
        std = (self.gp.y_scale_ * std).reshape(size)
        return Y + C.reshape(size) @ self.directions, std

    def cautious(self, U: FloatArray) -> FloatArray:
        """Return values (m,) at U (m, p) that are higher where less is known.

        The expected value of a sum of squares of normals has their variances added;
        they are counted twice here.
        """
        Y, std = self._outputs(U)
        doubt = std**2 @ np.sum(self.directions**2, axis=1)
        return np.asarray(0.5 * np.sum(Y[:, :-1] ** 2, axis=1) + Y[:, -1] + doubt)

    def _std(self, R: FloatArray, std: FloatArray) -> FloatArray:
        """Return the std of r r / 2 + rest for independent, orthogonal components.

        The value is a quadratic in each normal c: variance (slope s)^2 + (q s^2)^2 / 2,
        where q is the squared length of the direction among the residuals.
        """
        if self.gp is None:
            return np.zeros(len(R))
        among = self.directions[:, :-1]
        slope = R @ among.T + self.directions[:, -1]
        square = np.sum(among**2, axis=1) * std**2
        return np.asarray(np.sqrt(np.sum((slope * std) ** 2 + 0.5 * square**2, axis=1)))


def _chosen(seen: list[Seen], curvature: Curvature) -> list[Seen]:
    """Return the points to fit to: near the lowest, and none too close to another."""
    centre = curvature.centre
    lowest = min(one.value for one in seen)
    others = [one for one in seen if one is not centre]
    Z = curvature.to_z(np.array([s.u for s in others]).reshape(-1, len(centre.u)))
    far = np.linalg.norm(Z, axis=1)
    good = np.array([s.value - lowest <= _FAR_RISE for s in others], dtype=bool)
    order = np.lexsort((far, ~(good & (far <= _FAR))))
    order = order[: max(int(np.sum(good & (far <= _FAR))), 2 * len(centre.u) + 2)]
    kept, spots = [centre], np.zeros((1, Z.shape[1]))
    for i in order:
        if np.min(np.sum((spots - Z[i]) ** 2, axis=1)) > _CLOSE**2:
            kept.append(others[i])
            spots = np.vstack([spots, Z[i]])
        if len(kept) == _MOST_POINTS:
            break
    return kept


def _seen_outputs(chosen: list[Seen], curvature: Curvature) -> FloatArray:
    """Return what is modelled (n, r + 1): the residuals, if any, and the rest."""
    if curvature.J is None:
        return np.array([[one.value] for one in chosen])
    R = np.array([one.residuals for one in chosen])
    rest = np.array([one.rest for one in chosen])
    level = curvature.centre.rest
    size = np.maximum(1.0, np.maximum(abs(level), 0.5 * np.sum(R**2, axis=1)))
    rest = np.where(np.abs(rest - level) <= _ROUNDING * size, level, rest)
    return np.column_stack([R, rest])


def _tangents(U: FloatArray, curvature: Curvature) -> FloatArray:
    """Return what the centre alone says of the outputs (m, r + 1)."""
    centre, step = curvature.centre, U - curvature.centre.u
    if curvature.J is None:
        curve = 0.5 * np.sum((step @ curvature.H) * step, axis=1)
        return np.asarray(centre.value + step @ curvature.g + curve)[:, None]
    rest = np.full(len(U), centre.rest)
    return np.column_stack([centre.residuals + step @ curvature.J.T, rest])


def _components(D: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return scores (n, k) of unit size and directions (k, r + 1)."""
    A, s, Vt = np.linalg.svd(D, full_matrices=False)
    left = np.sqrt(np.cumsum(s[::-1] ** 2)[::-1])  # what is left without k and more
    k = int(np.sum(left > max(_SHARE * left[0], _NOTHING)))
    size = s[:k] / np.sqrt(len(D))
    return A[:, :k] * np.sqrt(len(D)), size[:, None] * Vt[:k]


def _fitted(Z: FloatArray, C: FloatArray, warm: FloatArray | None) -> GaussianProcess:
    n, p = Z.shape
    trend = "linear" if n >= 2 * (p + 1) else "constant"
    # 1.5 points per coefficient
    if n >= 0.75 * (p + 1) * (p + 2) and _determine_parabolas(Z):
        trend = "quadratic"
    gp = GaussianProcess(
        _KERNEL,
        trend=trend,
        nugget=_NUGGET,
        length_scale=warm,
        bounds=np.tile([0.0, 1.0], (p, 1)),
        n_starts=2 if warm is None else 1,
        random_state=0,
    )
    return gp.fit(Z, C)


def _determine_parabolas(Z: FloatArray) -> bool:
    """Say whether points (n, p) tell all coefficients of a quadratic apart.

    They do not where one coordinate has taken two values only, as that of a variable at
    its bound may have.
    """
    T = 2.0 * Z - 1.0
    i, j = np.triu_indices(T.shape[1])
    s = np.linalg.svd(
        np.column_stack([np.ones(len(T)), T, T[:, i] * T[:, j]]), compute_uv=False
    )
    return bool(s[-1] > _APART * s[0])
