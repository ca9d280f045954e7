"""Steer a search away from where evaluations fail.

The chance that an evaluation succeeds is estimated by kernel regression (Nadaraya
1964; Watson 1964) on the labels 1 (succeeded) and 0 (failed), with the length scales of
the model and the overall success rate as the prior. So failures that have nothing to
do with the place hardly matter, and a region that always fails is left alone.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from surrogo.checks import FloatArray
from surrogo.surrogates.kernel_base import Kernel

# Weight of the prior against one observation at the same place: the first failure in
# an unknown place lowers the log chance there by log(6) = 1.8.
_PRIOR_WEIGHT = 0.2
# Where success is less likely than this no point is proposed (Bussemaker et al. 2025
# find a floor of 0.25 to 0.5 best), nor where it is half as likely as elsewhere, if
# success is rare; the barrier outweighs any log improvement.
_FLOOR, _RELATIVE_FLOOR, _BARRIER = 0.25, 0.5, 1e3
# Length scales tried, relative to those of the values, but at most the box.
_REACHES = 1.0, 0.5, 0.25, 0.125, 0.0625


@dataclass(frozen=True, eq=False)
class Viability:
    """The chance of success, from points U (n, d) with labels (n,) of 0 and 1.

    Added to the logarithm of an expected improvement, its logarithm gives that of the
    improvement to expect when a failure brings none.

    Examples
    --------
    >>> import numpy as np
    >>> from surrogo.acquisition.viability import Viability
    >>> from surrogo.surrogates.kernels import get
    >>> chance = Viability(get("matern52"), np.log([0.1]), np.array([[0.2], [0.8]]),
    ...                    np.array([1.0, 0.0]))
    >>> chance.chance_and_gradient(np.array([[0.2], [0.8]]))[0].round(2)
    array([0.92, 0.08])
    """

    kernel: Kernel
    theta: FloatArray
    U: FloatArray
    labels: FloatArray

    @classmethod
    def fitted(
        cls, kernel: Kernel, log_l: FloatArray, U: FloatArray, labels: FloatArray
    ) -> Viability:
        """Return the one whose length scales explain the labels best.

        Where evaluations fail has little to do with how smooth the values are, so
        shorter scales than log_l (d,) are tried too: the least Brier score of
        predictions of each label by the others counts, the longest of equals.
        """
        longest = np.minimum(log_l, 0.0)
        tried = [
            cls(kernel, kernel.at_lengths(longest + np.log(reach)), U, labels)
            for reach in _REACHES
        ]
        errors = [np.mean((each.leave_one_out() - labels) ** 2) for each in tried]
        return tried[int(np.argmin(np.round(errors, 12)))]

    def leave_one_out(self) -> FloatArray:
        """Return the chances (n,) that the other points give each point."""
        k = self.kernel.correlations(self.U, self.U, self.theta)
        np.fill_diagonal(k, 0.0)
        return self._chance(k)

    def chance_and_gradient(self, V: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return the chance p (m,) and its gradient (m, d) at V (m, d)."""
        k, pull = self.kernel.correlations_and_pull(V, self.U, self.theta)
        every, p = _PRIOR_WEIGHT + np.sum(k, axis=1), self._chance(k)
        return p, pull((self.labels - p[:, None]) / every[:, None])

    def _chance(self, k: FloatArray) -> FloatArray:
        """Return the chance p (m,) for correlations k (m, n) with the points."""
        prior = _PRIOR_WEIGHT * float(np.mean(self.labels))
        p: FloatArray = (prior + k @ self.labels) / (_PRIOR_WEIGHT + np.sum(k, axis=1))
        return p

    @property
    def floor(self) -> float:
        """The chance of success below which no point is proposed."""
        return min(_FLOOR, _RELATIVE_FLOOR * float(np.mean(self.labels)))

    def bonus_and_gradient(self, V: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return what a score gains (m,): log p, and a barrier where p is too low."""
        p, slope = self.chance_and_gradient(V)
        floor = self.floor
        below = np.minimum(p / floor - 1.0, 0.0)
        factor = 1.0 / p + np.where(below < 0.0, _BARRIER / floor, 0.0)
        return np.log(p) + _BARRIER * below, factor[:, None] * slope
