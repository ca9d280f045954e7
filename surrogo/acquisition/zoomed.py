"""A criterion seen through a box: maximising it stays inside."""

from __future__ import annotations

from dataclasses import dataclass

from surrogo.acquisition.base import Criterion
from surrogo.checks import FloatArray
from surrogo.surrogates.base import Predictive


@dataclass(frozen=True, eq=False)
class Zoomed(Criterion):
    """A criterion on a box, which becomes the unit cube: low + width v.

    Attributes
    ----------
    inner : Criterion
    low, width : array (d,)

    Examples
    --------
    >>> import numpy as np
    >>> from surrogo import GaussianProcess
    >>> from surrogo.acquisition import NegativeMean
    >>> from surrogo.acquisition.zoomed import Zoomed
    >>> gp = GaussianProcess(bounds=[(0, 1)]).fit([[0], [0.5], [1]], [0, 1, 0])
    >>> half = Zoomed(NegativeMean(), np.array([0.0]), np.array([0.5]))
    >>> here, there = np.array([[1.0]]), np.array([[0.5]])
    >>> bool(half.score(gp.model_, here) == NegativeMean().score(gp.model_, there))
    True
    """

    inner: Criterion
    low: FloatArray
    width: FloatArray

    def score(self, model: Predictive, U: FloatArray) -> FloatArray:
        """Return the scores (m,) of points U (m, d) of the box's own cube."""
        return self.inner.score(model, self.low + self.width * U)

    def score_and_gradient(
        self, model: Predictive, U: FloatArray
    ) -> tuple[FloatArray, FloatArray]:
        """Return the scores (m,) and their gradients (m, d) in those coordinates."""
        score, gradient = self.inner.score_and_gradient(
            model, self.low + self.width * U
        )
        return score, gradient * self.width
