"""The models that weigh the evidence: averaged over length scales, and checked.

The model that proposes points need not know how sure it may be of itself. Here the
length scales are averaged over (De Ath, Everson & Fieldsend 2021), and the model must
have foreseen the later part of the run from the earlier one.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from surrogo.checks import FloatArray
from surrogo.optimizers.base import View
from surrogo.optimizers.global_model import believe
from surrogo.surrogates import kernels, laplace, linalg
from surrogo.surrogates.likelihood import Likelihood
from surrogo.surrogates.map_fit import Fit, Objective, search
from surrogo.surrogates.posterior import Posterior
from surrogo.surrogates.transforms import ShiftedLog, Transform, YeoJohnson
from surrogo.surrogates.trends import Trend

_KERNEL = "matern52"
_NUGGET = 1e-10  # functions are taken as deterministic (evidence file, section 2.6)
_STARTS = 3
_CLEARLY = 0.05  # nats per point for a logarithm (evidence file, section 2.5)
# A logarithm has a lowest value. It lies this share of the distance to the median below
# the best one, and this many tolerances, so that it answers no question by itself.
_BELOW, _TOLERANCES = 0.1, 4.0
_SMALLEST = 1e-100  # a median as low as the minimum gives a logarithm no scale
_EARLIER = 0.6  # the share of the run from which the rest is to be foreseen


@dataclass(frozen=True, eq=False)
class Belief:
    """Equally likely posteriors of v = T(z), and how well the run was foreseen.

    surprise is the root mean square of the standardised errors with which the first
    60 % of the run predict the rest, each point from all before it, at hyper-parameters
    fitted to these 60 % alone.
    """

    transform: Transform
    parts: list[Posterior]
    surprise: float

    def forward(self, z: float) -> float:
        """Return v of one value z; values that cannot be are -inf."""
        with np.errstate(invalid="ignore", divide="ignore"):
            v = float(self.transform.forward(np.array([z]))[0])
        return v if np.isfinite(v) else -np.inf


def form_belief(
    view: View, z: FloatArray, tol: float, rng: np.random.Generator
) -> Belief:
    """Fit to points view.U (n, d) with values z (n,) in [0, 1], in the order of time.

    Failed and pending points are conditioned on their predicted values, as
    `fit_global` does. Of the values and their logarithm the clearly likelier is taken;
    `tol` is in the units of z.
    """
    transforms = _transforms(z, tol)
    found = [_fit(view, T.forward(z), rng) for T in transforms]
    logs = [
        float(np.sum(T.log_slope(z))) - fit.value
        for T, (_, fit) in zip(transforms, found, strict=True)
    ]
    chosen = int(logs[-1] - logs[0] > _CLEARLY * len(z))
    T, (objective, fit) = transforms[chosen], found[chosen]
    v = T.forward(z)
    unseen = np.vstack([view.failed, view.pending])
    parts = [
        believe(_posterior(view.U, v, theta), unseen)
        for theta in laplace.draws(objective, fit.theta, rng)
    ]
    return Belief(T, parts, _surprise(view, v, fit.theta))


def _transforms(z: FloatArray, tol: float) -> list[Transform]:
    """Return the identity and, where there is a scale for it, a logarithm."""
    plain = YeoJohnson(lam=1.0).standardising(z)
    size = float(np.median(z) - np.min(z))
    if size < _SMALLEST:
        return [plain]
    low = float(np.min(z)) - max(_BELOW * size, _TOLERANCES * tol)
    return [plain, ShiftedLog(low=low, size=size).standardising(z)]


def _fit(view: View, v: FloatArray, rng: np.random.Generator) -> tuple[Objective, Fit]:
    objective = _objective(view.U, v)
    return objective, search(objective, objective.starts(None, _STARTS, rng))


def _objective(U: FloatArray, v: FloatArray) -> Objective:
    basis = Trend.of("constant", U.shape[1]).basis(U)
    likelihood = Likelihood(kernels.get(_KERNEL), U, basis, v)
    return Objective(likelihood, _NUGGET, prior=True)


def _posterior(U: FloatArray, v: FloatArray, theta: FloatArray) -> Posterior:
    trend = Trend.of("constant", U.shape[1])
    return Posterior.of(kernels.get(_KERNEL), trend, theta, _NUGGET, U, v)


def _surprise(view: View, v: FloatArray, theta: FloatArray) -> float:
    """Return by how much the later values miss what the earlier ones foresee.

    With R = L L^T the standardised one-step errors of a Gaussian process are
    L^-1 (v - F beta) / s: row i of L^-1 predicts point i from those before it.
    """
    n = round(_EARLIER * len(v))
    fit = search(_objective(view.U[:n], v[:n]), [theta])
    earlier = _posterior(view.U[:n], v[:n], fit.theta)
    everything = _posterior(view.U, v, fit.theta)
    residual = v - everything.trend.basis(view.U) @ earlier.factors.beta
    errors = linalg.solve_lower(everything.factors.L, residual)[n:]
    return float(np.sqrt(np.mean(errors**2) / earlier.factors.s2))
