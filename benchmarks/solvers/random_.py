"""Uniform random search: what everything must beat."""

from __future__ import annotations

import numpy as np

from benchmarks.solvers.base import solver


@solver("random")
def random(fun, lower, upper, budget, seed):
    """Evaluate uniform random points."""
    rng = np.random.default_rng(seed)
    for _ in range(budget):
        fun(rng.uniform(lower, upper))
