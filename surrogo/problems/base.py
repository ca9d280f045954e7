"""A test problem: what to minimise, where, and the answer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import ArrayLike

from surrogo import checks
from surrogo.checks import FloatArray
from surrogo.space import Space

Objective: TypeAlias = Callable[[FloatArray], float]  # x (d,) -> f(x)
Residuals: TypeAlias = Callable[[FloatArray], FloatArray]  # x (d,) -> (r,)


@dataclass(frozen=True, eq=False)
class Problem:
    """A function on a box, with its known global minimum.

    Calling a problem calls `fun`. A problem around a simulation may raise
    `surrogo.ode.IntegrationError`: a failed evaluation is a normal answer.

    Parameters
    ----------
    name : str
        The key in the registry.
    space : Space
        The box, in the user's units.
    fun : callable
        ``fun(x)`` with a float array of shape (d,) returns a float. It can be pickled.
    f_opt : float
        The global minimum.
    x_opt : array_like, shape (k, d)
        All known global minimisers.
    residuals : callable, optional
        ``residuals(x)`` of shape (r,); their sum of squares, without a half, is `fun`.
    parameters : tuple of str
        A name for each variable; by default those of the space.
    summary, source : str
        One sentence about the problem, and where it was published.

    Raises
    ------
    ValueError
        If `x_opt` or `parameters` do not fit the space.

    Examples
    --------
    >>> from surrogo.space import Space
    >>> bowl = Problem("bowl", Space.of([(-1, 1)]), lambda x: float(x @ x), 0.0, [[0]])
    >>> bowl([0.5])
    0.25
    """

    name: str
    space: Space
    fun: Objective
    f_opt: float
    x_opt: FloatArray
    residuals: Residuals | None = None
    parameters: tuple[str, ...] = ()
    summary: str = ""
    source: str = ""

    def __post_init__(self) -> None:
        x_opt = read_only(checks.matrix(self.x_opt, self.space.d, "x_opt"))
        if not self.space.contains(x_opt).all():
            raise ValueError(
                f"x_opt of {self.name} must lie inside its space, got {x_opt.tolist()}"
            )
        parameters = tuple(self.parameters) or self.space.names
        if len(parameters) != self.space.d:
            raise ValueError(
                f"parameters of {self.name} must be {self.space.d} names, got "
                f"{checks.shown(parameters)}"
            )
        object.__setattr__(self, "x_opt", x_opt)
        object.__setattr__(self, "parameters", parameters)

    def __call__(self, x: ArrayLike) -> float:
        """Return ``fun(x)`` for a point of shape (d,) in the user's units."""
        return self.fun(point(x, self.space.d))


def from_residuals(
    name: str,
    space: Space,
    residuals: Residuals,
    f_opt: float,
    x_opt: ArrayLike,
    **more: Any,
) -> Problem:
    """Make the problem of the smallest sum of squared residuals."""
    fun = partial(sum_of_squares, residuals)
    return Problem(name, space, fun, f_opt, read_only(x_opt), residuals, **more)


def sum_of_squares(residuals: Residuals, x: FloatArray) -> float:
    """Return the sum of squares of ``residuals(x)``, without a half."""
    r = residuals(x)
    return float(r @ r)


def point(x: ArrayLike, d: int) -> FloatArray:
    """Return `x` as a float array of shape (d,)."""
    out = np.array(x, dtype=np.float64)
    if out.shape != (d,):
        raise ValueError(
            f"x must be one point of shape ({d},), got shape {out.shape}; "
            "for many points call once for each"
        )
    return out


def read_only(values: ArrayLike) -> FloatArray:
    """Return a copy of the values that nobody can change by accident."""
    out = np.array(values, dtype=np.float64)
    out.setflags(write=False)
    return out
