"""How evenly a design fills the space."""

from __future__ import annotations

from typing import Any, Literal, TypeAlias

import numpy as np

from surrogo import checks
from surrogo.checks import FloatArray
from surrogo.space import Space

Method: TypeAlias = Literal["CD", "WD", "MD", "L2-star"]
_METHODS = ("CD", "WD", "MD", "L2-star")


def discrepancy(X: Any, space: Any = None, method: Method = "CD") -> float:
    """Return how far the points are from uniform; 0 is best.

    Parameters
    ----------
    X : array (n, d)
        Points in the units of `space`, or in the unit cube if that is left out.
    space : Space or bounds, optional
    method : {"CD", "WD", "MD", "L2-star"}
        Centred, wrap-around, mixture or star discrepancy: the L2 norm, squared except
        for the last (Hickernell 1998, Mathematics of Computation 67, 299-322; Zhou,
        Fang & Ning 2013), by `scipy.stats.qmc.discrepancy`.

    Raises
    ------
    ValueError
        If `X` is no array (n, d) inside the unit cube, or the method is unknown.

    Examples
    --------
    >>> X = [[1, 3], [2, 6], [3, 2], [4, 5], [5, 1], [6, 4]]
    >>> round(discrepancy(X, [(0.5, 6.5), (0.5, 6.5)]), 6)
    0.008142
    """
    from scipy.stats import qmc  # half a second to import: only where used

    checks.one_of(method, _METHODS, "method")
    return float(qmc.discrepancy(unit_points(X, space), method=method))


def min_distance(X: Any, space: Any = None) -> float:
    """Return the distance of the closest two points in the unit cube; more is better.

    Parameters
    ----------
    X : array (n, d), n at least 2
        Points in the units of `space`, or in the unit cube if that is left out.
    space : Space or bounds, optional

    Raises
    ------
    ValueError
        If `X` is no array (n, d) inside the unit cube, or has fewer than 2 points.

    Examples
    --------
    >>> min_distance([[0.1, 0.1], [0.1, 0.6], [0.9, 0.9]])
    0.5
    """
    from scipy.spatial import KDTree

    U = unit_points(X, space)
    if len(U) < 2:
        raise ValueError(
            f"the distance of the closest two points needs 2 points, got {len(U)}"
        )
    nearest = np.asarray(KDTree(U).query(U, k=[2])[0])  # the first is the point itself
    return float(np.min(nearest))


def unit_points(X: Any, space: Any = None) -> FloatArray:
    """Return `X` in the unit cube; without a space it must lie there already.

    Raises
    ------
    ValueError
        If `X` is no array (n, d), or lies outside.
    """
    if space is not None:
        return Space.of(space).to_unit(X)
    U = checks.finite(checks.array(X, "X"), "X")
    if U.ndim != 2 or U.size == 0:
        raise ValueError(
            f"X must have shape (n, d), got shape {U.shape}; one point is a row"
        )
    if np.any((U < 0.0) | (U > 1.0)):
        raise ValueError(
            "without a space X must lie in the unit cube, got values from "
            f"{U.min():.3g} to {U.max():.3g}; give the bounds as the second argument"
        )
    return U
