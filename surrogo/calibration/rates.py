"""The second stage of smoothing: parameters for which the rates fit the curves.

Between two data times the curve must rise by the integral of the model's rates along
the curve; where the model is straight in its parameters that is one linear problem.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeAlias

import numpy as np
from scipy.optimize import least_squares, lsq_linear
from scipy.stats import qmc

from surrogo.calibration.along import Along
from surrogo.calibration.errors import SimulationError
from surrogo.calibration.ode_model import OdeModel
from surrogo.calibration.problem import Calibration
from surrogo.calibration.smoothing import Curves
from surrogo.checks import FloatArray
from surrogo.space import Space

Mismatch: TypeAlias = Callable[[FloatArray], FloatArray]  # x (d,) -> (m,)

_RHS_CALLS = 400_000  # about two seconds of a small model in Python
_STARTS = 8  # at most: of the local searches where the model is not straight
_CALLS = 60  # of the mismatch in each of them, derivatives not counted
_STRAIGHT = 1e-9  # relative error of a midpoint up to which a function is straight
_HUGE = 1e10  # what a rate that is not finite counts as


def fit_rates(
    problem: Calibration, curves: Sequence[Curves], rng: np.random.Generator
) -> FloatArray | None:
    """Return the point (d,) of the space whose rates fit the curves best.

    A parameter on which the rates do not depend comes back at the centre of its range.
    None where the rates are nowhere finite.
    """
    assert isinstance(problem.model, OdeModel)
    space, constants = problem.space, problem.conditions
    centre = dict(zip(space.names, _corner(space, 0.5).tolist(), strict=True))
    along = [
        Along(one, problem.model, constants.get(one.condition, {}), centre)
        for one in curves
    ]

    def mismatch(x: FloatArray) -> FloatArray:
        p = dict(zip(space.names, x.tolist(), strict=True))
        values = np.concatenate([one.mismatch(p) for one in along])
        values = np.nan_to_num(values, nan=_HUGE, posinf=_HUGE, neginf=-_HUGE)
        return np.asarray(values)

    low, high = _corner(space, 0.0), _corner(space, 1.0)
    if is_straight(mismatch, low, high):
        return linear_fit(mismatch, space, low, high)
    per_search = sum(one.size for one in along) * (space.d + 1) * _CALLS
    n_starts = int(np.clip(_RHS_CALLS // per_search, 2, _STARTS))
    return nonlinear_fit(mismatch, space, rng, n_starts)


def is_straight(fun: Mismatch, low: FloatArray, high: FloatArray) -> bool:
    """Say whether a function on a box is straight along two of its lines.

    Examples
    --------
    >>> box = np.zeros(2), np.ones(2)
    >>> is_straight(lambda x: x[:1] + x[1:], *box)
    True
    >>> is_straight(lambda x: x[:1] * x[1:], *box)
    False
    """
    # Any fixed fractions will do that are no special points of a formula.
    weights = np.modf(np.outer([1.0, 2.0], np.sqrt(2.0 + np.arange(len(low)))))[0]
    a, b = low + weights * (high - low)
    for left, right in ((a, b), (low, b)):
        f, g, middle = fun(left), fun(right), fun(0.5 * (left + right))
        size = np.max(np.abs(f)) + np.max(np.abs(g))
        if size >= _HUGE or np.max(np.abs(0.5 * (f + g) - middle)) > _STRAIGHT * size:
            return False
    return True


def linear_fit(
    fun: Mismatch, space: Space, low: FloatArray, high: FloatArray
) -> FloatArray:
    """Return the bounded least-squares point (d,) of a straight function."""
    x = _corner(space, 0.5)
    base = fun(low)
    columns = [fun(_with(low, j, high[j])) - base for j in range(space.d)]
    used = [j for j in range(space.d) if high[j] > low[j] and np.any(columns[j])]
    if not used:
        return x
    A = np.column_stack([columns[j] for j in used])  # of x as a share of its range
    shares = lsq_linear(A, -base, bounds=(0.0, 1.0)).x
    x[used] = low[used] + shares * (high - low)[used]
    return x


def _corner(space: Space, u: float) -> FloatArray:
    """Return the point (d,) at the same share u of every range."""
    return np.asarray(space.from_unit(np.full((1, space.d), u))[0])


def _with(x: FloatArray, j: int, value: float) -> FloatArray:
    out = x.copy()
    out[j] = value
    return out


def nonlinear_fit(
    fun: Mismatch, space: Space, rng: np.random.Generator, n_starts: int = _STARTS
) -> FloatArray | None:
    """Return the best end (d,) of searches in the unit cube, None if none ends."""
    points = qmc.Sobol(space.d, rng=rng).random_base2(3)[:n_starts]
    points[0] = 0.5
    ends = [_local(fun, space, u) for u in points]
    cost, u = min(ends, key=lambda end: end[0])
    return _on_space(space, u) if cost < _HUGE else None


def _on_space(space: Space, u: FloatArray) -> FloatArray:
    return np.asarray(space.from_unit(u[None, :])[0])


def _local(fun: Mismatch, space: Space, u: FloatArray) -> tuple[float, FloatArray]:
    def on_cube(v: FloatArray) -> FloatArray:
        return fun(_on_space(space, v))

    try:
        # A soft loss: rates at a kink of a curve are no better than outliers.
        end = least_squares(
            on_cube, u, bounds=(0, 1), loss="soft_l1", max_nfev=_CALLS, x_scale=0.1
        )
    except (ValueError, ArithmeticError, SimulationError):
        return np.inf, u
    return float(end.cost), end.x
