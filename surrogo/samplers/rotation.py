"""The random shift that makes a regular design random and keeps its structure."""

from __future__ import annotations

import numpy as np

from surrogo.checks import FloatArray


def rotated(U: FloatArray, rng: np.random.Generator) -> FloatArray:
    """Shift all points (n, d) by one random vector, modulo 1.

    Each point becomes uniform in the cube while all differences, modulo 1, stay
    (Cranley & Patterson 1976, SIAM Journal on Numerical Analysis 13, 904-914).
    """
    return (U + rng.random(U.shape[1])) % 1.0
