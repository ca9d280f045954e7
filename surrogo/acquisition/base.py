"""What every criterion shares: scores and gradients from a predictive model."""

from __future__ import annotations

from dataclasses import dataclass

from surrogo.checks import FloatArray
from surrogo.surrogates.base import Predictive


@dataclass(frozen=True)
class Criterion:
    """Says how promising points are; a subclass writes ``_score`` and ``_slopes``.

    A criterion is pure and does not know the box: maximising is the business of
    `surrogo.acquisition.maximise`.
    """

    def score(self, model: Predictive, U: FloatArray) -> FloatArray:
        """Return the scores (m,) of points U (m, d); higher is better."""
        return self._score(*model.mean_std(U))

    def score_and_gradient(
        self, model: Predictive, U: FloatArray
    ) -> tuple[FloatArray, FloatArray]:
        """Return the scores (m,) and their gradients (m, d)."""
        mean, std, mean_slope, std_slope = model.mean_std_gradients(U)
        in_mean, in_std = self._slopes(mean, std)
        gradient = in_mean[:, None] * mean_slope + in_std[:, None] * std_slope
        return self._score(mean, std), gradient

    def _score(self, mean: FloatArray, std: FloatArray) -> FloatArray:
        """Return the scores (m,)."""
        raise NotImplementedError

    def _slopes(
        self, mean: FloatArray, std: FloatArray
    ) -> tuple[FloatArray, FloatArray]:
        """Return the derivatives (m,) of the score in mean and std."""
        raise NotImplementedError
