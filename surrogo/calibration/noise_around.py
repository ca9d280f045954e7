"""Measurements around predictions: quantiles of each kind of noise."""

from __future__ import annotations

import numpy as np
from scipy.special import ndtri, pdtrik, stdtrit

from surrogo.calibration.noise import Noise, Poisson, StudentT, base_of
from surrogo.calibration.parts import transformed
from surrogo.checks import FloatArray


def measurement(
    values: FloatArray, sigma: FloatArray, q: float, noise: Noise, n: int | None
) -> FloatArray:
    """Return the q-th quantile of a measurement of each value.

    Parameters
    ----------
    values, sigma : array
        Of one shape; `sigma` on the scale of the noise.
    q : float
    noise : Noise
    n : int or None
        From how many data sigma was eliminated; None where it was not.

    Examples
    --------
    >>> from surrogo.calibration.noise import LogNormal
    >>> measurement(np.array([2.0]), np.array([0.5]), 0.5, LogNormal(), None)
    array([2.])
    """
    if isinstance(noise, Poisson):
        return _counts(values, q)
    if noise.transform == "linear":
        return values + sigma * standard_quantile(q, noise, n)
    moved = transformed(values, noise) + sigma * standard_quantile(q, noise, n)
    return np.asarray(np.exp(moved * base_of(noise.transform)))


def standard_quantile(q: float, noise: Noise, n: int | None = None) -> float:
    """Return a quantile of noise of sigma 1.

    Where sigma is the likeliest of n data it is uncertain itself. Under a prior
    1 / sigma, normal noise then has Student's t of n degrees of freedom (Gelman et al.
    2013, Bayesian Data Analysis, section 2.6), and Laplace noise the tail
    ``P(|z| > x) = (1 + x / n)^-n``.

    Examples
    --------
    >>> from surrogo.calibration.noise import Laplace, Normal
    >>> round(standard_quantile(0.975, Normal()), 2)
    1.96
    >>> round(standard_quantile(0.975, Normal(), n=20), 2)
    2.09
    >>> round(standard_quantile(0.975, Laplace()), 2)
    3.0
    """
    if isinstance(noise, StudentT):
        return float(stdtrit(noise.df, q))
    if noise.family == "normal":
        return float(ndtri(q) if n is None else stdtrit(n, q))
    sign, log_tail = np.sign(q - 0.5), np.log1p(-abs(2.0 * q - 1.0))
    return float(sign * (-log_tail if n is None else n * np.expm1(-log_tail / n)))


def _counts(means: FloatArray, q: float) -> FloatArray:
    """Return the least count that a Poisson number exceeds with at most 1 - q."""
    none = np.exp(-means) >= q
    safe = np.where(none, 1.0 - np.log(q), means)
    return np.asarray(np.where(none, 0.0, np.ceil(pdtrik(q, safe))))
