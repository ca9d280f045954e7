"""Targets of which the answers are known or cheap to find slowly."""

from __future__ import annotations

import numpy as np
from scipy.optimize import least_squares

from surrogo.calibration.target import Target
from surrogo.problems import hare_lynx as lynx
from surrogo.space import Space
from surrogo.trials import Evaluation

LYNX_SD = 0.22  # of the logarithms, about its estimate


def of_residuals(space, residuals, x, *, scalar=False, **more):
    """Return the target of standardised residuals; of their value alone if asked."""

    def evaluate(x):
        r = residuals(x)
        return Evaluation(0.5 * float(r @ r), residuals=None if scalar else r)

    return Target(Space.of(space), evaluate, x, **more)


def line(sd=0.3, scalar=False, width=10.0):
    """Return a target linear in (offset, slope), with its exact covariance."""
    t = np.linspace(0.0, 3.0, 9)
    A = np.column_stack([np.ones(9), t]) / sd
    y = (1.0 + 0.5 * t + sd * np.random.default_rng(0).normal(size=9)) / sd
    x = np.linalg.lstsq(A, y, rcond=None)[0]
    space = {"offset": (1 - width, 1 + width), "slope": (0.5 - width, 0.5 + width)}
    target = of_residuals(space, lambda x: A @ x - y, x, scalar=scalar)
    return target, np.linalg.inv(A.T @ A)


def decay_residuals(sd=0.05, seed=0):
    """Return residuals of exponential decay with (A, k) near (2, 0.8)."""
    t = np.linspace(0.2, 4.0, 12)
    noise = np.random.default_rng(seed).normal(size=12)
    y = 2.0 * np.exp(-0.8 * t) + sd * noise
    return lambda x: (x[0] * np.exp(-x[1] * t) - y) / sd


def decay(scalar=False, **more):
    residuals = decay_residuals(**more)
    x = least_squares(residuals, [2.0, 0.8], xtol=1e-12).x
    space = {"A": (0.1, 10.0), "k": (0.01, 5.0)}
    return of_residuals(space, residuals, x, scalar=scalar), residuals


def michaelis_residuals(highest=2.0, sd=0.02, seed=1):
    """Return residuals of a saturating rate with (v_max, K) near (1, 0.5)."""
    s = np.linspace(0.1, highest, 12)
    noise = np.random.default_rng(seed).normal(size=12)
    y = s / (0.5 + s) + sd * noise
    return lambda x: (x[0] * s / (x[1] + s) - y) / sd


def hare_lynx(scalar=False):
    problem = lynx.hare_lynx()
    space = Space(problem.space.variables, lynx.PARAMETERS, False)
    return of_residuals(
        space,
        lambda x: lynx.log_residuals(x) / LYNX_SD,
        problem.x_opt[0],
        scalar=scalar,
    )


def slow_profile(residuals, x, j, c, bounds):
    """Return the rise of half the sum of squares, minimised with x[j] = c."""
    others = [i for i in range(len(x)) if i != j]

    def held(v):
        whole = np.array(x, dtype=float)
        whole[others], whole[j] = v, c
        return residuals(whole)

    low, high = np.array(bounds)[others].T
    found = least_squares(
        held, np.asarray(x)[others], bounds=(low, high), x_scale="jac"
    )
    r = residuals(np.asarray(x))
    return found.cost - 0.5 * float(r @ r)
