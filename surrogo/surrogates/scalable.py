"""What the Gaussian processes for many points share as estimators."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.utils import check_random_state

from surrogo import checks
from surrogo.checks import FloatArray
from surrogo.surrogates import kernel_registry, settings
from surrogo.surrogates.estimator import Updating
from surrogo.surrogates.kernel_base import Kernel
from surrogo.surrogates.kernel_tensor import TensorMatern52
from surrogo.surrogates.kernels import Matern52
from surrogo.surrogates.local_model import LocalModel, Process
from surrogo.surrogates.pairs import require_supported
from surrogo.surrogates.plan import Plan
from surrogo.surrogates.trends import TRENDS
from surrogo.surrogates.vecchia_fit import VecchiaSearch, best_of

# What "auto" compares: the kernels that small groups of points are quick with.
_AUTO: tuple[Kernel, ...] = (Matern52(), TensorMatern52())


class ScalableGP(Updating):
    """Base: checks parameters and searches hyper-parameters by Vecchia likelihoods.

    A subclass has the parameters below, and writes `_model` and `_neighbours`.
    """

    kernel: Any
    trend: str
    nugget: Any
    length_scale: Any
    n_starts: int
    prior: bool
    random_state: Any
    model_: LocalModel
    n_evaluations_: int

    def fit(self, X: Any, y: Any) -> Any:
        """Fit to points `X` (n, d) and values `y` (n,), n at least 2.

        Raises
        ------
        ValueError
            On parameters that make no sense, if there are not more points than trend
            coefficients, or if the points do not determine these.
        """
        checks.one_of(self.trend, TRENDS, "trend")
        Z, t = self._begin(X, y, centred=self.trend != "zero")
        seed = int(check_random_state(self.random_state).randint(2**31 - 1))
        process = self._process(Z, t, seed)
        self.model_ = self._model(process, Z, t, np.random.default_rng(seed))
        return self

    @property
    def length_scale_(self) -> FloatArray:
        """Length scales (d,) in the units of `X`."""
        return np.asarray(np.exp(self.model_.process.log_l) * self._range)

    @property
    def nugget_(self) -> float:
        """Variance of the noise relative to the process variance."""
        return self.model_.process.nugget

    def _model(
        self, process: Process, Z: FloatArray, t: FloatArray, rng: np.random.Generator
    ) -> LocalModel:
        """Condition the process on data Z (n, d), t (n,)."""
        raise NotImplementedError

    def _neighbours(self, p: int) -> tuple[int, int]:
        """Return the numbers of neighbours in likelihoods and in predictions, checked.

        The trend has p coefficients.
        """
        raise NotImplementedError

    def _process(self, Z: FloatArray, t: FloatArray, seed: int) -> Process:
        """Return what is assumed, hyper-parameters as given or as found."""
        kernels = kernel_registry.candidates(self.kernel, _AUTO)
        for kernel in kernels:
            require_supported(kernel)
        trend = settings.determined_trend(self.trend, Z)
        nugget = settings.nugget_or_none(self.nugget)
        log_l = settings.log_lengths(self.length_scale, self._range)
        n_starts = checks.integer(self.n_starts, "n_starts", 0)
        numbers = self._neighbours(trend.p)
        self.n_evaluations_ = 0
        if n_starts == 0:
            if log_l is None or nugget is None:
                raise ValueError(
                    "n_starts=0 keeps the hyper-parameters: give length_scale and a "
                    "numeric nugget, or take n_starts of at least 1"
                )
            return Process(kernels[0], trend, log_l, nugget)
        searches = [VecchiaSearch(k, trend, *numbers, Z, t) for k in kernels]
        plan = Plan(n_starts, log_l, self.prior, seed)
        best, found = best_of(searches, nugget, plan)
        self.n_evaluations_ = found.n_evaluations
        return Process(best.kernel, trend, found.theta, found.nugget)
