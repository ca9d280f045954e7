"""Max-value entropy search: learn how low the minimum is.

The information that a value brings about the minimum f* is the mean, over draws of f*,
of what the entropy of a normal distribution falls by when it is cut off below f* (Wang
& Jegelka 2017, "Max-value entropy search for efficient Bayesian optimization", eq. 6,
with signs changed for minimisation)::

    alpha = gamma phi / (2 Phi) - log Phi,   phi and Phi at gamma = (mean - f*) / std

alpha falls from infinity (gamma = -inf) to 0 (gamma = inf), where it underflows; so its
logarithm is taken, as Ament et al. 2023 do with the expected improvement.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from scipy.special import erfcx, log_ndtr

from surrogo.acquisition.base import Criterion
from surrogo.acquisition.improvement import HALF_LOG_2PI, log_h_slopes, standardised
from surrogo.acquisition.probability import inverse_mills
from surrogo.checks import FloatArray

_LEFT, _RIGHT = -1.0, 8.0  # between them alpha is computed as it stands
_FAR = -300.0  # from here on two terms of the series have the fewer errors: 1e-8


def log_alpha(gamma: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return log alpha and its derivative, elementwise, stable for any gamma."""
    left, middle = (
        _left(np.minimum(gamma, _LEFT)),
        _middle(np.clip(gamma, _LEFT, _RIGHT)),
    )
    right = _right(np.maximum(gamma, _RIGHT))
    where = [gamma <= _LEFT, gamma < _RIGHT]
    value = np.select(where, [left[0], middle[0]], right[0])
    return value, np.select(where, [left[1], middle[1]], right[1])


def _left(gamma: FloatArray) -> tuple[FloatArray, FloatArray]:
    """For gamma <= -1: -log Phi is gamma^2/2 + log sqrt(2 pi) - log(Phi / phi).

    With phi / Phi + gamma = h / Phi the gamma^2 cancel: what is left is
    gamma h / (2 Phi) + log sqrt(2 pi) - log(Phi / phi).
    """
    Phi_h, phi_h = log_h_slopes(gamma)
    alpha = 0.5 * gamma / Phi_h + HALF_LOG_2PI - np.log(Phi_h / phi_h)
    slope = -0.5 * phi_h / Phi_h * (1.0 + gamma / Phi_h)
    s = np.minimum(gamma, _FAR) ** -2.0
    # 1 + gamma h / Phi = 2 s - 10 s^2 + ... and phi / Phi = -gamma (1 + s - ...)
    far = (1.0 - 4.0 * s) / gamma
    return np.log(alpha), np.where(gamma > _FAR, slope, far) / alpha


def _middle(gamma: FloatArray) -> tuple[FloatArray, FloatArray]:
    """As it stands; alpha' = -m (1 + gamma (gamma + m)) / 2 with m = phi / Phi."""
    m = inverse_mills(gamma)
    alpha = 0.5 * gamma * m - log_ndtr(gamma)
    return np.log(alpha), -0.5 * m * (1.0 + gamma * (gamma + m)) / alpha


def _right(gamma: FloatArray) -> tuple[FloatArray, FloatArray]:
    """For gamma >= 8, where Phi is 1 and -log Phi the upper tail."""
    tail = math.sqrt(0.5 * math.pi) * erfcx(gamma / math.sqrt(2.0))  # over phi
    inner = 0.5 * gamma + tail
    return np.log(inner) - 0.5 * gamma**2 - HALF_LOG_2PI, -0.5 * (
        1.0 + gamma**2
    ) / inner


@dataclass(frozen=True, eq=False)
class LogMES(Criterion):
    """Logarithm of the information about the minimum (max-value entropy search).

    Attributes
    ----------
    minima : array (s,)
        Draws of the minimum of the function, in the units of the model, as of
        `surrogo.acquisition.minima.path_minima` or `gumbel_minima`. No larger than the
        lowest value seen, where values have no noise.

    Raises
    ------
    ValueError
        If `minima` is empty or not a row of finite numbers.

    Examples
    --------
    >>> import numpy as np
    >>> from surrogo import GaussianProcess
    >>> from surrogo.acquisition import LogMES
    >>> gp = GaussianProcess(bounds=[(0, 1)]).fit([[0], [0.5], [1]], [0.2, 0, 1])
    >>> criterion = LogMES(np.array([-0.1, -0.05]))
    >>> near, far = criterion.score(gp.model_, np.array([[0.35], [0.9]]))
    >>> bool(near > far)
    True
    """

    minima: FloatArray

    def __post_init__(self) -> None:
        minima = np.asarray(self.minima, np.float64)
        if minima.ndim != 1 or not minima.size or not np.isfinite(minima).all():
            raise ValueError(
                "minima must be a row of finite numbers, at least one, got "
                f"{self.minima!r}; draw them with path_minima or gumbel_minima"
            )

    def _score(self, mean: FloatArray, std: FloatArray) -> FloatArray:
        return self._mean_alpha(mean, std)[0]

    def _slopes(
        self, mean: FloatArray, std: FloatArray
    ) -> tuple[FloatArray, FloatArray]:
        # dg = (dmean - gamma dstd) / std, gamma = -z
        _, shares, gamma, slope, std = self._mean_alpha(mean, std)
        weighted = shares * slope
        return np.sum(weighted, axis=1) / std, -np.sum(weighted * gamma, axis=1) / std

    def _mean_alpha(self, mean: FloatArray, std: FloatArray) -> tuple[FloatArray, ...]:
        """Return the log of the mean of alpha (m,) and what its slopes need."""
        z, std = standardised(self.minima, mean[:, None], std[:, None])
        value, slope = log_alpha(-z)
        top = np.max(value, axis=1, keepdims=True)
        shares = np.exp(value - top)
        total = np.sum(shares, axis=1, keepdims=True)
        score = np.log(total / len(self.minima)) + top
        return score[:, 0], shares / total, -z, slope, std[:, 0]
