"""Ends of profiles that are there only because other variables meet their bounds."""

from __future__ import annotations

import numpy as np

from surrogo.calibration.profiles import Profile
from surrogo.calibration.simulations import Simulations
from surrogo.checks import BoolArray, FloatArray

_AT_BOUND = 1e-6  # share of the range
# A step from a bound, as well, and the share of the threshold by which it changes what
# the bound holds. What saturates (a rate that might as well be 0) changes less.
_INWARDS, _HELD = 0.05, 0.1


def bounded_by(profile: Profile, simulations: Simulations) -> list[str]:
    """Return the other variables that lie at a bound where the profile ends.

    It may rise there only because they can go no further. Those at a bound at the
    estimate, too, do not count, nor those to which the value hardly minds a step away.
    """
    U = simulations.unit(profile.x[[0, -1]])
    states = (profile.lower_state, profile.upper_state)
    ends = [u for u, state in zip(U, states, strict=True) if state == "found"]
    names, before = simulations.target.names, _at_bound(simulations.best.u)
    met = [
        [
            bool(at)
            and names[j] != profile.name
            and _matters(simulations, u, j, profile)
            for j, at in enumerate(_at_bound(u) & ~before)
        ]
        for u in ends
    ]
    return [name for j, name in enumerate(names) if any(row[j] for row in met)]


def _at_bound(u: FloatArray) -> BoolArray:
    return np.asarray((u <= _AT_BOUND) | (u >= 1.0 - _AT_BOUND))


def _matters(simulations: Simulations, u: FloatArray, j: int, profile: Profile) -> bool:
    """Say whether a step of variable j from its bound changes the value."""
    inside = u.copy()
    inside[j] += _INWARDS if u[j] < 0.5 else -_INWARDS
    here, there = simulations.many([u, inside])
    if here is None or there is None:
        return True
    return abs(there.value - here.value) > _HELD * profile.rise
