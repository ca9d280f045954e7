"""One run: a solver in a process of its own, asking the harness for evaluations."""

from __future__ import annotations

import datetime
import math
import os
import resource
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection, Pipe
from pathlib import Path
from typing import Any

from benchmarks.harness import environments, messages
from benchmarks.harness.meter import Meter, Refused
from benchmarks.harness.store import FORMAT, Record
from benchmarks.problem_sets.base import Case
from benchmarks.solvers.base import Solver

ROOT = Path(__file__).parents[2]
THREADS = ("OMP", "OPENBLAS", "MKL", "NUMEXPR", "RAYON", "VECLIB_MAXIMUM")
# Evaluations at which the solver's CPU time is written down.
CHECKPOINTS = {m * 10**k for m in (1, 2, 5) for k in range(1, 5)}
# Told at each request: which evaluation it is for, and the CPU seconds used so far.
Watch = Callable[[int, float], None]
PATIENCE = 10  # requests beyond the budget after which a solver is ended by force
STARTING = 60  # seconds of CPU and of wall time that imports may take besides


@dataclass(frozen=True)
class Limits:
    """What one run may cost, in seconds of the solver's own time.

    Attributes
    ----------
    cpu : float
        CPU time of the whole run, imports apart.
    silence : float
        Wall time between two evaluations.
    """

    cpu: float = 600.0
    silence: float = 300.0


class Interrupted(Exception):
    """The run was given up; there is no record of it."""


class Conversation:
    """The exchange with one solver, and what is to be recorded of it."""

    def __init__(self, meter: Meter, limits: Limits, watch: Watch | None) -> None:
        self.meter, self.limits, self.watch = meter, limits, watch
        self.cpu: dict[int, float] = {}  # CPU seconds by evaluation
        self.wall = self.used = 0.0
        self.status, self.message = "", ""
        self.versions: dict[str, str] = {}
        self._first: float | None = None  # CPU time at the first request

    def hold(self, connection: Connection, stop: threading.Event) -> None:
        """Answer until the solver ends, or has to be ended.

        Raises
        ------
        Interrupted
            If `stop` is set meanwhile.
        """
        while not self.status:
            patience = self.limits.silence + (STARTING if self._first is None else 0)
            if not _wait(connection, patience, stop):
                self._end("wall limit", f"no request for {patience:g} s")
                return
            try:
                message = messages.receive(connection)
            except (EOFError, OSError, ValueError):  # gone, or it wrote nonsense
                self._end("died")
                return
            self._answer(connection, message)

    def _answer(self, connection: Connection, message: dict[str, Any]) -> None:
        if "versions" in message:
            self.versions = message["versions"]
            return
        self._clock(message["cpu"], message["wall"])
        if "end" in message:
            self._end(message["end"], message["message"])
        elif self.used > self.limits.cpu:
            self._end("cpu limit", f"more than {self.limits.cpu:g} s")
        else:
            answer = self._value(message["ask"])
            with suppress(OSError):  # it is gone: what is received next says so
                messages.send(connection, answer)

    def _value(self, x: Any) -> dict[str, Any]:
        try:
            return {"value": self.meter.evaluate(x)}
        except Refused as refusal:
            if self.meter.refused > PATIENCE:
                self._end("budget")
            elif not self.meter.refused:
                self._end("raised", str(refusal))
        return {"stop": True}

    def _clock(self, cpu: float, wall: float) -> None:
        self._first = cpu if self._first is None else self._first
        self.used, self.wall = cpu - self._first, wall
        asked = self.meter.evaluations + 1
        if asked in CHECKPOINTS and asked <= self.meter.budget:
            self.cpu[asked] = round(self.used, 4)
        if self.watch is not None:
            self.watch(asked, self.used)

    def _end(self, status: str, message: str = "") -> None:
        """Note how the run ended; once the budget is spent, nothing else counts."""
        spent = self.meter.refused > 0
        self.status, self.message = ("budget", "") if spent else (status, message)


def _wait(connection: Connection, seconds: float, stop: threading.Event) -> bool:
    """Return whether a message came within this time."""
    end = time.monotonic() + seconds
    while not stop.is_set():
        if connection.poll(min(1.0, seconds)):
            return True
        if time.monotonic() > end:
            return False
    raise Interrupted


def execute(
    case: Case,
    solver: Solver,
    budget: int,
    limits: Limits,
    stop: threading.Event | None = None,
    watch: Watch | None = None,
) -> Record:
    """Run a solver on a case and return the record of the run.

    Parameters
    ----------
    stop : threading.Event, optional
        Set by another thread to end the run without a record.
    watch : callable, optional
        ``watch(evaluation, cpu)`` is called at each request, with the number of the
        evaluation asked for and the CPU seconds that the solver has used so far.

    Raises
    ------
    Interrupted
        If `stop` was set before the run ended.
    ValueError
        If the environment of the solver is not made, or the case has no residuals for
        a solver that needs them.
    """
    meter = Meter(case, budget, solver.residuals)
    talk = Conversation(meter, limits, watch)
    with _process(solver, limits) as (process, connection):
        with suppress(OSError):  # it is gone already
            messages.send(connection, _job(case, solver, budget))
        talk.hold(connection, stop or threading.Event())
        if talk.status == "died":
            _how_it_died(process, talk)
    return _record(case, solver, budget, talk)


def _job(case: Case, solver: Solver, budget: int) -> dict[str, Any]:
    box = {"lower": case.lower.tolist(), "upper": case.upper.tolist()}
    where = {"solver": solver.name, "module": solver.solve.__module__}
    return {**where, **box, "budget": budget, "seed": case.instance}


@contextmanager
def _process(
    solver: Solver, limits: Limits
) -> Iterator[tuple[subprocess.Popen[bytes], Connection]]:
    python = environments.python(solver.environment)
    if python is None:
        raise ValueError(
            f"{solver.name} needs the environment {solver.environment!r}; make it by "
            f"`python -m benchmarks environment {solver.environment}`"
        )
    ours, theirs = Pipe()
    process = subprocess.Popen(
        [str(python), "-m", "benchmarks.harness.child", str(theirs.fileno())],
        cwd=ROOT,
        env=_variables(),
        pass_fds=[theirs.fileno()],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,  # its own children end with it
    )
    try:
        theirs.close()
        seconds = math.ceil(limits.cpu) + STARTING
        resource.prlimit(process.pid, resource.RLIMIT_CPU, (seconds, seconds + 5))
        yield process, ours
    finally:
        ours.close()
        _kill(process)


def _variables() -> dict[str, str]:
    threads = {f"{name}_NUM_THREADS": "1" for name in THREADS}
    return {**os.environ, **threads, "PYTHONPATH": str(ROOT)}


def _kill(process: subprocess.Popen[bytes]) -> None:
    """End the process and what it started."""
    with suppress(ProcessLookupError):  # it has ended by itself
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def _how_it_died(process: subprocess.Popen[bytes], talk: Conversation) -> None:
    try:
        code = process.wait(timeout=5)
    except subprocess.TimeoutExpired:
        talk.message = "the process closed its connection"
        return
    if code == -signal.SIGXCPU:
        talk.status = "cpu limit"
    name = signal.Signals(-code).name if code < 0 else f"exit code {code}"
    talk.message = f"the process ended by {name}"


def _record(case: Case, solver: Solver, budget: int, talk: Conversation) -> Record:
    meter = talk.meter
    return {
        "format": FORMAT,
        "set": case.set,
        "problem": case.name,
        "d": case.d,
        "instance": case.instance,
        "group": case.group,
        "solver": solver.name,
        "budget": budget,
        "evaluations": meter.evaluations,
        "improvements": meter.improvements,
        "status": talk.status,
        "message": talk.message,
        "clipped": meter.clipped,
        "not_finite": meter.not_finite,
        "refused": meter.refused,
        "cpu": list({**talk.cpu, meter.evaluations: round(talk.used, 4)}.items()),
        "wall": round(talk.wall, 3),
        "date": datetime.date.today().isoformat(),
        "versions": talk.versions,
    }
