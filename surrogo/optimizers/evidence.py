"""How probable it is that the best value found is nearly the lowest there is.

Wilson 2024, "Stopping Bayesian optimization with probabilistic regret bounds": stop
when P(f_best - min f <= tol) under the model is high enough. A fitted model is too sure
of itself; what is done about it, and what was measured, stands in
docs/decisions/0009-stopping-with-evidence.md.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np

from surrogo import checks
from surrogo.checks import FloatArray
from surrogo.optimizers.base import View
from surrogo.optimizers.belief import Belief, form_belief
from surrogo.optimizers.minimum import draw_minima
from surrogo.threads import one_blas_thread
from surrogo.trials import Trials

# What is drawn is stretched by the first; a model is believed whose standardised errors
# have at most the second as root mean square (decision 0009 has what others would do).
_CAUTION, _SURPRISED = 1.25, 2.0
_DRAWS = 1008  # in all; the standard error at a probability of .95 is .007
_DESIGNS = 2  # as many initial designs' worth of points before anything is said
_MOST = 500  # points; of more the lowest
_DEFAULT_TOL = 0.01  # of the distance from the best value to the median
_UNFORESEEN = "the model did not foresee the later values from the earlier ones"
_QUANTILES = (0.05, 0.5, 0.95)


@dataclass(frozen=True)
class Evidence:
    """What a run says about how good its best value is.

    Attributes
    ----------
    tol : float
        The tolerance, in the units of the values.
    probability : float
        That the best value exceeds the lowest one there is by no more than `tol`; NaN
        where there is no model.
    lowest : tuple of three floats
        Where the lowest value lies: its 5 %, 50 % and 95 % quantiles (the last is the
        best value found, or nearly); NaN where there is no model.
    doubt : str
        Why the probability must not be relied on; empty where nothing speaks
        against it.
    n : int
        Values on which it rests.
    """

    tol: float
    probability: float
    lowest: tuple[float, float, float]
    doubt: str
    n: int

    def suffices(self, confidence: float) -> bool:
        """Say whether it is reliable and reaches this probability."""
        return not self.doubt and self.probability >= confidence

    def __str__(self) -> str:
        """Return a sentence."""
        within = "near" if math.isnan(self.tol) else f"within {self.tol:.3g} of"
        claim = f"the best value is {within} the lowest there is"
        if math.isnan(self.probability):
            return f"Whether {claim} cannot be said: {self.doubt}."
        percent = min(max(round(100 * self.probability), 1), 99)
        bound = {1: "at most ", 99: "at least "}.get(percent, "")  # nobody is surer
        text = f"The probability that {claim} is {bound}{percent} %"
        return f"{text}, but {self.doubt}." if self.doubt else f"{text}."


def weigh(trials: Trials, tol: float | None = None) -> Evidence:
    """Estimate how probable it is that the best value is within `tol` of the lowest.

    Functions are drawn from a Gaussian process of the values so far, averaged over
    length scales, and their lowest values compared with the best one found. The model
    is doubted where it did not foresee the later part of the run from the earlier one.
    A function of the record: the same trials give the same answer.

    Under constraints the lowest value is that of all points, allowed or not: the
    probability is then a cautious one.

    Parameters
    ----------
    trials : Trials
    tol : float, optional
        By default a hundredth of the distance from the best value to the median.

    Returns
    -------
    Evidence

    Raises
    ------
    ValueError
        If `tol` is not above 0.

    References
    ----------
    Wilson 2024, Advances in Neural Information Processing Systems 37.

    Examples
    --------
    >>> import surrogo
    >>> from surrogo.optimizers.evidence import weigh
    >>> result = surrogo.optimize(lambda x: (x[0] - 0.3) ** 2, [(-1, 1)], max_evals=15,
    ...                           rng=0)
    >>> weigh(result.trials, tol=0.01).probability > 0.9
    True
    """
    if tol is not None:
        tol = checks.positive(tol, "tol, a difference of values,")
    view = View.of(trials, effort=0)
    best = trials.best
    if best is None:
        return _silence(tol, "no evaluation has succeeded", 0)
    if reason := _no_model(trials, view):
        return _silence(tol, reason, len(view.y))
    tol = _usual_tol(view, best.value) if tol is None else tol
    try:
        with one_blas_thread():
            return _weighed(_lowest(view), best.value, tol)
    except np.linalg.LinAlgError as error:
        return _silence(tol, f"there is no model ({error})", len(view.y))


def _no_model(trials: Trials, view: View) -> str:
    """Return why there can be no model, or nothing."""
    fewest = _DESIGNS * (view.space.d_free + 4)
    evaluations = [t.evaluation for t in trials.in_state("done")]
    if not np.all(np.isfinite(view.y)):
        return "an evaluation has no single value"
    if any(e.noise_var is not None and np.any(e.noise_var) for e in evaluations if e):
        return "the values have noise, and the lowest one may owe it to that"
    if len(view.y) < fewest:
        return f"{len(view.y)} values are too few, at least {fewest} are needed"
    return "" if np.ptp(0.5 * view.y) > 0.0 else "all values are equal"


def _usual_tol(view: View, best: float) -> float:
    """Return a tolerance that suits the values: of the first ones, spread over the box.

    Later ones crowd where the values are low.
    """
    first = 0.5 * view.y[: view.space.d_free + 4]
    spread = float(np.median(first)) - 0.5 * best
    return 2.0 * _DEFAULT_TOL * (spread or float(np.max(0.5 * view.y)) - 0.5 * best)


def _lowest(view: View) -> View:
    """Return the view of the `_MOST` lowest values, in their order."""
    keep = np.sort(np.argsort(view.y, kind="stable")[:_MOST])
    return replace(view, U=view.U[keep], y=view.y[keep])


def _weighed(view: View, best: float, tol: float) -> Evidence:
    """Draw lowest values of functions and compare them with the best one found."""
    rng = np.random.default_rng(len(view.y))
    low, size = 0.5 * float(np.min(view.y)), float(np.ptp(0.5 * view.y))
    z = (0.5 * view.y - low) / size  # in [0, 1]; halves cannot overflow
    at, step = (0.5 * best - low) / size, 0.5 * tol / size
    belief = form_belief(view, z, step, rng)
    minima = _minima(belief, view, at, step, rng)
    lowest = 2.0 * (low + size * np.quantile(minima, _QUANTILES))
    doubt = "" if belief.surprise <= _SURPRISED else _UNFORESEEN
    share = float(np.mean(minima >= at - step))
    return Evidence(tol, share, tuple(lowest.tolist()), doubt, len(z))


def _minima(
    belief: Belief, view: View, best: float, tol: float, rng: np.random.Generator
) -> FloatArray:
    """Return lowest values in the units of z, none above the lowest known one."""
    level = belief.forward(best - tol)
    order = np.argsort(view.y, kind="stable")
    incumbents = view.U[order[: view.space.d + 4]]
    n = _DRAWS // len(belief.parts)
    drawn = [
        draw_minima(part, view.space, incumbents, level, n, _CAUTION, rng)
        for part in belief.parts
    ]
    return np.minimum(belief.transform.inverse(np.concatenate(drawn)), 0.0)


def _silence(tol: float | None, reason: str, n: int) -> Evidence:
    nothing = float("nan")
    tol = nothing if tol is None else tol
    return Evidence(tol, nothing, (nothing,) * 3, reason, n)
