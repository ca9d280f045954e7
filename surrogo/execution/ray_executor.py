"""Ray as an executor."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Executor, Future
from typing import Any


class RayExecutor(Executor):
    """Runs each call as a task of Ray; needs ``pip install surrogo[ray]``.

    Call ``ray.init(...)`` before, and ``ray.shutdown()`` in the end. Ray replaces
    workers that die; the call that one died in fails, and is not repeated by Ray unless
    you say so, as the record of a run is to know of it.

    Parameters
    ----------
    **options
        Those of ``ray.remote``, such as ``num_cpus=4``, ``resources={"licence": 1}``,
        ``runtime_env={"env_vars": {...}}`` or ``max_retries=3``.

    Examples
    --------
    >>> import ray                                               # doctest: +SKIP
    >>> ray.init()                                               # doctest: +SKIP
    >>> surrogo.optimize(fun, bounds, workers=RayExecutor())     # doctest: +SKIP
    """

    def __init__(self, **options: Any) -> None:
        import ray

        self._ray = ray
        self._options = {"num_cpus": 1, "max_retries": 0} | options
        self._call = ray.remote(**self._options)(_call)

    @property
    def n_slots(self) -> int:
        """How many calls can run on the cluster as it is now."""
        there = self._ray.cluster_resources()
        needs = {"CPU": self._options["num_cpus"], "GPU": self._options.get("num_gpus")}
        needs |= self._options.get("resources") or {}
        return min(
            (int(there.get(name, 0) / need) for name, need in needs.items() if need),
            default=0,
        )

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Any:
        ref = self._call.remote(fn, args, kwargs)
        future: Future[Any] = Future()

        def take(cancelled: Future[Any]) -> None:
            if cancelled.cancelled():
                self._ray.cancel(ref)

        def give(done: Future[Any]) -> None:
            if future.set_running_or_notify_cancel():
                _copy(done, future)

        future.add_done_callback(take)
        ref.future().add_done_callback(give)
        return future


def _copy(done: Future[Any], future: Future[Any]) -> None:
    error = done.exception()
    if error is None:
        future.set_result(done.result())
    else:
        future.set_exception(error)


def _call(fn: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    return fn(*args, **kwargs)
