"""Calibrations of differential equations, as scalars and as vectors of residuals.

Targets are relative to the smallest sum of squares: it measures the noise of the data,
and a fit within 1 % of it is as good as the best one for all that is asked of it.
"""

from __future__ import annotations

from dataclasses import replace

from benchmarks.problem_sets.base import Case, ProblemSet
from benchmarks.problem_sets.boxes import case_of, widened
from surrogo import checks, problems

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
    group = FUNCTIONS[checks.one_of(function, FUNCTIONS, "function")]
    made = case_of(problems.get(function), "ode", d, instance, group)
    return replace(made, scale=made.f_opt)


def wide(function: str, d: int | None, instance: int) -> Case:
    """Return a calibration on a widened box."""
    floor = 0.0 if function in POSITIVE else -float("inf")
    return widened(case(function, d, instance), floor)


SETS = (
    ProblemSet("ode", tuple(FUNCTIONS), (), case),
    ProblemSet("ode_wide", tuple(FUNCTIONS), (), wide),
)
