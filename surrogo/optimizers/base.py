"""What a strategy sees, remembers and does."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, ClassVar

import numpy as np

from surrogo.checks import FloatArray, IntArray
from surrogo.space import Space
from surrogo.trials import Trial, Trials


@dataclass(frozen=True)
class View:
    """What a strategy may know: frozen arrays in the unit cube.

    U (n, d) and y (n,) are the finished trials in the order of their ids, with
    constraints (n, c) where all of them have some. vectors (n, r) are the residuals or
    outputs of each, NaN where it has none of the common length; None if no trial has,
    or the strategy does not use them. pending (p, d) are still running, failed (f, d)
    gave no value. ids (n,), pending_ids (p,) and failed_ids (f,) are the ids of these;
    the next trial has the id `next_id`.
    """

    U: FloatArray
    y: FloatArray
    constraints: FloatArray | None
    vectors: FloatArray | None
    pending: FloatArray
    failed: FloatArray
    space: Space
    budget_left: int | None
    effort: int
    ids: IntArray
    pending_ids: IntArray
    failed_ids: IntArray

    @classmethod
    def of(cls, trials: Trials, effort: int, vectors: bool = False) -> View:
        """Look at a record; with residuals and outputs if asked for."""
        space = trials.space
        done, running, failed = (
            trials.in_state(state) for state in ("done", "running", "failed")
        )
        return cls(
            U=_units(space, done),
            y=np.array([trial.value for trial in done]),
            constraints=_stacked(done, "constraints"),
            vectors=_vectors(done) if vectors else None,
            pending=_units(space, running),
            failed=_units(space, failed),
            space=space,
            budget_left=_budget_left(trials),
            effort=effort,
            ids=_ids(done),
            pending_ids=_ids(running),
            failed_ids=_ids(failed),
        )

    @property
    def everything(self) -> FloatArray:
        """Every point that was ever asked for or added."""
        return np.vstack([self.U, self.pending, self.failed])

    @property
    def next_id(self) -> int:
        """The id that the next trial will have."""
        return len(self.ids) + len(self.pending_ids) + len(self.failed_ids)


def _units(space: Space, trials: list[Trial]) -> FloatArray:
    rows = np.array([trial.row for trial in trials]).reshape(-1, space.d)
    return space.to_unit(rows)


def _ids(trials: list[Trial]) -> IntArray:
    return np.array([trial.id for trial in trials], dtype=np.int64)


def _stacked(done: list[Trial], name: str) -> FloatArray | None:
    parts = [np.ravel(getattr(t.evaluation, name)) for t in done]
    same = len({part.shape for part in parts}) == 1
    if not same or any(getattr(t.evaluation, name) is None for t in done):
        return None
    return np.stack(parts)


def _vectors(done: list[Trial]) -> FloatArray | None:
    """Return the residuals or outputs (n, r) of trials, as long as those of the first.

    NaN where a trial has none, or of another length, or some that are not finite.
    """
    parts = [_vector(trial) for trial in done]
    length = next((len(part) for part in parts if len(part)), 0)
    if length == 0:
        return None
    stacked = np.full((len(parts), length), np.nan)
    for row, part in zip(stacked, parts, strict=True):
        if len(part) == length and np.all(np.isfinite(part)):
            row[:] = part
    return stacked


def _vector(trial: Trial) -> FloatArray:
    evaluation = trial.evaluation
    given = None if evaluation is None else evaluation.residuals
    if given is None and evaluation is not None:
        given = evaluation.outputs
    return np.empty(0) if given is None else np.ravel(given)


def _budget_left(trials: Trials) -> int | None:
    if trials.max_evals is None:
        return None
    return trials.max_evals - trials.n_asked


@dataclass(frozen=True)
class Memory:
    """What a strategy carries from one ask to the next: plain data only."""


@dataclass(frozen=True)
class Strategy:
    """A rule that proposes points; a subclass writes ``propose``.

    Its fields are configuration and never change; what changes travels in its
    memory, a small frozen dataclass named by ``Memory``.
    """

    name: ClassVar[str] = ""
    Memory: ClassVar[type[Memory]] = Memory
    uses_vectors: ClassVar[bool] = False  # whether it looks at `View.vectors`

    def propose(
        self, view: View, memory: Any, n: int, rng: np.random.Generator
    ) -> tuple[FloatArray, Any]:
        """Return n points (n, d) of the unit cube and the new memory."""
        raise NotImplementedError

    def observe(self, view: View, memory: Any) -> Any:
        """Return the memory after the results in `view`; called before propose."""
        del view
        return memory

    def describe(self, memory: Any) -> dict[str, Any]:
        """Return a memory as plain data that `revive` reads."""
        return asdict(memory)

    def revive(self, memory: Mapping[str, Any]) -> Any:
        """Return the memory that this plain data describes."""
        return self.Memory(**memory)

    def to_dict(self) -> dict[str, Any]:
        """Return name and configuration as plain data."""
        return {"name": self.name, **asdict(self)}
