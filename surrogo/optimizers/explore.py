"""The exploring arm: where a radial basis function promises much, or is far from data.

After Regis & Shoemaker 2013, "Combining radial basis function surrogates and dynamic
coordinate search in high-dimensional expensive black-box optimization" (DYCORS).
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from surrogo.checks import BoolArray, FloatArray
from surrogo.optimizers.candidates import distance, falling_chance
from surrogo.surrogates import radial
from surrogo.surrogates.rbf_model import RBFModel
from surrogo.surrogates.rbf_recipe import Recipe

_WEIGHTS = 0.3, 0.5, 0.8, 0.95  # of the prediction against the distance, in turn
_SPREAD = 0.2  # of the perturbations, in edges of the cube
_CANDIDATES = 100  # a variable
_FEWEST = 3  # explorations over which the chance to move a coordinate falls
_RIDGE = 1e-6
_APART = 1e-4  # points that are closer, in edges of the cube, are one
_MOST = 500  # points that the model sees


def explore(
    U: FloatArray,
    y: FloatArray,
    taken: FloatArray,
    turn: int,
    turns: int,
    rng: np.random.Generator,
    allowed: Callable[[FloatArray], BoolArray] | None = None,
) -> FloatArray:
    """Return the most promising of random perturbations of the best point, (d,).

    Parameters
    ----------
    U, y : arrays (n, d) and (n,)
        What is known.
    taken : array (m, d)
        All points to keep away from.
    turn, turns : int
        Which exploration this is, and of about how many.
    rng : numpy.random.Generator
    allowed : callable, optional
        Says of points (m, d) whether they may be taken; heeded if some may.
    """
    centre = U[int(np.argmin(y))]
    chance = falling_chance(U.shape[1], turn, max(turns, _FEWEST))
    C = _perturbed(centre, chance, rng)
    if allowed is not None and np.any(good := allowed(C)):
        C = C[good]
    return _most_promising(C, U, y, taken, _WEIGHTS[turn % len(_WEIGHTS)])


def _most_promising(
    C: FloatArray, U: FloatArray, y: FloatArray, taken: FloatArray, weight: float
) -> FloatArray:
    """Return the candidate of C (m, d) with the best mix of prediction and distance."""
    U, y = _distinct(U, y)
    values = _unit(np.minimum(y, np.median(y)))
    recipe = Recipe(radial.get("cubic"), smoothing=_RIDGE)
    predicted = RBFModel.of(recipe, U, values).mean(C)
    merit = weight * _unit(predicted) + (1.0 - weight) * _unit(-distance(C, taken))
    best: FloatArray = C[int(np.argmin(merit))]
    return best


def _distinct(U: FloatArray, y: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return the best points, one of each little cell, and their values."""
    order = np.argsort(y, kind="stable")
    _, first = np.unique(np.round(U[order] / _APART), axis=0, return_index=True)
    kept = order[np.sort(first)][:_MOST]
    return U[kept], y[kept]


def _perturbed(
    centre: FloatArray, chance: float, rng: np.random.Generator
) -> FloatArray:
    d = len(centre)
    m = _CANDIDATES * d
    moved = rng.random((m, d)) < chance
    moved[np.arange(m), rng.integers(d, size=m)] = True
    return np.clip(centre + moved * rng.normal(0.0, _SPREAD, (m, d)), 0.0, 1.0)


def _unit(v: FloatArray) -> FloatArray:
    """Scale to [0, 1]."""
    low, high = float(np.min(v)), float(np.max(v))
    half = 0.5 * high - 0.5 * low  # of values near the largest float
    return (0.5 * v - 0.5 * low) / half if half > 0.0 else np.zeros_like(v)
