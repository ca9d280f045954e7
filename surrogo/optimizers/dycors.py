"""Stochastic search with a radial basis function, in fewer and fewer coordinates."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from surrogo.optimizers import candidates
from surrogo.optimizers.base import View
from surrogo.optimizers.srbf import SRBF, SRBFMemory

_USUAL = 50  # evaluations a variable that `optimize` takes if no budget is known


@dataclass(frozen=True)
class DYCORS(SRBF):
    """Random steps in some coordinates of the best point, sifted by an RBF.

    As `SRBF`, but a coordinate moves with a chance that falls with the number k of
    points proposed after the design,
    ``min(20 / d, 1) (1 - log(k + 1) / log(k_max))``, and not below 1 / d (Regis &
    Shoemaker 2013, Engineering Optimization 45, 529-555, eq. 3): in many variables,
    and late in a run, few coordinates are better changed at a time. k_max is what the
    budget leaves; without one, what 50 evaluations a variable leave.

    Attributes
    ----------
    first_step : float
    greedy : bool
    restarts : bool
        As for `SRBF`; published are 0.2, False and False.

    Examples
    --------
    >>> import surrogo
    >>> result = surrogo.optimize(lambda x: sum((x - 0.3) ** 2), [(-1, 1)] * 3,
    ...                           max_evals=60, strategy="dycors", rng=0)
    >>> bool(result.fun < 0.01)
    True
    """

    name: ClassVar[str] = "dycors"

    restarts: bool = False

    def _chance(self, view: View, memory: SRBFMemory) -> float:
        d = max(view.space.d_free, 1)
        k, k_max = memory.proposed, self._most(view, memory)
        return candidates.falling_chance(d, k, k_max)

    def _most(self, view: View, memory: SRBFMemory) -> float:
        """Return k_max, the number of points that the model will have given."""
        if view.budget_left is None:
            total = _USUAL * max(view.space.d_free, 1) - self._size(view)
        else:
            total = memory.proposed + view.budget_left
        return max(total, memory.proposed + 1, 2)
