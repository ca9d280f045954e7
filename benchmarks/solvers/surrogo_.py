"""Our own strategies: the default one, single ones, batches, and what ablations try.

Only the default takes part in every table; the others run where they are named.
"""

from __future__ import annotations

import importlib
from contextlib import contextmanager
from functools import partial
from typing import Any

from benchmarks.solvers.base import solver
from benchmarks.variants import every_variant

FIELDS: dict[str, Any] = {
    "packages": ("surrogo", "scipy", "scikit-learn"),
    "pace": "medium",
}
STRATEGIES = ("dycors", "ego", "random", "srbf", "trego", "turbo")
SIZES = (4, 16)  # of batches


@solver("surrogo", **FIELDS)
def surrogo(fun, lower, upper, budget, seed):
    """Run what ``strategy="auto"`` means."""
    run("auto", fun, lower, upper, budget, seed)


@solver("surrogo-residuals", residuals=True, **FIELDS)
def surrogo_residuals(fun, lower, upper, budget, seed):
    """Run the strategy of `surrogo.least_squares`."""
    run("gauss_newton", of_residuals(fun), lower, upper, budget, seed)


def of_residuals(fun):
    """Return the function as one that tells its residuals to an optimizer."""
    from surrogo import Evaluation

    return lambda x: Evaluation(residuals=fun(x))


def start(strategy, lower, upper, budget, seed):
    """Return the optimizer of a run."""
    from surrogo import Optimizer

    bounds = list(zip(lower, upper, strict=True))
    optimizer = Optimizer(bounds, strategy=strategy, rng=seed)
    optimizer.budget(budget)
    return optimizer


def run(strategy, fun, lower, upper, budget, seed, x0=()):
    """Ask and tell, so that nothing but the strategy is between two evaluations."""
    optimizer = start(strategy, lower, upper, budget, seed)
    for x in x0:
        optimizer.tell(optimizer.ask_at(x), fun(x))
    for _ in range(budget - len(x0)):
        trial = optimizer.ask()
        optimizer.tell(trial, fun(trial.x))


def run_variant(each, fun, lower, upper, budget, seed):
    """Run with other settings and other constants."""
    with changed(each.constants):
        run(each.settings, fun, lower, upper, budget, seed)


@contextmanager
def changed(constants):
    """Give constants of surrogo other values for a while.

    Raises
    ------
    AttributeError
        If there is no such constant.
    """
    before = []
    try:
        for dotted, value in constants.items():
            before.append(_put(f"surrogo.{dotted}", value))
        yield
    finally:
        for put_back in before:
            put_back()


def _put(dotted, value):
    """Change a constant; return what undoes that."""
    module, name = dotted.rsplit(".", 1)
    place = importlib.import_module(module)
    old = getattr(place, name)
    if not isinstance(value, dict):
        setattr(place, name, value)
        return partial(setattr, place, name, old)
    copy = old.copy()
    for index, element in value.items():  # in place, wherever the array is used
        old[index] = element
    return partial(old.__setitem__, slice(None), copy)


def run_batches(q, fun, lower, upper, budget, seed):
    """Ask for q points at a time, and tell all values before the next are asked for."""
    optimizer = start("auto", lower, upper, budget, seed)
    while budget > 0:
        trials = optimizer.ask(min(q, budget))
        values = [fun(trial.x) for trial in trials]
        for trial, value in zip(trials, values, strict=True):
            optimizer.tell(trial, value)
        budget -= len(trials)


def run_pending(q, fun, lower, upper, budget, seed):
    """Keep q points pending: when the oldest is told, the next is asked for."""
    optimizer = start("auto", lower, upper, budget, seed)
    pending = optimizer.ask(min(q, budget))
    asked = len(pending)
    while pending:
        trial = pending.pop(0)
        optimizer.tell(trial, fun(trial.x))
        if asked < budget:
            pending.append(optimizer.ask())
            asked += 1


def variant(name, how, what):
    """Register a solver that runs only where it is named: ``how(what, ...)``."""

    @solver(name, **FIELDS, everywhere=False)
    def solve(fun, lower, upper, budget, seed):
        how(what, fun, lower, upper, budget, seed)


for _name in STRATEGIES:
    variant(f"surrogo-{_name}", run, _name)
for _q in SIZES:
    variant(f"surrogo-batch-{_q}", run_batches, _q)
    variant(f"surrogo-async-{_q}", run_pending, _q)
for _each in every_variant():
    variant(_each.solver, run_variant, _each)
