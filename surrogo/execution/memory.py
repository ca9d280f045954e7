"""A limit on the memory that an evaluation may allocate."""

from __future__ import annotations

import os
import sys
from types import TracebackType

from surrogo import checks


class MemoryLimit:
    """A context in which the process may grow by `allowed` bytes, and no further.

    What it has already is free, so that imports do not count. The limit is one of
    addresses (``RLIMIT_AS``), asked for whether used or not: a thread costs its stack.
    Processes started inside inherit it.

    Parameters
    ----------
    allowed : int or None
        None is no limit.
    """

    def __init__(self, allowed: int | None) -> None:
        self._allowed = allowed

    def __enter__(self) -> None:
        if self._allowed is not None and sys.platform == "linux":
            import resource

            self._before = resource.getrlimit(resource.RLIMIT_AS)
            hard = self._before[1]
            soft = _addresses() + self._allowed
            limited = soft if hard == resource.RLIM_INFINITY else min(soft, hard)
            resource.setrlimit(resource.RLIMIT_AS, (limited, hard))

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        frames: TracebackType | None,
    ) -> None:
        if self._allowed is not None and sys.platform == "linux":
            import resource

            resource.setrlimit(resource.RLIMIT_AS, self._before)

    def reason(self) -> str:
        """Say that an evaluation asked for more."""
        return (
            f"the evaluation needed more than the {self._allowed:,} bytes of memory "
            "that it may allocate"
        )


def checked(memory: float | None) -> int | None:
    """Return a limit in whole bytes; refuse it where there are none."""
    if memory is None:
        return None
    if sys.platform != "linux":
        raise ValueError(
            "memory limits exist on Linux only, "
            f"got memory={checks.shown(memory)} on {sys.platform}; leave it out"
        )
    return min(int(checks.positive(memory, "memory (in bytes)")), 2**62)


def _addresses() -> int:
    """Return the bytes of address space in use: see proc_pid_statm(5)."""
    with open("/proc/self/statm", encoding="ascii") as file:
        pages = int(file.read().split()[0])
    return pages * os.sysconf("SC_PAGE_SIZE")
