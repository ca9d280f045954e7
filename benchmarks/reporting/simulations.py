"""Simulations that calibrations need: to the right basin, and to the solution."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from benchmarks.harness.store import Record
from benchmarks.problem_sets import calibrations
from benchmarks.reporting import bootstrap
from benchmarks.reporting.frame import Comparison


def goal(record: Record) -> float:
    """Return the regret at which a calibration is solved."""
    own = record["problem"] in calibrations.MEDIANS
    return calibrations.SHARE if own else calibrations.WITHIN


def basin(record: Record) -> float:
    """Return the regret below which there is no other minimum."""
    return calibrations.BASINS.get(record["problem"], np.inf)


def until(record: Record, regret: float) -> float:
    """Return the simulation that first came so far, inf if none did."""
    return min((n for n, r in record["improvements"] if r <= regret), default=np.inf)


@dataclass(frozen=True, eq=False)
class Needs:
    """Simulations that each solver needed on each problem and seed.

    Failures count as the budget in means, and as no success in shares.

    Attributes
    ----------
    functions : ndarray of str, shape (k,)
        The problem of each run.
    solved, found : dict
        By solver (k,): simulations to the solution, and to its basin; inf if never.
    budget : int
        Simulations that every run was allowed.
    """

    functions: np.ndarray
    solved: dict[str, np.ndarray]
    found: dict[str, np.ndarray]
    budget: int

    @classmethod
    def of(cls, comparison: Comparison) -> Needs:
        """Count the simulations of all solvers that made all runs."""
        solved, found = {}, {}
        for solver, runs in comparison.records.items():
            own = [runs[problem] for problem in comparison.problems]
            solved[solver] = np.array([until(r, goal(r)) for r in own])
            found[solver] = np.array([until(r, basin(r)) for r in own])
        functions = np.array([problem[1] for problem in comparison.problems])
        return cls(functions, solved, found, comparison.budget)

    def on(self, functions: Sequence[str]) -> Needs:
        """Return the part on some of the problems.

        Raises
        ------
        ValueError
            If nothing was run on any of them.
        """
        kept = np.isin(self.functions, functions)
        if not kept.any():
            raise ValueError(f"there are no runs on {list(functions)}")
        solved, found = (
            {solver: n[kept] for solver, n in each.items()}
            for each in (self.solved, self.found)
        )
        return Needs(self.functions[kept], solved, found, self.budget)

    def share(self, solver: str, n: float = np.inf) -> float:
        """Return the share of the runs that were solved, within n simulations."""
        return float(np.mean(self.solved[solver] <= min(n, self.budget)))

    def mean(self, solver: str, found: bool = False) -> float:
        """Return the geometric mean of the simulations to the solution, or basin."""
        logs = self._logs((self.found if found else self.solved)[solver])
        return float(np.exp(bootstrap.mean(logs, self.functions)))

    def ratio(self, a: str, b: str) -> tuple[float, float, float]:
        """Return how many times those of `b` `a` needs, and the interval of that."""
        logs = self._logs(self.solved[a]) - self._logs(self.solved[b])
        around = bootstrap.interval(logs, self.functions)
        low, high = np.exp(around)
        return float(np.exp(bootstrap.mean(logs, self.functions))), low, high

    def leader(self, solvers: Sequence[str], n: int) -> str:
        """Return who has solved most within n simulations, and the share."""
        best = max(solvers, key=lambda s: (self.share(s, n), -self.mean(s)))
        share = self.share(best, n)
        return f"{best} ({share:.2f})" if share else "nobody"

    def _logs(self, needed: np.ndarray) -> np.ndarray:
        return np.log(np.minimum(needed, self.budget))
