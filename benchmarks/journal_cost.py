"""What the journal of a run costs: ``python -m benchmarks.journal_cost``.

A trial with a store (ask and tell) less one without, beside two bare commits of SQLite
with the same pragmas and about as many bytes; one after the other in the same loop, as
the disk and the machine may have other things to do. Then the time in which a store of
100,000 trials opens. Writes ``results/journal_cost.md``; takes a few minutes.
"""

from __future__ import annotations

import argparse
import datetime
import json
import sqlite3
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from benchmarks import command
from benchmarks.reporting import markdown
from surrogo import Optimizer, load
from surrogo.execution import Journal
from surrogo.execution.store_file import connect
from surrogo.optimizers.registry import make
from surrogo.result import run_data, versions
from surrogo.space import Space
from surrogo.trials import Trials

D = 5
BOX = [(-2.0, 2.0)] * D


class Bare:
    """A database of one table, to which text is committed as it comes."""

    def __init__(self, path: Path) -> None:
        self.connection = connect(path)
        self.connection.execute("PRAGMA journal_mode = WAL")
        self.connection.execute("CREATE TABLE event (n INTEGER PRIMARY KEY, data TEXT)")

    def commit(self, text: str) -> None:
        """Commit a row."""
        self.connection.execute("BEGIN IMMEDIATE")
        self.connection.execute("INSERT INTO event (data) VALUES (?)", (text,))
        self.connection.execute("COMMIT")


def spent(action: Callable[[], object]) -> tuple[float, float]:
    """Return the seconds on the clock, and of the processor, that it takes."""
    wall, cpu = time.perf_counter(), time.process_time()
    action()
    return time.perf_counter() - wall, time.process_time() - cpu


def bowl(x: np.ndarray) -> float:
    """Return a sum of functions of one variable each."""
    return float(np.sum(x**2))


def valley(x: np.ndarray) -> float:
    """Return the Rosenbrock function."""
    return float(np.sum(100.0 * (x[1:] - x[:-1] ** 2) ** 2 + (1.0 - x[:-1]) ** 2))


CASES = {
    "random": ("random", valley),
    "auto": ("auto", valley),
    "auto, separable": ("auto", bowl),  # remembers every point on its lines
}


def trial(optimizer: Optimizer, fun: Callable[[np.ndarray], float]) -> None:
    """Ask and tell once."""
    asked = optimizer.ask()
    optimizer.tell(asked, fun(asked.x), 1.0)


def costs(case: str, n: int, folder: Path) -> np.ndarray:
    """Return the seconds of n trials: (n, 4, 2).

    With a store, without one, of two bare commits, within the journal; on the clock and
    of the processor.
    """
    strategy, fun = CASES[case]
    bare = Bare(folder / f"{case}-bare.db")
    stored = Optimizer(BOX, strategy=strategy, rng=1, store=folder / f"{case}-run.db")
    free = Optimizer(BOX, strategy=strategy, rng=1)
    with stored, closing(bare.connection):
        return np.array([_one(fun, stored, free, bare, i % 2 == 0) for i in range(n)])


def _one(
    fun: Callable[[np.ndarray], float],
    stored: Optimizer,
    free: Optimizer,
    bare: Bare,
    stored_first: bool,
) -> list[tuple[float, float]]:
    """Measure a trial; what comes first finds the caches cold, so they take turns."""
    within = Within(stored)
    both = [stored, free] if stored_first else [free, stored]
    times = {id(one): spent(lambda one=one: trial(one, fun)) for one in both}
    within.end()
    ask, end = (json.dumps(event) for event in free.trials.events[-2:])
    two = spent(lambda: (bare.commit(ask), bare.commit(end)))
    return [times[id(stored)], times[id(free)], two, within.seconds]


class Within:
    """Measures what an optimizer spends in its journal, until `end`."""

    def __init__(self, optimizer: Optimizer) -> None:
        self.seconds = (0.0, 0.0)
        self._trials, self._keep = optimizer.trials, optimizer.trials.keep
        self._trials.keep = self._measured

    def end(self) -> None:
        """Leave the optimizer as it was."""
        self._trials.keep = self._keep

    def _measured(self, events: list[Any]) -> None:
        wall, cpu = spent(lambda: self._keep and self._keep(events))
        self.seconds = (self.seconds[0] + wall, self.seconds[1] + cpu)


def cost_table(found: dict[str, np.ndarray]) -> str:
    """Return medians in milliseconds."""
    rows = {}
    for case, seconds in found.items():
        for kind, what in enumerate(("clock", "processor")):
            stored, free, bare, journal = 1e3 * seconds[:, :, kind].T
            rows[f"{case}, {what}"] = {
                "trial without store": f"{np.median(free):.3f}",
                "with less without": f"{np.median(stored - free):.3f}",
                "within the journal": f"{np.median(journal):.3f}",
                "two bare commits": f"{np.median(bare):.3f}",
                "journal less commits": f"{np.median(journal - bare):.3f}",
                "ratio": f"{np.median(journal) / np.median(bare):.2f}",
            }
    return markdown.lines(pd.DataFrame.from_dict(rows, orient="index"), "ms")


def make_large(path: Path, n: int) -> None:
    """Write a store of n trials, a thousand events in a commit."""
    rng = np.random.default_rng(0)
    space = Space.of(BOX)
    trials = Trials(space)
    head = run_data(trials, 1, make("random").to_dict())
    del head["events"]
    journal = Journal(path, head)
    events: list[dict[str, object]] = []
    for id, x in enumerate(rng.uniform(-2.0, 2.0, (n, D)).tolist()):
        events.append({"event": "ask", "ids": [id], "x": [x], "effort": 1})
        evaluation = {"value": float(rng.random())}
        end = {"event": "end", "id": id, "evaluation": evaluation, "seconds": 1.25}
        events.append(end)
        if id % 500 == 499 or id == n - 1:
            journal.keep(events)
    journal.close()


def opening(path: Path, repeats: int) -> dict[str, dict[str, str]]:
    """Return the time in which the store opens, for going on and for reading."""
    actions = {
        "Optimizer(store=)": lambda: Optimizer(
            BOX, strategy="random", store=path
        ).close(),
        "load": lambda: load(path),
        "reading the bytes alone": lambda: _all_rows(path),
    }
    times = {
        name: np.array([spent(action) for _ in range(repeats)])
        for name, action in actions.items()
    }
    return {
        name: {
            "clock, median": f"{np.median(both[:, 0]):.2f}",
            "clock, least": f"{both[:, 0].min():.2f}",
            "processor, median": f"{np.median(both[:, 1]):.2f}",
        }
        for name, both in times.items()
    }


def _all_rows(path: Path) -> int:
    with closing(sqlite3.connect(path)) as connection:
        return len(connection.execute("SELECT * FROM event").fetchall())


def main(arguments: list[str] | None = None) -> None:
    """Measure, and write the tables."""
    options = _parser().parse_args(arguments)
    with tempfile.TemporaryDirectory(dir=options.folder) as name:
        folder = Path(name)
        found = {case: costs(case, options.n, folder) for case in CASES}
        large = folder / "large.db"
        make_large(large, options.trials)
        size = large.stat().st_size / 1e6
        opened = opening(large, options.repeats)
    used = ", ".join(f"{name} {version}" for name, version in versions().items())
    frame = pd.DataFrame.from_dict(opened, orient="index")
    report = (
        f"# What the journal costs\n\n`python -m benchmarks.journal_cost`, "
        f"{datetime.date.today().isoformat()}, {used}, SQLite "
        f"{sqlite3.sqlite_version}.\n\n"
        f"Milliseconds of a trial in {D} variables, medians over {options.n}; the "
        "four are measured in turn. The journal is to cost at most 0.5 more than the "
        f"bare commits; differences are trial by trial.\n\n{cost_table(found)}\n\n"
        f"Seconds in which a store of {options.trials} trials ({size:.0f} MB) opens, "
        f"{options.repeats} times; to be below 2.\n\n"
        f"{markdown.lines(frame, 's')}\n"
    )
    print(report)
    options.written.write_text(report)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("benchmarks.journal_cost", description=__doc__)
    parser.add_argument("--n", type=command.count, default=300, help="trials measured")
    parser.add_argument("--trials", type=command.count, default=100_000)
    parser.add_argument("--repeats", type=command.count, default=7)
    parser.add_argument("--folder", type=Path, help="on the disk that is measured")
    parser.add_argument(
        "--written", type=Path, default=command.RESULTS / "journal_cost.md"
    )
    return parser


if __name__ == "__main__":
    sys.exit(command.guarded(main))
