"""Cases made from the problems of surrogo, and boxes that hide where the optimum is."""

from __future__ import annotations

import zlib
from collections.abc import Callable
from dataclasses import replace

import numpy as np

from benchmarks.problem_sets.base import Case
from surrogo.ode import IntegrationError
from surrogo.problems import Problem

WIDEST = 0.6  # of the width, on each side: evidence file, section 6.6


def case_of(
    problem: Problem, set_: str, d: int | None, instance: int, group: str
) -> Case:
    """Return a problem as a case whose coordinates are on linear scales.

    A variable on a logarithmic scale is offered as its base-10 logarithm, so that
    solvers that know boxes only are not worse off than those that know scales. Where a
    simulation fails, the value is infinite, and so are all residuals.

    Raises
    ------
    ValueError
        If `d` is given and is another number of variables.
    """
    if d not in (None, problem.space.d):
        raise ValueError(
            f"{problem.name} has {problem.space.d} variables here, got {d}"
        )
    kinds = np.array([variable.scale == "log" for variable in problem.space.variables])
    low, high = problem.space.from_unit(np.array([[0.0], [1.0]]).repeat(len(kinds), 1))

    def user(z: np.ndarray) -> np.ndarray:
        x = np.array(z, dtype=float)
        x[kinds] = 10.0 ** x[kinds]
        return x

    def coordinates(x: np.ndarray) -> np.ndarray:
        return np.where(kinds, np.log10(np.where(kinds, x, 1.0)), x)

    r = problem.residuals
    return Case(
        set=set_,
        name=problem.name,
        d=problem.space.d,
        instance=instance,
        group=group,
        lower=coordinates(low),
        upper=coordinates(high),
        fun=_guarded(problem.fun, user, np.inf),
        f_opt=problem.f_opt,
        residuals=r and _guarded(r, user, np.full(_length(problem), np.inf)),
    )


def _length(problem: Problem) -> int:
    return len(problem.residuals(problem.x_opt[0]))


def _guarded(fun: Callable, user: Callable, failed: object) -> Callable:
    """Return the function of the coordinates, `failed` where a simulation fails."""

    def evaluate(z: np.ndarray) -> object:
        try:
            return fun(user(z))
        except IntegrationError:
            return failed

    return evaluate


def widened(case: Case, floor: float = -np.inf) -> Case:
    """Return the case on a larger box, in which the old centre is nowhere special.

    Each side moves outwards by 0 to 60 % of the width, at random by set, function and
    instance, but not below `floor`.
    """
    key = zlib.crc32(f"{case.set} {case.name}".encode())
    rng = np.random.default_rng([key, case.instance])
    below, above = rng.uniform(0.0, WIDEST, (2, case.d)) * (case.upper - case.lower)
    lower = np.maximum(case.lower - below, np.minimum(floor, case.lower))
    name = f"{case.set}_wide"
    return replace(case, set=name, lower=lower, upper=case.upper + above)
