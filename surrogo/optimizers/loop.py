"""`optimize`: the whole loop in one call."""

from __future__ import annotations

import logging
import math
from collections.abc import Callable, Iterator
from concurrent.futures import Executor
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any

from surrogo import checks
from surrogo.execution import Slots
from surrogo.optimizers.bar import progress_bar
from surrogo.optimizers.interrupts import Interrupts
from surrogo.optimizers.limits import DEFAULT_EVALS_PER_VARIABLE
from surrogo.optimizers.optimizer import Optimizer, space_of
from surrogo.optimizers.prior import prior_points
from surrogo.optimizers.rules import Rules
from surrogo.optimizers.run import Run
from surrogo.optimizers.slots import make_workers
from surrogo.optimizers.starts import begin_with, start_points
from surrogo.optimizers.watch import Watch
from surrogo.result import Result, Status

_log = logging.getLogger(__name__)

_AT_BUDGET = (Status.MAX_EVALS, Status.ALL_FAILED)


def optimize(
    fun: Callable[..., Any],
    bounds: Any,
    *,
    args: tuple[Any, ...] = (),
    x0: Any = None,
    y0: Any = None,
    prior: Any = None,
    max_evals: int | None = None,
    max_time: float | None = None,
    target: float | None = None,
    tol: float | None = None,
    confidence: float | None = None,
    patience: int | None = None,
    strategy: Any = "auto",
    workers: int | Executor | Slots = 1,
    batch_size: int | None = None,
    eval_timeout: float | None = None,
    eval_memory: float | None = None,
    retries: int = 0,
    retry_on: tuple[type[Exception], ...] = (OSError,),
    on_interrupt: str = "abandon",
    store: str | Path | None = None,
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
    prior : Result, data frame, str or Path, optional
        An earlier run, a file with one (a store, or what `Result.save` wrote), or a
        table, in memory or in a ``.csv`` file, with a column for each variable and one
        called ``value``. Values at points of this space are known from the beginning.
    max_evals : int, optional
        Budget of evaluations, those in the store included. 50 per variable where
        neither it nor `max_time` nor `target` is given.
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
    workers : int, concurrent.futures.Executor or Slots
        How many evaluations run at a time, each in a process of its own if there is
        more than one; -1 is one on every processor. Or an executor to run them on, of
        a pool, Dask, Ray, MPI, ... (docs/engines.md), which stays yours. A free worker
        is given a point at once, which takes those into account that still run.
    batch_size : int, optional
        Ask for so many points together, and for the next when all have ended.
    eval_timeout : float, optional
        Seconds after which an evaluation is ended, which makes it a failure. The
        function then runs in a process of its own, also with one worker.
    eval_memory : float, optional
        Bytes that an evaluation may allocate (Linux); more is a failure. The function
        then runs in a process of its own.
    retries : int
        How often a point is evaluated again when its process died, or the function
        raised one of `retry_on`.
    retry_on : tuple of exception types
        What may be cured by another attempt.
    on_interrupt : {"abandon", "finish"}
        What becomes of evaluations that run at Ctrl-C or SIGTERM. A second signal
        abandons them in any case.
    store : str or Path, optional
        A file that holds the run: every ask and every result is on the disk before
        anything else happens. If it exists, the run in it goes on, with evaluations
        that were interrupted, and with the stop rules on record where none are given.
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
        Ctrl-C and SIGTERM return the result so far. An exception of the callback leaves
        `optimize` and carries the result so far as its attribute ``result``.

    Raises
    ------
    ValueError
        If bounds, start points, limits or strategy make no sense, or are not those of
        the store; before any evaluation.
    StoreError
        If the store cannot be used, or written any more.
    TypeError
        If `fun` returns no number, while nothing has succeeded yet.
    RuntimeError
        If workers cannot go on, or cannot read the function.

    Examples
    --------
    >>> import surrogo
    >>> result = surrogo.optimize(lambda x: (x[0] - 1) ** 2 + x[1] ** 2,
    ...                           [(-5, 5), (-5, 5)], max_evals=20, rng=0)
    >>> bool(result.fun < 1e-3)
    True
    """
    _check_callables(fun, callback)
    space = space_of(bounds)
    rules = Rules(max_evals, max_time, target, tol, confidence, patience)
    rules.watch(space.d_free)  # refused before a store is made
    known, values = prior_points(prior, space), start_points(space, x0, y0)
    interrupts = Interrupts(finish=_finishes(on_interrupt))
    batch, retries = _batch(batch_size), checks.integer(retries, "retries", 0)
    slots = make_workers(
        fun,
        _tuple(args),
        workers,
        timeout=eval_timeout,
        memory=eval_memory,
        retry_on=retry_on,
    )
    with (
        closing(slots),
        Optimizer(space, strategy=strategy, rng=rng, store=store) as optimizer,
        _carrying(optimizer),
    ):
        n_before = optimizer.trials.n_spent
        begin_with(optimizer, *known)
        starts = begin_with(optimizer, *values)
        watch = rules.on_record(optimizer.trials)
        with progress_bar(progress, optimizer.trials) as show:
            run = Run(optimizer, slots, watch, interrupts, starts, batch, retries)
            status = run.to_end(callback, show)
        result = optimizer.result(status)
        optimizer.close(result.status)
    if store is not None:
        result.message += _about_store(store, result, n_before)
    return _worded(result, watch)


@contextmanager
def _carrying(optimizer: Optimizer) -> Iterator[None]:
    """Let an exception that ends the run carry what was paid for."""
    try:
        yield
    except BaseException as error:
        with suppress(AttributeError):  # a class with __slots__
            error.result = optimizer.result(Status.INTERRUPTED)  # type: ignore[attr-defined]
        raise


def _check_callables(fun: Any, callback: Any) -> None:
    for value, name in ((fun, "fun"), (callback, "callback")):
        if value is not None and not callable(value):
            raise ValueError(f"{name} must be callable, got {checks.shown(value)}")
    if fun is None:
        raise ValueError("fun must be callable, got None")


def _tuple(args: Any) -> tuple[Any, ...]:
    if not isinstance(args, tuple | list):
        raise ValueError(
            "args must be a tuple of further arguments of fun, such as (3,), got "
            f"{checks.shown(args)}"
        )
    return tuple(args)


def _batch(batch_size: Any) -> int | None:
    return None if batch_size is None else checks.integer(batch_size, "batch_size", 1)


def _finishes(on_interrupt: Any) -> bool:
    known = ("abandon", "finish")
    return checks.one_of(on_interrupt, known, "on_interrupt") == "finish"


def _about_store(store: str | Path, result: Result, n_before: int) -> str:
    """Say how to go on with a run that a store holds."""
    if result.status == Status.INTERRUPTED:
        return f" The same call goes on from {store}."
    if result.status == Status.MAX_EVALS and result.nfev == n_before:
        return f" {store} holds all its values; to go on give a larger max_evals."
    return ""


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
