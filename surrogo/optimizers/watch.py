"""Asks again and again whether a run has had enough."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from surrogo import checks
from surrogo.optimizers.evidence import weigh
from surrogo.optimizers.limits import Limits
from surrogo.status import Status
from surrogo.trials import Trials

# The evidence is weighed anew when the values grew by this share, and by as many as
# there are variables: a fit costs more than a proposal.
_GROWTH = 0.1


@dataclass
class Watch:
    """The stop rules of a run, and when the evidence was weighed last.

    tol None: evidence does not stop the run.
    """

    limits: Limits
    tol: float | None = None
    confidence: float = 0.95
    n_weighed: int = 0

    @classmethod
    def of(cls, limits: Limits, tol: Any, confidence: Any) -> Watch:
        """Check the settings of `optimize`.

        Raises
        ------
        ValueError
            If `tol` is not above 0, or `confidence` not between 0 and 1 or without
            `tol`.
        """
        if tol is None and confidence is not None:
            raise ValueError(
                f"confidence needs tol, the difference of values that it is about, got "
                f"confidence={confidence!r} without tol"
            )
        if tol is not None:
            tol = checks.positive(tol, "tol, a difference of values,")
        confidence = cls.confidence if confidence is None else confidence
        confidence = checks.number(confidence, "confidence")
        if not 0.0 < confidence < 1.0:
            raise ValueError(
                "confidence must be a probability between 0 and 1, for example 0.95, "
                f"got {confidence:g}"
            )
        return cls(limits, tol, confidence)

    def reached(self, trials: Trials) -> Status | None:
        """Return why to stop, or None."""
        return self.limits.reached(trials) or self._by_evidence(trials)

    def is_due(self, trials: Trials) -> bool:
        """Say whether the evidence is to be weighed now, and remember that it was."""
        n = len(trials.in_state("done"))
        step = max(trials.space.d_free, _GROWTH * self.n_weighed)
        if self.tol is None or n < self.n_weighed + step:
            return False
        self.n_weighed = n
        return True

    def _by_evidence(self, trials: Trials) -> Status | None:
        if self.tol is None or not self.is_due(trials):
            return None
        enough = weigh(trials, self.tol).suffices(self.confidence)
        return Status.WITHIN_TOL if enough else None
