"""Runs side by side: only what was run on the same problems is ever compared."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from benchmarks.harness.store import Record
from benchmarks.reporting import bootstrap, cpu, targets

Problem = tuple[str, str, int, int]  # set, function, number of variables, instance

EARLY = ("raised", "died", "cpu limit", "wall limit")


def problem_of(record: Record) -> Problem:
    """Return what was solved in a run."""
    return (record["set"], record["problem"], record["d"], record["instance"])


@dataclass(frozen=True, eq=False)
class Comparison:
    """Solvers on the same problems, within the same number of evaluations.

    Attributes
    ----------
    records : dict
        By solver, and then by problem.
    problems : list
        What all of these solvers were run on, function by function.
    budget : int
        Evaluations looked at; every run was allowed as many or more.
    incomplete : dict
        Solvers left out, and on how many of the problems they were run.
    """

    records: dict[str, dict[Problem, Record]]
    problems: list[Problem]
    budget: int
    incomplete: dict[str, int]

    @classmethod
    def of(
        cls, records: Iterable[Record], problems: Sequence[Problem], budget: int
    ) -> Comparison:
        """Compare all solvers that ran on all of these problems."""
        wanted, found = set(problems), {}
        for record in sorted(records, key=lambda r: r["budget"], reverse=True):
            if problem_of(record) in wanted:
                runs = found.setdefault(record["solver"], {})
                if record["budget"] >= budget:
                    runs[problem_of(record)] = record  # that told the nearest budget
        complete = {s: r for s, r in found.items() if len(r) == len(wanted)}
        lacking = {s: len(r) for s, r in found.items() if len(r) < len(wanted)}
        return cls(complete, sorted(wanted), budget, lacking)

    @cached_property
    def solvers(self) -> list[str]:
        """The solvers, best area first."""
        mean = {s: self.mean(self.areas(s)) for s in self.records}
        return sorted(mean, key=mean.__getitem__, reverse=True)

    @cached_property
    def functions(self) -> np.ndarray:
        """A number for the function of each problem: (k,)."""
        names = [problem[:3] for problem in self.problems]
        return np.array([sorted(set(names)).index(name) for name in names], dtype=int)

    @cached_property
    def groups(self) -> np.ndarray:
        """The group of functions of each problem: (k,)."""
        runs = next(iter(self.records.values()), {})
        return np.array([runs[p]["group"] for p in self.problems if p in runs])

    @cached_property
    def _hits(self) -> dict[str, np.ndarray]:
        return {
            solver: np.array(
                [targets.hits(runs[p]["improvements"]) for p in self.problems]
            )
            for solver, runs in self.records.items()
        }

    def hits(self, solver: str) -> np.ndarray:
        """Return the evaluation of each problem and target, inf if never: (k, 51)."""
        return self._hits[solver]

    def best_hits(self) -> np.ndarray:
        """Return those of the best solver for each target: no single one reaches it."""
        return np.min(list(self._hits.values()), axis=0)

    def areas(self, solver: str, easy: bool = False) -> np.ndarray:
        """Return the area of each problem: (k,)."""
        h = self.hits(solver)[:, targets.EASY] if easy else self.hits(solver)
        return targets.area(h, self.budget)

    def solved(self, solver: str, evaluations: float, easy: bool = False) -> np.ndarray:
        """Return the share of targets reached for each problem: (k,)."""
        if evaluations > self.budget:
            raise ValueError(
                f"only {self.budget} evaluations are compared, got {evaluations}"
            )
        h = self.hits(solver)[:, targets.EASY] if easy else self.hits(solver)
        return targets.solved(h, evaluations)

    def curve(self, hits: np.ndarray) -> np.ndarray:
        """Return the share of pairs solved after 1 to budget evaluations."""
        n = np.arange(1, self.budget + 1)
        weights = self._weights()[:, None] / hits.shape[1]
        order = np.argsort(hits, axis=None)
        share = np.cumsum(np.broadcast_to(weights, hits.shape).ravel()[order])
        reached = np.searchsorted(hits.ravel()[order], n, side="right")
        return np.append(0.0, share)[reached]

    def _weights(self) -> np.ndarray:
        """Return what each problem counts, so that all functions count the same."""
        _, counts = np.unique(self.functions, return_counts=True)
        return 1.0 / counts[self.functions] / len(counts)

    def mean(self, scores: np.ndarray) -> float:
        """Return the mean over functions of the mean over their instances."""
        return float(bootstrap.mean(scores, self.functions))

    def interval(self, scores: np.ndarray) -> tuple[float, float]:
        """Return the 95 % interval of `mean` for other instances of the functions."""
        return bootstrap.interval(scores, self.functions)

    def difference(self, a: str, b: str) -> tuple[float, float, float]:
        """Return by how much the area of `a` exceeds that of `b`, and its interval."""
        scores = self.areas(a) - self.areas(b)  # paired: the same problems
        return (self.mean(scores), *self.interval(scores))

    def final(self, solver: str) -> np.ndarray:
        """Return the regret reached within the budget: (k,)."""
        runs = self.records[solver]
        regrets = [
            min(
                (r for n, r in runs[p]["improvements"] if n <= self.budget),
                default=np.inf,
            )
            for p in self.problems
        ]
        return np.array(regrets)

    def ended_early(self, solver: str) -> int:
        """Return how many runs ended by a fault or a limit before the budget."""
        runs = self.records[solver].values()
        return sum(
            r["status"] in EARLY and r["evaluations"] < self.budget for r in runs
        )

    def cpu(self, solver: str, at: int | None = None) -> float:
        """Return the median over the runs of the CPU milliseconds of a suggestion.

        Only of those within the compared budget: later ones may cost much more.
        """
        runs = self.records[solver].values()
        checkpoints = [[c for c in r["cpu"] if c[0] <= self.budget] for r in runs]
        times = np.array([cpu.per_suggestion(c, at) for c in checkpoints])
        return (
            float(np.median(times[np.isfinite(times)]))
            if np.isfinite(times).any()
            else np.nan
        )

    def table(self, at: dict[str, int]) -> pd.DataFrame:
        """Return a row for each solver, best area first.

        Parameters
        ----------
        at : dict
            Evaluations at which the share solved is given, by the name of the column.
        """
        return pd.DataFrame(
            [self._row(solver, at) for solver in self.solvers], index=self.solvers
        )

    def _row(self, solver: str, at: dict[str, int]) -> dict[str, float]:
        areas = self.areas(solver)
        low, high = self.interval(areas)
        row = {"area": self.mean(areas), "low": low, "high": high}
        for name, n in at.items():
            row[name] = self.mean(self.solved(solver, n))
        row["easy area"] = self.mean(self.areas(solver, easy=True))
        for name, n in at.items():
            row[f"easy {name}"] = self.mean(self.solved(solver, n, easy=True))
        row["median regret"] = float(np.median(self.final(solver)))
        row["CPU ms"] = self.cpu(solver)
        row["runs"] = len(self.problems)
        row["ended early"] = self.ended_early(solver)
        return row

    def by_group(self, evaluations: int) -> pd.DataFrame:
        """Return the share solved by group: solvers as rows, groups as columns."""
        names = list(dict.fromkeys(self.groups))
        rows = {}
        for solver in self.solvers:
            scores = self.solved(solver, evaluations)
            rows[solver] = [
                bootstrap.mean(
                    scores[self.groups == g], self.functions[self.groups == g]
                )
                for g in names
            ]
        return pd.DataFrame.from_dict(rows, orient="index", columns=names)
