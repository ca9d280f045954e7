"""What tests of workers share: commands that run in them, and looking at processes."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from surrogo.execution.workers import Ended, Workers

ROOT = Path(__file__).parents[2]


def answer(workers: Workers, x: Any, id: int = 0) -> Ended:
    """Evaluate one point."""
    workers.submit(id, x)
    (ended,) = workers.wait(20.0)
    assert ended.id == id
    return ended


def obey(x: dict[str, Any]) -> Any:
    """Do what the point says; the function of nearly all tests here."""
    return COMMANDS[x["do"]](*x.get("with", ()))


def simulate(note: str) -> float:
    """Start a simulator that takes for ever, note its number, and wait for it."""
    process = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    Path(note).write_text(str(process.pid))
    return float(process.wait())


def hold_the_lock(seconds: int) -> float:
    """Wait in compiled code that lets no other thread run."""
    import ctypes

    return float(ctypes.PyDLL(None).sleep(seconds))


def allocate(size: float) -> float:
    return float(len(bytearray(int(size))))


def raising(kind: type[BaseException], text: str) -> None:
    raise kind(text)


COMMANDS: dict[str, Callable[..., Any]] = {
    "return": lambda value: value,
    "sleep": lambda seconds: time.sleep(seconds) or 1.0,
    "pid": os.getpid,
    "signal": lambda name: os.kill(os.getpid(), getattr(signal, name)),
    "_exit": os._exit,
    "exit": sys.exit,
    "raise": raising,
    "allocate": allocate,
    "simulate": simulate,
    "hold": hold_the_lock,
    "print": lambda text: sys.stdout.write(text + "\n"),
    "stdin": lambda: len(sys.stdin.read()),
    "group": os.getpgrp,
    "threads": lambda: float(os.environ["OPENBLAS_NUM_THREADS"]),
    "argv": lambda: len(sys.argv),
}


def alive(pid: int) -> bool:
    """Whether a process runs; one that only waits to be reaped does not."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return False
    return stat.rpartition(")")[2].split()[0] != "Z"


def within(seconds: float, done: Callable[[], Any]) -> Any:
    """Wait for something to become true; return what it is in the end."""
    until = time.monotonic() + seconds
    while not done() and time.monotonic() < until:
        time.sleep(0.02)
    return done()


def noted(path: Path) -> int:
    """Return the number that another process writes."""
    return int(within(10.0, lambda: path.exists() and path.read_text()))


def children() -> set[str]:
    """Return the processes that this one started, also those not waited for."""
    lists = Path("/proc/self/task").glob("*/children")
    return {pid for file in lists for pid in file.read_text().split()}


def script(folder: Path, text: str) -> list[str]:
    """Write a script; return the command that runs it, with warnings as errors."""
    path = folder / "script.py"
    path.write_text(text)
    return [sys.executable, "-X", "dev", "-W", "error", str(path)]


def environment() -> dict[str, str]:
    return os.environ | {"PYTHONPATH": str(ROOT)}
