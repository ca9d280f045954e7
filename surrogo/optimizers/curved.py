"""Steps of a walk that follow a curved valley: a process of all its values and slopes.

A quadratic knows one gradient and the curvatures it has learnt; along a curved valley
these are outdated after every step. The process of what the quadratic leaves over knows
all gradients of the walk and the values around it, and bends with the valley (the idea
of Garijo del Rio, Mortensen & Jacobsen 2019, Physical Review B 100, 104103, for
relaxing atoms). Where the function is a quadratic, or rougher than a process can tell,
the quadratic is better: both say what they expect of every step, and the one leads that
was nearer to the truth lately.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np
from scipy.optimize import Bounds, minimize

from surrogo.checks import FloatArray
from surrogo.optimizers.nearness import gaps
from surrogo.optimizers.promises import BAD, GOOD, NARROWER, WIDER, WIDEST
from surrogo.surrogates.slope_process import SlopeProcess

# A point, [its value], its slopes (none if they are not known).
Seen = list[list[float]]

# Points that are kept, and numbers that the covariance may have in a row.
_KEPT, _LARGEST = 80, 600
# Points further than this times the last step say little (30 to 10,000 do alike), but
# d + 2 of them are seen.
_FAR, _SPARE = 300.0, 2
# The doubt is the average log ratio of the errors, process to quadratic, half of it
# from the last step; one ratio counts no more than e^3.
_FORGET, _MOST = 0.5, 3.0
# The region of the process after a step of the quadratic, in its lengths (2 and 4 do
# alike; after its own steps as in trust_region.py), and where a step has met its end.
_WIDE, _ON_BOUNDARY = 3.0, 0.9
_MISSES = 6  # failed steps in a row after which the quadratic leads
# The region is searched to this share of what the quadratic promises.
_EXACT = 1e-10


@dataclass(frozen=True)
class Curved:
    """What a walk has seen, and how far the process of it can be trusted: plain data.

    Attributes
    ----------
    seen : list
        Points of the walk and around its beginning, oldest first.
    radius, length : float
        How far the process may go in a coordinate; how far the last step went.
    doubt : float
        Below 0 if the process was nearer to the truth than the quadratic.
    said : list of float
        What quadratic and process expect of the point asked for; empty without both.
    leads : bool
        Whether the point asked for is the one of the process.
    misses : int
        Steps of the process that failed in a row.
    """

    seen: list[Seen] = field(default_factory=list)
    radius: float = WIDEST
    length: float = 0.0
    doubt: float = 0.0
    said: list[float] = field(default_factory=list)
    leads: bool = False
    misses: int = 0

    def with_point(self, u: list[float], f: float, slopes: list[float]) -> Curved:
        """Keep a point with its value, and its slopes unless there are none."""
        return replace(self, seen=[*self.seen, [u, [f], slopes]][-_KEPT:])

    @property
    def last_gradient(self) -> Seen | None:
        """The last point whose slopes are known."""
        return next((one for one in reversed(self.seen) if one[2]), None)

    @property
    def gradients(self) -> int:
        """At how many points slopes are known."""
        return sum(bool(one[2]) for one in self.seen)


@dataclass(frozen=True, eq=False)
class Quadratic:
    """A quadratic about x (d,): value f, slopes g (d,), curvatures B (d, d)."""

    x: FloatArray
    f: float
    g: FloatArray
    B: FloatArray

    def change(self, p: FloatArray) -> float:
        """Return what it adds to f at x + p, p (d,)."""
        return float(self.g @ p + 0.5 * (p @ self.B @ p))


@dataclass(frozen=True, eq=False)
class _Bent:
    """The quadratic and the process of what it leaves over, in units of the points."""

    quadratic: Quadratic
    process: SlopeProcess
    unit: float
    here: float

    def change(self, z: FloatArray) -> tuple[float, FloatArray]:
        """Return the predicted change from x to x + unit z, z (d,), and its slopes."""
        p, q = self.unit * z, self.quadratic
        bend = q.B @ p
        rest, slopes = self.process.mean_gradient(z)
        value = float(p @ (q.g + 0.5 * bend)) + rest - self.here
        return value, self.unit * (q.g + bend) + slopes


def propose(
    curved: Curved, quadratic: Quadratic, p: FloatArray, free: list[int]
) -> tuple[FloatArray | None, float, Curved]:
    """Return step (d,) and gain of the process if it is to lead, and the state.

    Otherwise the step is None. p (d,) is the step of the quadratic, free are the
    coordinates that may move.
    """
    curved = replace(curved, leads=False, said=[])
    bent = _fitted(curved, quadratic)
    if bent is None:
        return None, 0.0, curved
    if curved.doubt >= 0.0:
        return None, 0.0, replace(curved, said=_expected(bent, p))
    step, gain = _lowest(bent, curved.radius, p, free)
    if not gain > 0.0:
        return None, 0.0, replace(curved, said=_expected(bent, p))
    return step, gain, replace(curved, leads=True, said=_expected(bent, step))


def _expected(bent: _Bent, p: FloatArray) -> list[float]:
    f = bent.quadratic.f
    return [f + bent.quadratic.change(p), f + bent.change(p / bent.unit)[0]]


def _fitted(curved: Curved, quadratic: Quadratic) -> _Bent | None:
    """Fit to the points near x; None before there are two gradients."""
    x, d = quadratic.x, len(quadratic.x)
    away = gaps(np.array([one[0] for one in curved.seen]).reshape(-1, d), x)
    order = _near(curved, away, d)
    seen = [curved.seen[i] for i in order]
    if sum(bool(one[2]) for one in seen) < 2:
        return None
    unit = float(np.max(away[order]))
    P = np.array([one[0] for one in seen]) - x
    f = np.array([one[1][0] for one in seen])
    G = np.array([one[2] or [np.nan] * d for one in seen])
    bend = P @ quadratic.B
    rest = f - quadratic.f - P @ quadratic.g - 0.5 * np.sum(bend * P, axis=1)
    process = SlopeProcess.fit(P / unit, rest, unit * (G - quadratic.g - bend))
    if process is None:
        return None
    return _Bent(quadratic, process, unit, process.mean_gradient(np.zeros(d))[0])


def _near(curved: Curved, away: FloatArray, d: int) -> list[int]:
    """Return which points the process sees, the nearest first."""
    order = np.argsort(away, kind="stable")
    numbers = np.cumsum([1 + len(curved.seen[i][2]) for i in order])
    reach = np.inf if curved.length == 0.0 else _FAR * curved.length
    wanted = (away[order] <= reach) | (np.arange(len(order)) < d + _SPARE)
    return [int(i) for i in order[wanted & (numbers <= _LARGEST)]]


def _lowest(
    bent: _Bent, radius: float, p: FloatArray, free: list[int]
) -> tuple[FloatArray, float]:
    """Return the step (d,) to where the model is lowest in its region, and the gain."""
    x = bent.quadratic.x
    room = np.zeros(len(x))
    room[free] = radius
    lower, upper = -np.minimum(room, x), np.minimum(room, 1.0 - x)
    size = abs(bent.quadratic.change(p)) or 1.0

    def scaled(z: FloatArray) -> tuple[float, FloatArray]:
        value, slopes = bent.change(z)
        return value / size, slopes / size

    found = [
        minimize(
            scaled,
            start / bent.unit,
            jac=True,
            method="L-BFGS-B",
            bounds=Bounds(lower / bent.unit, upper / bent.unit),
            options={"ftol": _EXACT, "gtol": 0.0, "maxiter": 100},
        )
        for start in (np.zeros(len(x)), np.clip(p, lower, upper))
    ]
    best = min(found, key=lambda one: float(one.fun))
    return bent.unit * np.asarray(best.x), -size * float(best.fun)


def judged(curved: Curved, f: float, value: float) -> Curved:
    """Compare what quadratic and process expected with the value that came.

    f is the value at the start of the step: errors below its rounding are none.
    """
    if not curved.said:
        return curved
    unseen = float(4.0 * np.finfo(float).eps * abs(f) + np.finfo(float).tiny)
    quadratic, process = (abs(one - value) + unseen for one in curved.said)
    ratio = float(np.clip(np.log(process / quadratic), -_MOST, _MOST))
    if np.isnan(ratio):  # it failed, or both were wrong beyond floating point
        return replace(curved, said=[])
    doubt = _FORGET * curved.doubt + (1.0 - _FORGET) * ratio
    return replace(curved, doubt=doubt, said=[])


def moved(curved: Curved, length: float, ratio: float) -> Curved:
    """Return the state after a step of this length to a lower value.

    ratio is the share of the promise that it kept.
    """
    radius = curved.radius
    if not curved.leads:
        radius = _WIDE * length
    elif ratio > GOOD and length > _ON_BOUNDARY * radius:
        radius = WIDER * radius
    elif ratio < BAD:
        radius = NARROWER * length
    return replace(curved, radius=min(radius, WIDEST), length=length, misses=0)


def missed(curved: Curved, u: FloatArray, value: float, length: float) -> Curved:
    """Return the state after a step of the process to a value that is not lower."""
    if np.isfinite(value):
        curved = curved.with_point(u.tolist(), value, [])
    curved = replace(curved, radius=NARROWER * length, misses=curved.misses + 1)
    if curved.misses < _MISSES:
        return curved
    return replace(curved, doubt=_MOST, misses=0)
