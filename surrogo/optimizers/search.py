"""The search for the next point with a model of the whole box."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.random import Generator

from surrogo.acquisition import Criterion, NegativeMean, maximise
from surrogo.acquisition.bonus import WithBonus
from surrogo.acquisition.maximise import snap
from surrogo.acquisition.zoomed import Zoomed
from surrogo.checks import FloatArray
from surrogo.optimizers.base import View
from surrogo.optimizers.failures import viability
from surrogo.optimizers.region import Region
from surrogo.surrogates.posterior import Posterior

_CLOSE = 1e-6  # a point nearer than this many length scales tells nothing new


@dataclass(frozen=True, eq=False)
class Search:
    """What is known when a point is to be chosen."""

    view: View
    model: Posterior

    @property
    def best_believed(self) -> float:
        """The lowest target, or what a pending point is believed to have."""
        n = len(self.view.y)
        # A failed point has a believed value too, but nothing will come of it.
        pending = self.model.y[n + len(self.view.failed) :]
        return float(np.min(np.concatenate([self.model.y[:n], pending])))

    def lowest(self, rng: Generator) -> tuple[FloatArray, float, float]:
        """Return where the predicted mean is lowest (d,), and the gain on the best.

        The gain as predicted, and if the mean is two standard deviations too high.
        """
        point = self.best(NegativeMean(), rng)
        mean, std = self.model.mean_std(point[None, :])
        gain = float(np.min(self.model.y[: len(self.view.y)]) - mean[0])
        return point, gain, gain + 2.0 * float(std[0])

    def best(self, criterion: Criterion, rng: Generator) -> FloatArray:
        """Return the point (d,) where a criterion is highest."""
        criterion, space = self._among_failures(criterion), self.view.space
        incumbents = self._incumbents()
        candidates, _ = maximise(criterion, self.model, space, incumbents, rng)
        return self._first_new(candidates)

    def best_inside(
        self, criterion: Criterion, region: Region, rng: Generator
    ) -> FloatArray:
        """Return the point (d,) of a region where a criterion is highest."""
        criterion = Zoomed(self._among_failures(criterion), region.low, region.width)
        incumbents, space = region.outside(self._incumbents()), self.view.space
        candidates, _ = maximise(criterion, self.model, space, incumbents, rng)
        return self._first_new(snap(space, region.inside(candidates)))

    def _among_failures(self, criterion: Criterion) -> Criterion:
        """Return the criterion, less where evaluations fail."""
        if not len(self.view.failed):
            return criterion
        return WithBonus(criterion, viability(self.view))

    def _incumbents(self) -> FloatArray:
        """Return the best points (k, d), around which part of a search begins."""
        order = np.argsort(self.view.y, kind="stable")
        return self.view.U[order[: self.view.space.d + 4]]

    def _first_new(self, candidates: FloatArray) -> FloatArray:
        """Return the best candidate (d,) that is not next to a point already taken."""
        taken, scale = self.view.everything, np.exp(-self.model.log_l)
        candidate: FloatArray
        for candidate in candidates:
            r2 = np.sum(((taken - candidate) * scale) ** 2, axis=1)
            if np.min(r2) > _CLOSE**2:
                return candidate
        best: FloatArray = candidates[0]
        return best  # a used-up discrete space: the optimizer finds another
