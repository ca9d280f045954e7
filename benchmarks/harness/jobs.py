"""The runs of a table, and running those that are not on disk yet."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from benchmarks.harness import environments, store
from benchmarks.harness.execute import Limits, execute
from benchmarks.harness.store import Key, Record
from benchmarks.problem_sets import SETS
from benchmarks.solvers import base

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Job:
    """One run that is asked for."""

    set: str
    problem: str
    d: int | None  # None: the problem's own
    instance: int
    solver: str
    budget: int | None = None  # evaluations; None: `per_d` evaluations a variable
    per_d: int = 0

    def run(self, limits: Limits, stop: threading.Event) -> Record:
        """Run it and return its record."""
        case = SETS[self.set].make(self.problem, self.d, self.instance)
        budget = self.budget or self.per_d * case.d
        return execute(case, base.get(self.solver), budget, limits, stop)

    def key(self) -> Key:
        """Return the key its record will have."""
        d = self.d or _own_d(self.set, self.problem)
        budget = self.budget or self.per_d * d
        return (self.set, self.problem, d, self.instance, self.solver, budget)


@lru_cache
def _own_d(name: str, problem: str) -> int:
    return SETS[name].make(problem, None, 0).d


def missing(jobs: Iterable[Job], folder: Path) -> list[Job]:
    """Return the jobs without a record, each once."""
    done = {store.key(r) for r in store.load(folder)} if folder.is_dir() else set()
    todo = {job.key(): job for job in jobs}
    return [job for key, job in todo.items() if key not in done]


def possible(jobs: Iterable[Job]) -> Iterator[Job]:
    """Leave out the jobs whose solver's environment is not made, and say so."""
    absent: dict[str, str] = {}
    for job in jobs:
        environment = base.get(job.solver).environment
        if environments.python(environment) is None:
            absent[job.solver] = environment
        else:
            yield job
    for solver, environment in absent.items():
        log.warning(
            "left out: %s (make its environment by "
            "`python -m benchmarks environment %s`)",
            solver,
            environment,
        )


class Runner:
    """Runs jobs on a few threads, each talking to one solver's process at a time.

    A record is on disk before its thread begins another run, so the harness may be
    killed at any moment: what is finished is never repeated, and nothing of it is lost.

    Parameters
    ----------
    folder : Path
        Where the records go.
    limits : Limits
        What one run may cost.
    told : callable, optional
        Called with every new record, by one thread at a time.
    """

    def __init__(
        self,
        folder: Path,
        limits: Limits,
        told: Callable[[Record], None] = lambda record: None,
    ) -> None:
        self.folder, self.limits, self.told = folder, limits, told
        self._stop, self._lock = threading.Event(), threading.Lock()

    def run(self, jobs: Iterable[Job], threads: int = 2) -> None:
        """Run all jobs; an interrupt ends the runs under way without a record."""
        with ThreadPoolExecutor(threads) as pool:
            futures = [pool.submit(self._keep, job) for job in jobs]
            try:
                for future in as_completed(futures):
                    future.result()
            except BaseException:
                self._stop.set()
                pool.shutdown(wait=True, cancel_futures=True)
                raise

    def _keep(self, job: Job) -> None:
        record = job.run(self.limits, self._stop)
        with self._lock:
            store.append(self.folder, record)
            self.told(record)
