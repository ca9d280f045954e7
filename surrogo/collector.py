"""Reading long records without looking for garbage among what has just been read."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def collector_paused() -> Iterator[None]:
    """Pause the garbage collector, which would take a third of the time.

    It looks through all objects again and again while their number grows, and of a
    record that is read all of them stay. So does it once more when it goes on, unless
    they count as old by then; freezing and unfreezing makes them so, at no cost.

    Examples
    --------
    >>> import gc
    >>> with collector_paused():
    ...     gc.isenabled()
    False
    >>> gc.isenabled()
    True
    """
    before = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if before:
            if gc.get_freeze_count() == 0:  # else somebody keeps objects frozen
                gc.freeze()
                gc.unfreeze()
            gc.enable()
