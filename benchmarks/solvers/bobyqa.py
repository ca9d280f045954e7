"""Py-BOBYQA: Powell's interpolated quadratics, with restarts.

Cartis, Fiala, Marteau & Roberts (2019), ACM TOMS 45:32; Cartis, Roberts &
Sheridan-Methven (2022), Optimization 71:2343.
"""

from __future__ import annotations

import numpy as np

from benchmarks.solvers.base import solver
from benchmarks.solvers.box import starts


@solver("py-bobyqa", environment="light", packages=("Py-BOBYQA", "scipy"))
def py_bobyqa(fun, lower, upper, budget, seed):
    """Defaults, with the box scaled and the restarts meant for global search."""
    import pybobyqa

    np.random.seed(seed)  # noqa: NPY002  the library takes no other generator
    for u in starts(len(lower), seed):
        pybobyqa.solve(
            fun,
            lower + u * (upper - lower),
            bounds=(lower, upper),
            maxfun=budget,
            scaling_within_bounds=True,
            seek_global_minimum=True,
        )
