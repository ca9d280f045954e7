"""Expected improvement, and its logarithm.

With z = (best - mean) / std the expected improvement is std h(z),
h(z) = phi(z) + z Phi(z) (Jones, Schonlau & Welch 1998, eq. 15). Its logarithm stays
finite where EI underflows (Ament et al. 2023, "Unexpected improvements to expected
improvement for Bayesian optimization").
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from scipy.special import erfcx, ndtr

from surrogo.acquisition.base import Criterion
from surrogo.checks import FloatArray

HALF_LOG_2PI = 0.5 * math.log(2.0 * math.pi)
_DIRECT = -1.0  # above it h(z) has no cancellation worth mentioning
_SERIES = -100.0  # below it four terms of the series are exact to 1e-13
_LEAST_STD = 1e-60  # keeps z^2 and the slopes finite at data, where std may be 0


def _parts(z: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return log(h / phi) and Phi / phi (m,) for z <= -1, without cancellation.

    Phi / phi = sqrt(pi / 2) erfcx(-z / sqrt 2) and h / phi = 1 + z Phi / phi; far
    out h / phi = z^-2 (1 - 3 z^-2 + 15 z^-4 - 105 z^-6 + ...).
    """
    ratio = math.sqrt(math.pi / 2.0) * erfcx(-z / math.sqrt(2.0))
    middle, far = np.maximum(z, _SERIES), np.minimum(z, _SERIES)
    by_erfcx = np.log1p(middle * np.where(z > _SERIES, ratio, 0.0))
    s = far**-2.0
    by_series = np.log1p(s * (-3.0 + s * (15.0 - 105.0 * s))) - 2.0 * np.log(-far)
    return np.where(z > _SERIES, by_erfcx, by_series), ratio


def log_h(z: FloatArray) -> FloatArray:
    """Return log(phi(z) + z Phi(z)) for z (m,), stable for any z."""
    z = np.asarray(z, dtype=np.float64)
    low, near = np.minimum(z, _DIRECT), np.maximum(z, _DIRECT)
    phi = np.exp(-0.5 * near**2 - HALF_LOG_2PI)
    direct = np.log(phi + near * ndtr(near))
    by_parts = _parts(low)[0] - 0.5 * low**2 - HALF_LOG_2PI
    return np.where(z > _DIRECT, direct, by_parts)


def log_h_slopes(z: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return Phi / h and phi / h (m,): they grow like |z| and z^2 to the left."""
    low, near = np.minimum(z, _DIRECT), np.maximum(z, _DIRECT)
    phi, Phi = np.exp(-0.5 * near**2 - HALF_LOG_2PI), ndtr(near)
    h = phi + near * Phi
    tail, ratio = _parts(low)
    left = np.exp(-tail)
    direct = z > _DIRECT
    return np.where(direct, Phi / h, ratio * left), np.where(direct, phi / h, left)


def standardised(
    level: float | FloatArray, mean: FloatArray, std: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Return z = (level - mean) / std and std (m,), with std kept above 0."""
    std = np.maximum(std, _LEAST_STD)
    return (level - mean) / std, std


@dataclass(frozen=True)
class EI(Criterion):
    """Expected improvement below `best` itself (Jones, Schonlau & Welch 1998, eq. 15).

    To compare with, and to read in the units of the values. It underflows to 0 over
    large parts of the box, where a search finds no slope to climb: maximise `LogEI`.

    Attributes
    ----------
    best : float
        The value to improve on, in the units of the model.

    Examples
    --------
    >>> import numpy as np
    >>> from surrogo import GaussianProcess
    >>> from surrogo.acquisition import EI, LogEI
    >>> gp = GaussianProcess(bounds=[(0, 1)]).fit([[0], [0.5], [1]], [0, 1, 0])
    >>> U = np.array([[0.2], [0.7]])
    >>> bool(np.allclose(EI(0.0).score(gp.model_, U),
    ...                  np.exp(LogEI(0.0).score(gp.model_, U))))
    True
    """

    best: float

    def _score(self, mean: FloatArray, std: FloatArray) -> FloatArray:
        z, size = standardised(self.best, mean, std)
        certain = np.maximum(self.best - mean, 0.0)
        return np.where(std > 0.0, size * np.exp(log_h(z)), certain)

    def _slopes(
        self, mean: FloatArray, std: FloatArray
    ) -> tuple[FloatArray, FloatArray]:
        # dEI = phi dstd - Phi dmean (Jones, Schonlau & Welch 1998, eq. 16 and 17)
        z, _ = standardised(self.best, mean, std)
        return -ndtr(z), np.exp(-0.5 * z**2 - HALF_LOG_2PI)


@dataclass(frozen=True)
class LogEI(Criterion):
    """Logarithm of the expected improvement below `best`.

    Attributes
    ----------
    best : float
        The value to improve on, in the units of the model.

    Examples
    --------
    >>> import numpy as np
    >>> from surrogo import GaussianProcess
    >>> from surrogo.acquisition import LogEI
    >>> U = np.linspace(0, 1, 7)[:, None]
    >>> gp = GaussianProcess(bounds=[(0, 1)]).fit(U, (U[:, 0] - 0.4) ** 2)
    >>> model = gp.model_
    >>> scores = LogEI(best=model.y.min()).score(model, np.array([[0.4], [0.9]]))
    >>> bool(scores[0] > scores[1])
    True
    """

    best: float

    def _score(self, mean: FloatArray, std: FloatArray) -> FloatArray:
        z, std = standardised(self.best, mean, std)
        return np.log(std) + log_h(z)

    def _slopes(
        self, mean: FloatArray, std: FloatArray
    ) -> tuple[FloatArray, FloatArray]:
        # d log EI = (phi dstd - Phi dmean) / (std h)
        z, std = standardised(self.best, mean, std)
        Phi_h, phi_h = log_h_slopes(z)
        return -Phi_h / std, phi_h / std


@dataclass(frozen=True)
class NegativeMean(Criterion):
    """The predicted mean with its sign changed: pure exploitation.

    Examples
    --------
    >>> import numpy as np
    >>> from surrogo import GaussianProcess
    >>> from surrogo.acquisition import NegativeMean
    >>> gp = GaussianProcess(bounds=[(0, 1)]).fit([[0], [0.5], [1]], [0, 1, 0])
    >>> NegativeMean().score(gp.model_, np.array([[0.5]])) < 0
    array([ True])
    """

    def _score(self, mean: FloatArray, std: FloatArray) -> FloatArray:
        return -mean

    def _slopes(
        self, mean: FloatArray, std: FloatArray
    ) -> tuple[FloatArray, FloatArray]:
        return -np.ones_like(mean), np.zeros_like(std)
