"""Noise families: minus log density of a standardised residual, with derivatives.

For z = r / sigma each family gives rho(z), without the term log(sigma); its slope; a
weight, at least 0, with which ``rho(z) + slope dz + weight dz^2 / 2`` is the
Gauss-Newton (or reweighted) model; and the second derivative of
``log(sigma) + rho(r / sigma)`` in log(sigma).
"""

from __future__ import annotations

import math

import numpy as np
from scipy.special import gammaln

from surrogo.checks import FloatArray

# Reweighting of absolute values divides by abs(z); below this the weight stays.
_SMALL = 1e-2


class Gaussian:
    """Normal noise: rho = z^2 / 2 + log(2 pi) / 2."""

    def rho(self, z: FloatArray) -> FloatArray:
        """Return minus the log density of z, any shape."""
        return 0.5 * z * z + 0.5 * math.log(2.0 * math.pi)

    def slope(self, z: FloatArray) -> FloatArray:
        """Return rho'."""
        return z

    def weight(self, z: FloatArray) -> FloatArray:
        """Return rho''."""
        return np.ones_like(z)

    def log_sigma_weight(self, z: FloatArray) -> FloatArray:
        """Return the second derivative in log(sigma)."""
        return 2.0 * z * z


class DoubleExponential:
    """Laplace noise: rho = abs(z) + log 2."""

    def rho(self, z: FloatArray) -> FloatArray:
        """Return minus the log density of z, any shape."""
        return np.abs(z) + math.log(2.0)

    def slope(self, z: FloatArray) -> FloatArray:
        """Return rho', 0 at the kink."""
        return np.sign(z)

    def weight(self, z: FloatArray) -> FloatArray:
        """Return that of iteratively reweighted least squares, 1 / abs(z)."""
        return 1.0 / np.maximum(np.abs(z), _SMALL)

    def log_sigma_weight(self, z: FloatArray) -> FloatArray:
        """Return the second derivative in log(sigma)."""
        return np.abs(z)


class Student:
    """Student's t: rho = (nu + 1)/2 log(1 + z^2 / nu) + const."""

    def __init__(self, nu: float) -> None:
        self.nu = nu

    def rho(self, z: FloatArray) -> FloatArray:
        """Return minus the log density of z, any shape."""
        nu = self.nu
        constant = gammaln(nu / 2) - gammaln((nu + 1) / 2)
        constant += 0.5 * math.log(math.pi * nu)
        return 0.5 * (nu + 1) * np.log1p(z * z / nu) + constant

    def slope(self, z: FloatArray) -> FloatArray:
        """Return rho'."""
        return (self.nu + 1) * z / (self.nu + z * z)

    def weight(self, z: FloatArray) -> FloatArray:
        """Return that of the quadratic that lies above rho and touches it at z."""
        return (self.nu + 1) / (self.nu + z * z)

    def log_sigma_weight(self, z: FloatArray) -> FloatArray:
        """Return the second derivative in log(sigma)."""
        nu = self.nu
        return 2 * nu * (nu + 1) * z * z / (nu + z * z) ** 2


def family(name: str, df: float) -> Gaussian | DoubleExponential | Student:
    """Return a family by its name; `df` are the degrees of freedom of Student's t.

    Examples
    --------
    >>> float(family("laplace", 4.0).slope(np.array(-3.0)))
    -1.0
    """
    if name == "student":
        return Student(df)
    return Gaussian() if name == "normal" else DoubleExponential()
