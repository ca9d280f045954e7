"""Fits whose data are the model's own answer: the smallest sum of squares is zero."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, TypeAlias

import numpy as np

from surrogo.checks import FloatArray
from surrogo.problems.base import Problem, from_residuals, read_only
from surrogo.space import Space

Simulate: TypeAlias = Callable[[FloatArray], FloatArray]  # x (d,) -> (n, k)


@dataclass(frozen=True)
class Recovery:
    """The residuals of a model against what it gives at known parameters.

    Parameters
    ----------
    simulate : callable
        ``simulate(x)`` of shape (n, k): k series at n times.
    truth : tuple of float
        The parameters that made the data.
    scaled : bool
        Divide each series by its largest absolute value in the data, so that small
        ones count as much as large ones.

    Examples
    --------
    >>> import numpy as np
    >>> line = Recovery(lambda x: x * np.array([[1.0], [2.0]]), (3.0,))
    >>> line(np.array([2.0]))
    array([-1., -2.])
    """

    simulate: Simulate
    truth: tuple[float, ...]
    scaled: bool = False

    def __call__(self, x: FloatArray) -> FloatArray:
        """Return model minus data, shape (n * k,): all series of each time."""
        r = self.simulate(x) - self.data
        return np.ravel(r / self.scale if self.scaled else r)

    @property
    def data(self) -> FloatArray:
        """The series at the truth, shape (n, k), simulated once."""
        return _simulated(self.simulate, self.truth)

    @property
    def scale(self) -> FloatArray:
        """The largest absolute value of each series, shape (k,)."""
        return np.asarray(np.abs(self.data).max(axis=0))


@cache  # a simulation of each truth; the numbers then equal those at x = truth exactly
def _simulated(simulate: Simulate, truth: tuple[float, ...]) -> FloatArray:
    return read_only(simulate(np.array(truth)))


def recovery(
    name: str, space: Space, misfit: Recovery, parameters: Sequence[str], **more: Any
) -> Problem:
    """Make the problem of finding again the parameters that made the data."""
    return from_residuals(
        name, space, misfit, 0.0, [misfit.truth], parameters=parameters, **more
    )
