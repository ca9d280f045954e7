"""Ask and tell: the thin public object around a strategy and the record."""

from __future__ import annotations

import threading
import time
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Self

import numpy as np

from surrogo import checks
from surrogo.execution import Failure, Journal, StoreError, as_evaluation
from surrogo.optimizers.base import Strategy, View
from surrogo.optimizers.effort import RECENT, Pace
from surrogo.optimizers.registry import make
from surrogo.optimizers.seeds import seed_of
from surrogo.optimizers.stored import open_store
from surrogo.optimizers.unseen import unseen
from surrogo.optimizers.user_surrogate import UserSurrogate
from surrogo.result import Result, Status, check_run_data, make_result, run_data
from surrogo.space import Space
from surrogo.threads import one_blas_thread
from surrogo.trials import Evaluation, Trial, Trials


class Optimizer:
    """Propose points with `ask`, report what they gave with `tell`.

    The run is a pure function of its record: `to_dict` after any step, `from_dict`
    in another process, and the points go on as if nothing had happened. Results may
    come late, in any order and from several threads.

    Parameters
    ----------
    bounds : Space or anything that `Space.of` reads
    strategy : str or Strategy
        ``"auto"``, a name in `STRATEGIES`, or an instance with your settings.
    rng : int, numpy.random.Generator, optional
        Seed (SPEC 7).
    store : str or Path, optional
        A file in which every ask and every result is on the disk before the call
        returns. If it exists, the run in it goes on: same bounds, strategy and seed.
        Trials that were running then still are. `close` gives it back, as does the
        end of a ``with`` block.

    Raises
    ------
    ValueError
        If the bounds or the strategy make no sense, or are not those of the store.
    StoreError
        If the store cannot be used, or a result cannot be written to it.

    Examples
    --------
    >>> from surrogo import Optimizer
    >>> optimizer = Optimizer([(0, 1), (0, 1)], rng=0)
    >>> for _ in range(8):
    ...     trial = optimizer.ask()
    ...     optimizer.tell(trial, (trial.x[0] - 0.5) ** 2 + trial.x[1])
    >>> optimizer.result().nfev
    8
    """

    def __init__(
        self,
        bounds: Any,
        *,
        strategy: Any = "auto",
        rng: Any = None,
        store: str | Path | None = None,
    ) -> None:
        space = space_of(bounds)
        if store is None:
            self._begin(Trials(space), make(strategy), seed_of(rng))
        else:
            self._begin(*open_store(store, space, strategy, rng))

    def _begin(
        self,
        trials: Trials,
        strategy: Strategy,
        seed: int,
        journal: Journal | None = None,
    ) -> None:
        self.trials = trials
        self.strategy = strategy
        self.seed = seed
        self._pace = Pace()
        self._lock = threading.RLock()
        self._journal = journal

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: object, error: object, trace: object) -> None:
        try:
            self.close()
        except StoreError:  # the same again, without what the first one carries
            if error is None:
                raise

    def __reduce__(self) -> tuple[Any, ...]:
        return _rebuilt, (self.to_dict(), self.strategy)

    @property
    def space(self) -> Space:
        """The space of the run."""
        return self.trials.space

    def ask(self, n: int | None = None) -> Any:
        """Propose the next point, or the next `n` points.

        Points that are still running are taken into account. No point comes twice.

        Parameters
        ----------
        n : int, optional

        Returns
        -------
        Trial, or list of Trial if `n` is given
            Fewer than `n` where a discrete space has no more.

        Raises
        ------
        SpaceExhausted
            If every point of a discrete space has been asked for.
        """
        count = 1 if n is None else checks.integer(n, "n, the number of points,", 1)
        with self._lock, one_blas_thread():
            begun = time.perf_counter()
            view = View.of(self.trials, self._effort(), self.strategy.uses_vectors)
            rng = self._generator()
            memory = self.strategy.revive(self.trials.memory)
            memory = self.strategy.observe(view, memory)
            U, memory = self.strategy.propose(view, memory, count, rng)
            rows = unseen(self.space.from_unit(U), self.trials.rows(), self.space, rng)
            trials = self.trials.ask(rows, self.strategy.describe(memory), view.effort)
            self._pace.thought((time.perf_counter() - begun) / count, view.effort)
        return trials[0] if n is None else trials

    def ask_at(self, x: Any) -> Trial:
        """Register a trial at a point of your own choice.

        Raises
        ------
        ValueError
            If `x` does not belong to the space.
        """
        with self._lock:
            return self.trials.ask([self.space.encode(x)], effort=self.trials.effort)[0]

    def tell(
        self, trial: Trial | int, value: Any, seconds: float | None = None
    ) -> None:
        """Report what a trial gave; cheap, nothing is fitted.

        Parameters
        ----------
        trial : Trial or int
            The trial or its id.
        value : float or Evaluation
            A value that is not finite makes the trial a failed one.
        seconds : float, optional
            How long it took, for the record.

        Raises
        ------
        ValueError
            If there is no such trial or it has ended already.
        TypeError
            If the value is no number; the trial goes on running.
        """
        self._check_own(trial)
        answer = value if isinstance(value, Failure) else as_evaluation(value)
        _warn_of_constraints(answer)
        with self._lock:
            if isinstance(answer, Failure):
                reason, text = answer.reason, answer.traceback
                self.trials.fail(_id(trial), reason, text, seconds)
            else:
                self.trials.end(_id(trial), answer, seconds)

    def tell_failure(self, trial: Trial | int, reason: str) -> None:
        """Report that a trial failed, and why."""
        self.tell(trial, Failure(str(reason)))

    def add(self, x: Any, value: Any) -> Trial:
        """Tell a point that was evaluated elsewhere.

        Raises
        ------
        ValueError
            If `x` does not belong to the space or the value is not finite.
        """
        answer = as_evaluation(value)
        if isinstance(answer, Failure):
            raise ValueError(
                f"a point added to a run needs a finite value, got: {answer.reason}; "
                "leave failed points out"
            )
        with self._lock:
            return self.trials.add(self.space.encode(x), answer)

    def budget(self, max_evals: int | None) -> None:
        """Say how many trials the run may have; strategies may plan with it."""
        with self._lock:
            self.trials.budget(max_evals)

    def result(self, status: Status = Status.RUNNING) -> Result:
        """Sum up the run so far."""
        with self._lock:
            trials = self.trials.snapshot()
        return make_result(
            trials,
            status,
            seed=self.seed,
            strategy=self.strategy.to_dict(),
            surrogate=UserSurrogate(trials),
        )

    def close(self, status: Status | None = None) -> None:
        """Close the store, if there is one, and note in it how the run ended."""
        with self._lock:
            if self._journal is not None:
                self._journal.close(None if status is None else status.name)

    def to_dict(self) -> dict[str, Any]:
        """Return the run as plain data that JSON can hold."""
        with self._lock:
            return run_data(self.trials, self.seed, self.strategy.to_dict())

    @classmethod
    def from_dict(cls, data: Mapping[str, Any], *, strategy: Any = None) -> Optimizer:
        """Go on with the run that `to_dict` described.

        Trials that were running when it was saved still are, and count as running
        until they are told; ``trials.in_state("running")`` lists them.

        Parameters
        ----------
        data : mapping or Result
        strategy : Strategy, optional
            Needed only for a strategy that is not registered.

        Raises
        ------
        ValueError
            If the data come from a newer version or another program.
        """
        if isinstance(data, Result):
            data = run_data(data.trials, data.seed, data.strategy)
        check_run_data(data)
        run = cls.__new__(cls)
        chosen = data["strategy"] if strategy is None else strategy
        seed = checks.integer(data["seed"], "seed", 0)
        run._begin(Trials.from_dict(data), make(chosen), seed)
        return run

    def _check_own(self, trial: Trial | int) -> None:
        """Refuse the trial of another run, which would book a value elsewhere."""
        if not isinstance(trial, Trial):
            return
        known = self.trials[trial.id : trial.id + 1]
        if not known or not np.array_equal(known[0].row, trial.row):
            raise ValueError(
                f"trial {trial.id} at {checks.shown(trial.x)} does not belong to this "
                "run; tell the optimizer that asked for it"
            )

    def _effort(self) -> int:
        """Return how much the strategy may think now; see `effort.py`."""
        times = [t.seconds for t in self.trials[-RECENT:] if t.seconds is not None]
        return self._pace.level(times, self.trials.effort)

    def _generator(self) -> np.random.Generator:
        """Return the generator of the next ask, a function of the record alone."""
        key = (len(self.trials),)
        return np.random.default_rng(np.random.SeedSequence(self.seed, spawn_key=key))


def space_of(bounds: Any) -> Space:
    """Return the space that the user means.

    Raises
    ------
    ValueError
        If `bounds` describe none.
    """
    if isinstance(bounds, Result):
        raise ValueError(
            "bounds must describe a space, got a Result; to go on with a run take "
            "Optimizer.from_dict(result)"
        )
    return Space.of(bounds)


def _warn_of_constraints(answer: Evaluation | Failure) -> None:
    if isinstance(answer, Evaluation) and answer.constraints is not None:
        warnings.warn(
            "no strategy uses constraints to search yet: they are recorded, and the "
            "best point is the best feasible one",
            UserWarning,
            stacklevel=3,
        )


def _rebuilt(data: Mapping[str, Any], strategy: Strategy) -> Optimizer:
    return Optimizer.from_dict(data, strategy=strategy)


def _id(trial: Trial | int) -> int:
    return trial.id if isinstance(trial, Trial) else checks.integer(trial, "id", 0)
