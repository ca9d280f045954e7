"""What the answers of a calibration ask: a posterior, its best point, what is known."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from surrogo import checks
from surrogo.checks import FloatArray
from surrogo.space import Space
from surrogo.trials import Evaluation, Trials


@dataclass(frozen=True, eq=False)
class Target:
    """A negative log posterior density, and where it is lowest.

    Parameters
    ----------
    space : Space
        Real variables only; those whose bounds are equal are left alone.
    evaluate : callable
        ``evaluate(x)`` of a float array (d,) returns an `Evaluation`: its `value` is
        the negative log posterior density up to a constant. Where `residuals` (r,) are
        given as well, half their sum of squares should be the value up to a constant:
        the answers are cheaper then. It may fail.
    x_best : array (d,)
        The estimate.
    known : Trials, optional
        Evaluations of the same function; they are used and cost nothing.

    Raises
    ------
    ValueError
        If a variable is not real, or `x_best` does not lie in the space.

    Examples
    --------
    >>> from surrogo import Evaluation, Space
    >>> def evaluate(x):
    ...     return Evaluation(0.5 * float(x @ x), residuals=x)
    >>> Target(Space.of([(-1, 1), (-1, 1)]), evaluate, [0.0, 0.0]).x_best
    array([0., 0.])
    """

    space: Space
    evaluate: Callable[[FloatArray], Evaluation]
    x_best: FloatArray
    known: Trials | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        others = [kind for kind in self.space.kinds if kind != "real"]
        if others or any(variable.active_if for variable in self.space.variables):
            raise ValueError(
                "the uncertainty of an estimate needs real variables without "
                f"conditions, got kinds {self.space.kinds}; fix the others (low == "
                "high) at their estimates"
            )
        if self.space.d_free == 0:
            raise ValueError(
                "at least one variable must be free, got equal bounds for all of them"
            )
        row = checks.finite(checks.array(self.x_best, "x_best").ravel(), "x_best")
        if row.shape != (self.space.d,) or not self.space.contains([row])[0]:
            raise ValueError(
                f"x_best must be {self.space.d} numbers inside the bounds, got "
                f"{checks.shown(self.x_best)}"
            )
        row = row.copy()
        row.flags.writeable = False
        object.__setattr__(self, "x_best", row)

    @property
    def free(self) -> tuple[int, ...]:
        """Indices of the variables that are not fixed."""
        return tuple(np.flatnonzero(self.space.levels > 1).tolist())

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the variables that are not fixed."""
        return tuple(self.space.names[j] for j in self.free)
