"""Engines whose jobs must be asked whether they are done, as an executor."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Executor, Future
from typing import Any


class PolledExecutor(Executor):
    """Makes futures of jobs that have ``done()`` and ``result()``, as submitit's have.

    Such an engine does not say how many jobs it runs: give
    ``workers=Slots(PolledExecutor(...), n)``. Shut it down in the end, or use it in a
    ``with`` block; jobs that run go on.

    Parameters
    ----------
    start : callable
        ``start(fn, *args)`` begins a job and returns it, such as the method ``submit``
        of a ``submitit.AutoExecutor``. A job may have ``cancel()``.
    every : float
        Seconds after which the jobs are asked again.

    Examples
    --------
    >>> import submitit                                          # doctest: +SKIP
    >>> slurm = submitit.AutoExecutor("jobs")                    # doctest: +SKIP
    >>> slurm.update_parameters(timeout_min=60, cpus_per_task=4) # doctest: +SKIP
    >>> with PolledExecutor(slurm.submit) as executor:           # doctest: +SKIP
    ...     optimize(fun, bounds, workers=Slots(executor, 64))
    """

    def __init__(self, start: Callable[..., Any], every: float = 5.0) -> None:
        self._start = start
        self._every = every
        self._jobs: dict[Future[Any], Any] = {}
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    def submit(
        self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any
    ) -> Future[Any]:
        if self._over.is_set():
            raise RuntimeError("the executor was shut down; make a new one")
        future: Future[Any] = Future()
        self._jobs[future] = self._start(fn, *args, **kwargs)
        return future

    def _watch(self) -> None:
        while not self._over.wait(self._every):
            self._look()

    def _look(self) -> None:
        for future, job in list(self._jobs.items()):
            if future.cancelled():
                getattr(job, "cancel", int)()
            elif not _is_done(job) or not future.set_running_or_notify_cancel():
                continue
            else:
                _settle(future, job)
            del self._jobs[future]

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Ask no more; cancelled jobs are cancelled, the others go on."""
        if cancel_futures:
            for future in list(self._jobs):
                future.cancel()
        self._over.set()
        self._thread.join()
        self._look()


def _is_done(job: Any) -> bool:
    try:
        return bool(job.done())
    except Exception:  # the engine or its file system is away: ask again
        return False


def _settle(future: Future[Any], job: Any) -> None:
    try:
        result = job.result()
    except Exception as error:  # whatever the engine says of a job that died
        future.set_exception(error)
    else:
        future.set_result(result)
