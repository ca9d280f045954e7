"""Runs whose results are dictated, to see what a strategy remembers."""

from __future__ import annotations

import numpy as np

from surrogo import Optimizer
from surrogo.problems import get


def memories(strategy, values, d=2, budget=None):
    """Return the memory after each ask of a run that is told these values in turn."""
    optimizer = Optimizer([(0, 1)] * d, strategy=strategy, rng=0)
    optimizer.budget(budget)
    out = []
    for value in values:
        trial = optimizer.ask()
        out.append(optimizer.strategy.revive(optimizer.trials.memory))
        optimizer.tell(trial, value)
    return out


def run_on_a_ramp_that_fails(strategy):
    """Return the points asked for, (40, 2), where values fall into failures; the run.

    It fails where x0 < 0.4, where the values would be lowest.
    """
    optimizer = Optimizer([(0, 1)] * 2, strategy=strategy, rng=0)
    for _ in range(40):
        trial = optimizer.ask()
        if trial.x[0] < 0.4:
            optimizer.tell_failure(trial, "the mesh did not close")
        else:
            optimizer.tell(trial, trial.x[0] + (trial.x[1] - 0.5) ** 2)
    return optimizer.trials.rows(), optimizer


def median_best(strategy, problem, n, seeds=range(3)):
    """Return the median over seeds of the best value after n evaluations."""
    best = []
    for seed in seeds:
        f = get(problem)
        optimizer = Optimizer(f.space, strategy=strategy, rng=seed)
        optimizer.budget(n)
        for _ in range(n):
            trial = optimizer.ask()
            optimizer.tell(trial, f(trial.x))
        best.append(optimizer.result().fun)
    return float(np.median(best))


def median_of_random(problem, n, seeds=range(3)):
    """Return the same of independent uniform points."""
    f = get(problem)
    best = []
    for seed in seeds:
        U = np.random.default_rng(seed).random((n, f.space.d))
        best.append(min(f(x) for x in f.space.from_unit(U)))
    return float(np.median(best))
