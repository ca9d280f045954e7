"""Whether there is noise in the data.

Policy of the evidence file, section 2.6. Repeated points tell at once. Otherwise noise
is adopted only if the likelihood says so clearly: an interpolating model that is
mistaken for a noisy one loses all its digits.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from surrogo.checks import FloatArray
from surrogo.surrogates.likelihood import Likelihood
from surrogo.surrogates.map_fit import Fit, Objective, search
from surrogo.surrogates.plan import Plan

NO_NOISE = 1e-10  # the nugget of a deterministic function
# Nats that the likelihood must gain, and the nugget it must find.
_GAIN, _LEAST = 3.0, 1e-6
# Values at the same point that differ by less, relative to their spread, are equal.
_EQUAL = 1e-10
# The noisy search starts where the interpolating one ended, with this nugget.
_FIRST_GUESS = 1e-3


def search_for_noise(plan: Plan, likelihood: Likelihood) -> Fit:
    """Fit with the nugget that the data ask for: NO_NOISE or an estimate."""
    repeated = repeats_differ(likelihood.Z, likelihood.y)
    if repeated is not None:
        return plan.search(likelihood, None if repeated else NO_NOISE)
    exact = plan.search(likelihood, NO_NOISE)
    noisy = _noisy(plan, likelihood, exact)
    spent = exact.n_evaluations + noisy.n_evaluations
    gain = _value(likelihood, exact) - _value(likelihood, noisy)
    chosen = noisy if gain > _GAIN and noisy.nugget > _LEAST else exact
    return replace(chosen, n_evaluations=spent)


def repeats_differ(Z: FloatArray, y: FloatArray) -> bool | None:
    """Say whether values y at equal rows of Z differ; None if no row comes twice."""
    _, first, group = np.unique(Z, axis=0, return_index=True, return_inverse=True)
    if len(first) == len(Z):
        return None
    away = np.abs(y - y[first][group.ravel()])
    return bool(np.any(away > _EQUAL * np.ptp(y, axis=0)))


def _noisy(plan: Plan, likelihood: Likelihood, exact: Fit) -> Fit:
    """Search with the nugget too, from the plan's starts and from the exact fit."""
    objective = Objective(likelihood, None, plan.prior)
    start = np.append(exact.theta, np.log(_FIRST_GUESS))
    further = objective.starts(None, 1, np.random.default_rng(plan.seed))
    return search(objective, [start, *further])


def _value(likelihood: Likelihood, fit: Fit) -> float:
    """Return -log L, without the prior."""
    return likelihood.factors(fit.theta, fit.nugget).negative_log_likelihood()
