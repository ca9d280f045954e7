"""Radial profiles: functions of the squared scaled distance.

With r2 = sum_k ((z_k - z'_k) / l_k)^2 a profile is one function g(r2) and its
derivatives in r2. Stationary kernels and radial basis functions are both made of it.
"""

from __future__ import annotations

from dataclasses import dataclass

from scipy.spatial.distance import cdist

from surrogo.checks import FloatArray


@dataclass(frozen=True)
class Profile:
    """A function g(r2); a subclass writes ``value_and_slope``.

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

    def derivatives(self, r2: FloatArray, order: int) -> list[FloatArray]:
        """Return g and its first `order` derivatives in r2, elementwise.

        Where a derivative is infinite (at r2 = 0 of a profile that is not smooth
        there) stands 0.

        Raises
        ------
        NotImplementedError
            If this profile does not offer derivatives so high.
        """
        if order > 1:
            raise NotImplementedError(
                f"{type(self).__name__} has no derivatives of order {order}"
            )
        return list(self.value_and_slope(r2))[: order + 1]


def squared_distances(A: FloatArray, B: FloatArray) -> FloatArray:
    """Return the squared distances between rows, shape (len(A), len(B)).

    By differences, not by the expanded square: near points would lose all digits.
    """
    return cdist(A, B, "sqeuclidean")
