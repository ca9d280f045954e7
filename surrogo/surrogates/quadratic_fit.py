"""Where the posterior of the hyper-parameters is highest: a damped Newton search.

With average information for second derivatives (quadratic_likelihood.py) a warm start
needs a handful of evaluations, where L-BFGS-B learns 49 numbers from its steps.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from surrogo.checks import BoolArray, FloatArray
from surrogo.surrogates.quadratic_kernel import LOWER, UPPER
from surrogo.surrogates.quadratic_likelihood import Peak

# No log of a parameter moves further in a step: the quadratic is local.
_LONGEST = 3.0
# What makes the noise larger against all else: sizes lower, the nugget higher.
_MORE_NOISE = np.array([-2.0, -2.0, -2.0, -2.0, -2.0, 0.0, 3.0])
# Least second derivative: near that of the prior, below which none is at a maximum.
_FLATTEST = 0.1
# Nats that a step must promise to be worth an evaluation.
TOLERANCE = 1e-2
MAX_EVALUATIONS = 40
# Steps are shortened by factors between these (Dennis & Schnabel 1996, section 6.3.2).
_SHORTEST_CUT, _LONGEST_CUT = 0.1, 0.5
# Corrections of rank one smaller than this, relative, are rounding (Nocedal & Wright
# 2006, eq. 6.26).
_ROUNDING = 1e-8


@dataclass(frozen=True, eq=False)
class Found:
    """Where a search ended, and evaluations spent."""

    peak: Peak
    n_evaluations: int


def search(
    objective: Callable[[FloatArray], Peak | None],
    start: FloatArray,
    tolerance: float = TOLERANCE,
) -> Found:
    """Minimise from phi (7,) `start` within the bounds."""
    here, spent = _feasible(objective, np.clip(start, LOWER, UPPER))
    correction = np.zeros((len(start), len(start)))
    cut = 1.0
    while spent < MAX_EVALUATIONS:
        step, promised = _step(here, correction)
        if promised < tolerance and correction.any():  # it may be what misleads
            correction = np.zeros_like(correction)
            step, promised = _step(here, correction)
        if cut * promised < tolerance:
            break
        there, spent = objective(here.phi + cut * step), spent + 1
        if there is not None:
            correction = _corrected(correction, here, there)
        if there is not None and there.value < here.value:
            here, cut = there, 1.0
        else:
            cut *= _shorter(here, there, cut * step)
    return Found(here, spent)


def _feasible(
    objective: Callable[[FloatArray], Peak | None], phi: FloatArray
) -> tuple[Peak, int]:
    """Evaluate at phi; where there is no Cholesky factor, with more and more noise."""
    for spent in range(1, MAX_EVALUATIONS):
        peak = objective(phi)
        if peak is not None:
            return peak, spent
        phi = np.clip(phi + _MORE_NOISE, LOWER, UPPER)
    raise np.linalg.LinAlgError(
        "no covariance of these points has a Cholesky factor; remove points that "
        "nearly coincide or lie far away"
    )


def _step(here: Peak, correction: FloatArray) -> tuple[FloatArray, float]:
    """Return the Newton step within the bounds, and what it promises to gain."""
    free = _free(here)
    second = (here.information + correction)[np.ix_(free, free)]
    values, vectors = np.linalg.eigh(second)
    values = np.maximum(np.abs(values), _FLATTEST)
    along = vectors.T @ here.gradient[free]
    step = np.zeros(len(free))
    step[free] = -vectors @ (along / values)
    step *= min(1.0, _LONGEST / max(float(np.max(np.abs(step))), _LONGEST))
    step = np.clip(here.phi + step, LOWER, UPPER) - here.phi
    bend = float(np.sum(values * (vectors.T @ step[free]) ** 2))
    return step, -float(here.gradient @ step) - 0.5 * bend


def _free(here: Peak) -> BoolArray:
    """Return which parameters (7,) are not pressed against a bound."""
    low = (here.phi <= LOWER) & (here.gradient > 0.0)
    high = (here.phi >= UPPER) & (here.gradient < 0.0)
    return np.asarray(~(low | high))


def _corrected(correction: FloatArray, here: Peak, there: Peak) -> FloatArray:
    """Return what is to be added to the information, as the last step shows.

    The symmetric correction of rank one (Nocedal & Wright 2006, eq. 6.24) of what the
    information leaves out, as for nonlinear least squares (Dennis, Gay & Welsch 1981,
    ACM TOMS 7, 348-368).
    """
    step = there.phi - here.phi
    missing = there.gradient - here.gradient - (there.information + correction) @ step
    along = float(missing @ step)
    size = float(np.linalg.norm(missing) * np.linalg.norm(step))
    if abs(along) <= _ROUNDING * size:
        return correction
    return correction + np.outer(missing, missing) / along


def _shorter(here: Peak, there: Peak | None, step: FloatArray) -> float:
    """Return the factor that leads to the least of a parabola through both values."""
    if there is None:
        return _SHORTEST_CUT
    slope = float(here.gradient @ step)
    bend = there.value - here.value - slope
    return min(max(-0.5 * slope / bend, _SHORTEST_CUT), _LONGEST_CUT)
