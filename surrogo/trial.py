"""One point of a run and what became of it."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import Any, Literal, TypeAlias

import numpy as np

from surrogo.checks import FloatArray
from surrogo.evaluation import Evaluation
from surrogo.space import Point, Space

State: TypeAlias = Literal["running", "done", "failed"]

_new, _put = object.__new__, object.__setattr__


@dataclass(frozen=True, eq=False)
class Trial:
    """One point of a run and what became of it.

    Attributes
    ----------
    id : int
        Its number in the run, from 0.
    x : array (d,) or dict
        The point as the user's function receives it.
    row : array (d,)
        The point as a row of ``X``; cannot be changed.
    state : {"running", "done", "failed"}
    evaluation : Evaluation or None
    reason : str
        Why it failed; empty otherwise.
    traceback : str
        The text of the traceback if the function raised.
    seconds : float or None
        How long the evaluation took, where known.
    added : bool
        Whether it was evaluated elsewhere and told to the run.
    retries : int
        How many attempts failed before the one that counts.

    Examples
    --------
    >>> from surrogo import Optimizer
    >>> trial = Optimizer({"rate": (0, 1)}, rng=0).ask()
    >>> trial.id, trial.state, list(trial.x)
    (0, 'running', ['rate'])
    """

    id: int
    row: FloatArray
    space: Space = field(repr=False)
    state: State = "running"
    evaluation: Evaluation | None = None
    reason: str = ""
    traceback: str = field(default="", repr=False)
    seconds: float | None = None
    added: bool = False
    retries: int = 0

    @classmethod
    def new(cls, id: int, row: FloatArray, space: Space) -> Trial:
        """Return a trial that is running.

        What is left out is at its default, which the class itself has: a third of the
        time that ``Trial(id, row, space)`` takes, and long records have many.
        """
        out = _new(cls)
        _put(out, "id", id)
        _put(out, "row", row)
        _put(out, "space", space)
        return out

    def ended_with(self, evaluation: Evaluation, seconds: float | None) -> Trial:
        """Return this trial with what its evaluation gave."""
        out = self.new(self.id, self.row, self.space)
        _put(out, "state", "done")
        _put(out, "evaluation", evaluation)
        _put(out, "seconds", seconds)
        if self.retries:
            _put(out, "retries", self.retries)
        return out

    @property
    def x(self) -> Point:
        """The point as the user's function receives it; a new copy every time."""
        return self.space.decode(self.row)

    @property
    def value(self) -> float:
        """The number to minimise; NaN if there is none, or if there are several."""
        if self.state != "done" or self.evaluation is None:
            return float("nan")
        value = self.evaluation.value
        return value if isinstance(value, float) else float("nan")

    @property
    def feasible(self) -> bool:
        """Whether it is done and no constraint is above zero."""
        if self.state != "done" or self.evaluation is None:
            return False
        c = self.evaluation.constraints
        return c is None or bool(np.all(c <= 0.0))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Trial) and self._parts() == other._parts()

    def __hash__(self) -> int:
        return hash((self.id, self.state))

    def __reduce__(self) -> tuple[Any, ...]:
        return _read_only, tuple(getattr(self, f.name) for f in fields(self))

    def _parts(self) -> tuple[Any, ...]:
        parts = {f.name: getattr(self, f.name) for f in fields(self)}
        return tuple((parts | {"row": self.row.tobytes()}).values())


def _read_only(id: int, row: FloatArray, *rest: Any) -> Trial:
    """Rebuild a trial from a pickle, out of which every array can be changed."""
    row = row.copy()
    row.flags.writeable = False
    return Trial(id, row, *rest)
