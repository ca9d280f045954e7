"""Processes that lead a group of their own: how they are ended, and how they ended."""

from __future__ import annotations

import os
import signal
import sys
from contextlib import suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from subprocess import Popen

UNKILLABLE = 5.0  # seconds after which a process that was killed is given up


def kill_group(process: Popen[bytes]) -> None:
    """End a process and all its children, whatever they do.

    While it has not been waited for its number belongs to no other process.
    """
    if sys.platform == "win32":
        from subprocess import DEVNULL, run

        tree = ["taskkill", "/F", "/T", "/PID", str(process.pid)]
        run(tree, stdout=DEVNULL, stderr=DEVNULL, check=False)
    elif process.returncode is None:
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)


def signal_of(code: int) -> str:
    """Return the name of the signal that an exit code below 0 stands for.

    Examples
    --------
    >>> signal_of(-11), signal_of(-9)
    ('SIGSEGV', 'SIGKILL (was the memory of the machine full?)')
    """
    try:
        name = signal.Signals(-code).name
    except ValueError:
        name = f"signal {-code}"
    doubt = " (was the memory of the machine full?)" if name == "SIGKILL" else ""
    return name + doubt
