"""Random candidates around a point, and the choice among them by an RBF.

Regis & Shoemaker 2007, INFORMS Journal on Computing 19, 497-509 (section 2: stochastic
response surface method); 2013, Engineering Optimization 45, 529-555 (DYCORS).
"""

from __future__ import annotations

import math

import numpy as np

from surrogo.acquisition.maximise import snap
from surrogo.checks import BoolArray, FloatArray
from surrogo.optimizers.nearness import gaps
from surrogo.optimizers.targets import make_targets
from surrogo.space import Space
from surrogo.surrogates import radial
from surrogo.surrogates.profiles import squared_distances
from surrogo.surrogates.rbf_model import RBFModel
from surrogo.surrogates.rbf_recipe import Recipe

# 100 candidates a variable, at most 5000 (Regis & Shoemaker 2013, section 4.2).
_PER_VARIABLE, _MOST = 100, 5000
# Candidates nearer to a known point than this times sqrt(d) are left out: well below
# the smallest steps, 0.1 / 2^6.
_NEAR = 1e-4
# Fitting takes n^3 / 3 operations: of more points than this only those nearest to the
# best one count, a tenth of a second.
_LARGEST_MODEL = 1000
_MOVED = 20.0  # coordinates that move at first, on average, where there are more


def number(d: int) -> int:
    """Return how many candidates are drawn in d variables."""
    return min(_PER_VARIABLE * d, _MOST)


def falling_chance(d: int, k: int, k_max: float) -> float:
    """Return the chance that a coordinate moves, for the k-th of about k_max points.

    ``min(20 / d, 1) (1 - log(k + 1) / log(k_max))``, and not below 1 / d: in many
    variables, and late in a run, few coordinates move (Regis & Shoemaker 2013).
    """
    left = 1.0 - math.log(k + 1) / math.log(k_max)
    return max(min(_MOVED / d, 1.0) * left, 1.0 / d)


def perturbed(
    space: Space,
    centre: FloatArray,
    sigma: float,
    chance: float,
    rng: np.random.Generator,
) -> FloatArray:
    """Return points (m, d) of the space: the centre with some coordinates moved.

    Each coordinate that is not fixed moves with this chance, and at least one of them:
    by a normal step of standard deviation `sigma`. Steps of discrete variables are at
    least of the order of a level; a categorical one takes any value.
    """
    m = number(space.d_free)
    moved = mask(space, m, chance, rng)
    step = np.maximum(sigma, np.where(np.isinf(space.levels), 0.0, 1.0 / space.levels))
    U = centre + step * rng.normal(size=(m, space.d))
    categorical = np.array([kind == "categorical" for kind in space.kinds])
    U = np.where(categorical, rng.random((m, space.d)), U)
    return snap(space, np.clip(np.where(moved, U, centre), 0.0, 1.0))


def mask(space: Space, m: int, chance: float, rng: np.random.Generator) -> BoolArray:
    """Choose for m candidates the coordinates that move, at least one each: (m, d).

    Regis & Shoemaker 2013, section 3: each with this chance, and one at random where
    none was chosen; fixed ones never.
    """
    free = np.flatnonzero(space.levels > 1)
    moved = np.zeros((m, space.d), dtype=bool)
    if not len(free):
        return moved
    moved[:, free] = rng.random((m, len(free))) < chance
    none = np.flatnonzero(~np.any(moved, axis=1))
    moved[none, rng.choice(free, size=len(none))] = True
    return moved


def capped_model(U: FloatArray, y: FloatArray, failed: FloatArray) -> RBFModel:
    """Return a cubic RBF with a linear tail of values (n,), capped at their median.

    The cap keeps high values from bending the interpolant elsewhere. A failed point
    (f, d) gets the cap: as bad as a value can be.
    """
    level = float(np.sort(y)[len(y) // 2])  # the mean of two could overflow
    t = np.minimum(np.concatenate([y, np.full(len(failed), level)]), level)
    points = np.vstack([U, failed])
    if len(points) > _LARGEST_MODEL:
        away = gaps(points, U[np.argmin(y)])
        near = np.argsort(away, kind="stable")[:_LARGEST_MODEL]
        points, t = points[near], t[near]
    recipe = Recipe(radial.get("cubic"))
    return RBFModel.of(recipe, points, make_targets(t)["plain"].t)


def choose(
    candidates: FloatArray, predicted: FloatArray, taken: FloatArray, weight: float
) -> FloatArray:
    """Return the candidate (d,) of the lowest weighted score.

    Regis & Shoemaker 2007, section 2.3: `weight` times the predicted value, the rest
    times the closeness to points taken (n, d), both scaled to [0, 1] over the
    candidates. Where every candidate is next to a known point, the farthest is taken.
    """
    r = distance(candidates, taken)
    score = weight * _scaled(predicted) + (1.0 - weight) * (1.0 - _scaled(r))
    near = r < _NEAR * np.sqrt(candidates.shape[1])
    score = np.where(near, np.inf, score)
    best: FloatArray = candidates[np.argmax(r) if np.all(near) else np.argmin(score)]
    return best


def distance(U: FloatArray, taken: FloatArray) -> FloatArray:
    """Return the distance (m,) of points U (m, d) to the nearest of those taken."""
    return np.asarray(np.sqrt(np.min(squared_distances(U, taken), axis=1)))


def _scaled(v: FloatArray) -> FloatArray:
    """Map values (m,) to [0, 1]; to 1 where all are the same (the paper's rule)."""
    low, high = np.min(v), np.max(v)
    return (v - low) / (high - low) if high > low else np.ones_like(v)
