"""How the function travels to the processes of an engine: once to each, if it can."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from hashlib import blake2b
from itertools import count
from typing import Any

from surrogo.execution.remote import evaluate_here, evaluate_packed
from surrogo.execution.shipping import packed
from surrogo.space import Point

_SMALL = 50_000  # bytes that may as well travel with every point


@dataclass(frozen=True)
class Call:
    """What to submit: ``fn(*args)``; bare if the function does not travel along."""

    fn: Any
    args: tuple[Any, ...]
    bare: bool = False


class Shared:
    """For threads of this process: nothing travels."""

    def __init__(self, *task: Any) -> None:
        self._task = task

    def call(self, id: int, x: Point, whole: bool = False) -> Call:
        """Return what evaluates a point."""
        return Call(evaluate_here, (*self._task, (id, x)))

    def answered(self, call: Call, missing: bool) -> None:
        """Take note of a reply."""


class Parcels:
    """For other processes, of which an engine does not say which gets a point.

    A process keeps the function. So once a large one has arrived somewhere, points
    are sent without it, at first one at a time, and more as long as they meet
    processes that know it: an engine that starts a new process for every point gets
    only one in vain.
    """

    def __init__(self, fun: Any, args: tuple[Any, ...], transient: Any) -> None:
        self._task = packed(fun, args, transient)
        self._digest = blake2b(self._task, digest_size=16).hexdigest()
        self._names = map(f"{uuid.uuid4().hex}-{{}}".format, count())
        self._arrived = False
        self._under_way = self._met = self._missed = 0  # of the bare ones

    def call(self, id: int, x: Point, whole: bool = False) -> Call:
        """Return what evaluates a point; `whole` if the function must go along."""
        import cloudpickle  # a choice may be anything, also a class of a script

        job = bytes(cloudpickle.dumps((id, x)))
        bare = not whole and self._trusts()
        self._under_way += bare
        task = None if bare else self._task
        return Call(evaluate_packed, (self._digest, task, job, next(self._names)), bare)

    def _trusts(self) -> bool:
        if len(self._task) <= _SMALL or not self._arrived:
            return False
        return self._under_way + self._missed <= self._met

    def answered(self, call: Call, missing: bool) -> None:
        """Take note of a reply."""
        self._arrived = True
        self._under_way -= call.bare
        self._missed += call.bare and missing
        self._met += call.bare and not missing
