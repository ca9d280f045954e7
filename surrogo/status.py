"""The reasons for which a run ends."""

from __future__ import annotations

from enum import IntEnum


class Status(IntEnum):
    """Why a run ended; `message` is the sentence shown to the user.

    Above 0 the run ended as it was meant to.

    Examples
    --------
    >>> from surrogo import Status
    >>> Status.TARGET.message
    'The target value was reached.'
    """

    RUNNING = 0
    MAX_EVALS = 1
    TARGET = 2
    MAX_TIME = 3
    CALLBACK = 4
    EXHAUSTED = 5
    WITHIN_TOL = 6
    STAGNATION = 7
    INTERRUPTED = -1
    SAME_ERROR = -2
    ALL_FAILED = -3
    INFEASIBLE = -4

    @property
    def message(self) -> str:
        """The reason as a sentence."""
        return _MESSAGES[self]


_MESSAGES = {
    Status.RUNNING: "The run has not ended.",
    Status.MAX_EVALS: "The budget of evaluations is used up.",
    Status.TARGET: "The target value was reached.",
    Status.MAX_TIME: "The time limit was reached.",
    Status.CALLBACK: "The callback stopped the run.",
    Status.EXHAUSTED: "Every point of the discrete space has been evaluated.",
    Status.WITHIN_TOL: "The best value is probably within tol of the lowest there is.",
    Status.STAGNATION: "The best value has stopped improving.",
    Status.INTERRUPTED: "The run was interrupted; this is the result so far.",
    Status.SAME_ERROR: "The first evaluations all failed with the same error.",
    Status.ALL_FAILED: "The run ended without a single successful evaluation.",
    Status.INFEASIBLE: "The run ended without a point that meets all constraints.",
}
