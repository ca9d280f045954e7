"""How much memory a long run takes: measured in a process of its own."""

from __future__ import annotations

import gc
import os
import resource
import tracemalloc
from multiprocessing import get_context
from pathlib import Path

import numpy as np

from surrogo import Optimizer, problems

EVERY = 1000  # trials between two measurements
D = 5
STATM = Path("/proc/self/statm")  # proc(5): the second number is the resident pages


def resident() -> float:
    """Return the memory of this process in MB."""
    return int(STATM.read_text().split()[1]) * resource.getpagesize() / 1e6


def traced() -> float:
    """Return what Python has allocated since tracing began, in MB."""
    gc.collect()
    return tracemalloc.get_traced_memory()[0] / 1e6


def measure(strategy: str, trials: int, trace: bool) -> list[float]:
    """Return the memory after each `EVERY` trials of a run, in MB.

    Parameters
    ----------
    trace : bool
        What Python has allocated, instead of what the process occupies: tracing would
        itself occupy memory, so that one run cannot tell both.
    """
    if trace:
        tracemalloc.start()
    found = []
    fun = problems.rosenbrock(D)
    optimizer = Optimizer(fun.space, strategy=strategy, rng=0)
    optimizer.budget(trials)
    for n in range(1, trials + 1):
        trial = optimizer.ask()
        optimizer.tell(trial, fun(trial.x))
        if n % EVERY == 0:
            found.append(traced() if trace else resident())
    return found


def measured(strategy: str, trials: int) -> tuple[list[float], list[float]]:
    """Return resident and traced memory, from two fresh processes."""
    os.environ["OPENBLAS_NUM_THREADS"] = "1"  # they inherit it
    jobs = [(strategy, trials, trace) for trace in (False, True)]
    with get_context("spawn").Pool(2, maxtasksperchild=1) as pool:
        resident_, traced_ = pool.starmap(measure, jobs, chunksize=1)
    return resident_, traced_


def slope(memory: list[float]) -> float:
    """Return by how many bytes memory grows a trial, from the first measurement on."""
    if len(memory) < 2:
        return np.nan
    n = EVERY * np.arange(len(memory))
    return 1e6 * float(np.polyfit(n, memory, 1)[0])
