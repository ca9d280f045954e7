"""The global model of a run: a Gaussian process on targets that the data choose."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np

from surrogo.checks import FloatArray
from surrogo.optimizers.base import View
from surrogo.optimizers.effort import HASTY
from surrogo.optimizers.targets import Targets, make_targets
from surrogo.surrogates import kernels
from surrogo.surrogates.likelihood import Likelihood
from surrogo.surrogates.map_fit import Objective, search
from surrogo.surrogates.posterior import Posterior
from surrogo.surrogates.trends import Trend

_NUGGET = 1e-10  # functions are taken as deterministic (evidence file, section 2.6)
# How often hyper-parameters are searched anew (section 2.8): from several starts when
# the data grew by 20 %, from the last ones at every ask up to 150 points, and then
# when the data grew by 5 %.
_GROWTH_FULL, _GROWTH_WARM, _ALWAYS = 1.2, 1.05, 150
_STARTS = 3
# In haste the model sees this many points, half of them the best.
_FEW = 300
# Nats per point by which the log targets must be more likely (section 2.5).
_CLEARLY = 0.05


@dataclass(frozen=True)
class Hyper:
    """Hyper-parameters between asks, as plain data.

    log_l holds the log length scales (d,) of each kind of targets; n_full and n_warm
    are the numbers of points at the last searches.
    """

    targets: str = "plain"
    log_l: dict[str, list[float]] = field(default_factory=dict)
    n_full: int = 0
    n_warm: int = 0


def fit_global(
    view: View, hyper: Hyper, kernel: str, may_log: bool, rng: np.random.Generator
) -> tuple[Posterior, Hyper]:
    """Fit to the finished trials; failed and pending points are conditioned on.

    Both take the values predicted for them, so that only their uncertainty goes (the
    kriging believer of Ginsbourger, Le Riche & Carraro 2010): nothing is known of the
    value at a failed point. That it failed is the business of the criterion.
    """
    view = _lean(view) if view.effort == HASTY else view
    candidates = make_targets(view.y)
    if not may_log:
        candidates.pop("log", None)
    n = len(view.y)
    if n >= _GROWTH_FULL * hyper.n_full or hyper.targets not in candidates:
        posterior, hyper = _full_search(view, candidates, hyper, kernel, rng)
    else:
        posterior, hyper = _warm(view, candidates[hyper.targets], hyper, kernel, rng)
    return believe(posterior, np.vstack([view.failed, view.pending])), hyper


def _lean(view: View) -> View:
    """Return a view of fewer finished trials: the best ones, and of the rest the last.

    The last ones tell where the search is; what was learnt elsewhere long ago is in
    the hyper-parameters.
    """
    n = len(view.y)
    if n <= _FEW:
        return view
    order = np.argsort(view.y, kind="stable")
    best, rest = order[: _FEW // 2], np.sort(order[_FEW // 2 :])
    kept = np.sort(np.concatenate([best, rest[len(best) - _FEW :]]))
    return replace(view, U=view.U[kept], y=view.y[kept], ids=view.ids[kept])


def believe(posterior: Posterior, U: FloatArray) -> Posterior:
    """Condition on the points U (q, d) having the values predicted for them."""
    return posterior.append(U, posterior.mean_std(U)[0]) if len(U) else posterior


def _full_search(
    view: View,
    candidates: dict[str, Targets],
    hyper: Hyper,
    kernel: str,
    rng: np.random.Generator,
) -> tuple[Posterior, Hyper]:
    """Search from several starts for each kind of targets, and keep the likelier."""
    fits: dict[str, Posterior] = {}
    evidence: dict[str, float] = {}
    for name, targets in candidates.items():
        warm = hyper.log_l.get(name)
        fits[name] = _search(view, targets, kernel, warm, _STARTS, rng)
        log_likelihood = -fits[name].factors.negative_log_likelihood()
        evidence[name] = log_likelihood + targets.log_jacobian
    n = len(view.y)
    gain = evidence.get("log", -np.inf) - evidence["plain"]
    chosen = "log" if gain > _CLEARLY * n else "plain"
    log_l = {name: fit.log_l.tolist() for name, fit in fits.items()}
    return fits[chosen], Hyper(chosen, log_l, n, n)


def _warm(
    view: View, targets: Targets, hyper: Hyper, kernel: str, rng: np.random.Generator
) -> tuple[Posterior, Hyper]:
    """Go on from the last length scales, or keep them."""
    n, last = len(view.y), hyper.log_l[hyper.targets]
    rests = n > _ALWAYS and n < _GROWTH_WARM * hyper.n_warm
    if rests or n == hyper.n_warm:  # nothing new: a batch, or a failed trial
        return _posterior(view, targets, kernel, np.array(last)), hyper
    posterior = _search(view, targets, kernel, last, 1, rng)
    log_l = {**hyper.log_l, hyper.targets: posterior.log_l.tolist()}
    return posterior, replace(hyper, log_l=log_l, n_warm=n)


def _search(
    view: View,
    targets: Targets,
    kernel: str,
    warm: list[float] | None,
    n_starts: int,
    rng: np.random.Generator,
) -> Posterior:
    basis = Trend.of("constant", view.space.d).basis(view.U)
    likelihood = Likelihood(kernels.get(kernel), view.U, basis, targets.t)
    objective = Objective(likelihood, _NUGGET, prior=True)
    start = None if warm is None else np.array(warm)
    fit = search(objective, objective.starts(start, n_starts, rng))
    return _posterior(view, targets, kernel, fit.theta)


def _posterior(
    view: View, targets: Targets, kernel: str, log_l: FloatArray
) -> Posterior:
    trend = Trend.of("constant", view.space.d)
    chosen = kernels.get(kernel)
    return Posterior.of(chosen, trend, log_l, _NUGGET, view.U, targets.t)
