"""Where evaluations run.

`InProcess` is the thread that waits, `LocalWorkers` are processes of this machine.
"""

from __future__ import annotations

from surrogo.execution.base import Workers
from surrogo.execution.ended import Ended
from surrogo.execution.in_process import InProcess
from surrogo.execution.local_workers import LocalWorkers

__all__ = ["Ended", "InProcess", "LocalWorkers", "Workers"]
