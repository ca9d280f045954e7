"""An evaluation that has ended: its answer, what it took, whether to try again."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from time import perf_counter
from typing import Any, TypeAlias

from surrogo.checks import shown
from surrogo.execution.evaluate import Failure, Misuse, attempt
from surrogo.space import Point
from surrogo.trials import Evaluation

Transient: TypeAlias = tuple[type[Exception], ...]


@dataclass(frozen=True)
class Ended:
    """An evaluation that has ended.

    Attributes
    ----------
    id : int
        What it was submitted as.
    answer : Evaluation, Failure or Misuse
        A misuse, which is an exception, if the function returned no number.
    seconds : float
        Duration of the evaluation itself, measured where it ran; of the attempt, if
        it was ended from outside.
    transient : bool
        Whether another attempt at the same point may well succeed: the worker died, or
        the function raised one of the transient exceptions.
    """

    id: int
    answer: Evaluation | Failure | Misuse
    seconds: float
    transient: bool = False


def run(
    id: int,
    fun: Callable[..., Any],
    x: Point,
    args: tuple[Any, ...],
    transient: Transient,
    within: AbstractContextManager[Any] | None = None,
) -> tuple[Ended, BaseException | None]:
    """Evaluate here and now; return also what the function raised."""
    answer: Evaluation | Failure | Misuse
    start = perf_counter()
    try:
        answer, error = attempt(fun, x, args, within)
    except Misuse as misuse:
        answer, error = misuse, None
    seconds = perf_counter() - start
    return Ended(id, answer, seconds, isinstance(error, transient)), error


def checked(transient: Any, name: str = "transient") -> Transient:
    """Refuse anything but a tuple of exception types."""
    if isinstance(transient, tuple) and all(map(_is_exception, transient)):
        return transient
    raise ValueError(
        f"{name} must be a tuple of exception types, got {shown(transient)}; "
        "give for example (ConnectionError, TimeoutError)"
    )


def _is_exception(kind: object) -> bool:
    return isinstance(kind, type) and issubclass(kind, Exception)
