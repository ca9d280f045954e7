"""The simulations behind the answers: counted, kept, and never made twice."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from surrogo import checks
from surrogo.calibration.target import Target
from surrogo.checks import FloatArray
from surrogo.execution.evaluate import Failure, evaluate
from surrogo.trials import Evaluation

# Half the sum of squares and the value differ by a constant up to rounding of the
# larger of them; a sum over 1e4 residuals loses four of sixteen digits.
_ROUNDING = 1e-9


@dataclass(frozen=True, eq=False)
class Seen:
    """One simulation: where, on the unit cube of the free variables, and what came."""

    u: FloatArray  # (p,)
    value: float
    residuals: FloatArray  # (r,), none where values alone are known
    outputs: FloatArray | None = None  # of the evaluation, where it has some

    @property
    def rest(self) -> float:
        """Return what half the sum of squares leaves of the value."""
        return self.value - 0.5 * float(self.residuals @ self.residuals)


class Simulations:
    """Evaluations of a target on the unit cube of its p free variables.

    Every answer takes a `Target` or these; handed from one answer to the next, what
    one has paid for is free for the others.

    Parameters
    ----------
    target : Target
    map : callable, optional
        Like the built-in ``map``, for simulations side by side:
        ``concurrent.futures.Executor.map``.

    Attributes
    ----------
    n_calls, n_failed : int
        How many simulations were made here, and how many of them failed.

    Raises
    ------
    ValueError
        If the simulation at ``target.x_best`` fails.

    Examples
    --------
    >>> from surrogo import Evaluation, Space
    >>> from surrogo.calibration.target import Target
    >>> target = Target(Space.of([(0, 2)]), lambda x: Evaluation((x[0] - 1)**2), [1.0])
    >>> simulations = Simulations(target)
    >>> simulations.at([0.75]).value, simulations.at([0.75]).value, simulations.n_calls
    (0.25, 0.25, 2)
    """

    def __init__(self, target: Target, map: Callable[..., Iterable[Any]] = map) -> None:
        self.target = target
        self.map = map
        self.n_calls = self.n_failed = 0
        self._seen: dict[bytes, Seen | None] = {}
        self._free = list(target.free)
        self._frozen = target.space.to_unit([target.x_best])[0]
        self._take_known()
        self._check_best()

    @classmethod
    def of(cls, target: Target | Simulations) -> Simulations:
        """Return the simulations of a target, or these themselves."""
        return target if isinstance(target, Simulations) else cls(target)

    @property
    def p(self) -> int:
        """Number of free variables."""
        return len(self._free)

    @property
    def seen(self) -> list[Seen]:
        """Return all simulations that gave a value, oldest first."""
        return [one for one in self._seen.values() if one is not None]

    @property
    def best(self) -> Seen:
        """Return the one of the lowest value; the estimate if equal."""
        lowest = min(self.seen, key=lambda one: one.value)
        return lowest if lowest.value < self.estimate.value else self.estimate

    def at(self, u: Any) -> Seen | None:
        """Return the simulation at u (p,), None if it failed."""
        return self.many([u])[0]

    def many(self, U: Sequence[Any] | FloatArray) -> list[Seen | None]:
        """Return the simulations at U (n, p), None where one failed."""
        return self.at_rows(
            self.rows(np.asarray(U, dtype=np.float64).reshape(-1, self.p))
        )

    def at_rows(self, rows: FloatArray) -> list[Seen | None]:
        """Return the simulations at rows (n, d) in the user's units, None as above."""
        new = {row.tobytes(): row for row in rows if row.tobytes() not in self._seen}
        call = partial(evaluate, self.target.evaluate)
        for row, came in zip(new.values(), self.map(call, new.values()), strict=True):
            self.n_calls += 1
            self.n_failed += isinstance(came, Failure)
            self._keep(row, came)
        return [self._seen[row.tobytes()] for row in rows]

    def rows(self, U: FloatArray) -> FloatArray:
        """Return points U (n, p) in the user's units, all variables (n, d)."""
        whole = np.tile(self._frozen, (len(U), 1))
        whole[:, self._free] = np.clip(U, 0.0, 1.0)
        X = self.target.space.from_unit(whole)
        fixed = np.setdiff1d(np.arange(self.target.space.d), self._free)
        X[:, fixed] = self.target.x_best[fixed]
        at_best = np.all(whole == self._frozen, axis=1)  # to the last bit
        return np.where(at_best[:, None], self.target.x_best, X)

    def unit(self, X: FloatArray) -> FloatArray:
        """Return rows X (n, d) on the unit cube of the free variables (n, p)."""
        return self.target.space.to_unit(X)[:, self._free]

    def has_residuals(self) -> bool:
        """Say whether everything seen has residuals, of the same length."""
        sizes = {len(one.residuals) for one in self.seen}
        return len(sizes) == 1 and 0 not in sizes

    def is_least_squares(self) -> bool:
        """Say whether all values are half a sum of squares, but for a constant."""
        if not self.has_residuals():
            return False
        rests = np.array([one.rest for one in self.seen])
        size = max(1.0, max(abs(one.value - one.rest) for one in self.seen))
        return bool(np.ptp(rests) <= _ROUNDING * max(size, float(np.max(abs(rests)))))

    def _take_known(self) -> None:
        known = self.target.known
        for trial in [] if known is None else known:
            if trial.state != "running" and self._on_the_slice(trial.row):
                self._keep(trial.row, trial.evaluation or Failure(trial.reason))

    def _on_the_slice(self, row: FloatArray) -> bool:
        """Say whether the fixed variables have the values that they are fixed to."""
        fixed = np.setdiff1d(np.arange(self.target.space.d), self._free)
        return bool(np.all(row[fixed] == self.target.x_best[fixed]))

    def _keep(self, row: FloatArray, came: Evaluation | Failure) -> None:
        if isinstance(came, Failure) or not np.isfinite(came.value):
            self._seen[row.tobytes()] = None
            return
        u = self.unit(row[None, :])[0]
        r = np.zeros(0) if came.residuals is None else came.residuals
        self._seen[row.tobytes()] = Seen(u, float(came.value), r, came.outputs)

    def _check_best(self) -> None:
        row = np.array(self.target.x_best)
        if self._seen.get(row.tobytes()) is None:
            came = evaluate(self.target.evaluate, row)
            self.n_calls += 1
            if isinstance(came, Failure):
                raise ValueError(
                    "the simulation at x_best must give a finite value, got "
                    f"{came.reason!r}; give the estimate that a calibration found"
                )
            self._keep(row, came)
        one = self._seen[row.tobytes()]
        assert one is not None
        self.estimate = one
        r = one.residuals
        if float(r @ r) > 0.0 and one.value == float(r @ r):
            raise ValueError(
                "value must be a negative log density, half the sum of squares of "
                f"standardised residuals, got the whole sum {checks.shown(one.value)}; "
                "return Evaluation(0.5 * r @ r, residuals=r), r divided by the noise"
            )
