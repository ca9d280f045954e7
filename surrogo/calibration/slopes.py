"""Derivatives of residuals and values at a point, by differences or from neighbours."""

from __future__ import annotations

import numpy as np

from surrogo.calibration.simulations import Seen, Simulations
from surrogo.checks import FloatArray

# First step, a share of the range: far above the error of solvers, a relative 1e-6,
# and within a percent of the slope of anything that varies over ten decades.
_STEP = 1e-3
# A step should stay within one standard deviation of the estimate: there residuals
# move by about 1. Shrunk at most this often, by the factor that is needed.
_MOVED, _SHRINKS = 1.0, 4
# Rise of the value by a step of a second difference: of the size of the threshold of
# an interval, where curvature matters. One between the ends is taken as it is.
_RISE, _LEAST_RISE, _MOST_RISE, _CHANGES = 0.3, 0.03, 2.0, 6
_STEP_2, _LONGEST = 0.02, 0.25
# Neighbours serve if they predict each other's residuals this well, relatively.
_AGREEMENT = 0.03


def jacobian(simulations: Simulations, centre: Seen) -> FloatArray:
    """Return the slope of the residuals (r, p) at `centre`, per range of a variable.

    From neighbours among what is known if they are straight enough, else by one-sided
    differences into the box. A column whose simulations fail on both sides is 0.
    """
    known = _from_neighbours(simulations, centre)
    if known is not None:
        return known
    J = np.zeros((len(centre.residuals), simulations.p))
    for j in range(simulations.p):
        J[:, j] = _column(simulations, centre, j)
    return J


def _column(simulations: Simulations, centre: Seen, j: int) -> FloatArray:
    h = _STEP
    for _ in range(_SHRINKS):
        moved = _moved(simulations, centre, j, h)
        if moved is None:
            return np.zeros_like(centre.residuals)
        step, change = moved
        size = float(np.linalg.norm(change))
        if size <= _MOVED:
            return change / step
        h *= 0.5 * _MOVED / size
    return change / step


def _moved(
    simulations: Simulations, centre: Seen, j: int, h: float
) -> tuple[float, FloatArray] | None:
    """Return a step along variable j, and the change of the residuals."""
    for step in _inwards(centre.u[j], h):
        one = simulations.at(_shifted(centre.u, {j: step}))
        if one is not None:
            taken = one.u[j] - centre.u[j]
            return taken, one.residuals - centre.residuals
    return None


def _inwards(u: float, h: float) -> tuple[float, ...]:
    """Return the steps to try: into the larger part of the box first."""
    steps = (h, -h) if u <= 0.5 else (-h, h)
    return tuple(step for step in steps if 0.0 <= u + step <= 1.0)


def _shifted(u: FloatArray, steps: dict[int, float]) -> FloatArray:
    out = u.copy()
    for j, step in steps.items():
        out[j] += step
    return out


def _from_neighbours(simulations: Simulations, centre: Seen) -> FloatArray | None:
    """Return the slope of a linear fit to the nearest points, if it can be trusted.

    Trust: left out one by one, the residuals of every point within a standard
    deviation or so are predicted to a few percent of how far they moved.
    """
    p, r0 = simulations.p, centre.residuals
    near = [one for one in simulations.seen if 0.0 < _moved_by(one, centre) <= 2.0]
    near = sorted(near, key=lambda one: _moved_by(one, centre))[: 3 * p]
    if len(near) < 2 * p:
        return None
    A = np.array([one.u - centre.u for one in near])
    R = np.array([one.residuals - r0 for one in near])
    Q, T = np.linalg.qr(A)
    leverage = np.sum(Q**2, axis=1)
    if np.linalg.cond(T) > 1e6 or np.any(leverage > 0.99):
        return None
    left_out = (R - Q @ (Q.T @ R)) / (1.0 - leverage)[:, None]
    good = np.linalg.norm(left_out, axis=1) <= _AGREEMENT * np.linalg.norm(R, axis=1)
    return np.asarray(np.linalg.solve(T, Q.T @ R).T) if np.all(good) else None


def _moved_by(one: Seen, centre: Seen) -> float:
    if len(one.residuals) != len(centre.residuals):
        return np.inf
    return float(np.linalg.norm(one.residuals - centre.residuals))


def hessian(simulations: Simulations, centre: Seen) -> tuple[FloatArray, FloatArray]:
    """Return gradient (p,) and Hessian (p, p) of the value by second differences.

    Steps are chosen so that each raises the value by a fraction of 1. Next to a bound
    both points lie inwards. What fails counts as no curvature.
    """
    p = simulations.p
    steps = [_second_step(simulations, centre, j) for j in range(p)]
    pairs = [_along(simulations, centre, j, steps[j]) for j in range(p)]
    g, H = np.array([pair[0] for pair in pairs]), np.diag([pair[1] for pair in pairs])
    for i in range(p):
        for j in range(i):
            H[i, j] = H[j, i] = _mixed(simulations, centre, (i, j), steps, g, H)
    return g, H


def _second_step(simulations: Simulations, centre: Seen, j: int) -> float:
    h = _STEP_2
    for _ in range(_CHANGES):
        step = _inwards(centre.u[j], h)[0]
        one = simulations.at(_shifted(centre.u, {j: step}))
        if one is None:
            h *= 0.3
            continue
        rise = abs(one.value - centre.value)
        if _LEAST_RISE <= rise <= _MOST_RISE or (rise < _RISE and h >= _LONGEST):
            return step
        h = min(h * np.clip(np.sqrt(_RISE / max(rise, 1e-12)), 0.02, 8.0), _LONGEST)
    return _inwards(centre.u[j], h)[0]


def _along(
    simulations: Simulations, centre: Seen, j: int, h: float
) -> tuple[float, float]:
    """Return slope and curvature of the parabola through three points."""
    other = -h if 0.0 <= centre.u[j] - h <= 1.0 else 0.5 * h
    rises = []
    for step in (h, other):
        one = simulations.at(_shifted(centre.u, {j: step}))
        if one is None:
            return 0.0, 0.0
        rises.append(one.value - centre.value)
    # rise = g t + c t^2 / 2 through both points
    system = np.array([[h, 0.5 * h**2], [other, 0.5 * other**2]])
    slope, curvature = np.linalg.solve(system, rises)
    return float(slope), float(curvature)


def _mixed(
    simulations: Simulations,
    centre: Seen,
    pair: tuple[int, int],
    steps: list[float],
    g: FloatArray,
    H: FloatArray,
) -> float:
    """Return the mixed derivative, from the points (+, +) and (-, -) if inside.

    Their mean rise is that of both parabolas and of the mixed term alone: odd terms
    cancel. One of the two, less the slopes, serves next to a bound.
    """
    i, j = pair
    a, b = steps[i], steps[j]
    parabolas = 0.5 * (H[i, i] * a**2 + H[j, j] * b**2)
    found = []
    for sign in (1.0, -1.0):
        u = _shifted(centre.u, {i: sign * a, j: sign * b})
        one = simulations.at(u) if np.all((u >= 0.0) & (u <= 1.0)) else None
        if one is not None:
            slopes = sign * (g[i] * a + g[j] * b)
            found.append(one.value - centre.value - slopes - parabolas)
    return float(np.mean(found)) / (a * b) if found else 0.0
