"""Stationary kernels as functions of the squared scaled distance.

With r2 = sum_k ((x_k - x'_k) / l_k)^2 a kernel is one function g(r2), g(0) = 1, and
its derivative g' = dg/dr2; formulas as in Rasmussen & Williams 2006, section 4.2.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.spatial.distance import cdist

from surrogo import checks
from surrogo.checks import FloatArray

_PANEL = 64  # columns done at once: temporaries stay in the cache


@dataclass(frozen=True)
class Kernel:
    """A correlation function; a subclass writes ``value_and_slope``.

    Examples
    --------
    >>> import numpy as np
    >>> from surrogo.surrogates.kernels import Matern52
    >>> g, slope = Matern52().value_and_slope(np.array([0.0, 1.0]))
    >>> g.round(4), slope.round(4)
    (array([1.   , 0.524]), array([-0.8333, -0.2882]))
    """

    def value(self, r2: FloatArray) -> FloatArray:
        """Return g(r2), elementwise."""
        return self.value_and_slope(r2)[0]

    def value_and_slope(self, r2: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return g(r2) and dg/dr2, elementwise."""
        raise NotImplementedError


@dataclass(frozen=True)
class Matern12(Kernel):
    """Exponential kernel exp(-r): paths are continuous, nowhere differentiable.

    Its slope at r = 0 is infinite; 0 stands there, the middle of the kink in x.
    """

    def value_and_slope(self, r2: FloatArray) -> tuple[FloatArray, FloatArray]:
        r = np.sqrt(r2)
        e = np.exp(-r)
        kink = r == 0.0
        return e, np.where(kink, 0.0, -0.5 * e / np.where(kink, 1.0, r))


@dataclass(frozen=True)
class Matern32(Kernel):
    """(1 + s) exp(-s), s = sqrt(3) r: paths are once differentiable."""

    def value_and_slope(self, r2: FloatArray) -> tuple[FloatArray, FloatArray]:
        s = np.sqrt(3.0 * r2)
        e = np.exp(-s)
        return (1.0 + s) * e, -1.5 * e


@dataclass(frozen=True)
class Matern52(Kernel):
    """(1 + s + s^2/3) exp(-s), s = sqrt(5) r: paths are twice differentiable."""

    def value_and_slope(self, r2: FloatArray) -> tuple[FloatArray, FloatArray]:
        s = np.sqrt(5.0 * r2)
        e = np.exp(-s)
        rough = (1.0 + s) * e
        return rough + (5.0 / 3.0) * r2 * e, (-5.0 / 6.0) * rough


@dataclass(frozen=True)
class SquaredExponential(Kernel):
    """exp(-r2 / 2): paths are analytic."""

    def value_and_slope(self, r2: FloatArray) -> tuple[FloatArray, FloatArray]:
        e = np.exp(-0.5 * r2)
        return e, -0.5 * e


# Adding a kernel here adds it to the tests of kernels and of the GP.
KERNELS: dict[str, Kernel] = {
    "matern12": Matern12(),
    "matern32": Matern32(),
    "matern52": Matern52(),
    "squared_exponential": SquaredExponential(),
}


def get(kernel: str | Kernel) -> Kernel:
    """Return the kernel of this name, or the kernel itself."""
    if isinstance(kernel, Kernel):
        return kernel
    return KERNELS[checks.one_of(kernel, KERNELS, "kernel")]


def squared_distances(A: FloatArray, B: FloatArray) -> FloatArray:
    """Return the squared distances between rows, shape (len(A), len(B)).

    By differences, not by the expanded square: near points would lose all digits.
    """
    return cdist(A, B, "sqeuclidean")


def fill_lower(
    kernel: Kernel, Z: FloatArray, value: FloatArray, slope: FloatArray
) -> None:
    """Write g and dg/dr2 between all rows of Z (n, d) into value and slope (n, n).

    Only the lower triangles and some of the rest: LAPACK reads no more. The columns of
    the arrays are best contiguous, as LAPACK wants them.
    """
    for top in range(0, len(Z), _PANEL):
        columns = slice(top, top + _PANEL)
        g, dg = kernel.value_and_slope(squared_distances(Z[columns], Z[top:]))
        value.T[columns, top:], slope.T[columns, top:] = g, dg
