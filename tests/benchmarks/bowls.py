"""Bowls as a problem set, for the tests of the harness."""

import numpy as np

from benchmarks.problem_sets.base import Case, ProblemSet


def bowl(function, d, instance):
    d = d or 3
    centre = 0.1 * instance
    return Case(
        set="bowls",
        name=function,
        d=d,
        instance=instance,
        group="round",
        lower=np.zeros(d),
        upper=np.ones(d),
        fun=lambda x: float(np.sum((x - centre) ** 2)),
        f_opt=0.0,
    )


BOWLS = ProblemSet("bowls", ("one", "two"), (), bowl)
