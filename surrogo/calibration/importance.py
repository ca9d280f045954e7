"""Importance weights, the largest smoothed by a generalised Pareto distribution."""

from __future__ import annotations

import numpy as np
from scipy.special import logsumexp

from surrogo.checks import FloatArray

_LEAST_TAIL = 5  # a generalised Pareto has two parameters
_SPREAD = 3.0  # Zhang & Stephens 2009, section 3: the prior's scale in quartiles


def pareto_smoothed(log_weights: FloatArray) -> tuple[FloatArray, float]:
    """Return weights (n,) of sum 1, smoothed, and the shape k of their tail.

    The largest min(n / 5, 3 sqrt(n)) are replaced by the expected order statistics of a
    generalised Pareto distribution, at most the largest. With k below 0.7 averages
    can be relied on; k is -inf where there is no tail to fit.

    References
    ----------
    Vehtari, Simpson, Gelman, Yao & Gabry 2024, JMLR 25(72), section 2 and appendix G.

    Examples
    --------
    >>> import numpy as np
    >>> w, k = pareto_smoothed(np.random.default_rng(0).normal(size=1000))
    >>> bool(k < 0.5), round(float(w.sum()), 12)
    (True, 1.0)
    """
    n = len(log_weights)
    lw = log_weights - np.max(log_weights)
    count = int(min(np.ceil(n / 5), 3.0 * np.sqrt(n)))
    shape = -np.inf
    if count >= _LEAST_TAIL:
        order = np.argsort(lw)
        tail, cut = order[-count:], np.exp(lw[order[-count - 1]])
        excess = np.exp(lw[tail]) - cut
        if excess[-1] > 1e-12 and excess[0] > 0.0:
            shape, scale = _fit(excess)
            p = (np.arange(count) + 0.5) / count
            lw = lw.copy()
            lw[tail] = np.log(np.minimum(cut + _quantile(p, shape, scale), 1.0))
    return np.asarray(np.exp(lw - logsumexp(lw))), float(shape)


def _quantile(p: FloatArray, k: float, scale: float) -> FloatArray:
    if abs(k) < 1e-12:
        return np.asarray(-scale * np.log1p(-p))
    return np.asarray(scale * np.expm1(-k * np.log1p(-p)) / k)


def _fit(excess: FloatArray) -> tuple[float, float]:
    """Return shape and scale of a generalised Pareto for sorted excesses (n,).

    Zhang & Stephens 2009, Technometrics 51, 316-325: the posterior mean of
    theta = -k / scale over a grid; k is shrunk to 1/2 by ten imaginary points (Vehtari
    et al. 2024, appendix G).
    """
    n = len(excess)
    m = 30 + int(np.sqrt(n))
    j = np.arange(1, m + 1)
    quartile = excess[int(np.floor(n / 4 + 0.5)) - 1]
    theta = 1.0 / excess[-1] + (1.0 - np.sqrt(m / (j - 0.5))) / (_SPREAD * quartile)
    k = np.mean(np.log1p(-theta[:, None] * excess), axis=1)
    likelihood = n * (np.log(-theta / k) - k - 1.0)
    weights = np.exp(likelihood - logsumexp(likelihood))
    best = float(np.sum(theta * weights))
    shape = float(np.mean(np.log1p(-best * excess)))
    scale = -shape / best
    return (n * shape + 10 * 0.5) / (n + 10), scale
