"""How a Gaussian process is fitted: which kernel, which transform, what of theta."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np

from surrogo.checks import FloatArray
from surrogo.surrogates import laplace
from surrogo.surrogates.gradient_likelihood import GradientLikelihood, fitted
from surrogo.surrogates.gradient_posterior import GradientPosterior
from surrogo.surrogates.kernel_base import Kernel
from surrogo.surrogates.laplace import Mixture
from surrogo.surrogates.likelihood import Likelihood, Noise
from surrogo.surrogates.map_fit import Fit, Objective
from surrogo.surrogates.noise_test import NO_NOISE, search_for_noise
from surrogo.surrogates.plan import Plan
from surrogo.surrogates.posterior import Posterior
from surrogo.surrogates.slopes import Slopes
from surrogo.surrogates.transformed import Transformed
from surrogo.surrogates.transforms import ShiftedLog, Transform, YeoJohnson
from surrogo.surrogates.trends import Trend

Model: TypeAlias = Posterior | Transformed | Mixture

# A transform must be likelier by this many nats per point, and there must be so many
# points per variable (evidence file, section 2.5).
_CLEARLY, _POINTS = 0.05, 3


@dataclass(frozen=True, eq=False)
class Recipe:
    """Everything that a fit needs to know besides the data.

    `nugget` is a number, None where it is estimated, or "auto"; `transform` None,
    "auto", "log" or "yeo_johnson"; of several `kernels` the likeliest is taken.
    """

    kernels: tuple[Kernel, ...]
    trend: Trend
    nugget: float | str | None
    transform: str | None
    averaged: bool
    plan: Plan

    def check(self, t: FloatArray, noise: Noise | None) -> None:
        """Refuse what does not go together.

        Raises
        ------
        ValueError
            If hyper-parameters are to be kept that are not given, or values to be
            transformed that are several or whose noise is known.
        """
        if self.transform is not None and (t.ndim > 1 or noise is not None):
            raise ValueError(
                "y_transform must have a single output without noise_var: transform "
                "y yourself, or take y_transform=None"
            )
        if self.transform == "log" and ShiftedLog.of(t) is None:
            raise ValueError(
                "y_transform='log' needs values that are not mostly the lowest one; "
                "take y_transform=None"
            )
        if self.plan.n_starts > 0:
            return
        given = self.plan.warm is not None and isinstance(self.nugget, float)
        if not given or noise is not None or self.averaged:
            raise ValueError(
                "n_starts=0 keeps the hyper-parameters: give length_scale and a "
                "numeric nugget, and no noise_var or hyper='laplace', or take n_starts "
                "of at least 1"
            )

    def fit_slopes(self, data: Slopes) -> tuple[GradientPosterior, int]:
        """Return the model of values and slopes, and evaluations spent.

        Raises
        ------
        ValueError
            If a transform or an average is asked for, or the kernel is not smooth.
        """
        if self.transform is not None or self.averaged:
            raise ValueError(
                "gradients go with y_transform=None and hyper='map', got "
                f"y_transform={self.transform!r} and an average over draws: "
                f"{self.averaged}"
            )
        # of several kernels the first: only stationary ones are smooth enough here
        kernel: Any = self.kernels[0]
        likelihood = GradientLikelihood(kernel, self.trend, data)
        nugget = NO_NOISE if isinstance(self.nugget, str) else self.nugget
        if self.plan.n_starts > 0:
            model, fit = fitted(self.plan, likelihood, nugget)
            return model, fit.n_evaluations
        assert self.plan.warm is not None
        assert nugget is not None
        return likelihood.posterior(self.plan.warm, nugget), 0

    def fit(
        self, Z: FloatArray, t: FloatArray, noise: Noise | None
    ) -> tuple[Model, int]:
        """Return the model of points Z (n, d) and values t, and evaluations spent."""
        fits = [self._fit(Z, t, noise, T) for T in self._transforms(t)]
        best = max(fits, key=lambda fit: fit.evidence)
        gain = best.evidence - fits[0].evidence
        if self.transform == "auto" and gain <= _CLEARLY * len(t):
            best = fits[0]
        spent = sum(fit.fit.n_evaluations for fit in fits)
        return best.model(self.averaged, self.plan), spent

    def _transforms(self, t: FloatArray) -> list[Transform | None]:
        """Return the transforms to compare; None is the identity."""
        if self.transform is None:
            return [None]
        if self.transform == "yeo_johnson":
            return [YeoJohnson.of(t)]
        log = ShiftedLog.of(t)
        if self.transform == "log":
            return [log]
        if len(t) < _POINTS * self.trend.d:
            return [None]
        return [None, YeoJohnson.of(t), *([log] if log else [])]

    def _fit(
        self, Z: FloatArray, t: FloatArray, noise: Noise | None, T: Transform | None
    ) -> _Fitted:
        y = t if T is None else T.forward(t)
        F = self.trend.basis(Z)
        likelihoods = [Likelihood(kernel, Z, F, y, noise) for kernel in self.kernels]
        chosen, fit = self._search(likelihoods)
        jacobian = 0.0 if T is None else float(np.sum(T.log_slope(t)))
        return _Fitted(likelihoods[chosen], self.trend, fit, T, self.nugget, jacobian)

    def _search(self, likelihoods: list[Likelihood]) -> tuple[int, Fit]:
        if self.plan.n_starts == 0:
            return 0, self._kept(likelihoods[0])
        known = likelihoods[0].noise is not None
        nugget = None if known or isinstance(self.nugget, str) else self.nugget
        chosen = 0
        if known or self.nugget != "auto" or len(likelihoods) > 1:
            chosen, fit = self.plan.search_best(likelihoods, nugget)
        if known or self.nugget != "auto":
            return chosen, fit
        return chosen, search_for_noise(self.plan, likelihoods[chosen])

    def _kept(self, likelihood: Likelihood) -> Fit:
        assert self.plan.warm is not None
        assert isinstance(self.nugget, float)
        theta = likelihood.kernel.at_lengths(self.plan.warm)
        return Fit(theta, theta, self.nugget, math.nan, 0)


@dataclass(frozen=True, eq=False)
class _Fitted:
    """A likelihood at its best, for values behind a transform."""

    likelihood: Likelihood
    trend: Trend
    fit: Fit
    transform: Transform | None
    nugget: float | str | None
    jacobian: float

    @property
    def evidence(self) -> float:
        """Log likelihood of the values before the transform, up to a constant."""
        factors = self.likelihood.factors(self.fit.theta, self.fit.nugget)
        return self.jacobian - factors.negative_log_likelihood()

    def model(self, averaged: bool, plan: Plan) -> Model:
        """Return the posterior, or the mixture of posteriors."""
        if not averaged:
            return self._posterior(self.fit.theta, self.fit.nugget)
        estimated = len(self.fit.phi) > len(self.fit.theta)
        fixed = None if estimated else self.fit.nugget
        objective = Objective(self.likelihood, fixed, plan.prior)
        drawn = laplace.draws(objective, self.fit.phi, np.random.default_rng(plan.seed))
        parts = [self._posterior(*objective.split(phi)) for phi in drawn]
        return Mixture(tuple(parts))

    def _posterior(self, theta: FloatArray, nugget: float) -> Posterior | Transformed:
        of = self.likelihood
        posterior = Posterior.of(
            of.kernel, self.trend, theta, nugget, of.Z, of.y, of.noise
        )
        if self.transform is None:
            return posterior
        return Transformed(posterior, self.transform)
