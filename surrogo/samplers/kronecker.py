"""Kronecker points: multiples of irrational numbers, such as the golden ratio."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from surrogo import checks
from surrogo.checks import FloatArray
from surrogo.samplers.rotation import rotated
from surrogo.samplers.sequence import Sequence


@dataclass(frozen=True, kw_only=True)
class Kronecker(Sequence):
    """The points ``i alpha`` modulo 1, i = 1, 2, ..., shifted at random.

    Kronecker 1884; also known as Weyl, Richtmyer or additive-recurrence sequence. In
    one variable no other step is as even at every `n` as the golden ratio; in more,
    some `n` are uneven. Beyond some eight variables the default steps grow alike:
    take `Sobol` there.

    Parameters
    ----------
    alpha : sequence of float, optional
        The step of each variable, irrational and independent; by default the negative
        powers of the generalised golden ratio, which is the positive root of
        g**(d + 1) = g + 1 (Roberts 2018, "The unreasonable effectiveness of
        quasirandom sequences").
    shift : bool
        False leaves out the random shift.
    skip : int
        Number of points to leave out: continues a design of the same integer seed.

    Raises
    ------
    ValueError
        If there is not one finite step for each variable.

    Examples
    --------
    >>> from surrogo.samplers import Kronecker
    >>> Kronecker(shift=False).sample_unit(3, 1)
    array([[0.61803399],
           [0.23606798],
           [0.85410197]])
    """

    alpha: Any = None
    shift: bool = True

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.alpha is not None:
            name = "alpha, the steps of a Kronecker sequence,"
            alpha = checks.finite(checks.array(self.alpha, name), name)
            object.__setattr__(self, "alpha", tuple(np.ravel(alpha).tolist()))

    def _first(self, n: int, d: int, rng: np.random.Generator) -> FloatArray:
        U = np.arange(1, n + 1)[:, None] * self._steps(d) % 1.0
        return rotated(U, rng) if self.shift else U

    def _steps(self, d: int) -> FloatArray:
        if self.alpha is None:
            return golden_ratio(d) ** -np.arange(1.0, d + 1)
        if len(self.alpha) != d:
            raise ValueError(
                f"alpha must hold one step for each of the {d} variables, got "
                f"{len(self.alpha)}; leave it out for powers of the golden ratio"
            )
        return np.array(self.alpha)


def golden_ratio(d: int) -> float:
    """Return the positive root of g**(d + 1) = g + 1; d = 1 gives the golden ratio.

    Examples
    --------
    >>> golden_ratio(1), golden_ratio(2)
    (1.618033988749895, 1.324717957244746)
    """
    g, before = 2.0, 0.0
    while g != before:  # the iteration falls monotonically from above to the root
        g, before = min(g, (1.0 + g) ** (1.0 / (d + 1))), g
    return g
