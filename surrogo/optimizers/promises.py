"""What a step is to gain, and how far the next may go after what it has gained."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

# Radius at first and at most, in edges of the cube (.1 and .3 are worse: evidence file,
# section 6.6).
RADIUS, WIDEST = 0.2, 0.5
# Ratios of actual to predicted gain for a wider and for a narrower region, and the
# factors (Powell 2009, BOBYQA; Cartis, Fiala, Marteau & Roberts 2019).
GOOD, BAD = 0.7, 0.1
WIDER, NARROWER = 2.0, 0.5
ON_BOUNDARY = 0.95
_PATIENCE = 3  # failures in a row after which the region is halved at a border


@dataclass(frozen=True)
class Region:
    """What the arm carries from one step to the next, as plain data.

    phi (7,) and scale are the hyper-parameters of the last model, for points in units
    of `unit`; empty before there is one. failures counts the last steps that failed in
    a row; filled says whether a point to improve the model came after the last one.
    """

    radius: float = RADIUS
    phi: list[float] = field(default_factory=list)
    scale: float = 1.0
    unit: float = RADIUS
    failures: int = 0
    filled: bool = False


@dataclass(frozen=True)
class Promise:
    """What a step was to gain: to be compared with what it does gain.

    gain is predicted below the value `best`; length is the step in radii; poised says
    whether there were enough points near for the model to be blamed.
    """

    gain: float
    length: float
    best: float
    poised: bool


def revive_promise(data: Mapping[str, Any] | None) -> Promise | None:
    """Return the promise that this plain data describes."""
    return None if data is None else Promise(**data)


def barred(region: Region) -> Region:
    """Return the region after a step to where evaluations fail.

    The next one keeps further away; it is shorter only after some in a row.
    """
    failures = region.failures + 1
    radius = region.radius * (1.0 if failures % _PATIENCE else NARROWER)
    return replace(region, radius=radius, failures=failures, filled=False)


def judged(region: Region, promise: Promise, value: float) -> Region:
    """Return the region after a step gave this value; NaN if it failed.

    One failure may be an accident; after the second in a row the region is narrower.
    """
    if not np.isfinite(value):
        failures = region.failures + 1
        radius = region.radius * (NARROWER if failures > 1 else 1.0)
        return replace(region, radius=radius, failures=failures, filled=False)
    region = replace(region, failures=0)
    ratio = (promise.best - value) / promise.gain
    if ratio > GOOD and promise.length > ON_BOUNDARY:
        return replace(region, radius=min(WIDER * region.radius, WIDEST))
    if ratio < BAD and promise.poised:
        return replace(region, radius=NARROWER * region.radius)
    return region
