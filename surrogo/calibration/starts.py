"""Where the search of a calibration begins."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from surrogo import checks
from surrogo.calibration.problem import Calibration
from surrogo.calibration.rates import fit_rates
from surrogo.calibration.segments import cut, noise_units
from surrogo.calibration.shooting import Shot, shoot
from surrogo.calibration.smoothing import LEVELS, curves, observed_states
from surrogo.checks import FloatArray
from surrogo.space import Real, Space
from surrogo.threads import one_blas_thread

_KNOWN = ("auto", "smoothing", "shooting")
_SEED = 20  # of the local searches of the second stage; the run has a seed of its own


@dataclass(frozen=True)
class Starts:
    """Points to begin with, and how many simulations they cost."""

    points: tuple[dict[str, Any], ...] = ()
    n_simulations: int = 0


def start_points(problem: Calibration, starts: str | None, x0: Any) -> Starts:
    """Return the user's points and those from the data."""
    given = tuple(_listed(problem, x0))
    if starts is None:
        return Starts(given)
    checks.one_of(starts, _KNOWN, "starts")
    observed = observed_states(problem)
    if observed is None:
        if starts != "auto":
            raise ValueError(
                f"starts={starts!r} needs an OdeModel without events whose states are "
                "all observed at five times or more, as they are, without scale and "
                "offset; take starts='auto' or None"
            )
        return Starts(given)
    with one_blas_thread():  # the same points to the last bit, and quicker
        points = smoothed(problem, observed)
        if starts != "shooting":
            return Starts(given + points)
        shot = shot_from(problem, observed, points)
    return Starts((*given, _decoded(problem, shot.x), *points), shot.n_simulations)


def shot_from(
    problem: Calibration, observed: dict[str, str], points: Sequence[dict[str, Any]]
) -> Shot:
    """Improve the first of some points by multiple shooting."""
    pieces = [
        segment
        for one in curves(problem, observed, 1.0)
        for segment in cut(problem, observed, one)
    ]
    centre = problem.space.from_unit(np.full((1, problem.space.d), 0.5))[0]
    x = problem.space.encode(points[0]) if points else centre
    return shoot(problem, pieces, x)


def named_sigmas(problem: Calibration, observed: dict[str, str]) -> dict[str, float]:
    """Return the sigmas that are parameters, as the curves see them."""
    named = {name: problem.noise[name].sigma for name in observed.values()}
    if not any(isinstance(sigma, str) for sigma in named.values()):
        return {}
    spread: dict[str, list[float]] = {}
    for one in curves(problem, observed, 1.0):
        units = noise_units(problem, observed, one)
        for sigma, unit in zip(named.values(), units.tolist(), strict=True):
            if isinstance(sigma, str) and sigma in problem.space.names:
                spread.setdefault(sigma, []).append(unit)
    return {name: float(np.mean(units)) for name, units in spread.items()}


def with_sigmas(
    problem: Calibration, sigmas: dict[str, float], x: FloatArray
) -> FloatArray:
    """Return the point (d,) with these sigmas, inside their bounds."""
    out = x.copy()
    for name, sigma in sigmas.items():
        j = problem.space.names.index(name)
        out[j] = np.clip(sigma, *_range(problem.space, j))
    return out


def _range(space: Space, j: int) -> tuple[float, float]:
    variable = space.variables[j]
    assert isinstance(variable, Real)  # `calibrate` has looked
    return variable.low, variable.high


def _listed(problem: Calibration, x0: Any) -> Iterable[dict[str, Any]]:
    if x0 is None:
        return []
    if hasattr(x0, "columns"):
        x0 = x0.to_dict("records")
    points = [x0] if isinstance(x0, Mapping) else list(x0)
    return [_decoded(problem, problem.space.encode(point, "x0")) for point in points]


def _decoded(problem: Calibration, x: Any) -> dict[str, Any]:
    return dict(zip(problem.space.names, np.asarray(x).tolist(), strict=True))


def smoothed(
    problem: Calibration, observed: dict[str, str]
) -> tuple[dict[str, Any], ...]:
    """Return a point for each level of smoothing, without those that come twice."""
    rng = np.random.default_rng(_SEED)
    sigmas = named_sigmas(problem, observed)
    points: list[tuple[FloatArray, dict[str, Any]]] = []
    for level in LEVELS:
        x = fit_rates(problem, curves(problem, observed, level), rng)
        if x is None:
            continue
        x = with_sigmas(problem, sigmas, x)
        u = problem.space.to_unit(x[None, :])[0]
        if all(np.max(np.abs(u - v)) > 1e-3 for v, _ in points):
            points.append((u, _decoded(problem, problem.space.from_unit(u[None])[0])))
    return tuple(point for _, point in points)
