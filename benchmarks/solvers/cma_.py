"""Evolution strategies of pycma.

First start at the centre of the box and a step of a fifth of it, as COCO's entries have
it (0 and 2 in [-5, 5]^d); later ones at random points.
"""

from __future__ import annotations

from contextlib import suppress

from benchmarks.solvers.base import solver
from benchmarks.solvers.box import NoStart, finite, in_unit_cube, seeds, starts

SIGMA = 0.2


@solver("lq-cma-es", environment="light", packages=("cma",))
def lq_cma_es(fun, lower, upper, budget, seed):
    """Hansen (2019): CMA-ES on a linear or quadratic model. Defaults, restarted."""
    import cma

    g, start = in_unit_cube(fun, lower, upper), starts(len(lower), seed)
    for each in seeds(seed):
        f, options = finite(g), _options(each)
        with suppress(NoStart):
            cma.fmin_lq_surr2(f, lambda: next(start), SIGMA, options, restarts=9)


@solver("cma-es", environment="light", packages=("cma",))
def cma_es(fun, lower, upper, budget, seed):
    """BIPOP-CMA-ES with the defaults of pycma."""
    import cma

    g, start = in_unit_cube(fun, lower, upper), starts(len(lower), seed)
    for each in seeds(seed):
        options = _options(each)
        cma.fmin2(g, lambda: next(start), SIGMA, options, restarts=9, bipop=True)


def _options(seed):
    return {"bounds": [0, 1], "seed": seed, "verbose": -9}
