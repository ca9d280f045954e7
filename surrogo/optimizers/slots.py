"""Where the evaluations of `optimize` run."""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import Executor
from typing import Any

from surrogo import checks
from surrogo.execution import (
    ExecutorWorkers,
    InProcess,
    LocalWorkers,
    Slots,
    Workers,
    ended,
)
from surrogo.execution.capacity import hint
from surrogo.execution.ended import Transient

_MOST = 512  # processes: a slip of the finger must not bring a machine down


def make_workers(
    fun: Callable[..., Any],
    args: tuple[Any, ...],
    workers: Any,
    *,
    timeout: Any,
    memory: Any,
    retry_on: Any,
) -> Workers:
    """Return an executor's slots, this process, or others if there are several.

    There are others also where evaluations have a limit.

    Raises
    ------
    ValueError
        If an argument makes no sense, or the function cannot be sent to a process.
    """
    if isinstance(workers, Executor | Slots):
        _refuse_limits(timeout, memory)
        return _on_executor(fun, args, workers, _exceptions(retry_on))
    n = checks.whole(workers)
    if n is None or (n < 1 and n != -1):
        raise ValueError(
            "workers must be a number of processes of at least 1, or -1 for one on "
            "every processor, or a concurrent.futures.Executor, got "
            f"{checks.shown(workers)}{_advice(workers)}"
        )
    if n > _MOST:
        raise ValueError(
            f"workers are processes of this machine, at most {_MOST}, got "
            f"{checks.shown(workers)}; give an executor for a cluster"
        )
    transient = _exceptions(retry_on)
    if timeout is not None:
        timeout = checks.positive(timeout, "eval_timeout (in seconds)")
    if memory is not None:
        memory = checks.positive(memory, "eval_memory (in bytes)")
    if n == 1 and timeout is None and memory is None:
        return InProcess(fun, args, transient=transient)
    n = n if n > 0 else os.cpu_count() or 1
    return LocalWorkers(
        fun, args, n, timeout=timeout, memory=memory, transient=transient
    )


def _advice(workers: Any) -> str:
    return f"; {hint(workers)}" if hasattr(workers, "submit") else ""


def _on_executor(
    fun: Callable[..., Any],
    args: tuple[Any, ...],
    given: Executor | Slots,
    transient: Transient,
) -> Workers:
    n = given.n if isinstance(given, Slots) else None
    executor = given.executor if isinstance(given, Slots) else given
    return ExecutorWorkers(fun, args, executor, n, transient=transient)


def _refuse_limits(timeout: Any, memory: Any) -> None:
    for value, name in ((timeout, "eval_timeout"), (memory, "eval_memory")):
        if value is not None:
            raise ValueError(
                f"{name} needs processes of surrogo's own, got {name}="
                f"{checks.shown(value)} with an executor, whose workers it cannot end; "
                "set the limit in the engine or in the simulator, or give workers as "
                "a number"
            )


def _exceptions(retry_on: Any) -> Transient:
    """Return exception types as a tuple, of a single one or a list, too."""
    kinds = [retry_on] if isinstance(retry_on, type) else checks.listed(retry_on)
    return ended.checked(retry_on if kinds is None else tuple(kinds), "retry_on")
