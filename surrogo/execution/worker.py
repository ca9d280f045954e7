"""What runs in a worker process: evaluations, one after the other."""

from __future__ import annotations

import os
import pickle
import signal
import sys
import time
import traceback
from dataclasses import fields, replace
from io import TextIOWrapper
from typing import TYPE_CHECKING, Any

from surrogo.execution import ended
from surrogo.execution.ended import Ended
from surrogo.execution.evaluate import Failure
from surrogo.execution.memory import MemoryLimit
from surrogo.execution.orphans import end_with
from surrogo.execution.shipping import Order
from surrogo.trials import Evaluation

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

    Link = Connection[Any, Any]


def main(link: Link, order: bytes) -> None:
    """Evaluate what comes over the link until the parent has no more."""
    task = _settle(link, pickle.loads(order))
    try:
        fun, args, transient = pickle.loads(task.task)
    except BaseException:  # a module may even exit when it is imported
        link.send(("broken", traceback.format_exc()))
        return
    limit = MemoryLimit(task.memory)
    while (job := _next(link)) is not None:
        id, x = pickle.loads(job)
        link.send(("begun", time.monotonic()))
        done, error = ended.run(id, fun, x, args, transient, limit)
        if task.memory is not None and isinstance(error, MemoryError):
            done = _too_large(done, limit)
        _flush()
        link.send(("ended", _sendable(done)))


def _settle(link: Link, order: Order) -> Order:
    """Tie this process to its parent, and keep what ties them to this process."""
    for descriptor in (link.fileno(), order.lifeline):
        if descriptor is not None and os.name == "posix":
            # A simulator that lives on must not seem to be this worker.
            os.set_inheritable(descriptor, False)
    if hasattr(os, "register_at_fork"):
        os.register_at_fork(after_in_child=link.close)
    end_with(order.parent, order.lifeline)
    # A cluster sends SIGTERM to all processes of a run, whose parent decides what it
    # means. A handler, unlike SIG_IGN, is not inherited by simulators.
    signal.signal(signal.SIGTERM, lambda number, frame: None)
    sys.argv = order.argv
    for stream in (sys.stdout, sys.stderr):  # whole lines, also of one that hangs
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(line_buffering=True)
    return order


def _next(link: Link) -> bytes | None:
    try:
        job: bytes | None = link.recv()
    except (EOFError, OSError):  # the parent is gone
        return None
    return job


def _too_large(done: Ended, limit: MemoryLimit) -> Ended:
    frames = done.answer.traceback if isinstance(done.answer, Failure) else ""
    return replace(done, answer=Failure(limit.reason(), frames))


def _sendable(done: Ended) -> Ended:
    """Leave out what a subclass adds: it may hold anything."""
    if isinstance(done.answer, Evaluation) and type(done.answer) is not Evaluation:
        parts = {f.name: getattr(done.answer, f.name) for f in fields(Evaluation)}
        return replace(done, answer=Evaluation(**parts))
    return done


def _flush() -> None:
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except Exception:  # the function closed it, or nobody reads on
            continue
