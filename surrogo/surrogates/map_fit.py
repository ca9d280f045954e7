"""Maximum a posteriori hyper-parameters: starts, priors, bounds, search."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from scipy.optimize import Bounds, minimize

from surrogo.checks import FloatArray
from surrogo.surrogates.kernel_base import LENGTH_VARIANCE as LENGTH_VARIANCE
from surrogo.surrogates.kernel_base import LONGEST as LONGEST
from surrogo.surrogates.kernel_base import SHORTEST as SHORTEST
from surrogo.surrogates.kernel_base import Kernel, Parameter
from surrogo.surrogates.kernel_base import prior_mean as prior_mean
from surrogo.surrogates.likelihood import Noise

# An estimated nugget is log-normal(-4, 1) with a floor of 1e-8 (section 2.4).
LOG_NUGGET = Parameter(math.log(1e-8), 0.0, -4.0, 1.0)
# With known noise the nugget says what the process variance is. Values are
# standardised, so that is about 1; longer length scales make it larger.
LOG_PROCESS_VARIANCE = Parameter(math.log(1e-4), math.log(1e6), 0.0, 9.0)
# Searches start from equal length scales, these multiples of sqrt(d). In 16 fits (d = 5
# and 20) that reached optima as good as or better than draws from the prior did, with a
# fraction of the evaluations: draws that differ by variable mislead the search.
LADDER = (0.5, 0.2, 1.0, 2.0)
# Further starts lie between these multiples, with factors exp(+-0.5) by variable.
SPREAD, WOBBLE = (0.1, 4.0), 0.5
MAX_ITERATIONS = 200
# Relative change of the objective that ends a search. Rounding in the likelihood of
# an interpolating model is about as large; 1e-9 costs 40 % more evaluations.
FTOL = 1e-7


class Searchable(Protocol):
    """A likelihood that `Objective` can search."""

    @property
    def kernel(self) -> Kernel:
        """The kernel, which knows bounds and priors of theta."""
        ...

    @property
    def Z(self) -> FloatArray:
        """The points (n, d)."""
        ...

    @property
    def noise(self) -> Noise | None:
        """Known noise, if any."""
        ...

    def value_and_gradient(
        self, theta: FloatArray, nugget: float, /
    ) -> tuple[float, FloatArray, float]:
        """Return -log L, its gradient in theta (t,) and in log lambda."""
        ...


@dataclass(frozen=True, eq=False)
class Objective:
    """-log posterior of phi = (theta, and log lambda if it is estimated)."""

    likelihood: Searchable
    nugget: float | None  # None: estimated
    prior: bool

    @property
    def d(self) -> int:
        """Number of variables."""
        return int(self.likelihood.Z.shape[1])

    def split(self, phi: FloatArray) -> tuple[FloatArray, float]:
        """Return theta (t,) and lambda."""
        if self.nugget is None:
            return phi[:-1], float(np.exp(phi[-1]))
        return phi, self.nugget

    def __call__(self, phi: FloatArray) -> tuple[float, FloatArray]:
        """Return value and gradient, both without the prior's constants."""
        value, slope, in_nugget = self.likelihood.value_and_gradient(*self.split(phi))
        gradient = slope if self.nugget is not None else np.append(slope, in_nugget)
        if not self.prior:
            return value, gradient
        mean, variance = self._prior()
        away = phi - mean
        value += 0.5 * float(np.sum(away**2 / variance))
        return value, gradient + away / variance

    def _prior(self) -> tuple[FloatArray, FloatArray]:
        """Return mean and variance of phi under its normal prior."""
        every = self._parameters()
        return np.array([p.mean for p in every]), np.array([p.variance for p in every])

    def bounds(self) -> FloatArray:
        """Return lower and upper bounds of phi, shape (t or t + 1, 2)."""
        return np.array([(p.low, p.high) for p in self._parameters()])

    def starts(
        self, warm: FloatArray | None, n: int, rng: np.random.Generator
    ) -> list[FloatArray]:
        """Return n starts phi: the warm theta, the ladder, then random ones."""
        root = 0.5 * math.log(self.d)
        first = [] if warm is None else [np.asarray(warm, float)]
        ladder = [self._even(root + math.log(c)) for c in LADDER]
        low, high = np.log(SPREAD)
        common = rng.uniform(low, high, size=n)
        drawn = [self._even(root + c) for c in common]
        wobble = WOBBLE * rng.normal(size=(n, len(ladder[0])))
        every = [*first, *ladder, *(drawn + wobble)][:n]
        tail = [] if self.nugget is not None else [self._log_nugget().mean]
        low, high = self.bounds().T
        return [np.clip(np.append(theta, tail), low, high) for theta in every]

    def _even(self, log_l: float) -> FloatArray:
        """Return theta with the same length scale for all variables."""
        return self.likelihood.kernel.at_lengths(np.full(self.d, log_l))

    def _parameters(self) -> list[Parameter]:
        parameters = self.likelihood.kernel.parameters(self.d)
        return parameters if self.nugget is not None else [
            *parameters, self._log_nugget()]  # fmt: skip

    def _log_nugget(self) -> Parameter:
        if self.likelihood.noise is None:
            return LOG_NUGGET
        # lambda = noise / s2
        centre, s2 = math.log(self.likelihood.noise.size), LOG_PROCESS_VARIANCE
        return Parameter(
            centre - s2.high, centre - s2.low, centre - s2.mean, s2.variance
        )


@dataclass(frozen=True, eq=False)
class Fit:
    """Where the best search ended, and what it cost.

    phi is theta, and log lambda if that was searched too.
    """

    phi: FloatArray
    theta: FloatArray
    nugget: float
    value: float
    n_evaluations: int


def search(objective: Objective, starts: list[FloatArray]) -> Fit:
    """Minimise from every start with L-BFGS-B and keep the best end."""
    ends = [
        minimize(
            objective,
            start,
            jac=True,
            method="L-BFGS-B",
            bounds=Bounds(*objective.bounds().T),
            options={"maxiter": MAX_ITERATIONS, "ftol": FTOL},
        )
        for start in starts
    ]
    best = min(ends, key=lambda end: float(end.fun))
    theta, nugget = objective.split(best.x)
    spent = sum(int(end.nfev) for end in ends)
    return Fit(best.x, theta, nugget, float(best.fun), spent)
