"""Calibrations of differential equations, as scalars and as vectors of residuals.

Targets are relative to the smallest sum of squares: it measures the noise of the data,
and a fit within 1 % of it is as good as the best one for all that is asked of it.
"""

from __future__ import annotations

from dataclasses import replace

from benchmarks.problem_sets.base import Case, ProblemSet
from benchmarks.problem_sets.boxes import case_of, widened
from surrogo import problems

FUNCTIONS = {
    "pinene": "one minimum",
    "gas_oil": "one minimum",
    "influenza": "one minimum",
    "influenza_from_first": "one minimum",
    "hare_lynx": "several minima",
    "hare_lynx_plain": "several minima",
}
POSITIVE = ("gas_oil",)  # rates on a linear scale, which must not become negative


def case(function: str, d: int | None, instance: int) -> Case:
    """Return a calibration on its own box.

    Raises
    ------
    ValueError
        If there is no such calibration, or `d` is another number of variables.
    """
    if function not in FUNCTIONS:
        raise ValueError(f"function must be one of {list(FUNCTIONS)}, got {function!r}")
    problem = problems.get(function)
    if d not in (None, problem.space.d):
        raise ValueError(f"{function} has {problem.space.d} variables, got {d}")
    made = case_of(problem, "ode", instance, FUNCTIONS[function])
    return replace(made, scale=problem.f_opt)


def wide(function: str, d: int | None, instance: int) -> Case:
    """Return a calibration on a widened box."""
    floor = 0.0 if function in POSITIVE else -float("inf")
    return widened(case(function, d, instance), floor)


SETS = (
    ProblemSet("ode", tuple(FUNCTIONS), (), case),
    ProblemSet("ode_wide", tuple(FUNCTIONS), (), wide),
)
