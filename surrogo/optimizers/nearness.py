"""How near points of the cube are: by the coordinate in which they differ most."""

from __future__ import annotations

import numpy as np

from surrogo.checks import BoolArray, FloatArray

SAME = 1e-12  # points closer than this are one: a tenth of the least difference step


def gaps(U: FloatArray, u: FloatArray) -> FloatArray:
    """Return how far each of the points U (n, d) is from u (d,), shape (n,)."""
    return np.asarray(np.max(np.abs(U - u), axis=1, initial=0.0))


def same(U: FloatArray, u: FloatArray) -> BoolArray:
    """Say of each of the points U (n, d) whether it is u (d,), but for rounding."""
    return np.asarray(gaps(U, u) <= SAME)
