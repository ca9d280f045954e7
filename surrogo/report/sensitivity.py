"""Which variables matter, as far as a model of the values knows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from surrogo.checks import FloatArray
from surrogo.space import Space

# Points of the Sobol sequence; d + 2 times as many predictions. The indices are then
# right to about 0.02, which is all that a table of percentages shows.
_POINTS = 1024


@dataclass(frozen=True)
class Sensitivity:
    """Shares of the variance of a model over its whole box.

    Attributes
    ----------
    name : str
    alone : float
        What varies with this variable by itself (the first-order index of Sobol).
    total : float
        The same with all that it does together with others.
    """

    name: str
    alone: float
    total: float


def sensitivity(
    predict: Callable[[FloatArray], FloatArray], space: Space
) -> list[Sensitivity]:
    """Return the share of each variable that is not fixed, the largest first.

    Parameters
    ----------
    predict : callable
        Values (m,) at points (m, d) of the unit cube.
    space : Space
        With at least two variables that are not fixed.

    References
    ----------
    Saltelli et al. 2010, Comput. Phys. Commun. 181, 259-270, as in
    `scipy.stats.sobol_indices`.

    Examples
    --------
    >>> space = Space.of({"load": (0, 1), "width": (0, 1)})
    >>> [s.name for s in sensitivity(lambda U: U[:, 0] + 3 * U[:, 1], space)]
    ['width', 'load']
    """
    from scipy import stats  # half a second to import

    free = np.flatnonzero(space.levels > 1)

    def values(U_free: FloatArray) -> FloatArray:  # (d_free, m) -> (m,)
        U = np.full((U_free.shape[1], space.d), 0.5)
        U[:, free] = U_free.T
        return predict(space.to_unit(space.from_unit(U)))

    some = values(stats.qmc.Sobol(len(free), rng=0).random(64).T)
    size, middle = np.ptp(some), np.mean(some)
    if size == 0.0:
        return []
    cube: list[Any] = [stats.uniform()] * len(free)
    found = stats.sobol_indices(
        func=lambda U: (values(U)[None, :] - middle) / size,  # squares do not overflow
        n=_POINTS,
        dists=cube,
        rng=0,
    )
    alone = np.clip(np.ravel(found.first_order), 0.0, 1.0)
    total = np.clip(np.ravel(found.total_order), 0.0, 1.0)
    order = np.argsort(-total, kind="stable")
    return [
        Sensitivity(space.names[free[j]], float(alone[j]), float(total[j]))
        for j in order
    ]
