"""A calibration and its fit as the `Target` that answers ask."""

from __future__ import annotations

import numpy as np

from surrogo.calibration.deviance import Roots, roots
from surrogo.calibration.posterior import Density
from surrogo.calibration.priors import LogNormalPrior, Prior
from surrogo.calibration.problem import Calibration
from surrogo.calibration.target import Target
from surrogo.checks import FloatArray
from surrogo.evaluation import Evaluation
from surrogo.trials import Trials

# Half the sum of squares and the value differ by a constant; see simulations.py.
_ROUNDING = 1e-9


def fit_target(problem: Calibration, trials: Trials) -> Target:
    """Return the negative log posterior at the best trial, all trials known.

    It has residuals where it is half a sum of squares; see deviance.py.

    Raises
    ------
    ValueError
        If no trial succeeded.
    """
    best = trials.best
    if best is None or best.evaluation is None:
        raise ValueError("answers need a fit, got trials of which none succeeded")
    root = roots(problem.outer, np.asarray(best.evaluation.outputs))
    evaluate = _Evaluate(problem, root)
    known = _known(trials, evaluate, best.evaluation)
    return Target(problem.space, evaluate, best.row, known)


def densities(problem: Calibration, names: tuple[str, ...]) -> dict[str, Density]:
    """Return over what each prior is a density, for those of `names` that have one."""
    return {
        name: "logs" if _is_of_logarithm(prior) else "units"
        for name, prior in problem.priors.items()
        if name in names
    }


def _is_of_logarithm(prior: Prior) -> bool:
    log = getattr(prior, "scale", "linear") == "log"
    return log and not isinstance(prior, LogNormalPrior)


class _Evaluate:
    """The problem's evaluation, with residuals where it is a sum of squares."""

    def __init__(self, problem: Calibration, root: Roots | None) -> None:
        self.problem, self.root = problem, root

    def __call__(self, x: FloatArray) -> Evaluation:
        names = self.problem.space.names
        return self.judged(
            self.problem.evaluate(dict(zip(names, x.tolist(), strict=True)))
        )

    def judged(self, came: Evaluation) -> Evaluation:
        """Return the same with residuals."""
        r = None if self.root is None else self.root(np.asarray(came.outputs))
        return Evaluation(float(came.value), residuals=r, outputs=came.outputs)


def _known(trials: Trials, evaluate: _Evaluate, best: Evaluation) -> Trials:
    """Return what the fit has seen, with residuals, as far as it fits the estimate."""
    known, level = Trials(trials.space), _rest(evaluate.judged(best))
    for trial in trials.in_state("done"):
        came = evaluate.judged(trial.evaluation)  # type: ignore[arg-type]
        off = abs(_rest(came) - level)
        if came.residuals is None or off <= _ROUNDING * max(1.0, abs(came.value)):
            known.add(trial.row, came)
    return known


def _rest(came: Evaluation) -> float:
    r = np.zeros(0) if came.residuals is None else came.residuals
    return float(came.value - 0.5 * r @ r)
