"""Calibrations by number of simulations: how soon a method is through.

A run is over when the problem is solved: within 1 % of the smallest sum of squares, or,
where the data are the model's own and that is zero, at 1e-6 of the median sum of
squares of random points. Instances differ in nothing but the seed of the solver.

Left out are problems whose optimum is the centre of their box, where some methods
begin, and those whose simulations are slow.
"""

from __future__ import annotations

from dataclasses import replace

from benchmarks.problem_sets.base import Case, ProblemSet
from benchmarks.problem_sets.boxes import case_of
from surrogo import checks, problems

WITHIN = 0.01  # of the smallest sum of squares
SHARE = 1e-6  # of the median of random points
# The median sum of squares of 301 uniform points, where the optimum is zero.
MEDIANS = {
    "lotka_volterra": 717.68,
    "lorenz": 9208.0,
    "fitzhugh_nagumo_unit": 218.54,
    "heat": 1.5914,
    "mackey_glass": 11.465,
}
# Regrets below which no other minimum was found by 30 local searches from random
# points (`scipy.optimize.least_squares`); where not named, all 30 ended at the optimum.
BASINS = {
    "barnes": 3.0,
    "barnes_free": 5.0,
    "hare_lynx": 7.0,
    "hare_lynx_plain": 21.0,
    "lotka_volterra": 0.38,
    "fitzhugh_nagumo_unit": 0.28,
    "mackey_glass": 0.13,
}
FUNCTIONS = (
    "pinene",
    "gas_oil",
    "barnes",
    "barnes_free",
    "influenza",
    "hare_lynx",
    "hare_lynx_plain",
    *MEDIANS,
)


def case(function: str, d: int | None, instance: int) -> Case:
    """Return a calibration on its own box.

    Raises
    ------
    ValueError
        If there is no such calibration, or `d` is another number of variables.
    """
    problem = problems.get(checks.one_of(function, FUNCTIONS, "function"))
    kind = "several minima" if function in BASINS else "every start is good"
    made = case_of(problem, "calibrations", d, instance, kind)
    if function in MEDIANS:
        return replace(made, scale=MEDIANS[function], enough=SHARE)
    return replace(made, scale=made.f_opt, enough=WITHIN)


SETS = (ProblemSet("calibrations", FUNCTIONS, (), case),)
