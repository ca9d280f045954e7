"""Efficient global optimisation that alternates with a trust region."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar

import numpy as np
from numpy.random import Generator

from surrogo import checks
from surrogo.acquisition import LogEI
from surrogo.checks import FloatArray
from surrogo.optimizers import design, rounds
from surrogo.optimizers.base import Memory, Strategy, View
from surrogo.optimizers.failures import fit_beside_failures
from surrogo.optimizers.global_model import Hyper
from surrogo.optimizers.region import Region
from surrogo.optimizers.rounds import Round
from surrogo.optimizers.search import Search
from surrogo.surrogates import kernels

# Half the width of the region, in edges of the box: at first that of a fifth of its
# volume, then between these (the values of the authors' own program).
_FIRST_VOLUME, _SMALLEST, _LARGEST = 0.2, 1 / 64, 2.0
_SHRINK = 0.9  # the factor beta after a failure; 1 / beta after a success
# A success lowers the best value by this times sigma^2: the forcing function rho of the
# paper, here relative to the scale of the values.
_FORCING = 1e-4


@dataclass(frozen=True)
class TREGOMemory(Round):
    """The round, hyper-parameters, the size of the region, and whose turn it is.

    The region has `scale` times its first size; `turn` steps were made since the last
    cycle began with a global one; `explorers` are the ids of global steps that run.
    """

    hyper: Hyper = field(default_factory=Hyper)
    scale: float = 1.0
    turn: int = 0
    explorers: list[int] = field(default_factory=list)


@dataclass(frozen=True)
class TREGO(Strategy):
    """Expected improvement in the whole box, then near the best point, in turn.

    After a global step of `EGO` some steps maximise expected improvement in a box
    around the best point, which grows when they succeed and shrinks when they fail: the
    global search learns where to look, the local one finishes. Both use one model of
    everything.

    The trust-region framework of Diouane, Picheny, Le Riche & Scotto Di Perrotolo 2023,
    Journal of Global Optimization 86, 1-23 (algorithm 1), with one global and four
    local steps. A success lowers the best value by at least a forcing function,
    ``1e-4 sigma^2``; the region's half width sigma is then divided by 0.9, and
    multiplied by it after a failure.

    Attributes
    ----------
    kernel : str
        A name of `surrogo.surrogates.kernels.KERNELS`.
    design_extra : int
        Size of the initial design minus the number of variables that are not fixed.
    local_steps : int
        Local steps after every global one.
    log_targets : bool
        Whether the model may be one of the logarithm of the values, where the data are
        likelier so.

    Raises
    ------
    ValueError
        If a setting makes no sense.

    Examples
    --------
    >>> import surrogo
    >>> result = surrogo.optimize(lambda x: (x[0] - 0.3) ** 2, [(-1, 1)], max_evals=12,
    ...                           strategy="trego", rng=0)
    >>> bool(result.fun < 1e-4)
    True
    """

    name: ClassVar[str] = "trego"
    Memory: ClassVar[type[Memory]] = TREGOMemory

    kernel: str = "matern52"
    design_extra: int = 4
    local_steps: int = 4
    log_targets: bool = True

    def __post_init__(self) -> None:
        kernels.get(self.kernel)
        checks.integer(self.design_extra, "design_extra", 0)
        checks.integer(self.local_steps, "local_steps", 0)

    def revive(self, memory: Mapping[str, Any]) -> TREGOMemory:
        """Return the memory that this plain data describes."""
        return TREGOMemory(**{**memory, "hyper": Hyper(**memory.get("hyper", {}))})

    def observe(self, view: View, memory: TREGOMemory) -> TREGOMemory:
        """Resize the region after a success or after local failures."""
        after = rounds.count(view, memory, self._size(view), _decrease(view, memory))
        ended = set(memory.explorers).difference(view.pending_ids.tolist())
        running = [id for id in memory.explorers if id not in ended]
        after = replace(after, explorers=running)
        if after.successes == memory.successes:
            failures = max(0, after.seen - memory.seen - len(ended))
            return _resized(view, after, _SHRINK**failures)
        if int(view.ids[np.argmin(view.y)]) in ended:  # go on with what was found
            after = replace(after, turn=0)
        return _resized(view, after, 1.0 / _SHRINK)

    def propose(
        self, view: View, memory: TREGOMemory, n: int, rng: Generator
    ) -> tuple[FloatArray, TREGOMemory]:
        """Return points of the design while it lasts, then global and local ones."""
        k = design.missing(view, self._size(view), n, memory.first)
        points, memory = design.points(view, memory, k, rng)
        for id in range(view.next_id + k, view.next_id + n):
            pending = np.vstack([view.pending, points])
            now = replace(view, pending=pending)
            point, memory = self._by_model(now, memory, id, rng)
            points = np.vstack([points, point])
        return points, memory

    def _by_model(
        self, view: View, memory: TREGOMemory, id: int, rng: Generator
    ) -> tuple[FloatArray, TREGOMemory]:
        """Return one point (d,), which will have this id, and the memory after it."""
        model, hyper = fit_beside_failures(
            view, memory.hyper, self.kernel, self.log_targets, rng
        )
        search, turn = Search(view, model), memory.turn
        memory = replace(memory, hyper=hyper, turn=(turn + 1) % (self.local_steps + 1))
        criterion = LogEI(search.best_believed)
        if turn == 0:
            memory = replace(memory, explorers=[*memory.explorers, id])
            return search.best(criterion, rng), memory
        region = trust_region(view, memory)
        return search.best_inside(criterion, region, rng), memory

    def _size(self, view: View) -> int:
        return view.space.d_free + self.design_extra


def trust_region(view: View, memory: TREGOMemory) -> Region:
    """Return the region around the best point."""
    half = _half_width(view, memory)
    best = view.U[np.argmin(view.y)]
    return Region.around(view.space, best, np.full(view.space.d, half))


def _half_width(view: View, memory: TREGOMemory) -> float:
    first: float = 0.5 * _FIRST_VOLUME ** (1.0 / max(view.space.d_free, 1))
    return memory.scale * first


def _resized(view: View, memory: TREGOMemory, factor: float) -> TREGOMemory:
    """Return the memory with a larger or smaller region, and its counters at zero."""
    half = _half_width(view, memory)
    bounded = min(max(factor * half, _SMALLEST), _LARGEST)
    return replace(rounds.counted(memory), scale=memory.scale * bounded / half)


def _decrease(view: View, memory: TREGOMemory) -> float:
    """Return what a step must gain to succeed, in the units of the values."""
    return _FORCING * _half_width(view, memory) ** 2 * rounds.depth(view, memory)
