"""The right-hand side of an ODE with limits inside, and what happens at a limit."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from time import monotonic
from typing import Any, TypeAlias

import numpy as np

from surrogo import checks
from surrogo.checks import FloatArray

Rhs: TypeAlias = Callable[..., Any]  # (t, y (n,), *args) -> (n,)

# A step size shrinks from 1 to nothing within a thousand calls (23 times by 1/5, twelve
# stages each); who returns NaN for longer is in a loop on a NaN step size.
_MAX_NONFINITE = 1000


class IntegrationError(RuntimeError):
    """An integration that did not reach its end; the text says why, and where."""


@dataclass(frozen=True)
class Limits:
    """What one integration may cost at most.

    Parameters
    ----------
    max_steps : int
        Accepted steps of the solver.
    max_calls : int
        Calls of the right-hand side.
    max_seconds : float
        Wall time in seconds, a safety net: an integration that meets it fails, it
        never returns other numbers. It is read at every call of the right-hand side,
        so a single call that never returns is not stopped here.

    Raises
    ------
    ValueError
        If a limit is not above zero.

    Examples
    --------
    >>> Limits(max_steps=1000)
    Limits(max_steps=1000, max_calls=500000, max_seconds=60.0)
    """

    # A smooth problem takes some hundred steps, a stiff one some thousand. Half a
    # million calls of a small model in Python take one to five seconds.
    max_steps: int = 50_000
    max_calls: int = 500_000
    max_seconds: float = 60.0

    def __post_init__(self) -> None:
        steps = checks.integer(self.max_steps, "max_steps", 1)
        calls = checks.integer(self.max_calls, "max_calls", 1)
        object.__setattr__(self, "max_steps", steps)
        object.__setattr__(self, "max_calls", calls)
        checks.positive(self.max_seconds, "max_seconds")


def finite(values: FloatArray) -> bool:
    """Say whether all values (n,) are finite."""
    # The sum of squares is three times faster than isfinite().all(), and may overflow.
    return math.isfinite(values.dot(values)) or bool(np.isfinite(values).all())


class Guard:
    """The right-hand side with the limits inside, all that SciPy gets to see.

    A limit between two steps would be too late: one implicit step may call forever.
    """

    def __init__(
        self, rhs: Rhs, args: tuple[Any, ...], limits: Limits, t_end: float
    ) -> None:
        self.limits = limits
        self._rhs = rhs
        self._args = args
        self._t_end = t_end
        self._deadline = monotonic() + limits.max_seconds
        self._calls = 0
        self._t = math.nan
        self._nonfinite = 0  # how many of the latest values, in a row
        self._nonfinite_at: float | None = None

    def __call__(self, t: float, y: FloatArray) -> FloatArray:
        """Return ``rhs(t, y, *args)``, or raise at a limit."""
        if self._calls >= self.limits.max_calls:
            raise self.at_limit("max_calls")
        self._t = t
        self._calls += 1
        value = self._call(self._rhs, "rhs", y.shape, t, y)
        if monotonic() > self._deadline:
            raise self.at_limit("max_seconds")
        self._watch(t, value)
        return value

    def _call(
        self, fun: Rhs, name: str, shape: tuple[int, ...], t: float, y: FloatArray
    ) -> FloatArray:
        try:
            # Copies, because a model may clip y in place, or return its own buffer.
            value = np.array(fun(t, y.copy(), *self._args), dtype=np.float64)
        except Exception as error:
            raise self.failure(f"{name} raised {error!r}") from error
        if value.shape != shape:
            raise ValueError(
                f"{name} must return an array of shape {shape} for a state of shape "
                f"{y.shape}, got shape {value.shape}; return one number per state"
            )
        return value

    def _watch(self, t: float, value: FloatArray) -> None:
        # A trial step into NaN is no failure yet: the solver may shorten it.
        if finite(value):
            self._nonfinite = 0
            return
        self._nonfinite += 1
        self._nonfinite_at = t
        # LSODA takes a step into NaN for a good one; a step into inf it shortens.
        value[np.isnan(value)] = np.inf
        if self._nonfinite >= _MAX_NONFINITE:
            raise self.failure(f"{_MAX_NONFINITE} values in a row were not finite")

    def check_start(self, t: float, y0: FloatArray) -> None:
        """Raise unless the first value has the right shape and is finite."""
        value = self(t, y0)
        if not finite(value):
            raise self.failure("it cannot start")

    def jacobian(self, jac: Rhs) -> Rhs:
        """Return `jac` with the same treatment; its calls are not counted."""

        def guarded(t: float, y: FloatArray) -> FloatArray:
            return self._call(jac, "jac", (len(y), len(y)), t, y)

        return guarded

    def at_limit(self, name: str) -> IntegrationError:
        """Make the error for the limit of this name."""
        limit = getattr(self.limits, name)
        return self.failure(
            f"it met the limit {name} = {limit:g}; raise it with Limits({name}=...), "
            "loosen rtol, or take an implicit method if the problem is stiff"
        )

    def failure(self, what: str) -> IntegrationError:
        """Make an error that says what happened, and where the integration was."""
        where = f"at t = {self._t:.6g} of {self._t_end:.6g}, after {self._calls} calls"
        nan_at = self._nonfinite_at
        hint = "" if nan_at is None else f"; rhs was not finite at t = {nan_at:.6g}"
        return IntegrationError(f"the integration stopped {where}: {what}{hint}")
