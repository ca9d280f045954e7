"""A cheap function that notes its evaluations itself, apart from any store."""

from __future__ import annotations

import os
import random
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from surrogo import Integer, Real, Space

SPACE = Space.of([Real(-2.0, 2.0), Real(1e-3, 1.0, scale="log"), Integer(0, 40)])

_MEAN = 0.006  # seconds an evaluation sleeps, on average
_TRANSIENT = 0.05  # share of attempts that fail and succeed when repeated


def answer(x: np.ndarray) -> float:
    """Return the value at a point; some places of the box always fail."""
    if np.sin(40.0 * x[0]) > 0.85:
        raise ValueError("the mesh did not close")
    return float(x[0] ** 2 + (np.log10(x[1]) + 2.0) ** 2 + 0.01 * (x[2] - 12.0) ** 2)


@dataclass(frozen=True)
class Note:
    """A line of the log: an evaluation began, or ended with a value."""

    kind: str  # "begun", "ended"
    process: int
    x: bytes
    value: float


@dataclass(frozen=True)
class Noted:
    """The function. What it writes is on the disk before it returns."""

    log: Path

    def __call__(self, x: np.ndarray) -> float:
        chance = random.SystemRandom()  # another one in every process
        self._note("begun", x, 0.0)
        time.sleep(chance.expovariate(1.0 / _MEAN))
        if chance.random() < _TRANSIENT:
            raise ConnectionError("no licence is free")
        value = answer(x)
        self._note("ended", x, value)
        return value

    def _note(self, kind: str, x: np.ndarray, value: float) -> None:
        line = f"{kind} {os.getpid()} {x.tobytes().hex()} {value.hex()}\n"
        file = os.open(self.log, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
        try:
            os.write(file, line.encode())
            if kind == "ended":
                os.fsync(file)
        finally:
            os.close(file)


def notes(log: Path) -> list[Note]:
    """Read the log; a line that a kill has cut off is none."""
    if not log.exists():
        return []
    whole = log.read_text().rpartition("\n")[0]
    rows = [line.split() for line in whole.split("\n") if line]
    return [Note(k, int(p), bytes.fromhex(x), float.fromhex(v)) for k, p, x, v in rows]
