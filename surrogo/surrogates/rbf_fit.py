"""Shape and smoothing of a radial basis function, by leave-one-out or GCV.

Both criteria are closed forms in c = B y and the diagonal of B = N W^-1 N^T (Rippa
1999, Adv. Comput. Math. 11, 193-210; Golub, Heath & Wahba 1979, Technometrics 21,
eq. 1.4). One eigendecomposition of W serves all smoothings of a shape.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from scipy.optimize import minimize_scalar

from surrogo.checks import BoolArray, FloatArray
from surrogo.surrogates import radial
from surrogo.surrogates.rbf_model import NEEDED, RBFModel, reduced_on
from surrogo.surrogates.rbf_recipe import Recipe

Criterion = Callable[[FloatArray, FloatArray, BoolArray], float]

_N_SHAPES = 13  # of the first pass, which finds the basin
_N_RIDGES = 57  # four in a decade
_REFINED = 12  # evaluations that end the search of one parameter
# Smoothings from rounding to where only the tail is left, relative to the largest
# eigenvalue of W.
_RIDGES = (1e-12, 1e2)
# Least shape, times the diameter of the data: flatter is a polynomial up to rounding.
_FLATTEST = 0.1
# Largest shape, times the spacing n^(-1/d): a Gaussian is down to exp(-9) there.
_NARROWEST = 3.0


def _loo(c: FloatArray, diagonal: FloatArray, known: BoolArray) -> float:
    """Return the mean squared leave-one-out residual, over outputs as well."""
    residual = c[known].T / diagonal[known]
    return float(np.mean(residual**2)) if residual.size else 0.0


def _gcv(c: FloatArray, diagonal: FloatArray, known: BoolArray) -> float:
    """Return the generalised cross-validation: LOO with B_ii at its mean."""
    return float(np.mean(c**2) / np.mean(diagonal) ** 2) if np.any(known) else 0.0


CRITERIA: dict[str, Criterion] = {"loo": _loo, "gcv": _gcv}


@dataclass(frozen=True)
class Fit:
    """What a search found: the recipe, its criterion, and how many shapes it tried."""

    recipe: Recipe
    score: float = 0.0
    n_shapes: int = 0


def best(
    recipe: Recipe,
    shape: float | str,
    smoothing: float | str,
    Z: FloatArray,
    y: FloatArray,
) -> Fit:
    """Return the recipe with shape and smoothing as given, or as a criterion has it.

    Parameters
    ----------
    shape, smoothing : float or {"loo", "gcv"}
    Z : array (n, d)
        Points of the unit cube.
    y : array (n,) or (n, k)
        Values of order 1; all outputs share one shape and one smoothing.
    """
    if isinstance(shape, str) and not radial.has_length(recipe.profile):
        shape = 1.0
    if not isinstance(shape, str):
        at = replace(recipe, shape=shape)
        if not isinstance(smoothing, str):
            return Fit(replace(at, smoothing=smoothing))
        return _ridge(at, smoothing, Z, y)
    tried: dict[float, Fit] = {}

    def score(log_shape: float) -> float:
        at = replace(recipe, shape=float(np.exp(log_shape)))
        tried[log_shape] = _ridge(at, smoothing, Z, y, shape)
        return tried[log_shape].score

    _minimise(score, np.linspace(*_log_shapes(Z), _N_SHAPES))
    fit = min(tried.values(), key=lambda fit: fit.score)
    return replace(fit, n_shapes=len(tried))


def _ridge(
    recipe: Recipe,
    smoothing: float | str,
    Z: FloatArray,
    y: FloatArray,
    criterion: str = "loo",
) -> Fit:
    """Return the best smoothing at this shape, with the criterion of the shape."""
    if not isinstance(smoothing, str):
        model = RBFModel.of(replace(recipe, smoothing=smoothing), Z, y)
        score = CRITERIA[criterion](model.c, *model.precision())
        return Fit(model.asked, score)
    spectrum = Spectrum.of(recipe, Z, y)
    largest = float(np.max(spectrum.values, initial=0.0)) or 1.0
    log_ridges = np.log(largest) + np.log(np.geomspace(*_RIDGES, _N_RIDGES))
    log_ridge = _minimise(
        lambda log: spectrum.score(np.exp(log), smoothing), log_ridges
    )
    ridge = float(np.exp(log_ridge))
    return Fit(replace(recipe, smoothing=ridge), spectrum.score(ridge, criterion))


@dataclass(frozen=True, eq=False)
class Spectrum:
    """W = V diag(values) V^T, E = N V (n, nu), its squares, and E^T y."""

    values: FloatArray
    E: FloatArray
    squares: FloatArray
    y: FloatArray

    @classmethod
    def of(cls, recipe: Recipe, Z: FloatArray, y: FloatArray) -> Spectrum:
        """Decompose the matrix of all observations (n, d), without smoothing."""
        on = replace(recipe.on(Z), smoothing=0.0)
        reduced, W = reduced_on(on, Z)
        values, V = np.linalg.eigh(W)
        E = reduced.rotation.up(np.vstack([np.zeros((reduced.tail.p, len(W))), V]))
        return cls(np.maximum(values, 0.0), E, E**2, E.T @ y)

    def score(self, ridge: float, criterion: str) -> float:
        """Return the criterion at a smoothing above 0."""
        inverse = 1.0 / (self.values + ridge)
        c = self.E @ (inverse * self.y.T).T
        known = np.sum(self.squares, axis=1) > NEEDED
        return CRITERIA[criterion](c, self.squares @ inverse, known)


def _minimise(f: Callable[[float], float], grid: FloatArray) -> float:
    """Return the least point of f: the best of a grid, then refined around it."""
    values = [f(x) for x in grid]
    least = int(np.argmin(values))
    low, high = grid[max(least - 1, 0)], grid[min(least + 1, len(grid) - 1)]
    fine = minimize_scalar(
        f, bounds=(low, high), method="bounded", options={"maxiter": _REFINED}
    )
    return float(fine.x if fine.fun < values[least] else grid[least])


def _log_shapes(Z: FloatArray) -> tuple[float, float]:
    """Return the logarithms of the least and the largest shape for points (n, d)."""
    n, d = Z.shape
    width = np.max(np.ptp(Z, axis=0))
    width = width if width > 0.0 else 1.0
    flattest = _FLATTEST / (width * np.sqrt(d))
    return float(np.log(flattest)), float(np.log(_NARROWEST * n ** (1 / d) / width))
