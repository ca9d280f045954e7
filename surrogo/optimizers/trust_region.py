"""The local arm: a trust region whose model is a nearly quadratic Gaussian process.

The frame is the one of Conn, Scheinberg & Vicente 2009, chapters 10 and 11: go where
the model is lowest within the region, compare what came with what was predicted, and
widen or narrow the region by it; where the model promises nothing and has few points
nearby, improve it. The region is a box about the best point; points are measured in its
radius, so that no digits are lost however small it becomes.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from scipy.optimize import Bounds, minimize

from surrogo.checks import FloatArray, IntArray
from surrogo.optimizers.fence import Fence
from surrogo.optimizers.nearness import gaps, same
from surrogo.optimizers.promises import NARROWER, WIDEST, Promise, Region
from surrogo.surrogates.quadratic_process import QuadraticProcess, blur

LEAST_RADIUS = 1e-9
_LEAST_FENCED = 1e-3  # where evaluations fail nearby
_COLLAPSE = 0.2  # factor where nothing is to be gained in the whole region
# Steps shorter than this share of the radius say that the region is far too wide.
_VANISHING = 1e-3
# Points that the model sees: those of a full quadratic, this many more for each
# variable, and only those within so many radii if they determine a full quadratic.
_SPARE, _WITHIN = 2, 4.0
# Two points closer than this share of the radius are one to the model.
_APART = 1e-4
_GEOMETRY = 50  # random points a variable among which the most uncertain is taken
# Radii of steps beside those that are running: as they are, if they fail, if they
# succeed; and how close two of them may be.
_FACTORS = 1.0, 0.5, 2.0, 0.25
_NEAR = 0.1
_CROWDED = 0.5  # radii between such points of a batch
_ROUNDING = 1e-15
LARGEST = 1e100  # differences beyond are cut: nothing is known there but "high"


@dataclass(frozen=True, eq=False)
class LocalModel:
    """The model about the centre (d,), whose value is `best`; Z are points in radii."""

    centre: FloatArray
    best: float
    radius: float
    process: QuadraticProcess
    near: int

    @classmethod
    def fit(cls, U: FloatArray, y: FloatArray, at: int, region: Region) -> LocalModel:
        """Fit to the points U (n, d), y (n,) near U[at]."""
        Z = (U - U[at]) / region.radius
        chosen = _choose(Z)
        t = np.clip(y[chosen] - y[at], -LARGEST, LARGEST)
        warm = _Estimate(np.array(region.phi), region.scale) if region.phi else None
        unit = region.radius / region.unit
        Z = Z[chosen]
        process = QuadraticProcess.fit(Z, t, blur(Z), warm, unit)
        near = int(np.sum(np.max(np.abs(Z), axis=1) <= 1.0 + 1e-9))
        return cls(U[at], float(y[at]), region.radius, process, near)

    @property
    def poised(self) -> bool:
        """Whether at least d + 1 points lie in the region."""
        return self.near >= len(self.centre) + 1

    @property
    def box(self) -> tuple[FloatArray, FloatArray]:
        """Return the region within the cube, (d,) and (d,), in radii."""
        lower = np.maximum(-1.0, -self.centre / self.radius)
        return lower, np.minimum(1.0, (1.0 - self.centre) / self.radius)

    def place(self, z: FloatArray) -> FloatArray:
        """Return the points of the cube that are z (.., d) in radii."""
        return np.clip(self.centre + self.radius * z, 0.0, 1.0)

    def lowest(self) -> tuple[FloatArray, float]:
        """Return where the mean is lowest in the region, in radii, and the gain."""
        lower, upper = self.box
        bounds = Bounds(lower, upper)
        best, z = np.inf, np.zeros(len(lower))
        for start in self._starts(lower, upper):
            found = minimize(
                self.process.mean_gradient,
                start,
                jac=True,
                method="L-BFGS-B",
                bounds=bounds,
                options={"ftol": 1e-14, "gtol": 1e-12, "maxiter": 100},
            )
            if found.fun < best:
                best, z = float(found.fun), found.x
        here, _ = self.process.mean_gradient(np.zeros(len(z)))
        return z, here - best

    def allowed(
        self, fence: Fence, rng: np.random.Generator
    ) -> tuple[FloatArray, float]:
        """Return as `lowest`, but where success is likely; no step if nowhere."""
        z, gain = self.lowest()
        best = fence.lowest(self.process.mean, z, self.box, rng)
        if best is None:
            return np.zeros(len(z)), 0.0
        lost = self.process.mean(np.vstack([best, z]))
        return best, gain - float(lost[0] - lost[1])

    def _starts(self, lower: FloatArray, upper: FloatArray) -> list[FloatArray]:
        """Return the centre, the Newton point and the corner downhill."""
        g, H = self.process.slope, self.process.curvature
        newton = np.linalg.lstsq(H, -g, rcond=None)[0]
        steepest = float(np.max(np.abs(g))) or 1.0
        far = [np.clip(z, lower, upper) for z in (newton, -g / steepest)]
        return [np.zeros(len(g)), *far]

    def most_uncertain(
        self,
        pending: FloatArray,
        rng: np.random.Generator,
        fence: Fence | None = None,
    ) -> FloatArray:
        """Return a point (d,) of the region about which the model knows little.

        Away from the points pending (p, d), as far as the candidates allow.
        """
        lower, upper = self.box
        d = len(lower)
        Z = rng.uniform(lower, upper, (_GEOMETRY * d, d))
        running = (pending - self.centre) / self.radius
        away = np.max(np.abs(Z[:, None] - running), axis=2, initial=0.0)
        crowded = np.any(away < _CROWDED, axis=1)
        Z = Z if np.all(crowded) else Z[~crowded]
        if fence is not None and np.any(likely := fence.allows(Z)):
            Z = Z[likely]
        return self.place(Z[int(np.argmax(self.process.variance(Z)))])

    def remembered(self, region: Region) -> Region:
        """Return the region with the hyper-parameters of this model."""
        phi = self.process.phi.tolist()
        return replace(region, phi=phi, scale=self.process.scale, unit=self.radius)


@dataclass(frozen=True, eq=False)
class _Estimate:
    phi: FloatArray
    scale: float


def full_quadratic(d: int) -> int:
    """Return how many coefficients a quadratic in d variables has."""
    return (d + 1) * (d + 2) // 2


def _choose(Z: FloatArray) -> IntArray:
    """Return the indices of the points Z (n, d), in radii, that the model sees."""
    d = Z.shape[1]
    away = np.max(np.abs(Z), axis=1)
    order = np.argsort(away, kind="stable")
    _, first = np.unique(np.round(Z[order] / _APART), axis=0, return_index=True)
    nearest = order[np.sort(first)][: full_quadratic(d) + _SPARE * d]
    needed = np.arange(len(nearest)) < full_quadratic(d)
    return np.asarray(nearest[needed | (away[nearest] <= _WITHIN)])


def next_step(
    U: FloatArray,
    y: FloatArray,
    at: int,
    region: Region,
    rng: np.random.Generator,
    failed: FloatArray | None = None,
    by_chance: bool = False,
) -> tuple[FloatArray | None, Promise | None, Region]:
    """Return the next point (d,) about U[at], what it promises, and the region.

    No point if the region has collapsed; no promise if the point is only to improve
    the model.

    Parameters
    ----------
    U, y : arrays (n, d) and (n,)
        All that is known; the nearest points are used.
    at : int
        Which point is the centre of the region.
    region : Region
    rng : numpy.random.Generator
    failed : array (f, d), optional
        Points that gave no value.
    by_chance : bool
        Whether they tell nothing of others.
    """
    nothing = np.empty((0, U.shape[1]))
    failed = nothing if failed is None else failed
    while region.radius >= LEAST_RADIUS:
        model = LocalModel.fit(U, y, at, region)
        region = model.remembered(region)
        fence = Fence.about(U, failed, U[at], region, by_chance)
        if fence and fence.depends_on_place and region.radius < _LEAST_FENCED:
            break
        if region.failures and not region.filled and fence is None:
            region = replace(region, filled=True)  # the same step would come again
            return model.most_uncertain(nothing, rng), None, region
        z, gain = model.lowest() if fence is None else model.allowed(fence, rng)
        length = float(np.max(np.abs(z)))
        if length >= _VANISHING and gain > _ROUNDING * abs(model.best):
            promise = Promise(gain, length, model.best, model.poised)
            return model.place(z), promise, region
        if not model.poised:
            return model.most_uncertain(nothing, rng, fence), None, region
        factor = _COLLAPSE if fence is None else NARROWER
        region = replace(region, radius=factor * region.radius)
    return None, None, region


def beside(
    U: FloatArray,
    y: FloatArray,
    at: int,
    region: Region,
    pending: FloatArray,
    running: int,
    rng: np.random.Generator,
) -> FloatArray:
    """Return a further point (d,) while so many steps are running.

    The step of the region as it will be if these fail or succeed; after a few, or where
    that is known or next to one of the points pending (p, d), a point to improve the
    model.
    """
    if running < len(_FACTORS):
        radius = min(_FACTORS[running] * region.radius, WIDEST)
        step, _, _ = next_step(U, y, at, replace(region, radius=radius), rng)
        if step is not None and not _is_taken(step, U, pending, _NEAR * radius):
            return step
    return LocalModel.fit(U, y, at, region).most_uncertain(pending, rng)


def _is_taken(
    u: FloatArray, U: FloatArray, pending: FloatArray, distance: float
) -> bool:
    """Say whether u (d,) is known, though the model may not see it, or next to pending.

    The model sees the nearest points only, and the region stays as it is until a step
    that made a promise comes back: the same step would be taken again.
    """
    return bool(np.any(same(U, u)) or np.any(gaps(pending, u) < distance))
