"""Bayesian optimisation in one trust region that moves, resizes and starts anew."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar

import numpy as np
from numpy.random import Generator

from surrogo.acquisition.maximise import snap
from surrogo.acquisition.pathwise import draw_path
from surrogo.checks import FloatArray
from surrogo.optimizers import candidates, design, rounds
from surrogo.optimizers.base import Memory, Strategy, View
from surrogo.optimizers.failures import fit_beside_failures, viability
from surrogo.optimizers.global_model import Hyper
from surrogo.optimizers.nearness import gaps
from surrogo.optimizers.region import Region, bounds_variables
from surrogo.optimizers.rounds import Round
from surrogo.samplers import Sobol
from surrogo.surrogates.posterior import Posterior

# Eriksson et al. 2019, section 2 and supplement: lengths of the region in edges of the
# box, successes and failures in a row that change it, coordinates that move.
_FIRST, _SMALLEST, _LARGEST = 0.8, 0.5**7, 1.6
_SUCCESSES, _LEAST_FAILURES = 3, 4
_MOVED = 20.0
# Successes must gain this share of the distance from the lowest to the median value of
# the round. The paper asks for any gain, its program for 1e-3 of the lowest value
# itself, which would depend on where zero is.
_GAIN = 1e-3
_CLOSE = 1e-9  # a candidate nearer than this to a point known is that point
_KERNEL = "matern52"
# At most so many points are in the model, those nearest to the best one; then its
# length scales are searched anew when the data grew by this factor.
_LARGEST_MODEL, _GROWTH = 600, 1.05


@dataclass(frozen=True)
class TuRBOMemory(Round):
    """The round, hyper-parameters, the length of the region.

    `fitted` is the number of points of the round when the length scales were last
    searched on a part of them.
    """

    hyper: Hyper = field(default_factory=Hyper)
    length: float = _FIRST
    fitted: int = 0


@dataclass(frozen=True)
class TuRBO(Strategy):
    """Thompson sampling in a trust region around the best point.

    For many variables and many evaluations: nothing is searched in the whole box. Each
    point minimises one function drawn from a Gaussian process over candidates in a box,
    whose sides are in proportion to the length scales. The box doubles after 3
    successes in a row and halves after max(4, d) failures; when it has collapsed the
    search starts anew with another design, and forgets the points before. In many
    variables candidates differ from the best point in 20 of them on average.

    TuRBO-1 of Eriksson, Pearce, Gardner, Turner & Poloczek 2019, NeurIPS 32
    (arXiv:1910.01739). Failures are counted in evaluations, so that their number does
    not depend on how many are asked for at once.

    Attributes
    ----------
    log_targets : bool
        Whether the model may be one of the logarithm of the values, where the data are
        likelier so.

    Examples
    --------
    >>> import surrogo
    >>> result = surrogo.optimize(lambda x: sum((x - 0.3) ** 2), [(-1, 1)] * 2,
    ...                           max_evals=25, strategy="turbo", rng=0)
    >>> bool(result.fun < 0.01)
    True
    """

    name: ClassVar[str] = "turbo"
    Memory: ClassVar[type[Memory]] = TuRBOMemory

    log_targets: bool = True

    def revive(self, memory: Mapping[str, Any]) -> TuRBOMemory:
        """Return the memory that this plain data describes."""
        return TuRBOMemory(**{**memory, "hyper": Hyper(**memory.get("hyper", {}))})

    def observe(self, view: View, memory: TuRBOMemory) -> TuRBOMemory:
        """Count successes and failures; resize the region, or start anew."""
        least = _GAIN * rounds.depth(view, memory)
        memory = rounds.count(view, memory, _size(view), least)
        if memory.successes >= _SUCCESSES:
            length = min(2.0 * memory.length, _LARGEST)
            return replace(rounds.counted(memory), length=length)
        if memory.failures < max(_LEAST_FAILURES, view.space.d_free):
            return memory
        if memory.length < 2.0 * _SMALLEST:
            return TuRBOMemory(first=view.next_id)
        return replace(rounds.counted(memory), length=0.5 * memory.length)

    def propose(
        self, view: View, memory: TuRBOMemory, n: int, rng: Generator
    ) -> tuple[FloatArray, TuRBOMemory]:
        """Return points of the design while it lasts, then of the region."""
        k = design.missing(view, _size(view), n, memory.first)
        points, memory = design.points(view, memory, k, rng)
        if k == n:
            return points, memory
        local = _local(view, memory, points)
        model, memory = self._fit(local, memory, rng)
        drawn = thompson(local, model, memory.length, n - k, rng)
        return np.vstack([points, drawn]), memory

    def _fit(
        self, local: View, memory: TuRBOMemory, rng: Generator
    ) -> tuple[Posterior, TuRBOMemory]:
        """Fit to the points of the round, or to the nearest to the best of them."""
        n, hyper = len(local.y), memory.hyper
        search = n > _LARGEST_MODEL and n >= _GROWTH * memory.fitted
        if search:  # though the number in the model stays
            hyper = replace(hyper, n_warm=0)
            memory = replace(memory, fitted=n)
        model, hyper = fit_beside_failures(
            _nearest(local, _LARGEST_MODEL), hyper, _KERNEL, self.log_targets, rng
        )
        return model, replace(memory, hyper=hyper)


def _size(view: View) -> int:
    """Return the size of a design, as the authors recommend."""
    return 2 * view.space.d_free


def _local(view: View, memory: TuRBOMemory, points: FloatArray) -> View:
    """Return what the round has seen, with further points pending.

    Successes of earlier rounds are forgotten; with their failures alone the chance of
    success would look worse than it is, so these are forgotten too.
    """
    own = rounds.members(view, memory)
    return replace(
        view,
        U=view.U[own],
        y=view.y[own],
        ids=view.ids[own],
        pending=np.vstack([view.pending, points]),
        failed=view.failed[view.failed_ids >= memory.first],
    )


def _nearest(view: View, most: int) -> View:
    """Return the view with the finished trials that are nearest to the best one."""
    if len(view.y) <= most:
        return view
    away = gaps(view.U, view.U[np.argmin(view.y)])
    near = np.sort(np.argsort(away, kind="stable")[:most])
    return replace(view, U=view.U[near], y=view.y[near], ids=view.ids[near])


def trust_region(view: View, log_l: FloatArray, length: float) -> Region:
    """Return the box around the best point, for log length scales (d,).

    Its sides are in proportion to the length scales, and their product is that of
    equal sides (Eriksson et al. 2019, section 2).
    """
    bounded = bounds_variables(view.space)
    centred = log_l - np.mean(log_l[bounded]) if np.any(bounded) else log_l
    centre = view.U[np.argmin(view.y)]
    return Region.around(view.space, centre, 0.5 * length * np.exp(centred))


def thompson(
    view: View, model: Posterior, length: float, n: int, rng: Generator
) -> FloatArray:
    """Return n points (n, d), each the lowest candidate of a function of its own."""
    region = trust_region(view, model.log_l, length)
    U = _candidates(view, region, rng)
    allowed = candidates.distance(U, view.everything) > _CLOSE
    if len(view.failed):
        known = viability(view)
        allowed &= known.chance(U) >= known.floor
    points = np.empty((0, view.space.d))
    for _ in range(n):
        value = draw_path(model, rng).value(U)
        value = np.where(allowed, value, np.inf) if np.any(allowed) else value
        best = int(np.argmin(value))
        allowed[best] = False
        points = np.vstack([points, U[best]])
    return points


def _candidates(view: View, region: Region, rng: Generator) -> FloatArray:
    """Return points (m, d) of the region: the best one with some coordinates moved."""
    space = view.space
    m = candidates.number(space.d_free)
    V = Sobol().sample_unit(m, space.d, rng)
    chance = min(_MOVED / max(space.d_free, 1), 1.0)
    moved = candidates.mask(space, m, chance, rng)
    centre = view.U[np.argmin(view.y)]
    return snap(space, np.where(moved, region.inside(V), centre))
