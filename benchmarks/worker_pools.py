"""Three ways to keep one worker process per slot, side by side.

`python -m benchmarks.worker_pools` writes results/worker_pools.md; two minutes, alone.

surrogo's own workers are processes behind a pipe. The others are an executor with one
process for each slot: joblib's loky, and the standard library's with ``spawn``. Each
gets the function once, by cloudpickle, so that a lambda works everywhere, and an
executor that breaks is replaced at once.
"""

from __future__ import annotations

import argparse
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Executor, Future, ProcessPoolExecutor
from concurrent.futures import wait as wait_for
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from importlib.metadata import version
from multiprocessing import get_context
from pathlib import Path
from statistics import median
from typing import Any

import cloudpickle
import numpy as np

from surrogo.execution import ended
from surrogo.execution.ended import Ended
from surrogo.execution.evaluate import Failure
from surrogo.execution.workers import LocalWorkers

HERE = Path(__file__).parent
LATENCIES = 1000  # evaluations of nothing
REPEATS = 7  # starts and recoveries; the median counts
X = np.zeros(5)

# ---- executors as workers ---------------------------------------------------------


def install(task: bytes) -> None:
    """Keep the function in a worker process."""
    global _fun
    _fun = cloudpickle.loads(task)


def call(id: int, x: Any) -> Ended:
    """Evaluate in a worker process."""
    return ended.run(id, _fun, x, (), ())[0]


class Executors:
    """An executor with one process for each slot, with the methods of our workers."""

    def __init__(self, make: Callable[[bytes], Executor], fun: Any, n: int) -> None:
        self._make = lambda: make(cloudpickle.dumps(fun))
        self._free = [self._make() for _ in range(n)]
        self._jobs: dict[Future[Ended], tuple[int, Executor]] = {}

    def submit(self, id: int, x: Any) -> None:
        executor = self._free.pop()
        self._jobs[executor.submit(call, id, x)] = (id, executor)

    def running(self) -> int:
        return len(self._jobs)

    def wait(self, seconds: float | None) -> list[Ended]:
        done, _ = wait_for(self._jobs, seconds, FIRST_COMPLETED)
        return [self._ended(future, *self._jobs.pop(future)) for future in done]

    def _ended(self, future: Future[Ended], id: int, executor: Executor) -> Ended:
        try:
            answer = future.result()
        except BrokenProcessPool as error:
            executor.shutdown(wait=False)
            executor, answer = self._make(), Ended(id, Failure(str(error)), 0.0, True)
        self._free.append(executor)
        return answer

    def close(self) -> None:
        busy = [executor for _, executor in self._jobs.values()]
        for executor in [*self._free, *busy]:
            executor.shutdown(wait=True)


def standard(task: bytes) -> Executor:
    spawn = get_context("spawn")
    return ProcessPoolExecutor(1, spawn, initializer=install, initargs=(task,))


def loky(task: bytes) -> Executor:
    from joblib.externals.loky import ProcessPoolExecutor as Loky  # not into workers

    return Loky(1, initializer=install, initargs=(task,))


POOLS: dict[str, Callable[[Any, int], Any]] = {
    "surrogo": lambda fun, n: LocalWorkers(fun, (), n),
    "loky": lambda fun, n: Executors(loky, fun, n),
    "standard": lambda fun, n: Executors(standard, fun, n),
}

# ---- what is measured -------------------------------------------------------------


@contextmanager
def opened(pool: str, fun: Any, n: int = 1) -> Iterator[Any]:
    workers = POOLS[pool](fun, n)
    try:
        yield workers
    finally:
        workers.close()


def seconds(action: Callable[[], Any]) -> float:
    start = time.perf_counter()
    action()
    return time.perf_counter() - start


def evaluate(workers: Any) -> Ended:
    workers.submit(0, X)
    (done,) = workers.wait(None)
    return done


def start(pool: str) -> float:
    """Return the seconds from nothing to the first answer."""

    def first() -> None:
        workers.append(POOLS[pool](lambda x: 1.0, 1))
        evaluate(workers[0])

    workers: list[Any] = []
    took = seconds(first)
    workers[0].close()
    return took


def latency(pool: str) -> float:
    """Return the median seconds of an evaluation of nothing."""
    with opened(pool, lambda x: 1.0) as workers:
        evaluate(workers)
        return median(seconds(lambda: evaluate(workers)) for _ in range(LATENCIES))


def recovery(pool: str, loss: int) -> tuple[float, float]:
    """Kill the worker in its evaluation; return when it is known, and when it is over.

    Both count from the kill: up to the failure, and up to the next answer of the slot.
    The first loss is one without a spare worker, the second one with.
    """
    with opened(pool, lambda x: time.sleep(x[0]) or os.getpid()) as workers:
        for _ in range(loss):
            evaluate(workers)
            time.sleep(1.0)  # what is started in advance is there
            pid = int(evaluate(workers).answer.value)
            workers.submit(0, X + 60.0)
            time.sleep(0.1)
            os.kill(pid, signal.SIGKILL)
            begin = time.perf_counter()
            (failed,) = workers.wait(None)
            known = time.perf_counter() - begin
            evaluate(workers)
            over = time.perf_counter() - begin
            assert failed.transient
    return known, over


def speed_up(pool: str) -> tuple[float, float]:
    """Return speed-up and busy share of 200 evaluations of 0.1 s on four slots."""
    with opened(pool, lambda x: time.sleep(0.1) or 1.0, 4) as workers:
        begin, left, busy = time.perf_counter(), 200, 0.0
        while left or workers.running():
            while left and workers.running() < 4:
                workers.submit(left, X)
                left -= 1
            busy += sum(done.seconds for done in workers.wait(None))
        wall = time.perf_counter() - begin
    return 20.0 / wall, busy / wall / 4


def extras(pool: str) -> tuple[int, int]:
    """Return the threads, and the processes beside the workers, of four slots."""
    with opened(pool, lambda x: time.sleep(2.0) or 1.0, 4) as workers:
        for id in range(4):
            workers.submit(id, X)
        time.sleep(1.5)
        lists = Path("/proc/self/task").glob("*/children")
        processes = sum(len(file.read_text().split()) for file in lists)
        threads = threading.active_count() - 1
        while workers.running():
            workers.wait(None)
        return threads, processes - 4


SCRIPT = """
from benchmarks.worker_pools import POOLS, evaluate
a = 2.0
workers = POOLS[{pool!r}](lambda x: a, 1)
assert evaluate(workers).answer.value == 2.0
workers.close()
"""


def plain_script(pool: str) -> bool:
    """Whether a script works that does not ask for its own name."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "script.py"
        path.write_text(SCRIPT.format(pool=pool))
        environment = os.environ | {"PYTHONPATH": str(HERE.parent)}
        try:
            done = subprocess.run(
                [sys.executable, str(path)],
                env=environment,
                capture_output=True,
                timeout=20,
            )
        except subprocess.TimeoutExpired:
            return False
        return done.returncode == 0


# ---- the report -------------------------------------------------------------------

HEAD = """# Pools of worker processes

`python -m benchmarks.worker_pools`, {date}; Python {python}, joblib {joblib}, {cores}
cores.

One process for each slot: surrogo's own behind a pipe, and executors with one worker
each. *Start*: from nothing to the first answer. *Latency*: an evaluation of nothing,
median of {latencies}. *Loss*: from SIGKILL in an evaluation to the failure, and to the
next answer of that slot; the first loss of a pool, and the second, for which surrogo
has a spare worker. Medians of {repeats}. *Speed-up* and *busy share*: 200 evaluations
of 0.1 s on four slots, with the start. *Beside*: threads in the parent, and processes
that are no workers, of four slots. *Plain script*: works with a lambda in a script
without `if __name__ == "__main__"`.

| pool | start, ms | latency, ms | first loss known, ms | over, ms | second over, ms \
| speed-up | busy share | threads beside | processes beside | plain script |
|---|---|---|---|---|---|---|---|---|---|---|
"""


def row(pool: str) -> str:
    starts = median(start(pool) for _ in range(REPEATS))
    first = [recovery(pool, 1) for _ in range(REPEATS)]
    known, over = (median(values) for values in zip(*first, strict=True))
    second = median(recovery(pool, 2)[1] for _ in range(REPEATS))
    faster, busy = speed_up(pool)
    threads, processes = extras(pool)
    script = "yes" if plain_script(pool) else "no"
    cells = [
        pool,
        *(f"{1e3 * t:.3g}" for t in (starts, latency(pool), known, over, second)),
        f"{faster:.2f}",
        f"{100 * busy:.0f} %",
        str(threads),
        str(processes),
        script,
    ]
    return f"| {' | '.join(cells)} |\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.parse_args()
    text = HEAD.format(
        date=time.strftime("%Y-%m-%d"),
        python=sys.version.split()[0],
        joblib=version("joblib"),
        cores=os.cpu_count(),
        latencies=LATENCIES,
        repeats=REPEATS,
    )
    text += "".join(map(row, POOLS))
    (HERE / "results" / "worker_pools.md").write_text(text)
    print(text)


if __name__ == "__main__":
    # Under its own name, so that workers import it rather than get a copy.
    from benchmarks import worker_pools

    worker_pools.main()
