"""What is made of the outputs of a simulation: a known, cheap function of them.

The search models the outputs, which are expensive, and knows the outer function: the
composite optimisation of Astudillo & Frazier 2019 (ICML), with the Gauss-Newton model
of the outer function (Schraudolph 2002, Neural Computation 14, 1723-1738)::

    h(r + s) = h(r) + g s + s diag(w) s / 2,    w >= 0
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from surrogo import checks
from surrogo.checks import FloatArray

_EPS = float(np.finfo(float).eps)


@dataclass(frozen=True)
class Outer:
    """A function h of the outputs r; a subclass writes `values` and `expand`.

    Its fields are plain data, so that a run can be resumed from its record.
    """

    name: ClassVar[str] = ""

    def values(self, R: FloatArray) -> FloatArray:
        """Return h (n,) of outputs R (n, r)."""
        raise NotImplementedError

    def expand(self, r: FloatArray) -> tuple[float, FloatArray, FloatArray]:
        """Return h, its gradient (r,) and weights (r,), at least 0, at r (r,)."""
        raise NotImplementedError

    def misfit(self, r: FloatArray) -> float:
        """Return how far h (r) is above that of a perfect fit, or its order.

        Here for outputs that are 0 where the fit is perfect.
        """
        weights = self.expand(r)[2]
        return 0.5 * float(r @ (weights * r))

    def to_dict(self) -> dict[str, Any]:
        """Return the name and the fields as plain data."""
        return {"name": self.name, **vars(self)}


@dataclass(frozen=True)
class SumOfSquares(Outer):
    """The sum of squares of residuals, without a half.

    Examples
    --------
    >>> import numpy as np
    >>> value, gradient, weights = SumOfSquares().expand(np.array([3.0, -4.0]))
    >>> value, gradient, weights
    (25.0, array([ 6., -8.]), array([2., 2.]))
    """

    name: ClassVar[str] = "sum_of_squares"

    def values(self, R: FloatArray) -> FloatArray:
        """Return the sums of squares (n,)."""
        return np.asarray(np.sum(R * R, axis=1))

    def expand(self, r: FloatArray) -> tuple[float, FloatArray, FloatArray]:
        """Return the sum, its gradient and the second derivatives."""
        return float(r @ r), 2.0 * r, np.full(len(r), 2.0)


@dataclass(frozen=True)
class AnyOuter(Outer):
    """A function given as a callable; its derivatives are taken by differences.

    Curvature between outputs is left out: of the Hessian the diagonal is taken, and of
    that what is positive.

    Parameters
    ----------
    function : callable
        ``function(r)`` of outputs (r,) returns a float; cheap, and smooth.

    Examples
    --------
    >>> import numpy as np
    >>> outer = AnyOuter(lambda r: r[0] ** 2 + 3.0 * r[1])
    >>> value, gradient, weights = outer.expand(np.array([2.0, 1.0]))
    >>> value, gradient.round(6), weights.round(3)
    (7.0, array([4., 3.]), array([2., 0.]))
    """

    name: ClassVar[str] = "any"

    function: Callable[[FloatArray], float]

    def __post_init__(self) -> None:
        if not callable(self.function):
            raise ValueError(
                "objective must be a function of the outputs, or an Outer, got "
                f"{checks.shown(self.function)}"
            )

    def values(self, R: FloatArray) -> FloatArray:
        """Return the function (n,) of outputs R (n, r)."""
        return np.array([float(self.function(r)) for r in R])

    def expand(self, r: FloatArray) -> tuple[float, FloatArray, FloatArray]:
        """Return the value, and central differences."""
        # The best step for second derivatives: Nocedal & Wright 2006, section 8.1.
        steps = _EPS**0.25 * np.maximum(np.abs(r), float(np.max(np.abs(r))) * 1e-3)
        steps = np.where(steps > 0.0, steps, _EPS**0.25)
        here = float(self.function(r))
        up, down = (self.values(r + side * np.diag(steps)) for side in (1.0, -1.0))
        bend = (up - 2.0 * here + down) / steps**2
        return here, (up - down) / (2.0 * steps), np.maximum(bend, 0.0)

    def misfit(self, r: FloatArray) -> float:
        """Return what a Newton step of each output gains: the most to be hoped for."""
        _, g, w = self.expand(r)
        curved = w > 0.0
        return 0.5 * float(np.sum(g[curved] ** 2 / w[curved]))

    def to_dict(self) -> dict[str, Any]:
        """Return the name alone: a function is not data."""
        return {"name": self.name}
