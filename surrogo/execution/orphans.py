"""A worker ends with its parent, however that ended, and takes its children along."""

from __future__ import annotations

import os
import signal
import sys
import threading
from time import sleep

from surrogo.execution.launcher import signal_when_closed

_EVERY = 0.5  # seconds between two looks


def end_with(parent: int, lifeline: int | None) -> None:
    """End the group of this process when process `parent` is gone.

    A thread looks at who the parent is. It cannot while the function is in compiled
    code that keeps the interpreter to itself, as f2py's does; Linux does it then, at
    the moment in which the other end of the pipe `lifeline` is closed.
    """
    if lifeline is not None and sys.platform == "linux":
        signal_when_closed(lifeline)
    if os.name == "posix":
        threading.Thread(target=_watch, args=(parent,), daemon=True).start()


def _watch(parent: int) -> None:
    while os.getppid() == parent:
        sleep(_EVERY)
    os.killpg(0, signal.SIGKILL)
