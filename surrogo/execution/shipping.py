"""What is sent to a worker process, once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from surrogo.execution.ended import Transient


@dataclass(frozen=True)
class Order:
    """What a worker process is for.

    Attributes
    ----------
    task : bytes
        The pickled function, its further arguments and its transient exceptions.
    memory : int or None
        Bytes that an evaluation may allocate.
    parent : int
        Process to end with.
    lifeline : int or None
        Descriptor of a pipe that only the parent keeps open.
    argv : list of str
        ``sys.argv`` of the parent, as functions may look at it.
    """

    task: bytes
    memory: int | None
    parent: int
    lifeline: int | None
    argv: list[str]


def packed(
    fun: Callable[..., Any], args: tuple[Any, ...], transient: Transient
) -> bytes:
    """Pickle what a worker needs.

    Raises
    ------
    ValueError
        If something cannot leave this process.
    """
    import cloudpickle  # knows lambdas, closures, functions of scripts and notebooks

    try:
        return bytes(cloudpickle.dumps((fun, tuple(args), transient)))
    except Exception as error:  # whatever the parts raise: it is their own code
        raise ValueError(
            "the function and args must be such that they can be sent to another "
            f"process, got {type(error).__name__}: {error}; open files, locks and "
            "connections inside the function, or evaluate without workers"
        ) from error
