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
from surrogo.problems import (
    analytic,
    barnes,
    boehm,
    fitzhugh_nagumo,
    gas_oil,
    goodwin,
    hare_lynx,
    heat,
    hires,
    influenza,
    lorenz,
    lotka_volterra,
    mackey_glass,
    oregonator,
    pinene,
    robertson,
    three_step,
)
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
    "barnes": barnes.barnes,
    "barnes_free": barnes.barnes_free,
    "lotka_volterra": lotka_volterra.lotka_volterra,
    "lotka_volterra_wide": lotka_volterra.lotka_volterra_wide,
    "lorenz": lorenz.lorenz,
    "lorenz_wide": lorenz.lorenz_wide,
    "fitzhugh_nagumo": fitzhugh_nagumo.fitzhugh_nagumo,
    "fitzhugh_nagumo_unit": fitzhugh_nagumo.fitzhugh_nagumo_unit,
    "fitzhugh_nagumo_wide": fitzhugh_nagumo.fitzhugh_nagumo_wide,
    "goodwin": goodwin.goodwin,
    "hires": hires.hires,
    "robertson": robertson.robertson,
    "oregonator": oregonator.oregonator,
    "three_step": three_step.three_step,
    "boehm": boehm.boehm,
    "mackey_glass": mackey_glass.mackey_glass,
    "heat": heat.heat,
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
