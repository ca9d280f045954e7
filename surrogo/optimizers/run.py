"""The loop: hand out points, take in answers, until something says stop."""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from surrogo.execution import Ended, Failure, Misuse, StoreError, Workers
from surrogo.optimizers.interrupts import Interrupts
from surrogo.optimizers.optimizer import Optimizer
from surrogo.optimizers.unseen import SpaceExhausted
from surrogo.optimizers.watch import Watch
from surrogo.result import Result, Status
from surrogo.trials import Trial, Trials

_log = logging.getLogger(__name__)

Callback: TypeAlias = Callable[[Result], Any]

_SAME_ERRORS = 10  # first evaluations that must all raise the same error to end a run
# Ends of asking, after which what was asked for is still evaluated.
_EVALUATES = (None, Status.MAX_EVALS, Status.EXHAUSTED)


@dataclass
class Run:
    """One call of `optimize`.

    Attributes
    ----------
    starts : deque
        Points of the user that are to be evaluated first.
    batch : int or None
        How many points are asked for together, after the batch before has ended; None
        is to ask whenever slots are free, for as many.
    retries : int
        How often a trial is evaluated again after a transient failure.
    waiting : deque of Trial
        Asked for, not begun: at first what a process before this one left running.
    status : Status or None
        Why nothing more is asked for.
    """

    optimizer: Optimizer
    workers: Workers
    watch: Watch
    interrupts: Interrupts
    starts: deque[Any]
    batch: int | None = None
    retries: int = 0
    waiting: deque[Trial] = field(init=False)
    status: Status | None = field(init=False, default=None)
    _arrived: deque[Ended] = field(init=False, default_factory=deque)
    _n_before: int = field(init=False)

    def __post_init__(self) -> None:
        left = self.optimizer.trials.in_state("running")
        self.waiting = deque(left)
        self._n_before = len(self.optimizer.trials) - len(left)

    def to_end(
        self, callback: Callback | None, show: Callable[[Trials], Any]
    ) -> Status:
        """Evaluate until something says stop, and return what it was.

        After every evaluation `show` is called, then `callback`, which may say stop.
        """
        with self.interrupts:
            try:
                while self._goes_on():
                    for _ in range(self._waited()):
                        show(self.optimizer.trials)
                        self._hear(callback)
            except KeyboardInterrupt:
                self._rescue()
                self.status = Status.INTERRUPTED
        return self.status or Status.INTERRUPTED

    def _waited(self) -> int:
        """Wait for evaluations to end, record them, and return how many have."""
        with self.interrupts.at_once():
            self._arrived.extend(self.workers.wait(None))
        n = len(self._arrived)
        self._record_arrived()
        return n

    def _rescue(self) -> None:
        """Record the values that have come; a failure may be the signal's own doing.

        A cluster signals simulators and the run alike. What failed at that moment is
        still running on record, and evaluated again by whoever goes on.
        """
        came = [*self._arrived, *self.workers.wait(0.0)]
        values = (one for one in came if not isinstance(one.answer, Failure))
        self._arrived = deque(values)
        self._record_arrived()

    def _goes_on(self) -> bool:
        """Fill the free slots, and say whether anything runs."""
        while self.workers.free() > 0 and self._has_next():
            trial = self.waiting.popleft()
            self.workers.submit(trial.id, trial.x)
        self._decide()
        return self.workers.running() > 0

    def _has_next(self) -> bool:
        """Say whether a trial is to be begun; ask for one where it is time to."""
        self._decide()
        together = self.batch is not None and self.workers.running() > 0
        if self.status is None and not self.waiting and not together:
            self._ask()
        return bool(self.waiting) and self.status in _EVALUATES

    def _decide(self) -> None:
        """Look whether something says stop, or a better reason has come up."""
        if self.status not in _EVALUATES:
            return
        if self.interrupts.asked:
            self.status = Status.INTERRUPTED
        else:
            reached = self.watch.reached(self.optimizer.trials)
            self.status = reached or self.status

    def _ask(self) -> None:
        n = self._n_together()
        if self.starts:
            first = [self.starts.popleft() for _ in range(min(n, len(self.starts)))]
            self.waiting.extend(self.optimizer.ask_at(point) for point in first)
            return
        try:
            self.waiting.extend(self.optimizer.ask(n))
        except SpaceExhausted:
            self.status = Status.EXHAUSTED

    def _n_together(self) -> int:
        """Return a batch, or what is free now: one ask for all is written down once."""
        trials = self.optimizer.trials
        n = self.batch or self.workers.free()
        return (
            n if trials.max_evals is None else min(n, trials.max_evals - trials.n_asked)
        )

    def _record_arrived(self) -> None:
        """Put every answer on record before one of them can end the run."""
        error: Exception | None = None
        while self._arrived:
            try:
                self._record(self._arrived[0])
            except (Misuse, StoreError) as problem:
                error = error or problem
            self._arrived.popleft()
        if error is not None:
            raise error

    def _record(self, one: Ended) -> None:
        trial = self.optimizer.trials[one.id]
        if trial.state != "running":  # recorded before an interruption
            return
        answer = one.answer
        if isinstance(answer, Misuse):
            if not self.optimizer.trials.in_state("done"):
                raise answer
            answer = Failure(str(answer))
        if isinstance(answer, Failure):
            _log.warning("trial %d failed: %s", trial.id, answer.reason)
            if one.transient and trial.retries < self.retries:
                self._try_again(trial, answer, one.seconds)
                return
        self.optimizer.tell(trial, answer, one.seconds)

    def _try_again(self, trial: Trial, failure: Failure, seconds: float) -> None:
        self.waiting.appendleft(trial)
        trials = self.optimizer.trials
        trials.retry(trial.id, failure.reason, failure.traceback, seconds)

    def _hear(self, callback: Callback | None) -> None:
        """Stop if the callback says so, or the function is broken."""
        try:
            if callback is not None:
                callback(self.optimizer.result())
        except StopIteration:
            self.status = Status.CALLBACK
        if self._same_error():
            self.status = Status.SAME_ERROR

    def _same_error(self) -> bool:
        """Keep a function that is broken rather than unlucky from eating the budget."""
        new = self.optimizer.trials[self._n_before :]
        first = [trial for trial in new if not trial.added][:_SAME_ERRORS]
        raised = {t.reason for t in first if t.state == "failed" and t.traceback}
        all_raised = all(t.state == "failed" and t.traceback for t in first)
        return len(first) == _SAME_ERRORS and all_raised and len(raised) == 1
