"""Test problems with known optima, by name.

Examples
--------
>>> from surrogo import problems
>>> problem = problems.get("hare_lynx")
>>> problem.space.d, problem.f_opt
(6, 2.018661155195)
"""

from __future__ import annotations

from collections.abc import Callable

from surrogo import checks
from surrogo.problems import analytic, gas_oil, hare_lynx, influenza, pinene
from surrogo.problems.analytic import ackley as ackley
from surrogo.problems.analytic import levy as levy
from surrogo.problems.analytic import rosenbrock as rosenbrock
from surrogo.problems.base import Problem as Problem

__all__ = ["PROBLEMS", "Problem", "ackley", "get", "levy", "names", "rosenbrock"]

# Factories, so that an import builds nothing.
PROBLEMS: dict[str, Callable[[], Problem]] = {
    "branin": analytic.branin,
    "goldstein_price": analytic.goldstein_price,
    "hartmann3": analytic.hartmann3,
    "hartmann6": analytic.hartmann6,
    "rosenbrock": analytic.rosenbrock,
    "ackley": analytic.ackley,
    "six_hump_camel": analytic.six_hump_camel,
    "levy": analytic.levy,
    "pinene": pinene.pinene,
    "gas_oil": gas_oil.gas_oil,
    "hare_lynx": hare_lynx.hare_lynx,
    "hare_lynx_plain": hare_lynx.hare_lynx_plain,
    "influenza": influenza.influenza,
    "influenza_from_first": influenza.influenza_from_first,
}


def names() -> tuple[str, ...]:
    """Return the names of all problems.

    Examples
    --------
    >>> names()[:3]
    ('branin', 'goldstein_price', 'hartmann3')
    """
    return tuple(PROBLEMS)


def get(name: str) -> Problem:
    """Return the problem of this name.

    Raises
    ------
    ValueError
        If there is no such problem; the text lists those there are.

    Examples
    --------
    >>> get("branin").x_opt.shape
    (3, 2)
    """
    return PROBLEMS[checks.one_of(name, PROBLEMS, "name")]()
