"""A model stated as a right-hand side, with observables, events and a start at rest."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from time import monotonic
from typing import Any, TypeAlias

import numpy as np

from surrogo import checks
from surrogo.calibration.errors import SimulationError
from surrogo.calibration.events import Event, pieces
from surrogo.checks import FloatArray
from surrogo.ode import IntegrationError, Limits, integrate

Parameters: TypeAlias = Mapping[str, Any]
Observable: TypeAlias = str | Callable[..., Any]

# LSODA changes between stiff and non-stiff by itself; where it gives up, an implicit
# one often gets through.
_IN_TURN = ("LSODA", "Radau", "BDF")

# A fit meets the corners of its box: half a second at most in each of three attempts
# for a small model, where `surrogo.ode` would allow ten times that.
_LIMITS = Limits(max_steps=20_000, max_calls=100_000, max_seconds=20.0)

# At rest: states that change by less than this share while the time grows fourfold.
_REST = 1e-6
_REST_ROUNDS = 15  # from the length of the data to 4^15 = 1e9 of them


@dataclass(frozen=True, eq=False)
class OdeModel:
    """A system of ordinary differential equations as a model of data.

    Wherever a parameter is meant, its name will do: ``initial={"u": "u0"}``. The
    mapping `p` that the functions get holds the parameters and, where the data have
    several conditions, the constants of the condition.

    Parameters
    ----------
    rhs : callable
        ``rhs(t, y, p)`` with a float and an array (n_states,) returns n_states numbers.
    states : sequence of str
    initial : mapping or callable
        The states at time `start`: a number, a parameter's name or a function of `p`
        for each; or ``initial(p)``, which returns n_states numbers.
    observables : mapping, optional
        ``name: state`` or ``name: function(t, y, p)``, with `t` (n,) and `y`
        (n_states, n), which returns n numbers. By default every state is observed.
    events : sequence of Event
    start : float
        The time of the initial states.
    steady_state_start : bool or mapping
        Integrate to rest before `start`; a mapping holds the constants that apply
        until then, such as ``{"dose": 0}``. There are no events before `start`.
    method : str
        ``"auto"`` tries LSODA, then Radau, then BDF; or a method of `surrogo.ode`.
    rtol, atol : float
    limits : Limits
        What one attempt of one integration may cost; no point can hang.

    Raises
    ------
    ValueError
        If names do not fit.

    Examples
    --------
    >>> decay = OdeModel(lambda t, y, p: -p["k"] * y, ["u"], {"u": 1.0})
    >>> decay({"k": 0.5}, [0.0, 2.0])["u"].round(4)
    array([1.    , 0.3679])
    """

    rhs: Callable[..., Any]
    states: Sequence[str]
    initial: Mapping[str, Any] | Callable[..., Any]
    observables: Mapping[str, Observable] | None = None
    events: Sequence[Event] = ()
    start: float = 0.0
    steady_state_start: bool | Mapping[str, Any] = False
    method: str = "auto"
    rtol: float = 1e-8
    atol: float = 1e-10
    limits: Limits = field(default=_LIMITS)

    def __post_init__(self) -> None:
        states = tuple(self.states)
        object.__setattr__(self, "states", states)
        if not states or len(set(states)) != len(states):
            raise ValueError(f"states must be different names, got {list(states)}")
        if self.observables is None:
            object.__setattr__(self, "observables", {name: name for name in states})
        if isinstance(self.initial, Mapping):
            checks.rejected_keys(self.initial, states, "initial")
        object.__setattr__(self, "events", tuple(self.events))
        self._check_observables()

    def _check_observables(self) -> None:
        for name, what in self.observed.items():
            if not callable(what) and what not in self.states:
                raise ValueError(
                    f"observable {name!r} must be one of the states "
                    f"{list(self.states)} or a function of (t, y, p), got "
                    f"{checks.shown(what)}"
                )

    @property
    def observed(self) -> Mapping[str, Observable]:
        """The observables by their names."""
        return self.observables or {}

    def initial_states(self, p: Parameters) -> FloatArray:
        """Return the states at time `start`, before a rest, shape (n_states,)."""
        if isinstance(self.initial, Mapping):
            initial = self.initial
            values = [looked_up(initial[name], p) for name in self.states]
        else:
            values = self.initial(p)
        return checks.array(values, "initial states").reshape(-1)

    def __call__(self, p: Parameters, times: Any) -> dict[str, FloatArray]:
        """Return the observables at increasing times, each of shape (n,).

        Raises
        ------
        surrogo.ode.IntegrationError
            If no method gets to the last time.
        """
        t = checks.array(times, "times")
        return self.observe(t, self.trajectory(p, t), p)

    def observe(
        self, t: FloatArray, Y: FloatArray, p: Parameters
    ) -> dict[str, FloatArray]:
        """Return the observables of states Y (n, n_states)."""
        out = {}
        with np.errstate(all="ignore"):  # what is not finite is found by who asks
            for name, what in self.observed.items():
                if callable(what):
                    values = checks.array(what(t, Y.T.copy(), p), f"observable {name}")
                    out[name] = np.broadcast_to(values, t.shape).copy()
                else:
                    out[name] = Y[:, list(self.states).index(what)]
        return out

    def trajectory(self, p: Parameters, times: FloatArray) -> FloatArray:
        """Return the states at increasing times, none before `start`; (n, n_states).

        A time at which an event happens sees the states after it.
        """
        if len(times) and times[0] < self.start:
            raise ValueError(
                f"times must not be before the start {self.start:g}, got {times[0]:g}; "
                "give OdeModel(start=...)"
            )
        deadline = monotonic() + self.limits.max_seconds
        y = self._state_at_start(p, times, deadline)
        Y = np.empty((len(times), len(self.states)))
        for piece in pieces(self.events, self.start, times, p):
            y = piece.event.apply(piece.begin, y, p) if piece.event else y
            path = self.solve(p, piece.grid, y, deadline)
            Y[piece.rows], y = path[piece.places], path[-1]
        return Y

    def solve(
        self, p: Parameters, grid: FloatArray, y0: FloatArray, deadline: float
    ) -> FloatArray:
        """Integrate from ``y0`` at ``grid[0]``; one method after the other."""
        methods = _IN_TURN if self.method == "auto" else (self.method,)
        failures = []
        for method in methods:
            left = max(deadline - monotonic(), 1e-3)
            limits = Limits(self.limits.max_steps, self.limits.max_calls, left)
            try:
                return integrate(
                    self.rhs,
                    grid,
                    y0,
                    args=(p,),
                    method=method,
                    rtol=self.rtol,
                    atol=self.atol,
                    limits=limits,
                )
            except IntegrationError as error:
                failures.append(error)
                if _hopeless(error):
                    break
        raise failures[0]

    def _state_at_start(
        self, p: Parameters, times: FloatArray, deadline: float
    ) -> FloatArray:
        if self.steady_state_start is False:
            return self._checked_start(p)
        constants = self.steady_state_start
        before = {**p, **constants} if isinstance(constants, Mapping) else p
        span = float(times[-1]) - self.start if len(times) else 1.0
        return self._at_rest(before, span if span > 0 else 1.0, deadline)

    def _checked_start(self, p: Parameters) -> FloatArray:
        y = self.initial_states(p)
        if len(y) != len(self.states) or not np.isfinite(y).all():
            raise SimulationError(
                f"initial must give {len(self.states)} finite numbers, one for each of "
                f"{list(self.states)}, got {checks.shown(y.tolist())}"
            )
        return y

    def _at_rest(self, p: Parameters, span: float, deadline: float) -> FloatArray:
        """Follow the states until a fourfold time changes them no more."""
        y = self.solve(p, np.array([0.0, span]), self._checked_start(p), deadline)[-1]
        for _ in range(_REST_ROUNDS):
            new = self.solve(p, np.array([0.0, 3.0 * span]), y, deadline)[-1]
            if np.all(np.abs(new - y) <= _REST * np.abs(new) + 100 * self.atol):
                return np.asarray(new)
            y, span = new, 4.0 * span
        raise SimulationError(
            f"the states did not come to rest within {span:.3g} units of time before "
            f"the start; the last ones were {checks.shown(y.tolist())}"
        )


def _hopeless(error: IntegrationError) -> bool:
    """Say whether another method would meet the same end."""
    return any(words in str(error) for words in (" raised ", "cannot start"))


def looked_up(what: Any, p: Parameters) -> Any:
    """Return a number itself, the parameter of a name, or what a function of p gives.

    Examples
    --------
    >>> looked_up("k", {"k": 2.0}), looked_up(lambda p: 2 * p["k"], {"k": 2.0})
    (2.0, 4.0)
    """
    if callable(what):
        return what(p)
    if not isinstance(what, str):
        return what
    if what not in p:
        raise ValueError(
            f"{what!r} must be the name of a parameter or of a constant of the "
            f"condition, of which there are {sorted(p)}"
        )
    return p[what]
