"""Terms of a negative log posterior, as functions of the outputs of one simulation.

Letters: `R` (n, r) rows of outputs, `r` (r,) one of them; `M` (n, k) the model's values
of one group of k data, transformed; `y` (k,) the data, transformed.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import TypeAlias

import numpy as np
from scipy.special import gammaln

from surrogo.calibration.families import family
from surrogo.calibration.shifts import balanced, likeliest_shift
from surrogo.checks import FloatArray, IntArray

# Value, gradient (r,) and weights (r,) of a term.
Expansion: TypeAlias = tuple[float, FloatArray, FloatArray]


@dataclass(frozen=True)
class Residuals:
    """Data of one observable with noise around the model's value.

    Parameters
    ----------
    observable : str
    family : {"normal", "laplace", "student"}
    y : tuple of float
        The data on the transformed scale.
    at : tuple of int
        Where the model's values, on the same scale, stand in the outputs.
    sigma : tuple of float
        One for each datum, where they are given.
    log_sigma_at : tuple of int
        Where the logarithm of each datum's sigma stands in the outputs, if estimated.
    eliminated : tuple of str
        Some of ``"sigma"``, ``"scale"``, ``"offset"``, on the transformed scale.
    constant : float
        Added to the value: the Jacobian of the transform.
    df : float
        Degrees of freedom of Student's t.
    floor : float
        Least value of a sigma that is eliminated: a model that meets the data exactly
        has no likeliest sigma above 0.
    """

    observable: str
    family: str
    y: tuple[float, ...]
    at: tuple[int, ...]
    sigma: tuple[float, ...] = ()
    log_sigma_at: tuple[int, ...] = ()
    eliminated: tuple[str, ...] = ()
    constant: float = 0.0
    df: float = 4.0
    floor: float = 1e-300

    def values(self, R: FloatArray) -> FloatArray:
        """Return the value for each row of outputs, shape (n,)."""
        z, sigma, _ = self._standardised(R)
        rho = family(self.family, self.df).rho(z)
        return np.asarray(np.sum(rho + np.log(sigma), axis=1) + self.constant)

    def expand(self, r: FloatArray) -> Expansion:
        """Return value, gradient and weights.

        What is eliminated is held at its likeliest value: the derivative of a minimum
        over s is the derivative at the minimiser (envelope theorem).
        """
        z, sigma, scale = (rows[0] for rows in self._standardised(r[None, :]))
        kind = family(self.family, self.df)
        value = float(np.sum(kind.rho(z) + np.log(sigma)) + self.constant)
        gradient, weights = np.zeros_like(r), np.zeros_like(r)
        per = scale / sigma
        slope = kind.slope(z)
        if self.family == "laplace" and {"scale", "offset"} & set(self.eliminated):
            moved = r[self._at] if "scale" in self.eliminated else np.ones_like(z)
            slope = balanced(slope, z, moved / sigma)
        np.add.at(gradient, self._at, slope * per)
        np.add.at(weights, self._at, kind.weight(z) * per**2)
        if self.log_sigma_at:
            where = np.array(self.log_sigma_at)
            np.add.at(gradient, where, 1.0 - z * kind.slope(z))
            np.add.at(weights, where, kind.log_sigma_weight(z))
        return value, gradient, weights

    def misfit(self, r: FloatArray) -> float:
        """Return the sum of ``rho(z) - rho(0)``: of z^2 / 2 for normal noise."""
        kind, z = family(self.family, self.df), self.standardised(r)
        return float(np.sum(kind.rho(z) - kind.rho(np.zeros_like(z))))

    def likeliest(self, r: FloatArray) -> dict[str, float]:
        """Return what was eliminated, on the transformed scale."""
        R = r[None, :]
        scale, offset = self._shift(R)
        residuals = scale * R[:, self._at] + offset - self._y
        found = {"scale": scale, "offset": offset, "sigma": self._sigma(R, residuals)}
        return {key: float(found[key][0, 0]) for key in self.eliminated}

    def standardised(self, r: FloatArray) -> FloatArray:
        """Return (model - data) / sigma of each datum at outputs r; shape (k,)."""
        return np.asarray(self._standardised(r[None, :])[0][0])

    def sigmas(self, r: FloatArray) -> FloatArray:
        """Return the sigmas of the data at outputs r; shape (k,), or (1,) for all."""
        scale, offset = self._shift(r[None, :])
        residuals = scale * r[None, self._at] + offset - self._y
        return np.asarray(self._sigma(r[None, :], residuals)[0])

    def _standardised(self, R: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Return z, sigma and scale, each of shape (n, k)."""
        scale, offset = self._shift(R)
        M = R[:, self._at]
        residuals = scale * M + offset - self._y
        sigma = np.broadcast_to(self._sigma(R, residuals), M.shape)
        return residuals / sigma, sigma, np.broadcast_to(scale, M.shape)

    def _sigma(self, R: FloatArray, residuals: FloatArray) -> FloatArray:
        if self.log_sigma_at:
            return np.asarray(np.exp(R[:, np.array(self.log_sigma_at)]))
        if self.sigma:
            return np.array([self.sigma])
        if self.family == "laplace":
            likeliest = np.mean(np.abs(residuals), axis=1, keepdims=True)
        else:
            likeliest = np.sqrt(np.mean(residuals**2, axis=1, keepdims=True))
        return np.asarray(np.maximum(likeliest, self.floor))

    def _shift(self, R: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return scale and offset, each of shape (n, 1)."""
        if not {"scale", "offset"} & set(self.eliminated):
            return np.ones((1, 1)), np.zeros((1, 1))
        sigma = np.ones((1, 1))  # eliminated: the same for all, and does not matter
        if "sigma" not in self.eliminated:
            sigma = self._sigma(R, R[:, self._at])
        return likeliest_shift(
            R[:, self._at], self._y, sigma, self.family, self.eliminated
        )

    @cached_property
    def _y(self) -> FloatArray:
        return np.array(self.y)

    @cached_property
    def _at(self) -> IntArray:
        return np.array(self.at, dtype=np.int64)


@dataclass(frozen=True)
class Counts:
    """Poisson data of one observable; the outputs are logarithms of the means.

    With r = log(mu) the term is ``exp(r) - y r + log(y!)``: convex, and its second
    derivative is mu, never below 0.

    Parameters
    ----------
    observable : str
    y : tuple of float
        Counts.
    at : tuple of int
        Where the logarithms of the means stand in the outputs.
    eliminated : tuple of str
        ``("scale",)`` or none.
    """

    observable: str
    y: tuple[float, ...]
    at: tuple[int, ...]
    eliminated: tuple[str, ...] = ()

    def values(self, R: FloatArray) -> FloatArray:
        """Return the value for each row of outputs, shape (n,)."""
        logs = R[:, np.array(self.at)] + self._log_scale(R)
        y = np.array(self.y)
        return np.asarray(np.sum(np.exp(logs) - y * logs + gammaln(y + 1.0), axis=1))

    def expand(self, r: FloatArray) -> Expansion:
        """Return value, gradient and weights."""
        R, at = r[None, :], np.array(self.at)
        means = np.exp(R[0, at] + self._log_scale(R)[0])
        gradient, weights = np.zeros_like(r), np.zeros_like(r)
        np.add.at(gradient, at, means - np.array(self.y))
        np.add.at(weights, at, means)
        return float(self.values(R)[0]), gradient, weights

    def misfit(self, r: FloatArray) -> float:
        """Return half of the deviance: 0 where each mean is its count."""
        y = np.array(self.y)
        perfect = y - y * np.log(np.maximum(y, 1.0)) + gammaln(y + 1.0)
        return float(self.values(r[None, :])[0] - np.sum(perfect))

    def likeliest(self, r: FloatArray) -> dict[str, float]:
        """Return what was eliminated."""
        if not self.eliminated:
            return {}
        return {"scale": float(np.exp(self._log_scale(r[None, :])[0, 0]))}

    def _log_scale(self, R: FloatArray) -> FloatArray:
        """Return log(sum y / sum mu), where the derivative in the scale is 0."""
        if not self.eliminated:
            return np.zeros((1, 1))
        logs = R[:, np.array(self.at)]
        total = max(sum(self.y), 1e-10)  # no counts at all: a scale of almost 0
        top = np.max(logs, axis=1, keepdims=True)
        sums = top + np.log(np.sum(np.exp(logs - top), axis=1, keepdims=True))
        return np.asarray(math.log(total) - sums)


@dataclass(frozen=True)
class Belief:
    """A prior of one parameter, whose standardised value z is an output.

    Parameters
    ----------
    parameter : str
    family : {"normal", "laplace"}
    at : int
        Where z stands in the outputs.
    tilt, constant : float
        The term is ``rho(z) + tilt z + constant``: the density of x itself where z is
        that of log(x) has a further term log(x), which is straight in z.
    """

    parameter: str
    family: str
    at: int
    tilt: float = 0.0
    constant: float = 0.0

    def values(self, R: FloatArray) -> FloatArray:
        """Return the value for each row of outputs, shape (n,)."""
        z = R[:, self.at]
        return family(self.family, 1.0).rho(z) + self.tilt * z + self.constant

    def expand(self, r: FloatArray) -> Expansion:
        """Return value, gradient and weights."""
        kind, z = family(self.family, 1.0), r[self.at : self.at + 1]
        gradient, weights = np.zeros_like(r), np.zeros_like(r)
        gradient[self.at] = kind.slope(z)[0] + self.tilt
        weights[self.at] = kind.weight(z)[0]
        return float(self.values(r[None, :])[0]), gradient, weights

    def misfit(self, r: FloatArray) -> float:
        """Return ``rho(z) - rho(0)``."""
        kind, z = family(self.family, 1.0), r[self.at : self.at + 1]
        return float(kind.rho(z)[0] - kind.rho(np.zeros(1))[0])


@dataclass(frozen=True)
class Constant:
    """A prior that is the same everywhere.

    Parameters
    ----------
    parameter : str
    constant : float
        Minus its log density.
    """

    parameter: str
    constant: float

    def values(self, R: FloatArray) -> FloatArray:
        """Return the value for each row of outputs, shape (n,)."""
        return np.full(len(R), self.constant)

    def expand(self, r: FloatArray) -> Expansion:
        """Return value, gradient and weights."""
        return self.constant, np.zeros_like(r), np.zeros_like(r)

    def misfit(self, r: FloatArray) -> float:
        """Return 0."""
        return 0.0


Term: TypeAlias = Residuals | Counts | Belief | Constant
