"""Our own strategies."""

from __future__ import annotations

from benchmarks.solvers.base import solver


@solver("surrogo", packages=("surrogo", "scipy", "scikit-learn"), pace="medium")
def surrogo(fun, lower, upper, budget, seed):
    """Run what ``strategy="auto"`` means."""
    run("auto", fun, lower, upper, budget, seed)


def run(strategy, fun, lower, upper, budget, seed):
    """Ask and tell, so that nothing but the strategy is between two evaluations."""
    from surrogo import Optimizer

    bounds = list(zip(lower, upper, strict=True))
    optimizer = Optimizer(bounds, strategy=strategy, rng=seed)
    optimizer.budget(budget)
    for _ in range(budget):
        trial = optimizer.ask()
        optimizer.tell(trial, fun(trial.x))
