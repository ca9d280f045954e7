"""What a solver is to the harness, and the registry that finds them by themselves."""

from __future__ import annotations

import importlib
import pkgutil
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

CORE = "core"  # the environment that runs the harness: surrogo, NumPy, SciPy

Solve = Callable[[Callable[[np.ndarray], Any], np.ndarray, np.ndarray, int, int], Any]


@dataclass(frozen=True)
class Solver:
    """A way to minimise ``fun`` on a box, and the environment it needs.

    Attributes
    ----------
    name : str
        As it is written in tables and files.
    solve : callable
        ``solve(fun, lower, upper, budget, seed)``. It may loop for ever: the harness
        counts, and raises `BudgetSpent` inside `fun` when the budget is exceeded.
    environment : str
        ``"core"`` or the name of a file in ``environments/``.
    packages : tuple of str
        Distributions whose versions are written into every record.
    residuals : bool
        `fun` returns the vector of residuals instead of their sum of squares.
    pace : {"fast", "medium", "slow", "slowest"}
        A suggestion costs less than 10 ms of CPU time, 100 ms, a second, or more;
        tables give slower solvers smaller budgets and fewer problems.
    everywhere : bool
        Takes part in every table that it fits. A variant of another solver does not: it
        runs where it is named.
    """

    name: str
    solve: Solve
    environment: str = CORE
    packages: tuple[str, ...] = ()
    residuals: bool = False
    pace: str = "fast"
    everywhere: bool = True

    def __post_init__(self) -> None:
        if not re.fullmatch(r"[\w.+ -]+", self.name):  # a file's name, a table's cell
            raise ValueError(
                "a solver's name must be made of letters, digits and .+- only, got "
                f"{self.name!r}"
            )
        if self.pace not in PACES:
            raise ValueError(f"pace must be one of {PACES}, got {self.pace!r}")


PACES = ("fast", "medium", "slow", "slowest")
SOLVERS: dict[str, Solver] = {}


def solver(name: str, **fields: Any) -> Callable[[Solve], Solve]:
    """Register the decorated function as the solver `name`."""

    def register(solve: Solve) -> Solve:
        if name in SOLVERS:
            raise ValueError(f"there is a solver {name!r} already; choose another name")
        SOLVERS[name] = Solver(name, solve, **fields)
        return solve

    return register


def find_all(package: str = "benchmarks.solvers") -> dict[str, Solver]:
    """Import every file of the folder, and return the registry.

    Raises
    ------
    ValueError
        If a file cannot be imported; the text says which.
    """
    folder = importlib.import_module(package)
    for module in pkgutil.iter_modules(folder.__path__):
        try:
            importlib.import_module(f"{package}.{module.name}")
        except Exception as error:
            raise ValueError(
                f"{folder.__path__[0]}/{module.name}.py cannot be imported: {error!r}; "
                "packages of peers are imported inside the function"
            ) from error
    return SOLVERS


def everywhere() -> list[Solver]:
    """Return the solvers that take part in every table that they fit."""
    return [each for each in find_all().values() if each.everywhere]


def get(name: str) -> Solver:
    """Return the solver of this name."""
    solvers = find_all()
    if name not in solvers:
        known = sorted(each.name for each in everywhere())
        raise ValueError(f"solver must be one of {known} or a variant, got {name!r}")
    return solvers[name]
