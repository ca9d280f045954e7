"""What a problem is to the harness."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, eq=False)
class Case:
    """One function on one box, with the value that cannot be beaten.

    Attributes
    ----------
    set, name : str
        The set it belongs to, and its name there.
    d : int
        Number of variables.
    instance : int
        Which variant of the function or of its box; also the seed of the solver.
    group : str
        For tables by group of functions.
    lower, upper : ndarray, shape (d,)
        The box, in the coordinates handed to solvers.
    fun : callable
        ``fun(x)`` with x of shape (d,) returns a float; infinite where it fails.
    f_opt : float
        The global minimum, or the best value known.
    residuals : callable, optional
        ``residuals(x)`` of shape (r,); their sum of squares is `fun`.
    scale : float
        Targets are set for ``regret = (f - f_opt) / scale``.
    enough : float
        The regret at which a run is over, because nobody asks what comes after.
    """

    set: str
    name: str
    d: int
    instance: int
    group: str
    lower: np.ndarray
    upper: np.ndarray
    fun: Callable[[np.ndarray], float]
    f_opt: float
    residuals: Callable[[np.ndarray], np.ndarray] | None = None
    scale: float = 1.0
    enough: float = -math.inf


@dataclass(frozen=True)
class ProblemSet:
    """A named family of cases.

    Attributes
    ----------
    name : str
        Key in the registry.
    functions : tuple of str
        Names of the functions.
    dims : tuple of int
        The numbers of variables there are; empty if each function has its own.
    make : callable
        ``make(function, d, instance)`` returns a `Case`; `d` is None if `dims` is
        empty.
    """

    name: str
    functions: tuple[str, ...]
    dims: tuple[int, ...]
    make: Callable[[str, int | None, int], Case]
