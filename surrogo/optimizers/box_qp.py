"""A convex quadratic on a box: the primal active-set method.

Nocedal & Wright 2006, Numerical Optimization, section 16.5, where the only constraints
are bounds. A bound that is met is held, until its multiplier says that leaving it pays.
"""

from __future__ import annotations

import numpy as np

from surrogo.checks import BoolArray, FloatArray

_EPS = float(np.finfo(float).eps)
# Changes of the set of held bounds, a coordinate. Two are usual; rounding can cycle.
_CHANGES = 10


def minimise_quadratic(
    B: FloatArray, g: FloatArray, lower: FloatArray, upper: FloatArray
) -> FloatArray:
    """Return p (d,) in [lower, upper] that minimises g p + p B p / 2.

    Parameters
    ----------
    B : (d, d) array
        Symmetric and positive definite, but for rounding.
    g : (d,) array
    lower, upper : (d,) arrays
        With lower <= 0 <= upper: the search starts at 0, so the value is never above 0.

    Returns
    -------
    (d,) array
    """
    p = np.zeros(len(g))
    held = ((lower >= 0.0) & (g > 0.0)) | ((upper <= 0.0) & (g < 0.0))
    for _ in range(_CHANGES * len(g)):
        p, met = _towards(p, _free_minimum(B, g, p, ~held), lower, upper)
        if met >= 0:
            held[met] = True
            continue
        worst = _pays_most(p, g + B @ p, held, lower, upper)
        if worst < 0:
            break
        held[worst] = False
    return p


def _free_minimum(
    B: FloatArray, g: FloatArray, p: FloatArray, free: BoolArray
) -> FloatArray:
    """Return the minimiser over the free coordinates, with the others as in p."""
    q = p.copy()
    if np.any(free):
        slope = g[free] + B[np.ix_(free, ~free)] @ p[~free]
        q[free] = np.nan_to_num(-solve_definite(B[np.ix_(free, free)], slope))
    return q


def solve_definite(B: FloatArray, b: FloatArray) -> FloatArray:
    """Solve B x = b with the eigenvalues of B no smaller than rounding lets them be.

    B is first scaled to a unit diagonal, nearly the best a diagonal scaling can do for
    its condition (van der Sluis 1969, theorem 4.1); no entry is then above 1.
    """
    root = np.sqrt(np.maximum(np.diag(B), np.finfo(float).tiny))
    w, V = np.linalg.eigh(np.clip(B / root[:, None] / root, -1.0, 1.0))
    w = np.maximum(w, len(w) * _EPS * max(float(w[-1]), _EPS))
    x: FloatArray = V @ ((V.T @ (b / root)) / w) / root
    return x


def _towards(
    p: FloatArray, q: FloatArray, lower: FloatArray, upper: FloatArray
) -> tuple[FloatArray, int]:
    """Go from p towards q as far as the box lets; the bound met first, or -1."""
    step = q - p
    room = np.where(step > 0.0, upper, lower) - p
    moves = step != 0.0
    shares = np.full(len(p), np.inf)
    shares[moves] = room[moves] / step[moves]
    first = int(np.argmin(shares))
    if shares[first] >= 1.0:
        return q, -1
    p = np.clip(p + shares[first] * step, lower, upper)
    p[first] = upper[first] if step[first] > 0.0 else lower[first]
    return p, first


def _pays_most(
    p: FloatArray,
    slope: FloatArray,
    held: BoolArray,
    lower: FloatArray,
    upper: FloatArray,
) -> int:
    """Return the held coordinate that gains most by leaving its bound, or -1."""
    inwards = ((p <= lower) & (slope < 0.0)) | ((p >= upper) & (slope > 0.0))
    gain = np.where(held & inwards & (lower < upper), np.abs(slope), 0.0)
    worst = int(np.argmax(gain))
    return worst if gain[worst] > 0.0 else -1
