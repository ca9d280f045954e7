"""Polynomial trends: the basis f(z) of p functions, and its derivatives.

z runs over the unit cube; the basis is centred there for the sake of conditioning.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from surrogo import checks
from surrogo.checks import FloatArray
from surrogo.surrogates import linalg

# Highest degree of each trend; "zero" has no basis at all (simple kriging).
TRENDS = {"zero": -1, "constant": 0, "linear": 1, "quadratic": 2}
# A column of F whose part orthogonal to the others is smaller, relative to its
# length, is nothing but rounding.
_DEPENDENT = 1e-13


@dataclass(frozen=True)
class Trend:
    """All monomials up to `degree` in `d` variables.

    Examples
    --------
    >>> import numpy as np
    >>> from surrogo.surrogates.trends import Trend
    >>> Trend.of("linear", 2).basis(np.array([[0.5, 1.0]]))
    array([[1. , 0. , 0.5]])
    """

    degree: int
    d: int

    @classmethod
    def of(cls, name: str, d: int) -> Trend:
        """Return the trend of this name in `d` variables."""
        return cls(TRENDS[checks.one_of(name, TRENDS, "trend")], d)

    @property
    def p(self) -> int:
        """Number of basis functions."""
        return (0, 1, 1 + self.d, (self.d + 1) * (self.d + 2) // 2)[self.degree + 1]

    def basis(self, Z: FloatArray) -> FloatArray:
        """Return F (m, p) at the points Z (m, d)."""
        C = Z - 0.5
        blocks = [np.ones((len(Z), 1)), C]
        if self.degree == 2:
            i, j = np.triu_indices(self.d)
            blocks.append(C[:, i] * C[:, j])
        return np.hstack(blocks[: self.degree + 1]) if self.degree >= 0 else C[:, :0]

    def slope(self, Z: FloatArray, c: FloatArray) -> FloatArray:
        """Return the gradients (m, d) of f(z)^T c at Z, c of shape (m, p) or (p,)."""
        c = np.broadcast_to(c, (len(Z), self.p))
        out = np.zeros(Z.shape)
        if self.degree >= 1:
            out += c[:, 1 : 1 + self.d]
        if self.degree == 2:
            out += self._quadratic_slope(Z - 0.5, c[:, 1 + self.d :])
        return out

    def log_gram(self, Z: FloatArray) -> float:
        """Return log|F^T F| for the points Z (n, d), n >= p; 0 without a trend.

        Raises
        ------
        ValueError
            If the points do not determine the coefficients of the trend.
        """
        F = self.basis(Z)
        if not self.p:
            return 0.0
        independent = np.abs(np.diag(linalg.upper_of_qr(F)))
        if np.any(independent <= _DEPENDENT * np.linalg.norm(F, axis=0)):
            raise ValueError(
                f"the {len(Z)} points do not determine the {self.p} coefficients of "
                "the trend: they lie on a lower-dimensional set, or a variable is "
                "constant; take a simpler trend"
            )
        return 2.0 * float(np.sum(np.log(independent)))

    def _quadratic_slope(self, C: FloatArray, c: FloatArray) -> FloatArray:
        i, j = np.triu_indices(self.d)
        H = np.zeros((len(C), self.d, self.d))
        H[:, i, j] += c
        H[:, j, i] += c  # the diagonal comes twice: d(c z^2)/dz = 2 c z
        out: FloatArray = np.einsum("mij,mj->mi", H, C)
        return out
