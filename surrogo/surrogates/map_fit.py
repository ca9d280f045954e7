"""Maximum a posteriori length scales and nugget: starts, priors, bounds, search."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from scipy.optimize import Bounds, minimize

from surrogo.checks import FloatArray
from surrogo.surrogates.likelihood import Likelihood

# Length scales on the unit cube are log-normal, with median MEDIAN sqrt(d): typical
# distances grow with sqrt(d), and so must they (Hvarfner, Hellsten & Nardi 2024). Their
# median exp(sqrt 2) and log-variance 3 let variables look irrelevant that are not;
# these values do better in runs (benchmarks/results/ablation.md).
MEDIAN, LENGTH_VARIANCE = 1.0, 1.0
# Shorter than a fiftieth of the box nothing can be learned from a few hundred
# points; beyond 20 sqrt(d) the kernel is flat (evidence file, section 2.4).
SHORTEST, LONGEST = 0.02, 20.0
# An estimated nugget is log-normal(-4, 1) with a floor of 1e-8 (section 2.4).
NUGGET_MEAN, NUGGET_VARIANCE = -4.0, 1.0
NUGGET_BOUNDS = (1e-8, 1.0)
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


def prior_mean(d: int) -> float:
    """Return the prior mean of a log length scale in d dimensions."""
    return math.log(MEDIAN) + 0.5 * math.log(d)


@dataclass(frozen=True, eq=False)
class Objective:
    """-log posterior of theta = (log l, and log lambda if it is estimated)."""

    likelihood: Likelihood
    nugget: float | None  # None: estimated
    prior: bool

    @property
    def d(self) -> int:
        """Number of length scales."""
        return int(self.likelihood.Z.shape[1])

    def split(self, theta: FloatArray) -> tuple[FloatArray, float]:
        """Return log l (d,) and lambda."""
        if self.nugget is None:
            return theta[:-1], float(np.exp(theta[-1]))
        return theta, self.nugget

    def __call__(self, theta: FloatArray) -> tuple[float, FloatArray]:
        """Return value and gradient, both without the prior's constants."""
        value, in_l, in_nugget = self.likelihood.value_and_gradient(*self.split(theta))
        gradient = in_l if self.nugget is not None else np.append(in_l, in_nugget)
        if not self.prior:
            return value, gradient
        mean, variance = self._prior()
        away = theta - mean
        value += 0.5 * float(np.sum(away**2 / variance))
        return value, gradient + away / variance

    def _prior(self) -> tuple[FloatArray, FloatArray]:
        """Return mean and variance of theta under its normal prior."""
        mean = np.full(self.d, prior_mean(self.d))
        variance = np.full(self.d, LENGTH_VARIANCE)
        if self.nugget is not None:
            return mean, variance
        return np.append(mean, NUGGET_MEAN), np.append(variance, NUGGET_VARIANCE)

    def bounds(self) -> FloatArray:
        """Return lower and upper bounds of theta, shape (d or d + 1, 2)."""
        box = [(SHORTEST, LONGEST * math.sqrt(self.d))] * self.d
        if self.nugget is None:
            box.append(NUGGET_BOUNDS)
        return np.log(box)

    def starts(
        self, warm: FloatArray | None, n: int, rng: np.random.Generator
    ) -> list[FloatArray]:
        """Return n starts theta: the warm one, the ladder, then random ones."""
        first = [] if warm is None else [np.asarray(warm, float)]
        ladder = [np.full(self.d, math.log(c)) for c in LADDER]
        low, high = np.log(SPREAD)
        common = rng.uniform(low, high, size=(n, 1))
        drawn = common + WOBBLE * rng.normal(size=(n, self.d))
        even = [0.5 * math.log(self.d) + log_c for log_c in (*ladder, *drawn)]
        tail = [] if self.nugget is not None else [NUGGET_MEAN]
        low, high = self.bounds().T
        every = [*first, *even][:n]
        return [np.clip(np.append(log_l, tail), low, high) for log_l in every]


@dataclass(frozen=True, eq=False)
class Fit:
    """Where the best search ended, and what it cost."""

    log_l: FloatArray
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
    log_l, nugget = objective.split(best.x)
    spent = sum(int(end.nfev) for end in ends)
    return Fit(log_l, nugget, float(best.fun), spent)
