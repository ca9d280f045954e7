"""What every engine must show, given its executor."""

from __future__ import annotations

import os
import signal
from collections import Counter
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from surrogo import optimize

BOX = [(-2.0, 2.0), (0.0, 3.0)]


def make_function(log):
    """Return a function that keeps its own books.

    It is made here, so that it travels by value: workers cannot import the tests.
    """

    def f(x):
        with log.open("a") as file:
            file.write(f"{x.tobytes().hex()} {os.getpid()}\n")
        return float((x[0] - 0.5) ** 2 + (x[1] - 1.0) ** 2 + 0.5 * abs(x[0]) * x[1])

    return f


def make_killer(log):
    """Return the same, but the first evaluation right of 1 kills its process."""
    f = make_function(log)
    mark = log.with_suffix(".killed")

    def killer(x):
        value = f(x)
        if x[0] > 1.0 and not mark.exists():
            mark.touch()
            os.kill(os.getpid(), signal.SIGKILL)
        return value

    return killer


def evaluated(log):
    """Return how often each point was evaluated."""
    lines = log.read_text().splitlines()
    return Counter(bytes.fromhex(line.split()[0]) for line in lines)


def processes(log):
    """Return the processes that evaluated something."""
    return {int(line.split()[1]) for line in log.read_text().splitlines()}


@cache
def best_without_engine():
    """Return what a run of 200 trials in this process comes to."""
    with TemporaryDirectory() as folder:
        f = make_function(Path(folder) / "log")
        return optimize(f, BOX, max_evals=200, rng=0).fun


def check_200_trials(executor, folder):
    """Make a run of 200 trials; all are recorded once, and the end is as good."""
    log = folder / "log"
    there = optimize(make_function(log), BOX, max_evals=200, workers=executor, rng=0)
    points = evaluated(log)
    assert len(there.trials) == there.nfev == len(points) == 200
    assert set(points.values()) == {1}
    assert {trial.row.tobytes() for trial in there.trials} == set(points)
    ends = Counter(e["id"] for e in there.trials.events if e["event"] == "end")
    assert ends == dict.fromkeys(range(200), 1)
    assert abs(there.fun - best_without_engine()) < 1e-6


def check_killed_worker(executor, folder, *, n=24, seen=True):
    """Kill a worker; all trials have a value in the end.

    `seen` where the engine reports it, rather than repeating the call by itself.
    """
    log = folder / "killed"
    result = optimize(
        make_killer(log), BOX, x0=[1.5, 2.0], max_evals=n, workers=executor, retries=3
    )
    assert log.with_suffix(".killed").exists()
    assert [trial.state for trial in result.trials] == ["done"] * n
    assert evaluated(log)[result.trials[0].row.tobytes()] >= 2
    assert (result.trials[0].retries > 0) == seen


def check_large_argument(executor):
    """Send a megabyte, and count how often it is unpickled."""
    given = bytes(10**6)
    result = optimize(
        lambda x, data: x[0] + len(data), BOX, args=(given,), max_evals=12, rng=0,
        workers=executor,
    )  # fmt: skip
    assert result.nfev == 12
    assert result.fun < 10**6
    return result
