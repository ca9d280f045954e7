"""Poisson disk sampling."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from surrogo.checks import FloatArray
from surrogo.samplers.base import Sampler

# SciPy looks for neighbours two cells of side radius / sqrt(d) away, which is far
# enough up to here.
_MOST_VARIABLES = 4
# The part of the cube that spheres of half the radius fill at saturation: 0.547 in 2
# dimensions (Feder 1980, J. Theoretical Biology 87, 237-254); a first guess elsewhere.
_FILLED = 0.55
# The number of points goes with radius**-d, and a fill varies by some per cent: a few
# trials bring it to between n and 1.1 n.
_TRIALS, _SURPLUS = 6, 1.1


@dataclass(frozen=True)
class PoissonDisk(Sampler):
    """Random points no two of which are closer than a radius.

    Bridson 2007 (SIGGRAPH sketches), built on `scipy.stats.qmc.PoissonDisk`. The
    radius is chosen so that about `n` points fill the space, and those in excess are
    left out at random. For up to 4 variables.

    Raises
    ------
    ValueError
        If there are more than 4 variables.

    Examples
    --------
    >>> from surrogo.samplers import PoissonDisk, min_distance
    >>> U = PoissonDisk().sample(50, [(0, 1), (0, 1)], rng=0)
    >>> U.shape, bool(min_distance(U) > 0.1)
    ((50, 2), True)
    """

    def _unit(self, n: int, d: int, rng: np.random.Generator) -> FloatArray:
        if d > _MOST_VARIABLES:
            raise ValueError(
                f"PoissonDisk must be given at most {_MOST_VARIABLES} variables, got "
                f"{d}; take LatinHypercube(optimise='maximin') instead"
            )
        U = _filled(n, d, rng)
        keep = rng.choice(len(U), n, replace=False, shuffle=False)
        return U[np.sort(keep)]


def _filled(n: int, d: int, rng: np.random.Generator) -> FloatArray:
    """Return a saturated set of at least `n` points, and few more."""
    radius = 2.0 * (_FILLED / _ball(d) / n) ** (1.0 / d)
    best = np.empty((0, d))
    trial = 0
    while trial < _TRIALS or len(best) < n:
        U = _fill(radius, d, rng)
        if n <= len(U) and (len(best) == 0 or len(U) < len(best)):
            best = U
        if n <= len(U) <= _SURPLUS * n:
            break
        # aims a little above n, more so with each trial, so that it ends
        radius *= (len(U) / ((1.02 + 0.02 * trial) * n + 1)) ** (1.0 / d)
        trial += 1
    return best


def _fill(radius: float, d: int, rng: np.random.Generator) -> FloatArray:
    from scipy.stats import qmc  # half a second to import: only where used

    return qmc.PoissonDisk(d, radius=radius, rng=rng).fill_space()


def _ball(d: int) -> float:
    """Return the volume of the unit ball."""
    return float(math.pi ** (d / 2) / math.gamma(d / 2 + 1))
