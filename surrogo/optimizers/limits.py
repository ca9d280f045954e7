"""When a run has had enough: budget, time, target, stagnation."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

from surrogo import checks
from surrogo.status import Status
from surrogo.trials import Trial, Trials

DEFAULT_EVALS_PER_VARIABLE = 50  # without a rule that says how long a run may be
# A best value that falls by less than this share of its distance to the median has not
# improved: as little as the default strategy takes for polished.
_IMPROVED = 1e-6


@dataclass(frozen=True)
class Limits:
    """When to stop; None means never for this reason."""

    max_evals: int | None
    deadline: float | None  # on the clock of time.monotonic
    target: float | None
    patience: int | None = None
    by_default: bool = False  # whether nobody asked for max_evals

    @classmethod
    def of(
        cls, d_free: int, max_evals: Any, max_time: Any, target: Any, patience: Any
    ) -> Limits:
        """Check the stop rules of `optimize`.

        The budget is the default one where neither it nor a time or target is given:
        stagnation and evidence may be long in coming.

        Raises
        ------
        ValueError
            If one makes no sense.
        """
        default = max_evals is None and max_time is None and target is None
        if default:
            max_evals = DEFAULT_EVALS_PER_VARIABLE * max(1, d_free)
        if max_evals is not None:
            max_evals = checks.integer(max_evals, "max_evals", 1)
        deadline = None
        if max_time is not None:
            seconds = checks.positive(max_time, "max_time (in seconds)")
            deadline = time.monotonic() + seconds
        if target is not None:
            target = checks.number(target, "target")
        if patience is not None:
            patience = checks.integer(patience, "patience, a number of evaluations,", 1)
        return cls(max_evals, deadline, target, patience, default)

    def reached(self, trials: Trials) -> Status | None:
        """Return why to stop, or None."""
        best = trials.best
        if best is not None and self.target is not None and best.value <= self.target:
            return Status.TARGET
        if self.max_evals is not None and trials.n_asked >= self.max_evals:
            return Status.MAX_EVALS
        if self.deadline is not None and time.monotonic() >= self.deadline:
            return Status.MAX_TIME
        if self.patience is not None and stagnates(trials, self.patience):
            return Status.STAGNATION
        return None


def stagnates(trials: Trials, patience: int) -> bool:
    """Say whether the last `patience` evaluations have not improved the best value.

    Failures count as evaluations, points added by the user do not. To improve is to
    lower the best value by more than a millionth of its distance to the median of all
    values. Where nothing had succeeded before, there was nothing to improve.

    Examples
    --------
    >>> from surrogo import Evaluation, Space, Trials
    >>> trials = Trials(Space.of([(0, 1)]))
    >>> for id, value in enumerate([3.0, 1.0, 2.0, 1.5]):
    ...     _ = trials.ask([[id / 4]])
    ...     trials.end(id, Evaluation(value))
    >>> stagnates(trials, 2), stagnates(trials, 3)
    (True, False)
    """
    spent = [t for t in trials if t.state != "running" and not t.added]
    recent = {t.id for t in spent[-patience:]}
    valid = [t for t in trials if _counts(t)]
    before = [t.value for t in valid if t.id not in recent]
    if len(spent) < patience or not before:
        return False
    values = sorted(t.value for t in valid)
    best, middle = values[0], values[len(values) // 2]
    # Halves, because the difference of two huge values could overflow.
    gain, spread = 0.5 * min(before) - 0.5 * best, 0.5 * middle - 0.5 * best
    return gain <= _IMPROVED * spread


def _counts(trial: Trial) -> bool:
    """Say whether a trial has a value and meets the constraints."""
    return trial.state == "done" and trial.feasible and trial.value == trial.value
