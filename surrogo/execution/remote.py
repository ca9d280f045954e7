"""What an executor runs: one evaluation, in a thread, a process or on a machine."""

from __future__ import annotations

import pickle
import traceback
from collections.abc import Callable
from typing import Any, Literal, TypeAlias

from surrogo.execution import ended
from surrogo.execution.ended import Transient

# "missing": this process does not know the function. "broken": it cannot read it.
Reply: TypeAlias = tuple[Literal["ended", "missing", "broken"], Any]

_KEPT = 4  # functions that a process remembers
_tasks: dict[str, Any] = {}  # what was unpickled, by digest, the latest last


def evaluate_here(
    fun: Callable[..., Any], args: tuple[Any, ...], transient: Transient, job: Any
) -> Reply:
    """Evaluate in a thread of the process that asked for it."""
    id, x = job
    return "ended", ended.run(id, fun, x, args, transient)[0]


def evaluate_packed(digest: str, task: bytes | None, job: bytes, name: str) -> Reply:
    """Evaluate in another process; nothing that comes back can fail to be unpickled.

    Parameters
    ----------
    digest : str
        What the function and its arguments are kept under in this process.
    task : bytes or None
        The function, its arguments and transient exceptions; None to use those kept.
    job : bytes
        The id and the point.
    name : str
        Different for every call: engines such as Dask return what they have if a call
        looks like one before.
    """
    import cloudpickle  # an Evaluation may be of a class of a script

    del name
    try:
        known = _known(digest, task)
        if known is None:
            return "missing", None
        fun, args, transient = known
        id, x = pickle.loads(job)
    except BaseException:  # a module may even exit when it is imported
        return "broken", traceback.format_exc()
    one = ended.run(id, fun, x, args, transient)[0]
    return "ended", bytes(cloudpickle.dumps(one))


def _known(digest: str, task: bytes | None) -> Any:
    known = _tasks.pop(digest, None)
    if known is None and task is not None:
        known = pickle.loads(task)
    if known is not None:
        _tasks[digest] = known
    for old in list(_tasks)[:-_KEPT]:
        _tasks.pop(old, None)  # another thread may have done so
    return known
