"""Does an executor keep 64 workers busy? ``python -m benchmarks.engines``.

640 trials that sleep ten seconds each, in threads and on a Dask cluster of one process
with 64 threads, which is what 64 machines are for the loop: it sends and receives, and
all else happens elsewhere. The least time there is: ten rounds of ten seconds. Writes
``results/engines.md``; takes about four minutes.
"""

from __future__ import annotations

import argparse
import datetime
import os
import platform
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import ExitStack
from functools import wraps
from pathlib import Path
from typing import Any

import numpy as np

import surrogo

WRITTEN = Path(__file__).parent / "results" / "engines.md"
BOX = [(0.0, 1.0)] * 5
WORKERS = 64
SLEEP = 10.0
TRIALS = 640


class Stopwatch:
    """Adds up what the calls of a method take, as wall time."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.seconds: list[float] = []

    def __enter__(self) -> Stopwatch:
        self.method = getattr(surrogo.Optimizer, self.name)

        @wraps(self.method)
        def timed(*args: Any, **kwargs: Any) -> Any:
            begun = time.perf_counter()
            try:
                return self.method(*args, **kwargs)
            finally:
                self.seconds.append(time.perf_counter() - begun)

        setattr(surrogo.Optimizer, self.name, timed)
        return self

    def __exit__(self, *exception: object) -> None:
        setattr(surrogo.Optimizer, self.name, self.method)

    def per(self, n: int) -> str:
        """Return milliseconds a trial, and the longest call."""
        total, longest = sum(self.seconds), max(self.seconds)
        return f"{1e3 * total / n:.1f} ({1e3 * longest:.0f})"


def sleeper(x: np.ndarray, seconds: float) -> float:
    time.sleep(seconds)
    return float(np.sum((x - 0.3) ** 2) + 0.1 * np.sum(np.cos(20.0 * x)))


def threads(stack: ExitStack) -> Executor:
    return stack.enter_context(ThreadPoolExecutor(WORKERS))


def dask(stack: ExitStack) -> Executor:
    import distributed

    cluster = stack.enter_context(
        distributed.LocalCluster(
            n_workers=1,
            threads_per_worker=WORKERS,
            processes=True,
            dashboard_address=":0",
            silence_logs="CRITICAL",
        )
    )
    client = stack.enter_context(distributed.Client(cluster))
    return client.get_executor()


ENGINES: dict[str, Callable[[ExitStack], Executor]] = {"threads": threads, "dask": dask}


def run(engine: str, strategy: str, trials: int, seconds: float) -> str:
    """Make one run, and return a row of the table."""
    with ExitStack() as stack:
        executor = ENGINES[engine](stack)
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        ask = stack.enter_context(Stopwatch("ask"))
        tell = stack.enter_context(Stopwatch("tell"))
        begun, cpu = time.perf_counter(), time.process_time()
        result = surrogo.optimize(
            sleeper,
            BOX,
            args=(seconds,),
            max_evals=trials,
            strategy=strategy,
            workers=executor,
            store=folder / "run.db",
            rng=0,
        )
        wall, cpu = time.perf_counter() - begun, time.process_time() - cpu
    ends = [e["id"] for e in result.trials.events if e["event"] == "end"]
    assert sorted(ends) == list(range(trials)), "a result is missing or twice"
    cells = (
        engine,
        strategy,
        trials,
        f"{wall:.1f} s",
        f"**{trials * seconds / wall:.1f}**",
        ask.per(trials),
        tell.per(trials),
        f"{1e3 * cpu / trials:.1f}",
        f"{result.fun:.4f}",
    )
    return "| " + " | ".join(map(str, cells)) + " |"


def main() -> None:
    """Make the runs, and write the table."""
    parser = argparse.ArgumentParser("benchmarks.engines", description=__doc__)
    parser.add_argument("--trials", type=int, default=TRIALS)
    parser.add_argument("--sleep", type=float, default=SLEEP, help="seconds")
    parser.add_argument("--engines", nargs="*", default=list(ENGINES), choices=ENGINES)
    parser.add_argument("--strategies", nargs="*", default=["auto"])
    options = parser.parse_args()
    rows = []
    for engine in options.engines:
        for strategy in options.strategies:
            rows.append(run(engine, strategy, options.trials, options.sleep))
            print(rows[-1], flush=True)
    text = f"""\
# 64 workers of an executor

`python -m benchmarks.engines`, {datetime.date.today()}, surrogo {surrogo.__version__},
Python {platform.python_version()}, {os.cpu_count()} processors; five variables,
{SLEEP:g} s of sleep an evaluation, a store on the disk, one run a row. Speed-up: sum of
the sleeps over the whole time. Ask, tell: milliseconds a trial as the loop waits for
them (in brackets the longest call). CPU: all that the process of the loop computed.
Least: of the values found.

| engine | strategy | trials | time | speed-up | ask | tell | CPU | least |
|---|---|---|---|---|---|---|---|---|
""" + "\n".join(rows)
    if (options.trials, options.sleep) == (TRIALS, SLEEP):
        WRITTEN.write_text(text + "\n")


if __name__ == "__main__":
    sys.exit(main())
