"""Problem sets by name."""

from __future__ import annotations

from benchmarks.problem_sets import (
    bbob,
    calibrations,
    classic,
    failing,
    large,
    ode,
    precision,
    trajectory,
)
from benchmarks.problem_sets.base import Case as Case
from benchmarks.problem_sets.base import ProblemSet as ProblemSet

MODULES = (
    bbob,
    calibrations,
    classic,
    failing,
    large,
    ode,
    precision,
    trajectory,
)

SETS: dict[str, ProblemSet] = {each.name: each for m in MODULES for each in m.SETS}
