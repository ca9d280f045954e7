"""Add to a criterion what has nothing to do with the model's prediction."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from surrogo.acquisition.base import Criterion
from surrogo.checks import FloatArray
from surrogo.surrogates.base import Predictive


class Bonus(Protocol):
    """Something that is added to scores."""

    def bonus_and_gradient(self, V: FloatArray, /) -> tuple[FloatArray, FloatArray]:
        """Return the bonus (m,) and its gradient (m, d) at V (m, d)."""
        ...


@dataclass(frozen=True, eq=False)
class WithBonus(Criterion):
    """A criterion plus a bonus.

    Attributes
    ----------
    inner : Criterion
    bonus : Bonus
    """

    inner: Criterion
    bonus: Bonus

    def score(self, model: Predictive, U: FloatArray) -> FloatArray:
        """Return the scores (m,) of points U (m, d); higher is better."""
        return self.inner.score(model, U) + self.bonus.bonus_and_gradient(U)[0]

    def score_and_gradient(
        self, model: Predictive, U: FloatArray
    ) -> tuple[FloatArray, FloatArray]:
        """Return the scores (m,) and their gradients (m, d)."""
        score, gradient = self.inner.score_and_gradient(model, U)
        bonus, slope = self.bonus.bonus_and_gradient(U)
        return score + bonus, gradient + slope
