"""Eight classic functions, and three of them in twenty variables.

The wide versions are on boxes widened unevenly, by instance: as published, the optimum
often lies where a method starts that begins at the centre.
"""

from __future__ import annotations

from functools import partial

from benchmarks.problem_sets.base import Case, ProblemSet
from benchmarks.problem_sets.boxes import case_of, widened
from surrogo import checks, problems

# name: number of variables (None: there is but one) and group
CLASSIC = {
    "branin": (None, "few minima"),
    "hartmann3": (None, "few minima"),
    "hartmann6": (None, "few minima"),
    "six_hump_camel": (None, "few minima"),
    "goldstein_price": (None, "few minima"),
    "ackley": (10, "many minima"),
    "rosenbrock": (4, "one minimum"),
    "levy": (8, "many minima"),
}
LARGE = {
    "ackley": (20, "many minima"),
    "levy": (20, "many minima"),
    "rosenbrock": (20, "one minimum"),
}
SIZED = {
    "ackley": problems.ackley,
    "levy": problems.levy,
    "rosenbrock": problems.rosenbrock,
}


def case(name: str, table: dict, function: str, d: int | None, instance: int) -> Case:
    """Return a function of a table as published.

    Raises
    ------
    ValueError
        If there is no such function, or `d` is another number of variables.
    """
    size, group = table[checks.one_of(function, table, "function")]
    problem = SIZED[function](size) if size else problems.get(function)
    return case_of(problem, name, d, instance, group)


def wide(name: str, table: dict, function: str, d: int | None, instance: int) -> Case:
    """Return a function of a table on a widened box."""
    return widened(case(name, table, function, d, instance))


SETS = tuple(
    ProblemSet(name + suffix, tuple(table), (), partial(make, name, table))
    for name, table in (("classic", CLASSIC), ("d20", LARGE))
    for suffix, make in (("", case), ("_wide", wide))
)
