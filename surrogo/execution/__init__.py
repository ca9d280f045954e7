"""Evaluating the user's function: what it gave, how it failed, where it is kept."""

from __future__ import annotations

from surrogo.execution.evaluate import Failure, Misuse, as_evaluation, evaluate
from surrogo.execution.journal import Journal
from surrogo.execution.store_file import StoreError
from surrogo.execution.store_reader import Contents, Session, read_store, writer
from surrogo.execution.workers import (
    Ended,
    ExecutorWorkers,
    InProcess,
    LocalWorkers,
    PolledExecutor,
    RayExecutor,
    RenewedExecutor,
    Slots,
    SparkExecutor,
    Workers,
)

__all__ = [
    "Contents",
    "Ended",
    "ExecutorWorkers",
    "Failure",
    "InProcess",
    "Journal",
    "LocalWorkers",
    "Misuse",
    "PolledExecutor",
    "RayExecutor",
    "RenewedExecutor",
    "Session",
    "Slots",
    "SparkExecutor",
    "StoreError",
    "Workers",
    "as_evaluation",
    "evaluate",
    "read_store",
    "writer",
]
