"""Processes on this machine, each with an evaluation of its own."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from time import monotonic
from typing import Any

from surrogo import checks
from surrogo.execution import ended, memory, shipping
from surrogo.execution.base import Workers
from surrogo.execution.ended import Ended, Transient
from surrogo.execution.reserve import Reserve
from surrogo.execution.shipping import Order
from surrogo.execution.slot import Job, Slot
from surrogo.space import Point

_LONGEST = 1e6  # seconds that the system can be told to wait
_GRACE = 1.0  # seconds that idle workers have to leave when they are closed


class LocalWorkers(Workers):
    """Processes on this machine; whatever happens to one, the others go on.

    A worker that dies or is ended takes along the processes that it started, and is
    replaced. Call `close` or `abandon` in the end.

    Parameters
    ----------
    fun : callable
        ``fun(x, *args)``. It may be a lambda, a closure, or from a script or notebook.
    args : tuple
        Further arguments; sent once to each worker.
    n : int
        Number of processes.
    timeout : float, optional
        Seconds after which an evaluation is ended. It is looked at in `wait`: what
        ended by itself before that counts.
    memory : float, optional
        Bytes of address space by which a worker, and each process that it starts, may
        grow in an evaluation; Linux only.
    transient : tuple of exception types
        What another attempt may well cure.

    Raises
    ------
    ValueError
        If the function cannot be sent to other processes, or an option makes no sense.
    RuntimeError
        From `wait`, if workers cannot start or cannot read the function.

    Examples
    --------
    >>> import numpy as np
    >>> workers = LocalWorkers(lambda x, a: a * x[0], (2.0,), 2)
    >>> workers.submit(0, np.array([1.5]))
    >>> workers.wait(None)[0].answer.value
    3.0
    >>> workers.close()
    """

    def __init__(
        self,
        fun: Callable[..., Any],
        args: tuple[Any, ...],
        n: int,
        *,
        timeout: float | None = None,
        memory: float | None = None,
        transient: Transient = (),
    ) -> None:
        self.n = checks.integer(n, "the number of workers", minimum=1)
        self._timeout = None if timeout is None else checks.positive(timeout, "timeout")
        self._reserve = Reserve(_order(fun, args, memory, transient))
        self._ended: list[Ended] = []
        self._slots: list[Slot] = []
        try:
            for _ in range(self.n):
                self._slots.append(Slot(self._reserve))
        except BaseException:
            self.abandon()
            raise

    def submit(self, id: int, x: Point) -> None:
        free = next((slot for slot in self._slots if slot.job is None), None)
        if free is None:
            raise RuntimeError("no slot is free; wait for an evaluation to end")
        free.begin(Job.of(id, x))

    def free(self) -> int:
        return self.n - self.running()

    def running(self) -> int:
        return len(self._ended) + sum(slot.job is not None for slot in self._slots)

    def wait(self, seconds: float | None) -> list[Ended]:
        until = None if seconds is None else monotonic() + seconds
        while self.running() and not self._ended:
            self._look(until)
            if until is not None and monotonic() >= until:
                break
        # An exception from a signal handler loses nothing: what ended is kept till now.
        done, self._ended = self._ended, []
        return done

    def _look(self, until: float | None) -> None:
        """Wait until a worker says something or time is over; take what there is."""
        from multiprocessing.connection import wait

        ready = wait([slot.link for slot in self._slots], self._patience(until))
        for slot in self._slots:
            if slot.link in ready:
                self._keep(slot.read())
        for slot in self._overdue():
            self._keep(slot.read() or slot.time_out(self._timeout or 0.0))

    def _keep(self, done: Ended | None) -> None:
        if done is not None:
            self._ended.append(done)

    def _patience(self, until: float | None) -> float | None:
        """Return how long nothing can happen that is not said by a worker."""
        times = [left for _, left in self._left()]
        times += [] if until is None else [until - monotonic()]
        return min(max(0.0, min(times)), _LONGEST) if times else None

    def _overdue(self) -> list[Slot]:
        return [slot for slot, left in self._left() if left <= 0.0]

    def _left(self) -> list[tuple[Slot, float]]:
        if self._timeout is None:
            return []
        pairs = [(slot, slot.left(self._timeout)) for slot in self._slots]
        return [(slot, left) for slot, left in pairs if left is not None]

    def abandon(self) -> None:
        self._end_all(0.0)

    def close(self) -> None:
        for slot in self._slots:
            slot.ask_to_end()
        self._end_all(_GRACE)

    def _end_all(self, grace: float) -> None:
        until = monotonic() + grace
        self._reserve.end()
        while self._slots:
            self._slots[-1].end(until - monotonic())
            self._slots.pop()
        self._ended = []


def _order(
    fun: Callable[..., Any],
    args: tuple[Any, ...],
    limit: float | None,
    transient: Transient,
) -> Order:
    if not callable(fun):
        raise ValueError(
            f"fun must be callable, got {checks.shown(fun)}; give a function of x"
        )
    return Order(
        task=shipping.packed(fun, args, ended.checked(transient)),
        memory=memory.checked(limit),
        parent=os.getpid(),
        lifeline=None,
        argv=list(sys.argv),
    )
