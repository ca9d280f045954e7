"""Maximise a criterion over the unit cube: many raw points, a few climbs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from surrogo.acquisition.base import Criterion
from surrogo.acquisition.climb import climb
from surrogo.checks import FloatArray
from surrogo.samplers import Sobol
from surrogo.space import Space
from surrogo.surrogates.base import Predictive

_Indices: TypeAlias = NDArray[np.intp]

# Perturbations of incumbents have scales between a thousandth and a third of the box;
# in many dimensions they move about 20 coordinates (Regis & Shoemaker 2013, DYCORS).
_SCALES = -3.0, -0.5  # powers of ten
_MOVED = 20.0


@dataclass(frozen=True)
class Search:
    """How much work a maximisation may do (evidence file, section 3.4).

    Attributes
    ----------
    raw : int
        Sobol points that are scored first.
    near : int
        Perturbations of the incumbents that are scored with them.
    starts : int
        Points from which gradients climb.
    """

    raw: int = 1024
    near: int = 512
    starts: int = 10


def maximise(
    criterion: Criterion,
    model: Predictive,
    space: Space,
    incumbents: FloatArray,
    rng: np.random.Generator,
    search: Search = Search(),
) -> tuple[FloatArray, FloatArray]:
    """Return candidates (m, d) of the unit cube, best first, and their scores (m,).

    All of them are points of the space: discrete coordinates at the centre of a bin,
    variables that do not exist at 1/2. Climbs move only the continuous coordinates.

    Parameters
    ----------
    criterion : Criterion
    model : Predictive
    space : Space
    incumbents : array (k, d)
        Good points of the unit cube, around which part of the search begins; k may
        be 0.
    rng : numpy.random.Generator
    search : Search

    Examples
    --------
    >>> import numpy as np
    >>> from surrogo import GaussianProcess, Space
    >>> from surrogo.acquisition import NegativeMean, maximise
    >>> U = np.linspace(0, 1, 7)[:, None]
    >>> gp = GaussianProcess(bounds=[(0, 1)]).fit(U, (U[:, 0] - 0.4) ** 2)
    >>> rng = np.random.default_rng(0)
    >>> space = Space.of([(0, 1)])
    >>> best, _ = maximise(NegativeMean(), gp.model_, space, U[2:4], rng)
    >>> best[0].round(2)
    array([0.4])
    """
    raw = snap(space, raw_points(space.d, incumbents, rng, search))
    scores = criterion.score(model, raw)
    starts = raw[_pick(scores, search, rng)]

    def score(U: FloatArray) -> tuple[FloatArray, FloatArray]:
        return criterion.score_and_gradient(model, U)

    movable = np.isinf(space.levels) & space.active(space.from_unit(starts))
    ends, _ = climb(score, starts, movable)
    ends = snap(space, ends)
    everything = np.vstack([ends, raw])
    scores = np.concatenate([criterion.score(model, ends), scores])
    order = np.argsort(-scores, kind="stable")
    return everything[order], scores[order]


def snap(space: Space, U: FloatArray) -> FloatArray:
    """Move points (m, d) of the cube to the nearest points of the space."""
    return space.to_unit(space.from_unit(U))


def raw_points(
    d: int, incumbents: FloatArray, rng: np.random.Generator, search: Search
) -> FloatArray:
    """Return `search.raw` points spread over the cube, then those near incumbents."""
    everywhere = Sobol().sample_unit(search.raw, d, rng)
    if not len(incumbents):
        return everywhere
    size = search.near
    centres = incumbents[rng.integers(len(incumbents), size=size)]
    scale = 10.0 ** rng.uniform(*_SCALES, size=(size, 1))
    moved = rng.random((size, d)) < min(1.0, _MOVED / d)
    near = centres + scale * rng.normal(size=(size, d)) * moved
    return np.vstack([everywhere, np.clip(near, 0.0, 1.0)])


def _pick(scores: FloatArray, search: Search, rng: np.random.Generator) -> _Indices:
    """Choose starts: the best, some Boltzmann draws, the best near the incumbents.

    The draws keep the starts from all lying in one basin (as BoTorch picks them).
    """
    scores = _without_gaps(scores)
    n_near = min(search.starts // 3, len(scores) - search.raw)
    near = search.raw + _descending(scores[search.raw :])[:n_near]
    far = scores[: search.raw]
    n_best = max(1, search.starts // 5)
    best, rest = np.split(_descending(far), [n_best])
    spread = float(np.std(far)) or 1.0
    # Gumbel's trick draws without replacement in proportion to exp(score / spread).
    keys = far[rest] / spread + rng.gumbel(size=len(rest))
    n_drawn = max(0, search.starts - n_near - n_best)
    return np.concatenate([best, rest[_descending(keys)[:n_drawn]], near])


def _descending(scores: FloatArray) -> _Indices:
    return np.argsort(-scores, kind="stable")


def _without_gaps(scores: FloatArray) -> FloatArray:
    """Replace scores that are not finite by the lowest finite one."""
    finite = np.isfinite(scores)
    lowest = float(np.min(scores[finite])) if np.any(finite) else 0.0
    return np.where(finite, scores, lowest)
