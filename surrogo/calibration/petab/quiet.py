"""Keep what C code prints to itself."""

from __future__ import annotations

import ctypes
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache

_OUT, _ERR = 1, 2  # file descriptors: CVODE warns on the one and fails on the other


@contextmanager
def quiet() -> Iterator[None]:
    """Send what is printed to descriptors 1 and 2 to nowhere.

    Errors of the integrator are exceptions too, and recorded as those; its messages
    come by the thousand in a global search. Python's own ``sys.stderr`` can be
    replaced, but C code does not look there.
    """
    _flush_python()
    nowhere = os.open(os.devnull, os.O_WRONLY)
    kept = {there: os.dup(there) for there in (_OUT, _ERR)}
    try:
        for there in kept:
            os.dup2(nowhere, there)
        yield
    finally:
        _c_flush()(None)  # what C has not written yet belongs to nowhere as well
        for there, copy in kept.items():
            os.dup2(copy, there)
            os.close(copy)
        os.close(nowhere)


def _flush_python() -> None:
    for stream in (sys.stdout, sys.stderr):
        if stream is not None:
            stream.flush()


@cache
def _c_flush() -> Callable[[None], int]:
    """Return C's ``fflush``; where the C library cannot be asked, nothing."""
    if os.name != "posix":
        return lambda _: 0
    fflush = ctypes.CDLL(None).fflush
    fflush.argtypes = [ctypes.c_void_p]
    return fflush
