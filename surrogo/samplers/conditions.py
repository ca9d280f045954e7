"""What points must fulfil: predicates and constraints, in the user's units."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from surrogo import checks
from surrogo.checks import BoolArray, FloatArray
from surrogo.space import Space

# Rounding errors of a sum of d products, relative to the largest it can be.
ROUNDING = 1e-12


@dataclass(frozen=True)
class Rows:
    """Linear constraints ``low <= A x <= high`` of all rows together.

    Attributes
    ----------
    A : array (k, d)
    low, high : array (k,)
    """

    A: FloatArray
    low: FloatArray
    high: FloatArray

    @classmethod
    def of(cls, constraints: Sequence[Any], d: int) -> Rows:
        """Stack every `scipy.optimize.LinearConstraint` among `constraints`.

        Raises
        ------
        ValueError
            If one does not have `d` columns, or holds NaN.
        """
        parts = [_linear(c, d) for c in constraints if hasattr(c, "A")]
        parts = [(np.empty((0, d)), np.empty(0), np.empty(0)), *parts]
        A, low, high = (np.concatenate(part) for part in zip(*parts, strict=True))
        return cls(A, low, high)

    def inside(self, X: FloatArray) -> BoolArray:
        """Say which points (n, d) fulfil all rows, up to rounding; shape (n,)."""
        values = X @ self.A.T
        room = ROUNDING * (np.abs(X) @ np.abs(self.A).T)
        ok = (values >= self.low - room) & (values <= self.high + room)
        return np.asarray(np.all(ok, axis=1))


def _linear(constraint: Any, d: int) -> tuple[FloatArray, FloatArray, FloatArray]:
    A = constraint.A.toarray() if hasattr(constraint.A, "toarray") else constraint.A
    A = checks.finite(checks.array(np.atleast_2d(A), "A"), "A of a LinearConstraint")
    if A.shape[1] != d:
        raise ValueError(
            f"A of a LinearConstraint must have one column for each of the {d} "
            f"variables, got shape {A.shape}"
        )
    low = np.broadcast_to(checks.array(constraint.lb, "lb"), len(A))
    high = np.broadcast_to(checks.array(constraint.ub, "ub"), len(A))
    if not np.all(low <= high):  # NaN included
        raise ValueError(
            "a LinearConstraint must have lb <= ub in every row, got "
            f"lb={checks.shown(low.tolist())}, ub={checks.shown(high.tolist())}"
        )
    return A, low, high


def checked_constraints(constraints: Any) -> tuple[Any, ...]:
    """Return one constraint or a list of them as a tuple."""
    single = callable(constraints) or hasattr(constraints, "lb")
    listed = [constraints] if single else checks.listed(constraints)
    if not listed or not all(callable(c) or hasattr(c, "lb") for c in listed):
        raise ValueError(
            "constraints must be a function of a point that returns True or False, a "
            "LinearConstraint or a NonlinearConstraint of scipy.optimize, or a list "
            f"of them, got {checks.shown(constraints)}"
        )
    return tuple(listed)


def fulfilled(constraints: Sequence[Any], X: FloatArray, space: Space) -> BoolArray:
    """Say which points (n, d) fulfil all constraints; shape (n,)."""
    inside = Rows.of(constraints, space.d).inside(X)
    others = [c for c in constraints if not hasattr(c, "A")]
    for i in np.flatnonzero(inside) if others else ():
        x = space.decode(X[i])
        inside[i] = all(_fulfils(constraint, x) for constraint in others)
    return inside


def _fulfils(constraint: Any, x: Any) -> bool:
    if hasattr(constraint, "fun"):  # scipy.optimize.NonlinearConstraint
        value = np.asarray(constraint.fun(x))
        return bool(np.all((value >= constraint.lb) & (value <= constraint.ub)))
    answer = constraint(x)
    if np.size(answer) != 1:
        raise ValueError(
            "a constraint is called with one point and must return True or False, "
            f"got {checks.shown(answer)}"
        )
    return bool(answer)
