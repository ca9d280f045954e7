"""A model of the finished run in the user's units."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from surrogo import checks
from surrogo.checks import FloatArray
from surrogo.optimizers.base import View
from surrogo.optimizers.evidence import Evidence, weigh
from surrogo.space import Space
from surrogo.threads import one_blas_thread
from surrogo.trials import Trials

if TYPE_CHECKING:
    from surrogo.surrogates.gp import GaussianProcess


@dataclass(frozen=True)
class UserSurrogate:
    """A Gaussian process of the successful trials, fitted when first asked.

    Takes points in the user's units: rows of ``X`` (n, d) as `Space` has them, or a
    list of dicts where variables have names.

    Examples
    --------
    >>> import surrogo
    >>> result = surrogo.optimize(lambda x: x[0] ** 2, [(-1, 2)], max_evals=12, rng=0)
    >>> bool(abs(result.surrogate.predict([[0.4]])[0] - 0.16) < 0.1)
    True
    """

    trials: Trials

    @property
    def space(self) -> Space:
        """The space of the run."""
        return self.trials.space

    @cached_property
    def model(self) -> GaussianProcess:
        """The Gaussian process on the unit cube.

        Raises
        ------
        ValueError
            If fewer than two trials succeeded.
        """
        from surrogo.surrogates.gp import GaussianProcess  # loads scikit-learn

        view = View.of(self.trials, effort=0)
        if len(view.y) < 2:
            raise ValueError(
                "a surrogate needs at least 2 successful trials, the run has "
                f"{len(view.y)}"
            )
        box = np.array([[0.0, 1.0]] * self.space.d)
        with one_blas_thread():
            return GaussianProcess(bounds=box, random_state=0).fit(view.U, view.y)

    def predict(self, X: Any, return_std: bool = False) -> Any:
        """Predict the mean (m,) at `X` (m, d), and its standard deviation (m,)."""
        return self.model.predict(self._to_unit(X), return_std=return_std)

    def evidence(self, tol: float | None = None) -> Evidence:
        """Say how probable it is that the best value is within `tol` of the lowest.

        See `surrogo.Result.evidence`.
        """
        return weigh(self.trials, tol)

    def _to_unit(self, X: Any) -> FloatArray:
        if any(isinstance(point, Mapping) for point in X):
            X = [self.space.encode(point, f"X[{i}]") for i, point in enumerate(X)]
        X = checks.matrix(X, self.space.d)
        outside = ~self.space.contains(X)
        if np.any(outside):
            raise ValueError(
                "X must lie inside the bounds of the run, got "
                f"{checks.shown(X[outside][0].tolist())}"
            )
        return self.space.to_unit(X)
