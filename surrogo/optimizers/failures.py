"""What a failed evaluation says about its place."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache

import numpy as np

from surrogo.acquisition.viability import Viability
from surrogo.checks import BoolArray, FloatArray
from surrogo.optimizers.base import View
from surrogo.optimizers.candidates import distance
from surrogo.optimizers.global_model import Hyper, believe, fit_global
from surrogo.surrogates import kernels
from surrogo.surrogates.posterior import Posterior

# A failure counts as one of its place where the other points give success less than
# this chance, if places explain success at all; else it was bad luck.
_LIKELY = 0.5
# Points are proposed where success is as likely, or this share as likely as on average.
_USUAL = 0.75
_PLACES = 50  # random points of which one is taken


def viability(view: View) -> Viability:
    """Return the chance of success, as the finished and failed trials have it."""
    U = np.vstack([view.U, view.failed])
    return _fitted(U.tobytes(), len(view.y), U.shape[1])


@lru_cache(maxsize=1)
def _fitted(points: bytes, good: int, d: int) -> Viability:
    """Fit to points of which the first have succeeded; once, if asked again."""
    U = np.frombuffer(points).reshape(-1, d)
    labels = np.where(np.arange(len(U)) < good, 1.0, 0.0)
    return Viability.fitted(kernels.get("matern52"), U, labels)


def promising_place(view: View, rng: np.random.Generator) -> FloatArray:
    """Return a random point (d,) of the cube where success is likely.

    Away from the failures, if nothing has succeeded yet.
    """
    U = rng.random((_PLACES, view.U.shape[1]))
    if not len(view.failed):
        return np.asarray(U[0])
    if not len(view.y):
        return np.asarray(U[int(np.argmax(distance(U, view.failed)))])
    return np.asarray(U[int(np.argmax(likely(view, U)))])


def likely(view: View, U: FloatArray) -> BoolArray:
    """Say of points U (m, d) whether success is not unlikely there."""
    known = viability(view)
    chance = known.chance(U)
    return np.asarray(chance >= min(_LIKELY, _USUAL * float(np.mean(known.labels))))


def of_the_place(view: View) -> BoolArray:
    """Say which failures (f,) are to be expected where they happened."""
    if not len(view.failed):
        return np.zeros(0, dtype=bool)
    known = viability(view)
    expected: BoolArray = known.predicted[len(view.y) :] < _LIKELY
    return expected & known.depends_on_place


def fit_beside_failures(
    view: View, hyper: Hyper, kernel: str, may_log: bool, rng: np.random.Generator
) -> tuple[Posterior, Hyper]:
    """Fit as `fit_global`, but take failures that are to be expected for bad values.

    Where failures are to be expected a failed point is conditioned on having the median
    target, if it is not predicted to be worse: values that a model promises beyond the
    edge of what can be evaluated would lead a search there again and again. (On a ramp
    that fails below 0.4 of the box, half of 40 evaluations fail rather than 85 %.)
    Other failed points, and pending ones, take the values predicted for them.
    """
    none = np.empty((0, view.space.d))
    alone = replace(view, failed=none, pending=none)
    model, hyper = fit_global(alone, hyper, kernel, may_log, rng)
    if len(view.failed):
        values, _ = model.mean_std(view.failed)
        bad = of_the_place(view)
        least = np.where(bad, np.median(model.y), -np.inf)
        model = model.append(view.failed, np.maximum(values, least))
    return believe(model, view.pending), hyper
