"""The process of one solver: ``python -m benchmarks.harness.child FD``.

It runs in the solver's own environment, where of this repository nothing is installed;
besides the solver's packages it needs NumPy. The function is evaluated by the harness,
at the other end of the connection whose file descriptor is FD.
"""

from __future__ import annotations

import ctypes
import importlib
import os
import platform
import signal
import sys
import threading
import time
import traceback
import warnings
from contextlib import suppress
from importlib.metadata import PackageNotFoundError, version
from multiprocessing.connection import Connection
from typing import Any

import numpy as np

from benchmarks.harness import messages
from benchmarks.solvers import base

PR_SET_PDEATHSIG = 1  # <sys/prctl.h>, prctl(2)


class BudgetSpent(BaseException):
    """One evaluation too many was asked for.

    Not an `Exception`, so that a solver that treats failing evaluations does not take
    this for one.
    """


class Remote:
    """The function as the solver sees it; its threads take turns."""

    def __init__(self, connection: Connection) -> None:
        self._connection, self._turn = connection, threading.Lock()
        self._answered: float | None = None
        self.wall = 0.0  # seconds between evaluations, without those before the first

    def __call__(self, x: Any) -> Any:
        point = np.asarray(x, dtype=float).tolist()
        with self._turn:
            return self._ask(point)

    def _ask(self, point: Any) -> Any:
        now = time.perf_counter()
        if self._answered is not None:
            self.wall += now - self._answered
        ask = {"ask": point, "cpu": time.process_time(), "wall": self.wall}
        messages.send(self._connection, ask)
        answer = messages.receive(self._connection)
        self._answered = time.perf_counter()
        if "value" not in answer:
            raise BudgetSpent
        value = answer["value"]
        return np.array(value) if isinstance(value, list) else value


def tie(connection: Connection) -> None:
    """End with the harness, and keep processes forked by the solver from talking.

    The signal comes when the thread that started this process ends, or the harness.
    """
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    os.register_at_fork(after_in_child=connection.close)


def versions(packages: tuple[str, ...]) -> dict[str, str]:
    """Return the versions of Python, of NumPy and of these distributions."""
    found = {"python": platform.python_version(), "numpy": np.__version__}
    for package in packages:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            found[package] = "?"
    return found


def last_line(error: BaseException) -> str:
    """Return where an error came from and what it says, in one line."""
    frames = traceback.extract_tb(error.__traceback__)
    where = f"{frames[-1].filename.rsplit('/', 1)[-1]}:{frames[-1].lineno}"
    return f"{type(error).__name__}: {error} ({where})".replace("\n", " ")[:300]


def main() -> None:
    """Run one job."""
    connection = Connection(int(sys.argv[1]))
    tie(connection)
    job = messages.receive(connection)
    warnings.simplefilter("ignore")
    fun = Remote(connection)
    end, message = "returned", ""
    try:
        importlib.import_module(job["module"])
        solver = base.SOLVERS[job["solver"]]
        messages.send(connection, {"versions": versions(solver.packages)})
        lower, upper = np.array(job["lower"]), np.array(job["upper"])
        solver.solve(fun, lower, upper, job["budget"], job["seed"])
    except BudgetSpent:
        pass
    except BaseException as error:  # panics of Rust and SystemExit are no Exception
        end, message = "raised", last_line(error)
    report = {"end": end, "message": message, "cpu": time.process_time()}
    report["wall"] = fun.wall
    with suppress(OSError):  # the solver has closed the connection
        messages.send(connection, report)


if __name__ == "__main__":
    main()
