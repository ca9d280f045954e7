"""Pools that break as a whole when one of their processes dies, made anew."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import BrokenExecutor, Executor, Future
from typing import Any

from surrogo.execution.capacity import Capacity


class RenewedExecutor(Executor):
    """Takes a new pool where the old one broke.

    `ProcessPoolExecutor` and loky's pools take nothing any more once a process of
    theirs was killed, and fail all that runs in them. With this the run goes on:
    give ``retries=``, as what ran beside the one that died is evaluated again, too.
    Shut it down in the end, or use it in a ``with`` block.

    Parameters
    ----------
    make : callable
        ``make()`` returns a pool, a new one after the last broke.

    Examples
    --------
    >>> from concurrent.futures import ProcessPoolExecutor
    >>> from functools import partial
    >>> with RenewedExecutor(partial(ProcessPoolExecutor, 2)) as executor:
    ...     executor.n_slots
    2
    """

    def __init__(self, make: Callable[[], Executor]) -> None:
        self._make = make
        self._pool = make()

    @property
    def n_slots(self) -> int:
        """How many calls the pool can run at a time."""
        return Capacity(self._pool, None).now()

    def submit(
        self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any
    ) -> Future[Any]:
        try:
            return self._pool.submit(fn, *args, **kwargs)
        except BrokenExecutor:
            # Its last processes end by themselves; there is nothing to wait for.
            self._pool.shutdown(wait=False)
            self._pool = self._make()
        return self._pool.submit(fn, *args, **kwargs)

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Shut down the pool of now."""
        more = {"cancel_futures": True} if cancel_futures else {}  # loky knows it not
        self._pool.shutdown(wait=wait, **more)
