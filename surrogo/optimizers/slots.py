"""Where the evaluations of `optimize` run."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

from surrogo import checks
from surrogo.execution import InProcess, LocalWorkers, Workers


def make_workers(
    fun: Callable[..., Any],
    args: tuple[Any, ...],
    workers: Any,
    *,
    timeout: Any,
    memory: Any,
    retry_on: Any,
) -> Workers:
    """Return this process, or others where there is more than one or a limit.

    Raises
    ------
    ValueError
        If an argument makes no sense, or the function cannot be sent to a process.
    """
    n = checks.whole(workers)
    if n is None or (n < 1 and n != -1):
        raise ValueError(
            "workers must be a number of processes of at least 1, or -1 for one on "
            f"every processor, got {checks.shown(workers)}"
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


def _exceptions(retry_on: Any) -> tuple[type[Exception], ...]:
    """Return exception types as a tuple, of a single one, too."""
    kinds = [retry_on] if isinstance(retry_on, type) else checks.listed(retry_on)
    if kinds is None or not all(
        isinstance(kind, type) and issubclass(kind, Exception) for kind in kinds
    ):
        raise ValueError(
            f"retry_on must be a tuple of exception types, got "
            f"{checks.shown(retry_on)}; give for example (ConnectionError,)"
        )
    return tuple(kinds)
