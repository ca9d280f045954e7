"""Optuna: its Gaussian process and its tree-structured Parzen estimator.

Akiba, Sano, Yanase, Ohta & Koyama (2019), KDD; TPE: Watanabe (2023), arXiv:2304.11127.
"""

from __future__ import annotations

from benchmarks.solvers.base import solver

FIELDS = {"environment": "torch", "packages": ("optuna", "torch")}


@solver("optuna-gp", **FIELDS, pace="slow")
def optuna_gp(fun, lower, upper, budget, seed):
    """`GPSampler` with its defaults, 10 random points first, but for exact values."""
    import torch
    from optuna.samplers import GPSampler

    torch.set_num_threads(1)
    sampler = GPSampler(seed=seed, deterministic_objective=True)
    _run(sampler, fun, lower, upper, budget)


@solver("optuna-tpe", **FIELDS)
def optuna_tpe(fun, lower, upper, budget, seed):
    """`TPESampler` with its defaults; since Optuna 5 that is the multivariate kind."""
    from optuna.samplers import TPESampler

    _run(TPESampler(seed=seed), fun, lower, upper, budget)


def _run(sampler, fun, lower, upper, budget):
    import optuna

    names = [f"x{j}" for j in range(len(lower))]

    def objective(trial):
        return fun([*map(trial.suggest_float, names, lower, upper)])

    optuna.logging.set_verbosity(optuna.logging.ERROR)
    optuna.create_study(sampler=sampler).optimize(objective, n_trials=budget)
