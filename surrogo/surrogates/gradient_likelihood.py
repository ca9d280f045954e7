"""The restricted likelihood of values and slopes, with its gradient.

The likelihood of `likelihood.py` with the matrix of all the data, which holds first
and second derivatives of the kernel. Its derivatives in log l hold third ones.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from surrogo.checks import FloatArray
from surrogo.surrogates import functional_covariances
from surrogo.surrogates.functionals import Functionals
from surrogo.surrogates.gradient_posterior import (
    GradientPosterior,
    negative_log_likelihood,
)
from surrogo.surrogates.hermite_model import natural_sizes, solve
from surrogo.surrogates.kernels import Stationary
from surrogo.surrogates.map_fit import Fit
from surrogo.surrogates.noise_test import NO_NOISE
from surrogo.surrogates.plan import Plan
from surrogo.surrogates.slopes import Slopes
from surrogo.surrogates.trends import Trend


@dataclass(frozen=True, eq=False)
class GradientLikelihood:
    """-log L of `data` as a function of log l (d,) and the nugget.

    The nugget is relative to the prior variance of each of the data; that of slopes
    can be given a value of its own, which is then kept.
    """

    kernel: Stationary
    trend: Trend
    data: Slopes
    slope_nugget: float | None = None
    noise: None = None  # known variances of the noise are not offered here

    def __post_init__(self) -> None:
        if not isinstance(self.kernel, Stationary):
            raise ValueError(
                "gradients need a stationary kernel with one length scale per "
                f"variable, such as 'matern52', got {type(self.kernel).__name__}"
            )

    @property
    def Z(self) -> FloatArray:
        """The points (n, d)."""
        return self.data.Z

    def posterior(self, log_l: FloatArray, nugget: float) -> GradientPosterior:
        """Return the posterior at these hyper-parameters."""
        nuggets = nugget, self.slope_nugget
        return GradientPosterior.of(self.kernel, self.trend, log_l, nuggets, self.data)

    def value_and_gradient(
        self, log_l: FloatArray, nugget: float
    ) -> tuple[float, FloatArray, float]:
        """Return -log L, its gradient in log l (d,) and in log nugget.

        With W = P - a a^T / s2 the derivative is 1/2 sum_ij W_ij dC_ij. C has the
        diagonal (1 + nugget) c_ii, which moves as a whole.
        """
        given = self._given
        ridge = self.data.ridge(nugget, self.slope_nugget)
        factors = solve(
            self.kernel, self.trend, log_l, given, self.data.observed, ridge
        )
        sizes = natural_sizes(self.kernel, log_l, given)
        W = factors.precision() - np.outer(factors.a, factors.a) / factors.s2
        own = np.diag(W) * ridge
        moving = own if self.slope_nugget is None else own[self.data.is_value]
        in_nugget = 0.5 * float(np.sum(moving))
        np.fill_diagonal(W, np.diag(W) + own)
        W /= np.outer(sizes, sizes)
        in_log_l = 0.5 * functional_covariances.length_pull(
            self.kernel, log_l, given, W
        )
        return negative_log_likelihood(factors, sizes), in_log_l, in_nugget

    @cached_property
    def _given(self) -> tuple[Functionals, ...]:
        given = self.data.functionals()
        functional_covariances.require_smooth(self.kernel, given)
        return given


def fitted(
    plan: Plan, likelihood: GradientLikelihood, nugget: float | None
) -> tuple[GradientPosterior, Fit]:
    """Search the length scales (and the nugget, if None) and condition on the data.

    A nugget that only keeps the search smooth is left out of the posterior: with
    slopes among the data the weights are large, and it would show.
    """
    fit = plan.search(likelihood, nugget)
    kept = fit.nugget if fit.nugget > NO_NOISE else 0.0
    return likelihood.posterior(fit.theta, kept), fit
