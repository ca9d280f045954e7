"""How many evaluations an executor can run at a time: its own word, or the user's."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Executor
from contextlib import suppress
from dataclasses import dataclass
from time import monotonic
from typing import Any

from surrogo import checks

_FRESH = 0.5  # seconds for which an engine is not asked again: it may be far away


@dataclass(frozen=True)
class Slots:
    """An executor, and how many evaluations to have there at a time.

    Needed where an executor does not know that itself, or should not be filled.

    Parameters
    ----------
    executor : concurrent.futures.Executor
        It is yours: nothing here shuts it down.
    n : int
        Number of evaluations at a time.

    Examples
    --------
    >>> from concurrent.futures import ThreadPoolExecutor
    >>> from surrogo import Slots, optimize
    >>> with ThreadPoolExecutor() as executor:
    ...     result = optimize(lambda x: x[0] ** 2, [(-1, 1)], max_evals=8,
    ...                       workers=Slots(executor, 2), rng=0)
    >>> result.nfev
    8
    """

    executor: Executor
    n: int

    def __post_init__(self) -> None:
        if not isinstance(self.executor, Executor):
            raise ValueError(
                "executor must be a concurrent.futures.Executor, got "
                f"{checks.shown(self.executor)}; {hint(self.executor)}"
            )
        checks.integer(self.n, "n, the number of evaluations at a time,", minimum=1)


def hint(given: object) -> str:
    """Say how to come from what was given to an executor."""
    if callable(getattr(given, "get_executor", None)):
        return "of a Dask client give client.get_executor()"
    if callable(getattr(given, "submit", None)):
        return "wrap its submit method in surrogo.execution.PolledExecutor"
    return "give for example concurrent.futures.ThreadPoolExecutor(4)"


class Capacity:
    """The number of evaluations at a time, which may change with the engine.

    Raises
    ------
    ValueError
        If the executor does not say, and no number is given.
    """

    def __init__(self, executor: Executor, n: int | None) -> None:
        self._ask = _fixed(n) if n is not None else _probe(executor)
        self._n = 0
        self._until = 0.0

    def now(self) -> int:
        """Return at least 1: an engine whose workers are yet to come keeps a point."""
        if monotonic() >= self._until:
            with suppress(Exception):  # an engine that is away shows when it is used
                self._n = self._ask()
            self._until = monotonic() + _FRESH
        return max(1, self._n)


def _fixed(n: int) -> Callable[[], int]:
    return lambda: n


def _probe(executor: Any) -> Callable[[], int]:
    """Return how to ask an executor for its number of slots."""
    client: Any = getattr(executor, "_client", None)
    if callable(getattr(client, "nthreads", None)):
        return lambda: sum(client.nthreads().values())  # Dask: workers come and go
    # Our own adapters; mpi4py; the pools of the standard library and loky.
    for name in ("n_slots", "num_workers", "_max_workers"):
        n = checks.whole(getattr(executor, name, None))
        if n is not None and n >= 0:
            return lambda: int(getattr(executor, name))
    raise ValueError(
        f"{type(executor).__name__} does not say how many evaluations it can run at a "
        "time; give workers=Slots(executor, n)"
    )
