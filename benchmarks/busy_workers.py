"""Are four workers kept busy, whatever happens? ``python -m benchmarks.busy_workers``.

400 trials on 4 workers. Evaluations sleep between 0.2 and 2 s, spread evenly over the
logarithm, and every few seconds a random worker is killed. The function writes down
itself when and where each evaluation begins and ends, so that nothing of the library is
believed. A slot counts as busy from the beginning of an evaluation to its end or the
kill; as long as budget is left, a slot that waits for a point or for a new process is
idle. Then the same without kills and with one duration, for the speed-up over a sum of
the sleeps. Writes ``results/busy_workers.md``; takes about four minutes.
"""

from __future__ import annotations

import argparse
import contextlib
import datetime
import os
import platform
import signal
import sys
import tempfile
import threading
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np

import surrogo

WRITTEN = Path(__file__).parent / "results" / "busy_workers.md"
BOX = [(0.0, 1.0)] * 4
WORKERS = 4


@dataclass(frozen=True)
class Sleeper:
    """A function that sleeps and keeps its own books; low and high in seconds."""

    log: Path
    low: float
    high: float

    def __call__(self, x: np.ndarray) -> float:
        name = x.tobytes().hex()
        self._note(f"begin {name} {os.getpid()} {time.time()!r}")
        # A duration that looks random but belongs to the point.
        share = (7919.0 * float(np.sum(x))) % 1.0
        time.sleep(self.low * (self.high / self.low) ** share)
        self._note(f"end {name} {os.getpid()} {time.time()!r}")
        return float(np.sum((x - 0.3) ** 2))

    def _note(self, line: str) -> None:
        with self.log.open("a") as file:  # shorter than a block: appended whole
            file.write(line + "\n")


@dataclass(frozen=True)
class Span:
    """An evaluation as the function saw it; end is that of the kill if killed."""

    point: str
    process: int
    begin: float
    end: float
    killed: bool


class Killer(threading.Thread):
    """Kills a random worker again and again until told to stop."""

    def __init__(self, log: Path, every: float, seed: int) -> None:
        super().__init__(daemon=True)
        self.log, self.every = log, every
        self.rng = np.random.default_rng(seed)
        self.kills: dict[int, float] = {}
        self.over = threading.Event()

    def run(self) -> None:
        while not self.over.wait(self.rng.exponential(self.every)):
            _, going = read(self.log)
            alive = [process for process in going if process not in self.kills]
            if alive:
                victim = int(self.rng.choice(alive))
                with contextlib.suppress(ProcessLookupError):
                    os.kill(victim, signal.SIGKILL)
                    self.kills.setdefault(victim, time.time())


def read(log: Path) -> tuple[list[Span], dict[int, tuple[str, float]]]:
    """Return evaluations that ended; point and begin of others, by their process."""
    ended, going = [], {}
    for line in log.read_text().splitlines() if log.exists() else ():
        what, point, process, moment = line.split()
        if what == "begin":
            going[int(process)] = point, float(moment)
        else:
            _, begin = going.pop(int(process))
            ended.append(Span(point, int(process), begin, float(moment), False))
    return ended, going


def spans(log: Path, kills: dict[int, float]) -> list[Span]:
    """Return all evaluations that the function has begun."""
    ended, going = read(log)
    killed = [
        Span(point, process, begin, kills[process], True)
        for process, (point, begin) in going.items()
    ]
    return ended + killed


def run(folder: Path, n: int, times: tuple[float, float], every: float | None) -> str:
    """Make one run, and return a row of the table."""
    log = folder / "log"
    killer = Killer(log, every or 1e9, seed=0)
    killer.start()
    begun = time.time()
    result = surrogo.optimize(
        Sleeper(log, *times),
        BOX,
        max_evals=n,
        workers=WORKERS,
        retries=1000,
        store=folder / "run.db",
        rng=0,
    )
    wall = time.time() - begun
    killer.over.set()
    killer.join()
    seen = spans(log, killer.kills)
    # The last points are begun when no budget is left: after that slots may be idle.
    first, last = min(s.begin for s in seen), max(s.begin for s in seen)
    busy = sum(min(s.end, last) - s.begin for s in seen) / (WORKERS * (last - first))
    ended = [s.point for s in seen if not s.killed]
    asked = [t.row.tobytes().hex() for t in result.trials]
    lost = len(set(asked) - set(ended)) + len(result.trials.in_state("failed"))
    cells = (
        f"{times[0]:g} to {times[1]:g} s",
        sum(s.killed for s in seen),
        len(asked),
        lost,
        len(ended) - len(set(ended)),
        f"{100 * busy:.1f} %",
        f"{sum(s.end - s.begin for s in seen if not s.killed) / wall:.2f}",
    )
    return "| " + " | ".join(map(str, cells)) + " |"


def main() -> None:
    """Make the runs, and write the table."""
    parser = argparse.ArgumentParser("benchmarks.busy_workers", description=__doc__)
    parser.add_argument("--trials", type=int, default=400)
    parser.add_argument("--every", type=float, default=4.0, help="seconds, kills")
    options = parser.parse_args()
    cases = [((0.2, 2.0), options.every), ((0.2, 2.0), None), ((1.0, 1.0), None)]
    rows = []
    for times, every in cases:
        n = options.trials if every else options.trials // 4
        with tempfile.TemporaryDirectory() as folder:
            rows.append(run(Path(folder), n, times, every))
        print(rows[-1], flush=True)
    text = f"""\
# Four workers, kept busy

`python -m benchmarks.busy_workers`, {datetime.date.today()}, surrogo
{surrogo.__version__}, Python {platform.python_version()}, {os.cpu_count()} processors;
one run a row. Killed: evaluations whose process got SIGKILL. Lost: trials without a
value in the end. Repeated: points evaluated to the end more than once. Busy: share of
the slots' time spent in evaluations while budget was left. Speed-up: sum of the sleeps
that were finished over the whole time, start of the processes included.

| sleeps | killed | trials | lost | repeated | busy | speed-up |
|---|---|---|---|---|---|---|
""" + "\n".join(rows)
    if options.trials == 400:
        WRITTEN.write_text(text + "\n")


if __name__ == "__main__":
    sys.exit(main())
