"""Where evaluations run.

`InProcess` is the thread that waits, `LocalWorkers` are processes of this machine,
`ExecutorWorkers` are what a `concurrent.futures.Executor` has. `RayExecutor`,
`SparkExecutor` and `PolledExecutor` make executors of what is none, `RenewedExecutor`
takes a new pool where one broke.
"""

from __future__ import annotations

from surrogo.execution.base import Workers
from surrogo.execution.capacity import Slots
from surrogo.execution.ended import Ended
from surrogo.execution.executor_workers import ExecutorWorkers
from surrogo.execution.in_process import InProcess
from surrogo.execution.local_workers import LocalWorkers
from surrogo.execution.polled_executor import PolledExecutor
from surrogo.execution.ray_executor import RayExecutor
from surrogo.execution.renewed_executor import RenewedExecutor
from surrogo.execution.spark_executor import SparkExecutor

__all__ = [
    "Ended",
    "ExecutorWorkers",
    "InProcess",
    "LocalWorkers",
    "PolledExecutor",
    "RayExecutor",
    "RenewedExecutor",
    "Slots",
    "SparkExecutor",
    "Workers",
]
