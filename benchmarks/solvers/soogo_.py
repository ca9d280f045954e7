"""soogo: stochastic searches on radial basis functions.

Regis & Shoemaker (2007), INFORMS Journal on Computing 19:497 (SRBF); Regis & Shoemaker
(2013), Engineering Optimization 45:529 (DYCORS).
"""

from __future__ import annotations

from contextlib import suppress

import numpy as np

from benchmarks.solvers.base import solver
from benchmarks.solvers.box import NoStart, finite, seeds

FIELDS = {"environment": "soogo", "packages": ("soogo",)}


@solver("soogo-dycors", **FIELDS)
def soogo_dycors(fun, lower, upper, budget, seed):
    """Run with the defaults; anew when it ends for lack of progress."""
    import soogo

    _restarted(soogo.dycors, fun, lower, upper, budget, seed)


@solver("soogo-srbf", **FIELDS)
def soogo_srbf(fun, lower, upper, budget, seed):
    """Run the multi-start version with the defaults."""
    import soogo

    _restarted(soogo.multistart_msrs, fun, lower, upper, budget, seed)


def _restarted(search, fun, lower, upper, budget, seed):
    bounds = list(zip(lower, upper, strict=True))
    for each in seeds(seed):
        with suppress(NoStart):
            search(_rows(finite(fun)), bounds, budget, seed=each)


def _rows(fun):
    return lambda X: np.array([fun(x) for x in np.atleast_2d(X)])
