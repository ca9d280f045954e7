"""egobox: efficient global optimisation on Gaussian processes, and its trust region.

Lafage (2022), JOSS 7:4737; TREGO: Diouane, Picheny, Le Riche & Scotto Di Perrotolo
(2023), Journal of Global Optimization 86:1.
"""

from __future__ import annotations

import numpy as np

from benchmarks.solvers.base import solver

FIELDS = {"environment": "light", "packages": ("egobox",), "pace": "medium"}
SLOW = {**FIELDS, "pace": "slow", "everywhere": False}


@solver("egobox", **FIELDS)
def egobox(fun, lower, upper, budget, seed):
    """Run with the defaults: log-EI, a Latin hypercube of max(d + 1, 5) points."""
    _run({}, fun, lower, upper, budget, seed)


@solver("egobox-trego", **FIELDS)
def egobox_trego(fun, lower, upper, budget, seed):
    """Run with the default trust region."""
    _run({"trego": True}, fun, lower, upper, budget, seed)


@solver("egobox-imputation", **SLOW)
def egobox_imputation(fun, lower, upper, budget, seed):
    """Run with the value predicted for a point that failed; by default it is left out.

    For the tables in which evaluations fail.
    """
    _run({"failsafe_strategy": "IMPUTATION"}, fun, lower, upper, budget, seed)


@solver("egobox-viability", **SLOW)
def egobox_viability(fun, lower, upper, budget, seed):
    """Run with a model of where points fail as a constraint; likewise."""
    _run({"failsafe_strategy": "VIABILITY"}, fun, lower, upper, budget, seed)


def _run(options, fun, lower, upper, budget, seed):
    import egobox

    def rows(X):
        y = np.array([[fun(x)] for x in X])
        return np.where(np.isfinite(y), y, np.nan)  # NaN is its word for a failure

    if "failsafe_strategy" in options:
        chosen = getattr(egobox.FailsafeStrategy, options["failsafe_strategy"])
        options = {**options, "failsafe_strategy": chosen}
    n_doe = min(max(len(lower) + 1, 5), budget)
    egor = egobox.Egor(
        np.column_stack([lower, upper]), n_doe=n_doe, seed=seed, **options
    )
    egor.minimize(rows, max_iters=budget - n_doe)
