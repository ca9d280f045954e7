"""Efficient global optimisation: a Gaussian process and expected improvement.

After Jones, Schonlau & Welch 1998, with the choices that the comparison of Le Riche &
Picheny 2021 recommends: a small design, a Matern 5/2 kernel, and a thorough
maximisation of the criterion (here of its logarithm, Ament et al. 2023).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar

import numpy as np
from numpy.random import Generator

from surrogo import checks
from surrogo.acquisition import LogEI
from surrogo.checks import FloatArray
from surrogo.optimizers import design
from surrogo.optimizers.base import Memory, Strategy, View
from surrogo.optimizers.basins import Basin, fill, finished_basin
from surrogo.optimizers.design import Designed
from surrogo.optimizers.failures import fit_beside_failures
from surrogo.optimizers.global_model import Hyper
from surrogo.optimizers.search import Search
from surrogo.surrogates import kernels

# A basin is finished when its lowest predicted value, less two standard deviations of
# the prediction, gains no more than this on the best one, in standard deviations of
# the targets (benchmarks/results/ablation.md).
_FINISHED = 1e-3
# The best finished basin is polished while the prediction gains more than this.
_POLISHED = 1e-6
_PATIENCE = 2  # and not before so many initial designs' worth of points


@dataclass(frozen=True)
class EGOMemory(Designed):
    """Seed and length of the initial design, hyper-parameters, finished basins.

    hyper has an entry for the model of everything ("main") and one for the model in
    which the finished basins are filled ("side"); n_finished is the number of points
    when the last basin was finished.
    """

    hyper: dict[str, Hyper] = field(default_factory=dict)
    basins: list[Basin] = field(default_factory=list)
    n_finished: int = 0


@dataclass(frozen=True)
class EGO(Strategy):
    """Expected improvement over a Gaussian process on the whole box.

    The first d + 4 points are a Sobol design; points that the user brings count. Then
    proposals alternate between the largest expected improvement and the lowest
    predicted value, which finishes what the former finds. When a basin is finished the
    search goes on as if it were filled, and polishes the best one while that pays.

    Attributes
    ----------
    kernel : str
        A name of `surrogo.surrogates.kernels.KERNELS`.
    design_extra : int
        Size of the initial design minus the number of variables that are not fixed.
    exploit_every : int
        Every so-many-th proposal is where the predicted mean is lowest; 0 for never.
    leave_basins : bool
        Whether to look elsewhere when a basin is finished.
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
    >>> from surrogo.optimizers import EGO
    >>> result = surrogo.optimize(lambda x: (x[0] - 0.3) ** 2, [(-1, 1)], max_evals=12,
    ...                           strategy=EGO(kernel="matern32"), rng=0)
    >>> bool(result.fun < 1e-4)
    True
    """

    name: ClassVar[str] = "ego"
    Memory: ClassVar[type[Memory]] = EGOMemory

    kernel: str = "matern52"
    design_extra: int = 4
    exploit_every: int = 2
    leave_basins: bool = True
    log_targets: bool = True

    def __post_init__(self) -> None:
        kernels.get(self.kernel)
        checks.integer(self.design_extra, "design_extra", 0)
        checks.integer(self.exploit_every, "exploit_every", 0)

    def propose(
        self, view: View, memory: EGOMemory, n: int, rng: Generator
    ) -> tuple[FloatArray, EGOMemory]:
        """Return points of the design while it lasts, then of the model."""
        size = view.space.d_free + self.design_extra
        k = design.missing(view, size, n)
        points, memory = design.points(view, memory, k, rng)
        for _ in range(n - k):
            pending = np.vstack([view.pending, points])
            point, memory = self._by_model(replace(view, pending=pending), memory, rng)
            points = np.vstack([points, point])
        return points, memory

    def revive(self, memory: Mapping[str, Any]) -> EGOMemory:
        """Return the memory that this plain data describes."""
        hyper = {name: Hyper(**data) for name, data in memory.get("hyper", {}).items()}
        basins = [Basin(**data) for data in memory.get("basins", [])]
        return EGOMemory(**{**memory, "hyper": hyper, "basins": basins})

    def _by_model(
        self, view: View, memory: EGOMemory, rng: Generator
    ) -> tuple[FloatArray, EGOMemory]:
        """Return one point (d,), and the memory after it."""
        if self.exploit_every and len(view.everything) % self.exploit_every == 0:
            point, memory = self._lowest(view, memory, rng)
            if point is not None:
                return point, memory
        search, memory = self._look(view, memory, bool(memory.basins), rng)
        return search.best(LogEI(search.best_believed), rng), memory

    def _lowest(
        self, view: View, memory: EGOMemory, rng: Generator
    ) -> tuple[FloatArray | None, EGOMemory]:
        """Return where the predicted mean is lowest (d,), or None if nothing is left.

        The best of the finished basins is polished while the model promises digits;
        then come those that are left. A basin in which next to nothing is to be gained
        is finished.
        """
        if memory.basins:
            search, memory = self._look(view, memory, False, rng)
            point, gain, _ = search.lowest(rng)
            if gain > _POLISHED:
                return point, memory
        search, memory = self._look(view, memory, bool(memory.basins), rng)
        point, _, most = search.lowest(rng)
        if most > _FINISHED or not self._may_finish(view, memory):
            return point, memory
        basin = finished_basin(search.view, search.model.log_l)
        return None, replace(
            memory,
            basins=[*memory.basins, basin],
            hyper={**memory.hyper, "side": Hyper()},
            n_finished=len(view.everything),
        )

    def _may_finish(self, view: View, memory: EGOMemory) -> bool:
        """Whether enough was seen since the last basin to trust the model here."""
        seen = len(view.everything) - memory.n_finished
        return self.leave_basins and seen >= _PATIENCE * (view.space.d_free + 4)

    def _look(
        self, view: View, memory: EGOMemory, side: bool, rng: Generator
    ) -> tuple[Search, EGOMemory]:
        """Fit to everything, or on the side to what is left without known basins."""
        name = "side" if side else "main"
        view = fill(view, memory.basins) if side else view
        hyper = memory.hyper.get(name, Hyper())
        model, hyper = fit_beside_failures(
            view, hyper, self.kernel, self.log_targets, rng
        )
        memory = replace(memory, hyper={**memory.hyper, name: hyper})
        return Search(view, model), memory
