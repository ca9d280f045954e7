"""An integrator that cannot hang: limits on steps, calls and time around SciPy.

A search over parameters reaches corners where a model explodes, divides by zero or
becomes infinitely stiff. SciPy's solvers answer with an endless loop, a warning or an
array of NaN; `integrate` answers with the trajectory or with an `IntegrationError`.
"""

from __future__ import annotations

import re
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, cast

import numpy as np
from numpy.typing import ArrayLike

from surrogo import checks
from surrogo.checks import FloatArray
from surrogo.ode_guard import Guard, IntegrationError, Limits, Rhs, finite

if TYPE_CHECKING:
    from scipy.integrate import OdeSolver

__all__ = ["METHODS", "IntegrationError", "Limits", "integrate"]

# Whether the solver takes a Jacobian; the explicit ones warn about an unused argument.
METHODS = {
    "LSODA": True,
    "Radau": True,
    "BDF": True,
    "DOP853": False,
    "RK45": False,
    "RK23": False,
}

# LSODA warns before it fails, LAPACK's LU where a trial Jacobian is singular.
_SCIPY_WARNINGS = "lsoda: |Diagonal number"

# SciPy raises a smaller rtol to this value and warns.
_MIN_RTOL = 100 * float(np.finfo(float).eps)

# LSODA goes on forever once t + h == t; a step that does not move t happens now and
# then where the step size recovers, a hundred of them in a row do not.
_MAX_STALLED = 100

_DEFAULT_LIMITS = Limits()


def integrate(
    rhs: Rhs,
    times: ArrayLike,
    y0: ArrayLike,
    *,
    args: tuple[Any, ...] = (),
    method: str = "LSODA",
    rtol: float = 1e-8,
    atol: ArrayLike = 1e-10,
    limits: Limits = _DEFAULT_LIMITS,
    jac: Rhs | None = None,
) -> FloatArray:
    """Solve ``y' = rhs(t, y, *args)`` and return the states at the given times.

    Parameters
    ----------
    rhs : callable
        ``rhs(t, y, *args)`` gets a float and an array of shape (n_states,) and returns
        n_states numbers. It may return NaN and it may raise.
    times : array_like, shape (n_times,)
        Increasing; the first one belongs to `y0`.
    y0 : array_like, shape (n_states,)
        State at ``times[0]``.
    args : tuple
        Further arguments of `rhs` and `jac`.
    method : {"LSODA", "DOP853", "RK45", "RK23", "Radau", "BDF"}
        ``"LSODA"`` changes between a stiff and a non-stiff method by itself.
    rtol, atol : float, float or array_like (n_states,)
        The solver keeps the local error of a state below ``atol + rtol * abs(y)``.
    limits : Limits
        Where to give up.
    jac : callable, optional
        ``jac(t, y, *args)`` of shape (n_states, n_states); the methods that are not
        implicit leave it aside.

    Returns
    -------
    ndarray, shape (n_times, n_states)
        The first row is `y0`.

    Raises
    ------
    IntegrationError
        If a limit is met, a state is not finite, `rhs` raises, or the solver gives up.
    ValueError
        If an argument, or the shape of what `rhs` returns, is wrong.

    Notes
    -----
    LSODA cannot run inside itself: where `rhs` integrates in its turn, take another
    method for one of the two. It runs in several threads at once from SciPy 1.17 on.

    Examples
    --------
    >>> integrate(lambda t, y: -y, [0, 1, 2], [1.0]).round(6)
    array([[1.      ],
           [0.367879],
           [0.135335]])
    """
    t = _checked_times(times)
    start = _checked_start(y0)
    checks.one_of(method, METHODS, "method")
    options = _tolerances(rtol, atol, len(start))
    guard = Guard(rhs, args, limits, float(t[-1]))
    # NumPy's overflow warnings of the model stay in here, too.
    with np.errstate(all="ignore"), _quiet_scipy():
        guard.check_start(float(t[0]), start)
        if jac is not None and METHODS[method]:
            options["jac"] = guard.jacobian(jac)
            options["jac"](float(t[0]), start)  # a wrong shape shows here
        return _trajectory(guard, method, t, start, options)


def _trajectory(
    guard: Guard, method: str, t: FloatArray, y0: FloatArray, options: dict[str, Any]
) -> FloatArray:
    if len(t) == 1:
        return y0[None, :]
    import scipy.integrate

    solver_class: type[OdeSolver] = getattr(scipy.integrate, method)
    try:
        solver = solver_class(guard, float(t[0]), y0, float(t[-1]), **options)
        return _march(solver, t, guard)
    except IntegrationError:
        raise
    except Exception as error:  # such as a linear solver that refuses a NaN
        raise guard.failure(f"{method} raised {error!r}") from error


def _march(solver: OdeSolver, times: FloatArray, guard: Guard) -> FloatArray:
    """Step to the last time; fill in the asked times from each step's polynomial."""
    out = np.empty((len(times), solver.n))
    out[0] = solver.y
    done, stalled = 1, 0
    for _ in range(guard.limits.max_steps):
        _step(solver, guard)
        stalled = stalled + 1 if solver.t == solver.t_old else 0
        if stalled >= _MAX_STALLED:
            raise guard.failure("the step size fell to nothing")
        if solver.t >= times[done]:
            last = int(np.searchsorted(times, solver.t, side="right"))
            out[done:last] = solver.dense_output()(times[done:last]).T
            done = last
        if done == len(times):
            return _checked_end(out, guard)
    raise guard.at_limit("max_steps")


def _step(solver: OdeSolver, guard: Guard) -> None:
    message = solver.step()
    if solver.status == "failed":
        raise guard.failure(_reason(solver, message))
    if not finite(solver.y):  # LSODA goes on with NaN as if nothing were
        raise guard.failure(f"the state is not finite: {checks.shown(solver.y)}")


def _checked_end(out: FloatArray, guard: Guard) -> FloatArray:
    if not finite(out.ravel()):  # a polynomial between finite states may overflow
        raise guard.failure("a state between two steps is not finite")
    return out


def _reason(solver: OdeSolver, message: str | None) -> str:
    """Return why SciPy gave up; LSODA's `message` names only a code, 'istate'."""
    integrator = getattr(getattr(solver, "_lsoda_solver", None), "_integrator", None)
    words = getattr(integrator, "messages", {})
    said = words.get(getattr(integrator, "istate", None), message)
    return f"{type(solver).__name__} gave up: {said}"


_inside = 0
_lock = threading.Lock()


@contextmanager
def _quiet_scipy() -> Iterator[None]:
    """Silence what SciPy says in a warning as well: the error text has it.

    ``warnings.catch_warnings`` swaps the filters of the whole process, and threads that
    leave in another order than they came lose each other's. Here the first one inside
    adds one narrow filter and the last one removes it.
    """
    global _inside
    with _lock:
        if _inside == 0:
            warnings.filterwarnings("ignore", _SCIPY_WARNINGS)
        _inside += 1
    try:
        yield
    finally:
        with _lock:
            _inside -= 1
            if _inside == 0:
                _remove_filter()


def _remove_filter() -> None:
    # typeshed calls it a Sequence; it is a list. Whoever swapped it took ours along.
    filters = cast("list[tuple[Any, ...]]", warnings.filters)
    ours = ("ignore", re.compile(_SCIPY_WARNINGS, re.IGNORECASE), Warning, None, 0)
    if ours in filters:
        filters.remove(ours)


def _checked_times(times: ArrayLike) -> FloatArray:
    t = np.array(times, dtype=np.float64)
    if t.ndim != 1 or t.size == 0 or not np.isfinite(t).all():
        raise ValueError(
            "times must be finite, of shape (n_times,), got shape "
            f"{t.shape}: {checks.shown(times)}"
        )
    if np.any(np.diff(t) <= 0):
        raise ValueError(
            f"times must increase, the first being that of y0, got "
            f"{checks.shown(times)}; sort them and drop duplicates"
        )
    return t


def _checked_start(y0: ArrayLike) -> FloatArray:
    y = np.array(y0, dtype=np.float64)
    if y.ndim != 1 or y.size == 0 or not np.isfinite(y).all():
        raise ValueError(
            "y0 must be finite, of shape (n_states,), got shape "
            f"{y.shape}: {checks.shown(y0)}; give one number per state"
        )
    return y


def _tolerances(rtol: float, atol: ArrayLike, n: int) -> dict[str, Any]:
    absolute = np.array(atol, dtype=np.float64)
    if not _MIN_RTOL <= rtol < 1:
        raise ValueError(
            f"rtol must lie between {_MIN_RTOL:.2g} and 1, got {checks.shown(rtol)}"
        )
    if absolute.shape not in ((), (n,)) or not np.all(absolute >= 0):
        raise ValueError(
            f"atol must be one number, or one per state ({n}), none below 0, got "
            f"{checks.shown(atol)}"
        )
    return {"rtol": rtol, "atol": absolute}
