"""Probability of improvement (Kushner 1964), on a logarithmic scale."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from scipy.special import erfcx, log_ndtr

from surrogo.acquisition.base import Criterion
from surrogo.acquisition.improvement import standardised
from surrogo.checks import FloatArray


def inverse_mills(z: FloatArray) -> FloatArray:
    """Return phi(z) / Phi(z) (m,), stable for any z; it grows like |z| to the left.

    It is sqrt(2 / pi) / erfcx(-z / sqrt 2) (Abramowitz & Stegun 7.1.2).
    """
    return np.asarray(math.sqrt(2.0 / math.pi) / erfcx(-z / math.sqrt(2.0)))


@dataclass(frozen=True)
class LogPI(Criterion):
    """Logarithm of the probability that the value lies below `target`.

    log Phi(z), z = (target - mean) / std (Jones 2001, method 4). A target just below
    the best value searches locally, one far below it where least is known.

    Attributes
    ----------
    target : float
        The value to reach, in the units of the model: at most the best one seen.

    Examples
    --------
    >>> import numpy as np
    >>> from surrogo import GaussianProcess
    >>> from surrogo.acquisition import LogPI
    >>> gp = GaussianProcess(bounds=[(0, 1)]).fit([[0], [0.5], [1]], [0.1, 0, 1])
    >>> U = np.array([[0.3], [0.9]])
    >>> near, far = LogPI(-0.1).score(gp.model_, U)
    >>> bool(near > far)
    True
    """

    target: float

    def _score(self, mean: FloatArray, std: FloatArray) -> FloatArray:
        z, _ = standardised(self.target, mean, std)
        return np.asarray(log_ndtr(z))

    def _slopes(
        self, mean: FloatArray, std: FloatArray
    ) -> tuple[FloatArray, FloatArray]:
        # d log Phi(z) = phi / Phi dz, dz = -(dmean + z dstd) / std
        z, std = standardised(self.target, mean, std)
        in_mean = -inverse_mills(z) / std
        return in_mean, z * in_mean
