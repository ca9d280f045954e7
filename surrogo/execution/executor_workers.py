"""Evaluations on any `concurrent.futures.Executor`: a pool, a cluster, a cloud."""

from __future__ import annotations

import concurrent.futures
import pickle
from collections.abc import Callable
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from dataclasses import dataclass
from time import monotonic
from typing import Any

from surrogo import checks
from surrogo.execution import ended
from surrogo.execution.base import Workers
from surrogo.execution.capacity import Capacity
from surrogo.execution.ended import Ended, Transient
from surrogo.execution.evaluate import Failure
from surrogo.execution.parcels import Call, Parcels, Shared
from surrogo.execution.remote import Reply
from surrogo.space import Point

_LOOK = 1.0  # seconds after which a wait looks whether the engine has grown
# What engines raise where a worker cannot load surrogo, or a version differs.
_UNREADABLE = (ImportError, AttributeError, TypeError, pickle.PickleError)


@dataclass(frozen=True)
class _Job:
    id: int
    x: Point
    call: Call
    begun: float  # on the monotonic clock


class ExecutorWorkers(Workers):
    """The slots of an executor, which belongs to the user and is never shut down.

    A worker that dies makes its evaluation a transient failure; it is replaced where
    the engine does so.

    Parameters
    ----------
    fun : callable
        ``fun(x, *args)``. It may be a lambda, a closure, or from a script or notebook.
    args : tuple
        Further arguments; sent once to each worker if they are large.
    executor : concurrent.futures.Executor
        Its processes must have the same surrogo.
    n : int, optional
        Number of evaluations at a time; the executor is asked again and again if it
        is not given.
    transient : tuple of exception types
        What another attempt may well cure.

    Raises
    ------
    ValueError
        If the function cannot be sent to other processes, or `n` is needed.
    RuntimeError
        From `wait`, after all that still runs has ended: if the executor takes nothing
        any more, or a worker cannot read the function.

    Examples
    --------
    >>> import numpy as np
    >>> pool = ThreadPoolExecutor(2)
    >>> workers = ExecutorWorkers(lambda x, a: a * x[0], (2.0,), pool)
    >>> workers.submit(0, np.array([1.5]))
    >>> workers.wait(None)[0].answer.value
    3.0
    """

    def __init__(
        self,
        fun: Callable[..., Any],
        args: tuple[Any, ...],
        executor: Executor,
        n: int | None = None,
        *,
        transient: Transient = (),
    ) -> None:
        self._executor = executor
        task = fun, tuple(args), ended.checked(transient)
        threads = isinstance(executor, ThreadPoolExecutor)
        self._calls = Shared(*task) if threads else Parcels(*task)
        self._capacity = Capacity(executor, n)
        self._jobs: dict[Future[Reply], _Job] = {}
        self._ended: list[Ended] = []
        self._stranded = 0  # submitted, and nobody will evaluate them
        self._broken: RuntimeError | None = None  # why

    def submit(self, id: int, x: Point) -> None:
        self._send(id, x)

    def _send(self, id: int, x: Point, whole: bool = False) -> None:
        call = self._calls.call(id, x, whole)
        try:
            future = self._executor.submit(call.fn, *call.args)
        except Exception as error:
            self._strand(_refused(self._executor, error), error)
        else:
            self._jobs[future] = _Job(id, x, call, monotonic())

    def _strand(self, problem: RuntimeError, cause: BaseException | None) -> None:
        """Begin nothing more; what runs is still waited for, as it is paid for."""
        problem.__cause__ = cause
        self._stranded += 1
        self._broken = self._broken or problem

    def running(self) -> int:
        return len(self._jobs) + len(self._ended) + self._stranded

    def free(self) -> int:
        if self._broken is not None:
            return 0
        return max(0, self._capacity.now() - self.running())

    def wait(self, seconds: float | None) -> list[Ended]:
        until = float("inf") if seconds is None else monotonic() + seconds
        free = self.free()
        while self._jobs and not self._ended:
            self._look(min(_LOOK, max(0.0, until - monotonic())))
            if monotonic() >= until or self.free() > free:
                break
        # An exception from a signal handler loses nothing: what ended is kept till now.
        done, self._ended = self._ended, []
        if self._broken is not None and not done and not self._jobs:
            raise self._broken
        return done

    def _look(self, seconds: float) -> None:
        """Take what has come, or comes within that time."""
        concurrent.futures.wait(
            self._jobs, seconds, return_when=concurrent.futures.FIRST_COMPLETED
        )
        # An engine may cancel a future without a word to those that wait for it.
        for future in [future for future in self._jobs if future.done()]:
            self._take(future, self._jobs[future])
            del self._jobs[future]

    def _take(self, future: Future[Reply], job: _Job) -> None:
        error = _error(future)
        if error is not None:
            self._failed(job, error)
            return
        kind, content = future.result()
        self._calls.answered(job.call, missing=kind == "missing")
        if kind == "missing":
            self._send(job.id, job.x, whole=True)
        elif kind == "broken":
            self._strand(_unreadable(content), None)
        else:
            whole = isinstance(content, Ended)
            self._ended.append(content if whole else pickle.loads(content))

    def _failed(self, job: _Job, error: BaseException) -> None:
        """Take note of what the engine, and not the function, has raised."""
        self._calls.answered(job.call, missing=True)
        if isinstance(error, _UNREADABLE):
            self._strand(_unreadable(_words(error)), error)
            return
        failure = Failure(f"the worker or its engine failed: {_words(error)}")
        seconds = monotonic() - job.begun
        self._ended.append(Ended(job.id, failure, seconds, transient=True))

    def abandon(self) -> None:
        for future in self._jobs:
            future.cancel()
        self._jobs, self._ended = {}, []

    def close(self) -> None:
        self.abandon()


def _error(future: Future[Any]) -> BaseException | None:
    if future.cancelled():
        return concurrent.futures.CancelledError("the engine cancelled the evaluation")
    return future.exception()


def _words(error: BaseException) -> str:
    return f"{type(error).__name__}: {error}"


def _unreadable(words: str) -> RuntimeError:
    return RuntimeError(
        "a worker of the executor cannot read the function, its arguments or surrogo; "
        "install the same surrogo and Python there, and put modules of your own where "
        f"workers can import them from. It said:\n{words}"
    )


def _refused(executor: Executor, error: Exception) -> RuntimeError:
    return RuntimeError(
        f"{type(executor).__name__} takes no evaluations any more "
        f"({checks.cut(_words(error), 300)}); what is on record is kept: make a new "
        "executor, and go on with the store, or with prior=error.result"
    )
