"""Minimise a sum of functions of one variable each, one coordinate at a time.

Whether a function is such a sum takes one evaluation: where several coordinates have
moved at once, the changes must add up. Then each coordinate is a problem of its own,
in one variable: go down in a trust region until nothing is left to gain, and look
around where the expected improvement is largest or, in turn, where an interval is long
and low (after Calvin, Chen & Zilinskas 2012, J. Optim. Theory Appl. 155, 93-106).
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from surrogo.acquisition.improvement import log_h
from surrogo.checks import FloatArray
from surrogo.optimizers.lines import Line, Lines, Plan, Sample
from surrogo.optimizers.nearness import gaps
from surrogo.optimizers.promises import ON_BOUNDARY
from surrogo.optimizers.trust_region import LARGEST, next_step
from surrogo.surrogates.quadratic_process import QuadraticProcess

# Sums may differ by this share of the largest change along a line, and by some units
# in the last place of the values.
_ROUNDING = 1e-9
_UNITS = 16.0 * float(np.finfo(float).eps)
_FAR = 0.05  # samples for a test are at least this share of the farthest one away
_VISIBLE = 4.0 * float(np.finfo(float).eps)  # gain of this share of f or more
_MOST = 100  # samples of a line that its model sees, the lowest
_LOOK_EVERY = 6  # so often, while there are steps
_GRID = 401  # places at which the expected improvement is compared
_NEGLIGIBLE = 1e-9  # expected improvement not worth a look, of the range of a line
_LEAST_STD = 1e-60
_NUDGE = 0.2  # of a step, by which it evades a sample that failed
_SAME = 1e-9  # samples closer than this are one
# Height added to the ends of intervals, in units of the distance from the least to the
# median value: the lowest intervals are halved ten times sooner than middling ones.
_OFFSET = 0.01
# Of a step that ends on the border of its region: in a batch these are tried, too.
_SHARES = 2.0, 0.5, 4.0


def corner(
    star: FloatArray, values: list[float | None], failed: FloatArray | None = None
) -> FloatArray | None:
    """Return the point (d,) at the ends of the first d rays of a star (n, d).

    All coordinates move: terms may couple only some of them, as Rosenbrock's do.
    Coordinates without effect stay; None where fewer than two have one. Where that has
    failed, one coordinate stays.
    """
    d = star.shape[1]
    ends = values[1 : d + 1]
    moved = np.array([value is None or value != values[0] for value in ends])
    if np.sum(moved) < 2:
        return None
    corners = [np.where(moved, np.diag(star[1 : d + 1]), star[0])]
    for i in np.flatnonzero(moved) if np.sum(moved) > 2 else []:
        corners.append(np.where(np.arange(d) == i, star[0], corners[0]))
    if failed is not None:
        corners = [u for u in corners if not np.any(gaps(failed, u) <= _SAME)]
    return corners[0] if corners else None


def other_point(lines: Lines, rng: np.random.Generator) -> FloatArray:
    """Return a point (d,) of samples that are far from the best."""
    u = lines.u
    for i, line in enumerate(lines.lines):
        t = np.array(line.t)
        away = np.abs(t - line.best)
        u[i] = float(rng.choice(t[away >= _FAR * np.max(away)]))
    return u


def sum_at(lines: Lines, u: FloatArray) -> float | None:
    """Return the value at a point (d,) of samples if the function is a sum.

    None where a coordinate is not that of a sample: one that failed after the point was
    asked for.
    """
    pairs = list(zip(lines.lines, u.tolist(), strict=True))
    if any(t not in line.t for line, t in pairs):
        return None
    return lines.f + float(sum(line.v[line.t.index(t)] for line, t in pairs))


def adds_up(lines: Lines, predicted: float, value: float) -> bool:
    """Say whether a value is the sum that it should be."""
    largest = max(float(np.ptp(line.v)) for line in lines.lines)
    size = len(lines.lines) * max(abs(predicted), abs(value))
    return bool(abs(value - predicted) <= _ROUNDING * largest + _UNITS * size)


def together(lines: Lines, running: list[Sample]) -> list[FloatArray]:
    """Return the best point (d,) and where all steps lead, once all are running.

    Nobody has to see them, as what they give is a sum; but they are the best there is.
    """
    steps = {sample.i: sample.t for sample in running if sample.promise}
    if not running or any(_gains(lines, running)):
        return []
    u = lines.u
    u[list(steps)] = list(steps.values())
    return [lines.u, u]


def next_sample(lines: Lines, running: list[Sample]) -> tuple[Sample, Lines]:
    """Return the next sample of lines with their steps, and the lines with all plans.

    Where a step is running the next one has to wait for it. Where only looks are left
    and all of them are running, the widest gaps between samples are filled.
    """
    lines = replace(lines, turn=lines.turn + 1)
    gains = _gains(lines, running)
    down = int(np.argmax(gains))
    gain = gains[down]
    if gain > 0.0 and lines.turn % _LOOK_EVERY:
        return _step(lines, down), lines
    lines = _planned_looks(lines)
    free = sorted(set(range(len(gains))) - {sample.i for sample in running})
    if not free:
        return (_step(lines, down) if gain > 0.0 else _beside(lines, running)), lines
    i, plan = _look(lines, free, gain)
    if plan.gain <= gain and gain > 0.0:
        return _step(lines, down), lines
    return _sample(lines, i, plan), lines


def _beside(lines: Lines, running: list[Sample]) -> Sample:
    """Return a sample beside those running, along the line that has fewest of them."""
    counts = [sum(one.i == k for one in running) for k in range(len(lines.lines))]
    i = int(np.argmin(counts))
    line = lines.lines[i]
    mine = [one for one in running if one.i == i]
    places = [one.t for one in mine]
    level = float(np.median(line.v))
    full = Line([*line.t, *places], [*line.v, *[level] * len(places)])
    further = [t for t in _further(line, mine) if _is_new(full, t)]
    return _sample(lines, i, Plan(further[0] if further else _open_place(full), 0.0))


def _is_new(line: Line, t: float) -> bool:
    return bool(np.min(np.abs(np.array(line.t) - t)) > _SAME)


def _further(line: Line, running: list[Sample]) -> list[float]:
    """Return places beyond, and then before, the end of a step that is a long one."""
    ends = [
        one.t for one in running if one.promise and one.promise.length > ON_BOUNDARY
    ]
    return [
        float(np.clip(line.best + share * (t - line.best), 0.0, 1.0))
        for t in ends
        for share in _SHARES
    ]


def _step(lines: Lines, i: int) -> Sample:
    plan = lines.lines[i].step
    assert plan is not None
    return _sample(lines, i, plan)


def _sample(lines: Lines, i: int, plan: Plan) -> Sample:
    return Sample(i, plan.t, lines.lines[i].best, lines.f, plan.promise)


def _gains(lines: Lines, running: list[Sample]) -> list[float]:
    return [_gain(lines, i, running) for i in range(len(lines.lines))]


def _gain(lines: Lines, i: int, running: list[Sample]) -> float:
    """Return what a step along coordinate i is to gain; 0 if too little to be seen.

    Also where another step is running there, or a sample at the same place.
    """
    plan = lines.lines[i].step
    if plan is None or (plan.promise and plan.gain <= _VISIBLE * abs(lines.f)):
        return 0.0
    if any(one.i == i and (one.promise or one.t == plan.t) for one in running):
        return 0.0
    return plan.gain


def with_steps(lines: Lines, rng: np.random.Generator) -> Lines:
    """Return the lines with the next step of each planned."""
    for i, line in enumerate(lines.lines):
        if line.step is None:
            lines = lines.with_line(i, _with_step(line, rng))
    return lines


def _with_step(line: Line, rng: np.random.Generator) -> Line:
    """Plan a step of the trust region; one without gain where it has collapsed."""
    U, v = line.arrays
    u, promise, region = next_step(U, v, int(np.argmin(v)), line.region, rng)
    if u is None:
        return replace(line, region=region, step=Plan(line.best, 0.0))
    gain = promise.gain if promise else float(np.finfo(float).tiny)
    t = float(u[0])
    t = _beside_failures(t, line.failed, _NUDGE * abs(t - line.best))
    return replace(line, region=region, step=Plan(t, gain, promise))


def _beside_failures(t: float, failed: list[float], distance: float) -> float:
    """Return a place at least so far from those that failed, near t."""
    for k in range(len(failed) + 1):
        for place in (t + k * distance, t - k * distance):
            away = min((abs(place - one) for one in failed), default=np.inf)
            if 0.0 <= place <= 1.0 and away >= 0.99 * distance:
                return place
    return t


def _planned_looks(lines: Lines) -> Lines:
    for i, line in enumerate(lines.lines):
        if line.look is None:
            look = _most_expected(line)
            t = _beside_failures(look.t, line.failed, 1.0 / _GRID)
            lines = lines.with_line(i, replace(line, look=replace(look, t=t)))
    return lines


def _look(lines: Lines, free: list[int], gain: float) -> tuple[int, Plan]:
    """Return the largest expected improvement, or every other time an open interval."""
    looks = {i: look for i in free if (look := lines.lines[i].look) is not None}
    i = max(looks, key=lambda i: looks[i].gain)
    total = sum(float(np.ptp(line.v)) for line in lines.lines)
    if gain > 0.0 or (lines.turn % 2 and looks[i].gain > _NEGLIGIBLE * total):
        return i, looks[i]
    i = min(free, key=lambda i: len(lines.lines[i].t))
    return i, Plan(_open_place(_with_failures(lines.lines[i])), 0.0)


def _with_failures(line: Line) -> Line:
    """Return a line in which samples that failed have the median value."""
    level = float(np.median(line.v))
    v = [*line.v, *[level] * len(line.failed)]
    return replace(line, t=[*line.t, *line.failed], v=v)


def _most_expected(line: Line) -> Plan:
    """Return where the expected improvement of a line is largest."""
    T, v = line.arrays
    lowest = np.argsort(v, kind="stable")[:_MOST]
    T, v = T[lowest], v[lowest]
    centre, unit = line.best, 0.5
    model = QuadraticProcess.fit((T - centre) / unit, np.minimum(v, LARGEST))
    t = np.sort([*line.t, *line.barred])
    places = np.concatenate([np.linspace(0.0, 1.0, _GRID), 0.5 * (t[1:] + t[:-1])])
    places = places[np.min(np.abs(places[:, None] - t), axis=1) > _SAME]
    if not len(places):
        return Plan(line.best, 0.0)
    Z = ((places - centre) / unit)[:, None]
    std = np.maximum(np.sqrt(model.variance(Z)), _LEAST_STD)
    expected = std * np.exp(log_h(-model.mean(Z) / std))
    k = int(np.argmax(expected))
    return Plan(float(places[k]), float(expected[k]))


def _open_place(line: Line) -> float:
    """Return the middle of the interval that is longest beside the height of its ends.

    The two at the ends count double, and their outer end is taken.
    """
    order = np.argsort(line.t)
    t, v = np.array(line.t)[order], np.array(line.v)[order]
    scale = float(np.median(v)) or 1.0
    root = np.sqrt(np.concatenate([v[:1], v, v[-1:]]) / scale + _OFFSET)
    ends = np.concatenate([[0.0], t, [1.0]])
    merit = np.diff(ends) / (root[:-1] + root[1:])
    merit[[0, -1]] *= 2.0
    k = int(np.argmax(merit))
    if k in (0, len(merit) - 1):
        return float(ends[0 if k == 0 else -1])
    return float(0.5 * (ends[k] + ends[k + 1]))
