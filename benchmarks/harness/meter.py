"""Counting, clipping and recording the evaluations of one run."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from benchmarks.problem_sets.base import Case


class Refused(Exception):
    """The point is not evaluated: the budget is spent, or it is no point at all."""


class Meter:
    """Evaluates a case for a solver, and keeps what a record needs.

    Parameters
    ----------
    case : Case
        The problem.
    budget : int
        Evaluations allowed.
    residuals : bool
        Whether the solver is given the vector of residuals.
    """

    def __init__(self, case: Case, budget: int, residuals: bool = False) -> None:
        if residuals and case.residuals is None:
            raise ValueError(
                f"{case.name} of the set {case.set!r} has no residuals; choose a "
                "solver of scalar functions, or a set of calibrations"
            )
        self.case, self.budget, self.residuals = case, budget, residuals
        self.evaluations = self.clipped = self.not_finite = self.refused = 0
        self.improvements: list[tuple[int, float]] = []
        self._best = math.inf

    def evaluate(self, x: Any) -> float | list[float]:
        """Count and evaluate the point nearest to `x` in the box.

        Raises
        ------
        Refused
            If the budget is spent, the best value is good enough, or `x` has another
            shape.
        """
        point = np.asarray(x, dtype=float)
        if point.shape != (self.case.d,):
            raise Refused(
                f"a point must have the shape ({self.case.d},), got {point.shape}"
            )
        if self.evaluations >= self.budget:
            self.refused += 1
            raise Refused("the budget is spent")
        if self._regret() <= self.case.enough:
            self.refused += 1
            raise Refused("the best value is good enough")
        self.evaluations += 1
        if not np.all(np.isfinite(point)):  # paid for, and worth nothing
            self.not_finite += 1
            return self._nothing()
        inside = np.clip(point, self.case.lower, self.case.upper)
        self.clipped += bool(np.any(inside != point))
        return self._value(inside)

    def _nothing(self) -> float | list[float]:
        if not self.residuals:
            return math.nan
        centre = 0.5 * (self.case.lower + self.case.upper)
        return [math.nan] * len(self.case.residuals(centre))

    def _value(self, x: np.ndarray) -> float | list[float]:
        if not self.residuals:
            value = answer = float(self.case.fun(x))
        else:
            r = np.asarray(self.case.residuals(x), dtype=float)
            value, answer = float(r @ r), r.tolist()
        if math.isfinite(value) and value < self._best:
            self._best = value
            self._note(self._regret())
        return answer

    def _regret(self) -> float:
        return (self._best - self.case.f_opt) / self.case.scale

    def _note(self, regret: float) -> None:
        """Record an improvement, unless it reads the same as the one before."""
        regret = float(f"{regret:.6g}")
        if not self.improvements or regret < self.improvements[-1][1]:
            self.improvements.append((self.evaluations, regret))
