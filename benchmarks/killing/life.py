"""One life of a run: a process that is forked, and killed at a random instant.

A byte of shared memory says what the process is doing. It outlives the process, so that
one knows what was interrupted.
"""

from __future__ import annotations

import functools
import mmap
import os
import random
import signal
import sys
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.killing.noted import SPACE, Noted
from surrogo import Optimizer, optimize
from surrogo.execution import InProcess, Journal, LocalWorkers

PHASES = ("start-up", "ask", "commit", "evaluation", "between")
_MARK = "SURROGO_KILLED_LIFE"  # in the environment of all its worker processes
_PATIENCE = 120.0  # seconds for a life that is not killed
_ORPHANS = 10.0  # seconds after which they are ended here


@dataclass(frozen=True)
class Mode:
    """How points are asked for and evaluated."""

    name: str
    workers: int = 1
    batch: int | None = None

    @property
    def repeatable(self) -> bool:
        """Whether the points do not depend on the order of results."""
        return self.batch is not None or self.workers == 1


@dataclass(frozen=True)
class Plan:
    """A run: the same arguments in every life."""

    mode: Mode
    strategy: str
    seed: int
    folder: Path
    budget: int = 40

    @property
    def store(self) -> Path:
        return self.folder / "run.db"

    @property
    def log(self) -> Path:
        return self.folder / "log.txt"

    def arguments(self) -> dict[str, Any]:
        """Return what belongs to the run, and not to where it is evaluated or kept."""
        return {
            "max_evals": self.budget,
            "strategy": self.strategy,
            "rng": self.seed,
            "batch_size": self.mode.batch,
            "retries": 100,
        }


@dataclass(frozen=True)
class Death:
    """How a life ended: killed in a phase, or by itself, with an error or without."""

    killed: bool
    phase: str
    error: str
    orphaned: float  # seconds that its workers outlived it


def live(plan: Plan, chance: random.Random | None) -> Death:
    """Let the run go on in a new process; kill it, unless there is no `chance`."""
    mark = f"{os.getpid()}-{time.monotonic_ns()}"
    phase = mmap.mmap(-1, 1)
    child = os.fork()
    if child == 0:
        _be(plan, mark, phase)
    if chance is not None:
        _wait_for_the_instant(child, phase, plan.mode.workers > 1, chance)
        os.kill(child, signal.SIGKILL)
        _, status = os.waitpid(child, 0)
    else:
        status = _ended(child)
    signalled = os.WIFSIGNALED(status)
    orphaned = _orphaned(mark)
    failed = signalled if chance is None else not signalled and status != 0
    error = _last_words(plan, status) if failed else ""
    return Death(signalled, PHASES[phase[0]], error, orphaned)


def _wait_for_the_instant(
    child: int, phase: mmap.mmap, with_workers: bool, chance: random.Random
) -> None:
    """Wait for a random time, then perhaps until it does something of some kind."""
    target = chance.choice((*PHASES, *PHASES[1:4], None))
    if target == "start-up":
        time.sleep(chance.uniform(0.0, 0.7 if with_workers else 0.02))
        return
    _sleep(child, chance.uniform(0.0, 2.0 if with_workers else 0.5))
    until = time.monotonic() + 1.0
    while target and PHASES[phase[0]] != target and time.monotonic() < until:
        if _is_over(child):
            return
        time.sleep(0.0001)
    time.sleep(
        chance.choice((0.0, chance.uniform(0.0, 0.001), chance.uniform(0, 0.01)))
    )


def _sleep(child: int, seconds: float) -> None:
    until = time.monotonic() + seconds
    while time.monotonic() < until and not _is_over(child):
        time.sleep(min(0.01, seconds))


def _is_over(child: int) -> bool:
    """Say whether it has ended, and leave it to be waited for."""
    options = os.WEXITED | os.WNOHANG | os.WNOWAIT
    return os.waitid(os.P_PID, child, options) is not None


def _ended(child: int) -> int:
    """Wait for a life that is not killed, but not for ever."""
    _sleep(child, _PATIENCE)
    if not _is_over(child):
        os.kill(child, signal.SIGKILL)
    return os.waitpid(child, 0)[1]


def _last_words(plan: Plan, status: int) -> str:
    words = plan.folder / "error.txt"
    said = words.read_text() if words.exists() else ""
    return said or f"it ended with the status {status} of waitpid"


def _be(plan: Plan, mark: str, phase: mmap.mmap) -> None:
    """Be the process that is killed; never returns."""
    code = 1
    try:
        os.environ[_MARK] = mark
        output = os.open(plan.folder / "output.txt", os.O_WRONLY | os.O_CREAT)
        os.dup2(output, 1)
        os.dup2(output, 2)
        _show_phases(phase)
        fun = Noted(plan.log)
        optimize(
            fun, SPACE, store=plan.store, workers=plan.mode.workers, **plan.arguments()
        )
        code = 0
    except BaseException:
        (plan.folder / "error.txt").write_text(traceback.format_exc())
    finally:
        sys.stdout.flush()
        os._exit(code)


def _show_phases(phase: mmap.mmap) -> None:
    """Let the library write into the byte what it does, in this process."""
    for owner, name, what in (
        (Optimizer, "ask", "ask"),
        (Journal, "keep", "commit"),
        (InProcess, "wait", "evaluation"),
        (LocalWorkers, "wait", "evaluation"),
    ):
        setattr(owner, name, _shown(getattr(owner, name), PHASES.index(what), phase))


def _shown(
    method: Callable[..., Any], what: int, phase: mmap.mmap
) -> Callable[..., Any]:
    @functools.wraps(method)
    def shown(*args: Any, **options: Any) -> Any:
        before, phase[0] = phase[0], what
        try:
            return method(*args, **options)
        finally:
            phase[0] = before or PHASES.index("between")

    return shown


def _orphaned(mark: str) -> float:
    """Wait until no worker of a life is left, and return how long that took."""
    begun = time.monotonic()
    while left := _marked(mark):
        if time.monotonic() - begun > _ORPHANS:
            for process in left:
                os.kill(process, signal.SIGKILL)
            return float("inf")
        time.sleep(0.01)
    return time.monotonic() - begun


def _marked(mark: str) -> list[int]:
    """Return the living processes that have the mark in their environment."""
    entry = f"{_MARK}={mark}".encode()
    return [
        int(folder.name)
        for folder in Path("/proc").iterdir()
        if folder.name.isdigit() and entry in _environment(folder)
    ]


def _environment(process: Path) -> bytes:
    try:
        return (process / "environ").read_bytes()  # empty if it is a zombie
    except OSError:
        return b""
