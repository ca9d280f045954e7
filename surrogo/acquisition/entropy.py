"""Max-value entropy search: learn how low the minimum is.

The information that a value brings about the minimum f* is the mean, over draws of f*,
of what the entropy of a normal distribution falls by when it is cut off below f* (Wang
& Jegelka 2017, "Max-value entropy search for efficient Bayesian optimization", eq. 6,
with signs changed for minimisation)::

    alpha(g) = g phi(g) / (2 Phi(g)) - log Phi(g),   g = (mean - f*) / std

alpha falls from infinity (g = -inf) to 0 (g = inf), where it underflows; so its
logarithm is taken, as Ament et al. 2023 do with the expected improvement.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from scipy.special import erfcx, log_ndtr

from surrogo.acquisition.base import Criterion
from surrogo.acquisition.improvement import HALF_LOG_2PI, log_h_slopes, standardised
from surrogo.acquisition.probability import hazard
from surrogo.checks import FloatArray

_LEFT, _RIGHT = -1.0, 8.0  # between them alpha is computed as it stands
_FAR = -300.0  # from here on two terms of the series have the fewer errors: 1e-8


def log_alpha(g: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return log alpha and its derivative, elementwise, stable for any g."""
    left, middle = _left(np.minimum(g, _LEFT)), _middle(np.clip(g, _LEFT, _RIGHT))
    right = _right(np.maximum(g, _RIGHT))
    where = [g <= _LEFT, g < _RIGHT]
    value = np.select(where, [left[0], middle[0]], right[0])
    return value, np.select(where, [left[1], middle[1]], right[1])


def _left(g: FloatArray) -> tuple[FloatArray, FloatArray]:
    """For g <= -1: -log Phi is g^2/2 + log sqrt(2 pi) - log(Phi / phi).

    With phi / Phi + g = h / Phi the g^2 cancel: what is left is
    g h / (2 Phi) + log sqrt(2 pi) - log(Phi / phi).
    """
    Phi_h, phi_h = log_h_slopes(g)
    alpha = 0.5 * g / Phi_h + HALF_LOG_2PI - np.log(Phi_h / phi_h)
    slope = -0.5 * phi_h / Phi_h * (1.0 + g / Phi_h)
    s = np.minimum(g, _FAR) ** -2.0
    # 1 + g h / Phi = 2 s - 10 s^2 + ... and phi / Phi = -g (1 + s - ...), s = g^-2
    far = (1.0 - 4.0 * s) / g
    return np.log(alpha), np.where(g > _FAR, slope, far) / alpha


def _middle(g: FloatArray) -> tuple[FloatArray, FloatArray]:
    """As it stands; alpha' = -m (1 + g (g + m)) / 2 with m = phi / Phi."""
    m = hazard(g)
    alpha = 0.5 * g * m - log_ndtr(g)
    return np.log(alpha), -0.5 * m * (1.0 + g * (g + m)) / alpha


def _right(g: FloatArray) -> tuple[FloatArray, FloatArray]:
    """For g >= 8, where Phi is 1 and -log Phi the upper tail of the distribution."""
    tail = math.sqrt(0.5 * math.pi) * erfcx(g / math.sqrt(2.0))  # over phi
    inner = 0.5 * g + tail
    return np.log(inner) - 0.5 * g**2 - HALF_LOG_2PI, -0.5 * (1.0 + g**2) / inner


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
        # dg = (dmean - g dstd) / std, g = -z
        _, shares, g, slope, std = self._mean_alpha(mean, std)
        weighted = shares * slope
        return np.sum(weighted, axis=1) / std, -np.sum(weighted * g, axis=1) / std

    def _mean_alpha(self, mean: FloatArray, std: FloatArray) -> tuple[FloatArray, ...]:
        """Return the log of the mean of alpha (m,) and what its slopes need."""
        z, std = standardised(self.minima, mean[:, None], std[:, None])
        value, slope = log_alpha(-z)
        top = np.max(value, axis=1, keepdims=True)
        shares = np.exp(value - top)
        total = np.sum(shares, axis=1, keepdims=True)
        score = np.log(total / len(self.minima)) + top
        return score[:, 0], shares / total, -z, slope, std[:, 0]
