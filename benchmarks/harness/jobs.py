"""The runs of a table, and running those that are not on disk yet."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from benchmarks.harness import environments, store
from benchmarks.harness.execute import Interrupted, Limits, execute
from benchmarks.harness.meter import Meter
from benchmarks.harness.store import Key, Record
from benchmarks.problem_sets import SETS
from benchmarks.problem_sets.base import Case
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
        d = self.d or _sample(self.set, self.problem, None).d
        budget = self.budget or self.per_d * d
        return (self.set, self.problem, d, self.instance, self.solver, budget)

    def check(self) -> None:
        """Find out what cannot work before anything is run.

        Raises
        ------
        ValueError
            If there is no such problem, or it has no residuals and the solver needs
            them; or if nobody knows the solver's environment.
        """
        solver = base.get(self.solver)
        known = (base.CORE, *environments.names())
        if solver.environment not in known:
            raise ValueError(
                f"the environment of {solver.name} must be one of {known}, got "
                f"{solver.environment!r}"
            )
        Meter(_sample(self.set, self.problem, self.d), 1, solver.residuals)


@cache
def _sample(name: str, problem: str, d: int | None) -> Case:
    """Return an instance of a problem: what is the same for all of them."""
    return SETS[name].make(problem, d, 1)


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
            try:
                futures = [pool.submit(self._keep, job) for job in jobs]
                for future in as_completed(futures):
                    future.result()
            except BaseException:
                self._stop.set()
                pool.shutdown(wait=True, cancel_futures=True)
                raise

    def _keep(self, job: Job) -> None:
        try:
            record = job.run(self.limits, self._stop)
        except Interrupted:
            raise
        except Exception as error:  # of the problem or of the harness: no run's result
            raise RuntimeError(f"cannot run {job}") from error
        with self._lock:
            store.append(self.folder, record)
            self.told(record)
