"""What is known of a sum of functions of one variable each: samples along each axis."""

from __future__ import annotations

from collections.abc import Mapping, Set
from dataclasses import asdict, dataclass, field, replace
from typing import Any

import numpy as np

from surrogo.checks import FloatArray
from surrogo.optimizers.promises import (
    RADIUS,
    Promise,
    Region,
    judged,
    revive_promise,
)
from surrogo.packed import packed, unpacked

_LEAST_RADIUS = 1e-3  # of the region about a better sample that was found far away


@dataclass(frozen=True)
class Plan:
    """A place t of the next sample; gain is what it may bring.

    The promise belongs to a step of the trust region, whose other points have none.
    """

    t: float
    gain: float
    promise: Promise | None = None


@dataclass(frozen=True)
class Line:
    """Samples along a coordinate: places t, and values v less the least, which is 0.

    step and look are the next points for going down and for looking around, None where
    they are to be found anew; a step without gain leads nowhere. failed are places of
    samples that gave no value, trials their ids; to be expected are the failures at
    `barred`, as far as is known now.
    """

    t: list[float]
    v: list[float]
    region: Region = field(default_factory=Region)
    step: Plan | None = None
    look: Plan | None = None
    failed: list[float] = field(default_factory=list)
    trials: list[int] = field(default_factory=list)
    barred: list[float] = field(default_factory=list)

    @property
    def best(self) -> float:
        """Where the value is least."""
        return self.t[int(np.argmin(self.v))]

    @property
    def arrays(self) -> tuple[FloatArray, FloatArray]:
        """Return places (n, 1) and values (n,), the highest at those barred."""
        t, v = [*self.t, *self.barred], [*self.v, *[max(self.v)] * len(self.barred)]
        return np.array(t)[:, None], np.array(v)

    def with_sample(self, t: float, v: float, promise: Promise | None) -> Line:
        """Take in a value v, above or below the least."""
        region = self.region if promise is None else judged(self.region, promise, v)
        if v < 0.0 and promise is None:
            near = float(np.min(np.abs(np.array(self.t) - t)))
            region = Region(radius=min(max(near, _LEAST_RADIUS), RADIUS))
        values = [*self.v, v]
        least = min(values)
        above = [value - least for value in values]
        return self._anew(t=[*self.t, t], v=above, region=region)

    def without_value(self, t: float, id: int) -> Line:
        """Take in that the sample of a trial gave no value at t."""
        if t in self.t:  # it came back as another point
            return self._anew()
        return self._anew(failed=[*self.failed, t], trials=[*self.trials, id])

    def weighed(self, expected: Set[int]) -> Line:
        """Bar the places of those failed trials that were to be expected."""
        pairs = zip(self.failed, self.trials, strict=True)
        barred = [t for t, id in pairs if id in expected]
        return self if barred == self.barred else self._anew(barred=barred)

    def _anew(self, **changed: Any) -> Line:
        return replace(self, step=None, look=None, **changed)


@dataclass(frozen=True)
class Sample:
    """A sample that was asked for: coordinate i at t, where the best was `base`.

    f is the value at the best point then.
    """

    i: int
    t: float
    base: float
    f: float
    promise: Promise | None


@dataclass(frozen=True)
class Lines:
    """A line for each coordinate, and the value f where each is at its best.

    turn counts the samples; tests how often the sum was put to the test since the star.
    """

    f: float
    lines: list[Line]
    turn: int = 0
    tests: int = 0

    @classmethod
    def of(
        cls, centre: FloatArray, f: float, ends: FloatArray, values: FloatArray
    ) -> Lines:
        """Begin with a star: centre (d,), and the ends (n, d) of one or more rays each.

        An end differs from the centre in the coordinate of its ray.
        """
        lines, gains = [], []
        for i, mine in enumerate((ends != centre).T):
            v = np.append(f, values[mine])
            t = np.append(centre[i], ends[mine, i])
            lines.append(Line(t.tolist(), (v - np.min(v)).tolist()))
            gains.append(np.min(v) - f)
        return cls(f + float(np.sum(gains)), lines)

    @property
    def u(self) -> FloatArray:
        """The best point (d,), taken coordinate by coordinate."""
        return np.array([line.best for line in self.lines])

    def at(self, i: int, t: float) -> FloatArray:
        """Return the best point (d,) with coordinate i at t."""
        u = self.u
        u[i] = t
        return u

    def with_sample(self, sample: Sample, value: float, id: int = -1) -> Lines:
        """Take in the value of a sample; one too large to add is the highest.

        If it is NaN the trial with this id has failed, and the turn comes again.
        """
        line = self.lines[sample.i]
        v = value - sample.f + line.v[line.t.index(sample.base)]
        if np.isnan(v):
            new = line.without_value(sample.t, id)
            return replace(self.with_line(sample.i, new), turn=self.turn - 1)
        v = max(line.v) if np.isinf(v) else v
        new = line.with_sample(sample.t, v, sample.promise)
        f = self.f + v if v < 0.0 else self.f
        return replace(self.with_line(sample.i, new), f=f)

    def weighed(self, expected: Set[int]) -> Lines:
        """Bar the places of those failed trials that were to be expected."""
        return replace(self, lines=[line.weighed(expected) for line in self.lines])

    def with_line(self, i: int, line: Line) -> Lines:
        """Return the lines with another one for coordinate i."""
        return replace(self, lines=[*self.lines[:i], line, *self.lines[i + 1 :]])


def describe_lines(lines: Lines | None) -> dict[str, Any] | None:
    """Return lines as plain data that `revive_lines` reads."""
    if lines is None:
        return None
    rest = asdict(replace(lines, lines=[]))
    return rest | {"lines": [_described(line) for line in lines.lines]}


def revive_lines(data: Mapping[str, Any] | None) -> Lines | None:
    """Return the lines that this plain data describes."""
    if data is None:
        return None
    return Lines(**{**data, "lines": [_line(one) for one in data["lines"]]})


def revive_sample(data: Mapping[str, Any]) -> Sample:
    """Return the sample that this plain data describes."""
    return Sample(**{**data, "promise": revive_promise(data["promise"])})


def _described(line: Line) -> dict[str, Any]:
    rest = asdict(replace(line, t=[], v=[]))
    return rest | {"t": packed(line.t), "v": packed(line.v)}


def _line(data: Mapping[str, Any]) -> Line:
    parts = {
        "t": unpacked(data["t"]),
        "v": unpacked(data["v"]),
        "region": Region(**data["region"]),
        "step": _plan(data["step"]),
        "look": _plan(data["look"]),
    }
    return Line(**{**data, **parts})


def _plan(data: Mapping[str, Any] | None) -> Plan | None:
    if data is None:
        return None
    return Plan(**{**data, "promise": revive_promise(data["promise"])})
