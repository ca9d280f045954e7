"""`optimize`: the whole loop in one call."""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Callable, Iterable, Iterator, Sized
from contextlib import contextmanager, suppress
from typing import Any

import numpy as np

from surrogo import checks
from surrogo.execution import Failure, Misuse, evaluate
from surrogo.optimizers.limits import DEFAULT_EVALS_PER_VARIABLE, Limits
from surrogo.optimizers.optimizer import Optimizer
from surrogo.optimizers.unseen import SpaceExhausted
from surrogo.optimizers.watch import Watch
from surrogo.result import Result, Status
from surrogo.trials import Trial, Trials

_log = logging.getLogger(__name__)

_AT_BUDGET = (Status.MAX_EVALS, Status.ALL_FAILED)
_SAME_ERRORS = 10  # first evaluations that must all raise the same error to end a run


class _Stop(Exception):
    """Ends the loop with a status."""

    def __init__(self, status: Status) -> None:
        self.status = status


def optimize(
    fun: Callable[..., Any],
    bounds: Any,
    *,
    args: tuple[Any, ...] = (),
    x0: Any = None,
    y0: Any = None,
    max_evals: int | None = None,
    max_time: float | None = None,
    target: float | None = None,
    tol: float | None = None,
    confidence: float | None = None,
    patience: int | None = None,
    strategy: Any = "auto",
    callback: Callable[[Result], Any] | None = None,
    progress: bool = False,
    rng: Any = None,
) -> Result:
    """Minimise a function that is expensive to evaluate.

    Parameters
    ----------
    fun : callable
        ``fun(x, *args)`` returns a float or an `Evaluation`; `x` is a float array
        (d,), or a dict where the bounds have names. An exception, NaN or infinity is
        recorded as a failure with its reason, and the run goes on.
    bounds : sequence of (low, high), array (d, 2), Bounds, dict, or Space
        Anything that `Space.of` reads; all bounds finite.
    args : tuple
        Further arguments of `fun`.
    x0 : point or list of points, optional
        Evaluated first, or known already if `y0` is given.
    y0 : float or list of floats, optional
        Values at `x0`, which are then not evaluated again.
    max_evals : int, optional
        Budget of evaluations. 50 per variable where neither it nor `max_time` nor
        `target` is given.
    max_time : float, optional
        Seconds after which no new evaluation begins.
    target : float, optional
        Stop when a value is at or below it.
    tol : float, optional
        Stop when the best value is within `tol` of the lowest one there is, as far as
        a model of the values can say. How probable that is stands in the message
        whatever ends the run. See `Result.evidence`. The model is fitted again and
        again beside the search: tenths of a second for most evaluations.
    confidence : float, optional
        The probability at which `tol` stops the run, 0.95 if left out; needs `tol`.
    patience : int, optional
        Stop when so many evaluations have not improved the best value.
    strategy : str or Strategy
        ``"auto"``, a name in `surrogo.optimizers.STRATEGIES`, or an instance.
    callback : callable, optional
        Called with the `Result` so far after every evaluation; may raise
        `StopIteration`.
    progress : bool
        Show a progress bar.
    rng : int, numpy.random.Generator, optional
        Seed (SPEC 7): the same seed gives the same points.

    Returns
    -------
    Result
        Ctrl-C returns the result so far. An exception of the callback leaves
        `optimize` and carries the result so far as its attribute ``result``.

    Raises
    ------
    ValueError
        If bounds, start points, limits or strategy make no sense; before any
        evaluation.
    TypeError
        If `fun` returns no number, while nothing has succeeded yet.

    Examples
    --------
    >>> import surrogo
    >>> result = surrogo.optimize(lambda x: (x[0] - 1) ** 2 + x[1] ** 2,
    ...                           [(-5, 5), (-5, 5)], max_evals=20, rng=0)
    >>> bool(result.fun < 1e-3)
    True
    """
    _check_callables(fun, callback)
    _check_args(args)
    optimizer = Optimizer(bounds, strategy=strategy, rng=rng)
    d_free = optimizer.space.d_free
    limits = Limits.of(d_free, max_evals, max_time, target, patience)
    watch = Watch.of(limits, tol, confidence)
    starts = _starts(optimizer, x0, y0)
    optimizer.budget(limits.max_evals)
    with _bar(progress, limits.max_evals) as show, _carrying(optimizer):
        status = _run(optimizer, fun, args, starts, watch, callback, show)
    return _worded(optimizer.result(status), watch)


def _run(
    optimizer: Optimizer,
    fun: Callable[..., Any],
    args: tuple[Any, ...],
    starts: list[Any],
    watch: Watch,
    callback: Callable[[Result], Any] | None,
    show: Callable[[Trials], None],
) -> Status:
    """Evaluate until something says stop, and return what it was."""
    try:
        while (status := watch.reached(optimizer.trials)) is None:
            trial = _next(optimizer, starts)
            _evaluate(optimizer, trial, fun, args)
            show(optimizer.trials)
            _call_back(callback, optimizer)
            _stop_on_same_error(optimizer.trials)
        return status
    except KeyboardInterrupt:
        return Status.INTERRUPTED
    except SpaceExhausted:
        return Status.EXHAUSTED
    except _Stop as stop:
        return stop.status


@contextmanager
def _carrying(optimizer: Optimizer) -> Iterator[None]:
    """Let an exception that ends the run carry what was paid for."""
    try:
        yield
    except BaseException as error:
        with suppress(AttributeError):  # a class with __slots__
            error.result = optimizer.result(Status.INTERRUPTED)  # type: ignore[attr-defined]
        raise


def _next(optimizer: Optimizer, starts: list[Any]) -> Trial:
    if starts:
        return optimizer.ask_at(starts.pop(0))
    trial: Trial = optimizer.ask()
    return trial


def _evaluate(
    optimizer: Optimizer, trial: Trial, fun: Callable[..., Any], args: tuple[Any, ...]
) -> None:
    begin = time.perf_counter()
    try:
        answer = evaluate(fun, trial.x, args)
    except Misuse as misuse:
        if not optimizer.trials.in_state("done"):
            raise
        answer = Failure(str(misuse))
    optimizer.tell(trial, answer, time.perf_counter() - begin)
    if isinstance(answer, Failure):
        _log.warning("trial %d failed: %s", trial.id, answer.reason)


def _call_back(callback: Callable[[Result], Any] | None, optimizer: Optimizer) -> None:
    if callback is None:
        return
    try:
        callback(optimizer.result())
    except StopIteration as stop:
        raise _Stop(Status.CALLBACK) from stop


def _stop_on_same_error(trials: Trials) -> None:
    """Keep a function that is broken rather than unlucky from eating the budget."""
    first = [trial for trial in trials if not trial.added][:_SAME_ERRORS]
    raised = {t.reason for t in first if t.state == "failed" and t.traceback}
    all_raised = all(t.state == "failed" and t.traceback for t in first)
    if len(first) == _SAME_ERRORS and all_raised and len(raised) == 1:
        raise _Stop(Status.SAME_ERROR)


def _check_callables(fun: Any, callback: Any) -> None:
    for value, name in ((fun, "fun"), (callback, "callback")):
        if value is not None and not callable(value):
            raise ValueError(f"{name} must be callable, got {checks.shown(value)}")
    if fun is None:
        raise ValueError("fun must be callable, got None")


def _check_args(args: Any) -> None:
    if not isinstance(args, tuple | list):
        raise ValueError(
            "args must be a tuple of further arguments of fun, such as (3,), got "
            f"{checks.shown(args)}"
        )


def _starts(optimizer: Optimizer, x0: Any, y0: Any) -> list[Any]:
    """Check x0 and y0; add the known points, return those to evaluate first."""
    if hasattr(x0, "columns"):  # a pandas data frame, a row for each point
        named = optimizer.space.named
        x0 = x0.to_dict("records") if named else x0.to_numpy()
    if x0 is None or (isinstance(x0, Sized) and len(x0) == 0):
        if y0 is not None and np.size(y0):
            raise ValueError("y0 needs x0, the points at which these are the values")
        return []
    x0 = list(x0) if isinstance(x0, Iterator) else x0
    points = [x0] if _is_single(x0) else list(x0)
    for i, point in enumerate(points):
        optimizer.space.encode(point, f"x0[{i}]")
    if y0 is None:
        return points
    values = np.atleast_1d(np.asarray(y0, dtype=object)).tolist()
    if len(values) != len(points):
        raise ValueError(
            f"y0 must have a value for each of the {len(points)} points of x0, got "
            f"{len(values)}"
        )
    for point, value in zip(points, values, strict=True):
        optimizer.add(point, value)
    return []


def _is_single(x0: Any) -> bool:
    """Whether x0 is one point (a dict, or flat) rather than a list of points."""
    if isinstance(x0, dict | str) or not isinstance(x0, Iterable):
        return True
    return all(np.ndim(entry) == 0 and not isinstance(entry, dict) for entry in x0)


@contextmanager
def _bar(progress: bool, total: int | None) -> Iterator[Callable[[Trials], None]]:
    """Yield what to call after every evaluation."""
    if not progress:
        yield lambda trials: None
        return
    from tqdm.auto import tqdm

    with tqdm(total=total, unit="eval", dynamic_ncols=True) as bar:

        def show(trials: Trials) -> None:
            best = trials.best
            shown = {"best": "none" if best is None else f"{best.value:.6g}"}
            if failed := len(trials.in_state("failed")):
                shown["failed"] = str(failed)
            bar.set_postfix(shown, refresh=False)
            bar.update()

        yield show


def _worded(result: Result, watch: Watch) -> Result:
    """Add to the message what only the loop knows."""
    if watch.limits.by_default and result.status in _AT_BUDGET:
        result.message += (
            f" It was {result.nfev} evaluations, {DEFAULT_EVALS_PER_VARIABLE} per "
            "variable, because no budget was given; set max_evals, max_time or target."
        )
    if result.status in (Status.SAME_ERROR, Status.ALL_FAILED):
        failed = result.trials.in_state("failed")
        result.message += f" The first reason: {failed[0].reason}"
    elif watch.tol is not None and result.status != Status.INTERRUPTED:
        result.message += f" {result.evidence(watch.tol)}"
    if math.isnan(result.fun):
        _log.error("%s", result.message)
    return result
