"""Problem sets by name."""

from __future__ import annotations

from benchmarks.problem_sets.base import Case as Case
from benchmarks.problem_sets.base import ProblemSet as ProblemSet

SETS: dict[str, ProblemSet] = {}
