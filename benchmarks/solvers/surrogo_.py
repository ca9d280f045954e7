"""Our own strategies."""

from __future__ import annotations

from benchmarks.solvers.base import solver

PACKAGES = ("surrogo", "scipy", "scikit-learn")


@solver("surrogo", packages=PACKAGES, pace="medium")
def surrogo(fun, lower, upper, budget, seed):
    """Run what ``strategy="auto"`` means."""
    run("auto", fun, lower, upper, budget, seed)


@solver("surrogo-ego", packages=PACKAGES, pace="medium")
def surrogo_ego(fun, lower, upper, budget, seed):
    """Run expected improvement on the whole box."""
    run("ego", fun, lower, upper, budget, seed)


@solver("surrogo-trego", packages=PACKAGES, pace="medium")
def surrogo_trego(fun, lower, upper, budget, seed):
    """Run expected improvement with a trust region."""
    run("trego", fun, lower, upper, budget, seed)


@solver("surrogo-turbo", packages=PACKAGES, pace="medium")
def surrogo_turbo(fun, lower, upper, budget, seed):
    """Run Thompson sampling in a trust region."""
    run("turbo", fun, lower, upper, budget, seed)


@solver("surrogo-srbf", packages=PACKAGES)
def surrogo_srbf(fun, lower, upper, budget, seed):
    """Run the stochastic search with a radial basis function."""
    run("srbf", fun, lower, upper, budget, seed)


@solver("surrogo-dycors", packages=PACKAGES)
def surrogo_dycors(fun, lower, upper, budget, seed):
    """Run the same in fewer and fewer coordinates."""
    run("dycors", fun, lower, upper, budget, seed)


def run(strategy, fun, lower, upper, budget, seed):
    """Ask and tell, so that nothing but the strategy is between two evaluations."""
    from surrogo import Optimizer

    bounds = list(zip(lower, upper, strict=True))
    optimizer = Optimizer(bounds, strategy=strategy, rng=seed)
    optimizer.budget(budget)
    for _ in range(budget):
        trial = optimizer.ask()
        optimizer.tell(trial, fun(trial.x))
