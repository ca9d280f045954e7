"""Events: what happens to the states at given times, and the pieces in between."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from surrogo import checks
from surrogo.calibration.errors import SimulationError
from surrogo.checks import FloatArray, IntArray


@dataclass(frozen=True)
class Event:
    """Something that happens to the states at a time.

    Parameters
    ----------
    time : number, str or callable
        When; a parameter's name, or a function of `p`.
    change : callable, optional
        ``change(t, y, p)`` returns the states (n_states,) after it. Without it the
        integrator begins anew at this time, as it should where the right-hand side
        jumps.

    Examples
    --------
    >>> dose = Event(2.0, lambda t, y, p: y + p["dose"])
    >>> dose.apply(2.0, np.array([1.0]), {"dose": 3.0})
    array([4.])
    """

    time: float | str | Callable[..., Any]
    change: Callable[..., Any] | None = None

    def at(self, p: Mapping[str, Any]) -> float:
        """Return when it happens with parameters `p`."""
        when = self.time(p) if callable(self.time) else self.time
        return checks.number(
            p[when] if isinstance(when, str) else when, "time of Event"
        )

    def apply(self, t: float, y: FloatArray, p: Mapping[str, Any]) -> FloatArray:
        """Return the states after it."""
        if self.change is None:
            return y
        after = checks.array(self.change(t, y.copy(), p), "states after an event")
        if after.shape != y.shape or not np.isfinite(after).all():
            raise SimulationError(
                f"the event at t = {t:g} must give {len(y)} finite states, got "
                f"{checks.shown(after.tolist())}"
            )
        return after


@dataclass(frozen=True, eq=False)
class Piece:
    """A stretch of time without events.

    Attributes
    ----------
    event : Event or None
        What happens at its beginning.
    begin : float
    grid : ndarray, shape (m,)
        `begin`, the asked times within, and the end.
    rows : ndarray
        Which of all asked times lie in the piece.
    places : ndarray
        Where they stand in the grid.
    """

    event: Event | None
    begin: float
    grid: FloatArray
    rows: IntArray
    places: IntArray


def pieces(
    events: Sequence[Event], start: float, times: FloatArray, p: Mapping[str, Any]
) -> list[Piece]:
    """Cut the time from `start` to the last of `times` at the events, in order.

    Examples
    --------
    >>> [piece.grid.tolist() for piece in pieces([Event(1.5)], 0.0, np.arange(3.0), {})]
    [[0.0, 1.0, 1.5], [1.5, 2.0]]
    """
    end = float(times[-1]) if len(times) else start
    timed = sorted(((event.at(p), event) for event in events), key=lambda pair: pair[0])
    inside: list[tuple[float, Event | None]] = [(start, None)]
    inside += [(t, event) for t, event in timed if start <= t <= end]
    ends = [t for t, _ in inside[1:]] + [end]
    out = []
    for k, ((begin, event), stop) in enumerate(zip(inside, ends, strict=True)):
        last = k == len(inside) - 1
        mask = (times >= begin) & ((times < stop) | last)
        grid = np.unique(np.concatenate([[begin], times[mask], [stop]]))
        rows = np.flatnonzero(mask)
        out.append(Piece(event, begin, grid, rows, np.searchsorted(grid, times[mask])))
    return out
