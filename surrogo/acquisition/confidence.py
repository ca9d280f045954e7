"""Lower confidence bound: the value that is hardly undercut."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from surrogo import checks
from surrogo.acquisition.base import Criterion
from surrogo.checks import FloatArray


@dataclass(frozen=True)
class LCB(Criterion):
    """The lower bound mean - kappa std with its sign changed (Cox & John 1992).

    With a fixed kappa whole regions may stay empty for ever (Jones 2001, method 3): see
    `growing_kappa`.

    Attributes
    ----------
    kappa : float
        Standard deviations below the mean; 0 is `NegativeMean`.

    Raises
    ------
    ValueError
        If kappa is negative.

    Examples
    --------
    >>> import numpy as np
    >>> from surrogo import GaussianProcess
    >>> from surrogo.acquisition import LCB
    >>> gp = GaussianProcess(bounds=[(0, 1)]).fit([[0], [0.5], [1]], [0, 1, 0])
    >>> U = np.array([[0.2]])
    >>> bool(-LCB(kappa=2.0).score(gp.model_, U)[0] < gp.model_.mean_std(U)[0][0])
    True
    """

    kappa: float = 2.0

    def __post_init__(self) -> None:
        if not checks.number(self.kappa, "kappa") >= 0.0:
            raise ValueError(
                f"kappa must be 0 or more standard deviations, got {self.kappa}; the "
                "bound is a lower one, without a sign in front of kappa"
            )

    def _score(self, mean: FloatArray, std: FloatArray) -> FloatArray:
        return self.kappa * std - mean

    def _slopes(
        self, mean: FloatArray, std: FloatArray
    ) -> tuple[FloatArray, FloatArray]:
        return -np.ones_like(mean), np.full_like(std, self.kappa)


def growing_kappa(n: int, d: int, delta: float = 0.1) -> float:
    """Return the kappa to take after n evaluations, so that no region stays empty.

    sqrt(2 log(n^(d/2 + 2) pi^2 / (3 delta))), for which the regret vanishes with
    probability 1 - delta (Srinivas et al. 2010, theorem 2, in the form of Brochu, Cora
    & de Freitas 2010, section 2.3.2, with nu = 1).

    Parameters
    ----------
    n : int
        Number of evaluations so far, at least 1.
    d : int
        Number of variables.
    delta : float
        Between 0 and 1.

    Raises
    ------
    ValueError
        If n or d is below 1, or delta is not between 0 and 1.

    Examples
    --------
    >>> from surrogo.acquisition import growing_kappa
    >>> round(growing_kappa(10, 2), 2), round(growing_kappa(1000, 2), 2)
    (4.56, 6.96)
    """
    n = checks.integer(n, "n, the number of evaluations,", 1)
    d = checks.integer(d, "d, the number of variables,", 1)
    if not 0.0 < delta < 1.0:
        raise ValueError(f"delta must be a probability between 0 and 1, got {delta}")
    growth = (0.5 * d + 2.0) * math.log(n) + math.log(math.pi**2 / (3.0 * delta))
    return math.sqrt(2.0 * growth)
