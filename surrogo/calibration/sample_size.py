"""How many independent draws a sample is worth."""

from __future__ import annotations

from typing import Any

import numpy as np

from surrogo import checks
from surrogo.checks import FloatArray


def effective_sample_size(chains: Any) -> float:
    """Return the effective sample size of draws of one number from Markov chains.

    Autocovariances are averaged over chains and include what chains differ by; their
    sum ends where Geyer's initial monotone sequence does.

    Parameters
    ----------
    chains : array (n,) or (m, n)
        One chain, or m chains of n draws, n at least 4.

    Returns
    -------
    float
        At most m n log10(m n), also for antithetic chains.

    Raises
    ------
    ValueError
        If there are too few draws, or one is not finite.

    References
    ----------
    Geyer 1992, Statistical Science 7, 473-483, section 3.3; Gelman et al. 2013,
    Bayesian Data Analysis, eqs. 11.4 to 11.8; Vehtari et al. 2021, Bayesian Analysis
    16, 667-718, eq. 10.

    Examples
    --------
    >>> import numpy as np
    >>> draws = np.random.default_rng(0).normal(size=(4, 500))
    >>> bool(1600 < effective_sample_size(draws) < 2400)
    True
    """
    x = checks.finite(checks.array(chains, "chains"), "chains")
    x = x[None, :] if x.ndim == 1 else x
    if x.ndim != 2 or x.shape[1] < 4:
        raise ValueError(
            f"chains must have shape (n,) or (m, n) with n >= 4, got {x.shape}"
        )
    m, n = x.shape
    covariances = _autocovariances(x)
    within = covariances[0] * n / (n - 1)
    between = float(np.var(x.mean(axis=1), ddof=1)) if m > 1 else 0.0
    total = within * (n - 1) / n + between  # BDA3 eq. 11.3
    if total <= 0.0:
        return float(m * n)  # a constant is known exactly
    rho = 1.0 - (within - covariances) / total  # Vehtari et al. eq. 10
    rho[0] = 1.0
    tau = _time(rho)
    return float(m * n / max(tau, 1.0 / np.log10(m * n)))


def _autocovariances(x: FloatArray) -> FloatArray:
    """Return the biased autocovariances (n,), averaged over chains x (m, n)."""
    n = x.shape[1]
    spectrum = np.fft.rfft(x - x.mean(axis=1, keepdims=True), 2 * n)
    full = np.fft.irfft(np.abs(spectrum) ** 2, 2 * n)[:, :n]
    return np.asarray(full.mean(axis=0) / n)


def _time(rho: FloatArray) -> float:
    """Return 1 + 2 sum rho, over Geyer's initial positive, monotone pairs."""
    even = len(rho) - len(rho) % 2
    pairs = rho[:even].reshape(-1, 2).sum(axis=1)
    positive = pairs > 0.0
    count = len(pairs) if np.all(positive) else int(np.argmin(positive))
    return float(-1.0 + 2.0 * np.sum(np.minimum.accumulate(pairs[:count])))


def weights_sample_size(weights: Any) -> float:
    """Return how many draws of equal weight these weights (n,) are worth.

    References
    ----------
    Kong 1992, Technical Report 348, University of Chicago: (sum w)^2 / sum w^2.

    Examples
    --------
    >>> weights_sample_size([1.0, 1.0, 0.0, 0.0])
    2.0
    """
    w = checks.finite(checks.array(weights, "weights"), "weights")
    return float(np.sum(w) ** 2 / np.sum(w**2))
