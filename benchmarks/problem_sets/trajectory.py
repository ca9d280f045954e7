"""A path through obstacles: 60 variables, after the rover of Wang et al. (2018).

Wang, Gehring, Kohli & Jegelka (2018), AISTATS, "Batched large-scale Bayesian
optimization in high-dimensional spaces": thirty points of the unit square are the
control points of a B-spline; what is paid is the cost of the ground along the path, and
a penalty for each end that misses its goal. The ground here is our own: smooth hills
that leave narrow passes.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import numpy as np
from scipy.interpolate import BSpline

from benchmarks.problem_sets.base import Case, ProblemSet

POINTS = 30
SAMPLES = 400  # of the path
START, GOAL = np.array([0.05, 0.05]), np.array([0.95, 0.95])
ENDS = 10.0  # penalty for each unit an end misses its goal by, in the 1-norm
FLAT, HILL, SLOPE = 0.5, 20.0, 0.03  # cost of flat ground and hills; width of slopes

# Centres and radii of the hills.
HILLS = np.array(
    [
        [0.25, 0.20, 0.11],
        [0.12, 0.40, 0.09],
        [0.42, 0.42, 0.12],
        [0.62, 0.18, 0.12],
        [0.86, 0.30, 0.09],
        [0.68, 0.52, 0.09],
        [0.30, 0.68, 0.12],
        [0.55, 0.78, 0.10],
        [0.82, 0.74, 0.10],
        [0.12, 0.88, 0.08],
        [0.74, 0.94, 0.06],
        [0.84, 0.03, 0.08],
        [0.40, 0.02, 0.07],
        [1.00, 0.52, 0.08],
        [0.00, 0.62, 0.08],
        [0.40, 0.99, 0.08],
    ]
)

# Cost of the best path known, in a file beside this one; found by trajectory_search.py.
BEST = 7.443911973
PATH = Path(__file__).with_name("trajectory_path.txt")


@lru_cache
def _splines(points: int) -> np.ndarray:
    """Return the cubic B-splines at the samples, clamped at both ends: (s, points)."""
    inner = np.linspace(0.0, 1.0, points - 2)
    knots = np.concatenate([[0.0] * 3, inner, [1.0] * 3])
    return BSpline.design_matrix(
        np.linspace(0.0, 1.0, SAMPLES), knots, 3, extrapolate=False
    ).toarray()


def ground(p: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the cost of the ground at p (s, 2), and its slope there (s, 2)."""
    away = p[:, None, :] - HILLS[:, :2]
    distance = np.sqrt(np.sum(away**2, axis=2)) + 1e-12
    height = 1.0 / (1.0 + np.exp((distance - HILLS[:, 2]) / SLOPE))
    steep = -HILL / SLOPE * height * (1.0 - height) / distance
    return FLAT + HILL * height.sum(axis=1), np.einsum("sk,skj->sj", steep, away)


def cost(x: np.ndarray) -> float:
    """Return the cost of the path with the control points x (60,)."""
    return cost_and_gradient(x)[0]


def cost_and_gradient(x: np.ndarray) -> tuple[float, np.ndarray]:
    """Return the cost and its gradient: the trapezoidal rule along the path."""
    W = np.reshape(x, (-1, 2))
    B = _splines(len(W))
    p = B @ W
    c, slope = ground(p)
    step = np.diff(p, axis=0)
    length = np.sqrt(np.sum(step**2, axis=1) + 1e-16)
    middle = 0.5 * (c[1:] + c[:-1])
    along = (middle / length)[:, None] * step  # derivative by the later end of a step
    grad = np.zeros_like(p)
    grad[1:] += along + 0.5 * length[:, None] * slope[1:]
    grad[:-1] += -along + 0.5 * length[:, None] * slope[:-1]
    G = B.T @ grad
    first, last = W[0] - START, W[-1] - GOAL
    G[0] += ENDS * np.sign(first)
    G[-1] += ENDS * np.sign(last)
    misses = np.abs(first).sum() + np.abs(last).sum()
    return float(middle @ length + ENDS * misses), G.ravel()


def case(function: str, d: int | None, instance: int) -> Case:
    """Return the problem; an instance is a seed only.

    Raises
    ------
    ValueError
        If another function or number of variables is asked for.
    """
    if function != "trajectory" or d not in (None, 2 * POINTS):
        raise ValueError(
            f"there is only 'trajectory' in {2 * POINTS} variables, got {function!r} "
            f"in {d}"
        )
    zeros, ones = np.zeros(2 * POINTS), np.ones(2 * POINTS)
    group = "many minima"
    return Case("trajectory", function, 60, instance, group, zeros, ones, cost, BEST)


SETS = (ProblemSet("trajectory", ("trajectory",), (), case),)


def best_path() -> np.ndarray:
    """Return the control points of the best path known, (60,)."""
    return np.loadtxt(PATH).ravel()
