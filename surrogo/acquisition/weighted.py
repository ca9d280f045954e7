"""Expected improvement with a weight between exploitation and exploration.

Its two terms, weighted (Sobester, Leary & Keane 2005, J. Global Optimization 33,
31-59)::

    std h_w(z),   h_w(z) = w z Phi(z) + (1 - w) phi(z),   z = (best - mean) / std

With h(z) = phi + z Phi this is w h + (1 - 2 w) phi. Up to w = 1/2 both terms are
positive, and so is the sum. Beyond, h_w is negative to the left of a root z0 < 0 (0 for
w = 1), where h = (2 - 1/w) phi, and has a valley there: it would rank the worst places
above bad ones. No search ends there, but one that starts there must find its way: the
logarithm is continued by its tangent.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from surrogo import checks
from surrogo.acquisition.base import Criterion
from surrogo.acquisition.improvement import (
    HALF_LOG_2PI,
    log_h,
    log_h_slopes,
    standardised,
)
from surrogo.checks import FloatArray

_MARGIN = 0.01  # from the root to where the tangent takes over, in standard deviations
_LEAST = 1e-300  # of phi / h, which underflows to the right


@dataclass(frozen=True)
class LogWeightedEI(Criterion):
    """Logarithm of the weighted expected improvement below `best`.

    Attributes
    ----------
    best : float
        The value to improve on, in the units of the model.
    weight : float
        From 0, which looks where the model knows least, to 1, which trusts its mean;
        1/2 ranks as `LogEI` does. Sobester et al. 2005 recommend to go through several.

    Raises
    ------
    ValueError
        If the weight does not lie between 0 and 1.

    Examples
    --------
    >>> import numpy as np
    >>> from surrogo import GaussianProcess
    >>> from surrogo.acquisition import LogWeightedEI
    >>> gp = GaussianProcess(bounds=[(0, 1)]).fit([[0], [0.3], [0.5]], [0.2, 0, 0.1])
    >>> U = np.array([[0.35], [1.0]])
    >>> [int(np.argmax(LogWeightedEI(0.0, w).score(gp.model_, U))) for w in (0.1, 1.0)]
    [1, 0]
    """

    best: float
    weight: float = 0.5

    def __post_init__(self) -> None:
        if not 0.0 <= checks.number(self.weight, "weight") <= 1.0:
            raise ValueError(
                f"weight must lie between 0 (exploration) and 1 (exploitation), got "
                f"{self.weight}"
            )

    def _score(self, mean: FloatArray, std: FloatArray) -> FloatArray:
        z, std = standardised(self.best, mean, std)
        edge = self._edge
        beyond = np.minimum(z - edge, 0.0)
        tangent = beyond * self._slope(np.array(edge)) if beyond.any() else 0.0
        return np.log(std) + self._log_h_w(np.maximum(z, edge)) + tangent

    def _slopes(
        self, mean: FloatArray, std: FloatArray
    ) -> tuple[FloatArray, FloatArray]:
        # with H = log h_w: d(log std + H(z)) = dstd / std - H' (dmean + z dstd) / std
        z, std = standardised(self.best, mean, std)
        at = np.maximum(z, self._edge)
        slope = self._slope(at)
        rest = self._one_minus_z_slope(at) + slope * (at - z)
        return -slope / std, rest / std

    @cached_property
    def _edge(self) -> float:
        """The z below which the tangent stands for the logarithm."""
        if self.weight <= 0.5:
            return -math.inf
        return _root(2.0 - 1.0 / self.weight) + _MARGIN

    def _log_h_w(self, z: FloatArray) -> FloatArray:
        w = self.weight
        if w > 0.5:
            return log_h(z) + np.log(self._share(log_h_slopes(z)[1]))
        log_phi = -0.5 * z**2 - HALF_LOG_2PI
        return np.logaddexp(_log(w) + log_h(z), _log(1.0 - 2.0 * w) + log_phi)

    def _share(self, phi_h: FloatArray) -> FloatArray:
        """Return h_w / h."""
        return self.weight + (1.0 - 2.0 * self.weight) * phi_h

    def _slope(self, z: FloatArray) -> FloatArray:
        """Return d log h_w / dz; h_w' = w Phi + (2 w - 1) z phi."""
        Phi_h, phi_h = self._ratios(z)
        rise = self.weight * Phi_h + (2.0 * self.weight - 1.0) * z * phi_h
        return rise / self._share(phi_h)

    def _one_minus_z_slope(self, z: FloatArray) -> FloatArray:
        """Return 1 - z d log h_w / dz without cancellation: h - z Phi is phi."""
        w = self.weight
        phi_h = self._ratios(z)[1]
        return phi_h * (1.0 - w + (1.0 - 2.0 * w) * z**2) / self._share(phi_h)

    def _ratios(self, z: FloatArray) -> tuple[FloatArray, FloatArray]:
        Phi_h, phi_h = log_h_slopes(z)
        return Phi_h, np.maximum(phi_h, _LEAST)


def _root(ratio: float) -> float:
    """Return the z <= 0 at which h(z) / phi(z) is this, 0 < ratio <= 1.

    h / phi rises from 0 at -inf, like 1 / z^2, to 1 at z = 0.
    """
    from scipy.optimize import brentq

    def excess(z: float) -> float:
        return math.log(ratio) + math.log(float(log_h_slopes(np.array(z))[1]))

    return float(brentq(excess, -2.0 / math.sqrt(ratio), 0.0, xtol=1e-14))


def _log(x: float) -> float:
    return math.log(x) if x > 0.0 else -math.inf
