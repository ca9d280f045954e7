"""The simplest workers: one slot, in the thread that waits."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from surrogo.execution import ended
from surrogo.execution.base import Workers
from surrogo.execution.ended import Ended, Transient
from surrogo.space import Point


class InProcess(Workers):
    """One slot, which evaluates in `wait`, in the thread that calls it.

    The function may be anything, and Ctrl-C goes through it. A wait takes as long as
    the evaluation, whatever it was told. An evaluation that an exception such as
    `KeyboardInterrupt` breaks off is still submitted: the next wait begins it anew,
    unless it is abandoned.

    Parameters
    ----------
    fun : callable
        ``fun(x, *args)``.
    args : tuple
        Further arguments.
    transient : tuple of exception types
        What another attempt may well cure.

    Examples
    --------
    >>> import numpy as np
    >>> workers = InProcess(lambda x, a: a * x[0], (2.0,))
    >>> workers.submit(0, np.array([1.5]))
    >>> workers.wait(None)[0].answer.value
    3.0
    """

    def __init__(
        self,
        fun: Callable[..., Any],
        args: tuple[Any, ...] = (),
        *,
        transient: Transient = (),
    ) -> None:
        self._fun, self._args = fun, args
        self._transient = ended.checked(transient)
        self._job: tuple[int, Point] | None = None

    def submit(self, id: int, x: Point) -> None:
        if self._job is not None:
            raise RuntimeError("no slot is free; wait for an evaluation to end")
        self._job = (id, x)

    def free(self) -> int:
        return int(self._job is None)

    def running(self) -> int:
        return int(self._job is not None)

    def wait(self, seconds: float | None) -> list[Ended]:
        if self._job is None or seconds == 0.0:  # no time to evaluate anything
            return []
        id, x = self._job
        done, _ = ended.run(id, self._fun, x, self._args, self._transient)
        self._job = None
        return [done]

    def abandon(self) -> None:
        self._job = None

    def close(self) -> None:
        self._job = None
