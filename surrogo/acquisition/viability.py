"""The chance that an evaluation succeeds, and how a search is kept away from failures.

A Gaussian process is fitted to the labels 1 (succeeded) and 0 (failed) as if they were
values: least-squares classification, whose mean estimates the chance of success
(Rasmussen & Williams 2006, section 6.5). Its length scale and noise are those by which
the labels predict each other best (leave one out, logarithmic score). Where they do not
predict each other, failures have nothing to do with the place, and the chance is the
same everywhere.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from surrogo.checks import FloatArray, IntArray
from surrogo.surrogates.kernel_base import Kernel

# Where success is less likely than this no point is proposed (Bussemaker et al. 2025
# find a floor of 0.25 to 0.5 best), nor where it is half as likely as elsewhere, if
# success is rare; the barrier outweighs any log improvement.
_FLOOR, _RELATIVE_FLOOR, _BARRIER = 0.25, 0.5, 1e3
# Length scales tried, in diagonals of the cube over sqrt 2, and ratios of the variance
# of the noise to that of the process.
_LENGTHS = np.sqrt(2.0) * np.array([1.0, 0.5, 0.25, 0.125, 0.0625])
_NOISES = np.array([0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0])
# No chance is further from certainty than this: labels are few.
_LEAST = 0.01
# Natural logarithms of likelihood by which places must explain the labels better.
_EVIDENCE = 2.0
_MOST = 100  # labels by which length scale and noise are chosen


@dataclass(frozen=True, eq=False)
class Viability:
    """The chance of success, from points U (n, d) with labels (n,) of 0 and 1.

    Added to the logarithm of an expected improvement, its logarithm gives that of the
    improvement to expect when a failure brings none.

    Attributes
    ----------
    kernel, theta, U, labels
        The correlation function with its hyper-parameters (d,), and the data.
    rate : float
        The chance where nothing is known.
    weights : array (n,)
        Of the correlations with the points, for the change of the chance.
    predicted : array (n,)
        The chance that the other points give each point.

    Examples
    --------
    >>> import numpy as np
    >>> from surrogo.acquisition.viability import Viability
    >>> from surrogo.surrogates.kernels import get
    >>> U = np.linspace(0.0, 1.0, 11)[:, None]
    >>> chance = Viability.fitted(get("matern52"), U, (U[:, 0] < 0.55).astype(float))
    >>> chance.chance(np.array([[0.25], [0.5], [0.75]])).round(2)
    array([0.99, 0.8 , 0.01])
    """

    kernel: Kernel
    theta: FloatArray
    U: FloatArray
    labels: FloatArray
    rate: float
    weights: FloatArray
    predicted: FloatArray

    @classmethod
    def fitted(
        cls,
        kernel: Kernel,
        U: FloatArray,
        labels: FloatArray,
        evidence: float = _EVIDENCE,
    ) -> Viability:
        """Return the one whose length scale and noise explain the labels best.

        Places must explain them better than chance by so much log likelihood.
        """
        some = _some(labels)
        rate, log_sqrt_d = _rate(labels), 0.5 * np.log(max(U.shape[1], 1))
        best, chosen = _score(_constant(labels[some]), labels[some]) + evidence, None
        for length in _LENGTHS if np.ptp(labels) else ():
            theta = kernel.at_lengths(np.full(U.shape[1], log_sqrt_d + np.log(length)))
            k = kernel.correlations(U[some], U[some], theta)
            for noise, predicted in zip(_NOISES, _others(k, labels[some]), strict=True):
                score = _score(predicted, labels[some])
                if score > best + 1e-9:
                    best, chosen = score, (theta, float(noise))
        if chosen is None:
            theta = kernel.at_lengths(np.full(U.shape[1], log_sqrt_d))
            nothing = np.zeros(len(labels))
            return cls(kernel, theta, U, labels, rate, nothing, _constant(labels))
        return cls._of(kernel, U, labels, *chosen)

    @classmethod
    def _of(
        cls,
        kernel: Kernel,
        U: FloatArray,
        labels: FloatArray,
        theta: FloatArray,
        noise: float,
    ) -> Viability:
        rate = _rate(labels)
        K = kernel.correlations(U, U, theta) + noise * np.eye(len(U))
        inverse = np.linalg.inv(K)
        weights = inverse @ (labels - rate)
        predicted = _clipped(labels - weights / np.diag(inverse))
        return cls(kernel, theta, U, labels, rate, weights, predicted)

    def chance(self, V: FloatArray) -> FloatArray:
        """Return the chance of success (m,) at V (m, d)."""
        k = self.kernel.correlations(V, self.U, self.theta)
        return _clipped(self.rate + k @ self.weights)

    def mean_and_gradient(self, V: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return the mean of the process (m,) and its gradient (m, d) at V (m, d).

        It is the chance where it lies between 0.01 and 0.99.
        """
        k, pull = self.kernel.correlations_and_pull(V, self.U, self.theta)
        return self.rate + k @ self.weights, pull(np.tile(self.weights, (len(V), 1)))

    @property
    def depends_on_place(self) -> bool:
        """Whether the chance is not the same everywhere."""
        return bool(np.any(self.weights))

    @property
    def floor(self) -> float:
        """The chance of success below which no point is proposed."""
        return min(_FLOOR, _RELATIVE_FLOOR * float(np.mean(self.labels)))

    def bonus_and_gradient(self, V: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return what a score gains (m,): log p, and a barrier where p is too low."""
        mean, slope = self.mean_and_gradient(V)
        p, floor = _clipped(mean), self.floor
        below = np.minimum(mean / floor - 1.0, 0.0)
        factor = np.where(p == mean, 1.0 / p, 0.0)
        factor += np.where(below < 0.0, _BARRIER / floor, 0.0)
        return np.log(p) + _BARRIER * below, factor[:, None] * slope


def _clipped(p: FloatArray) -> FloatArray:
    return np.asarray(np.clip(p, _LEAST, 1.0 - _LEAST))


def _rate(labels: FloatArray) -> float:
    """Return the rate of success with Laplace's rule of succession."""
    return (float(np.sum(labels)) + 1.0) / (len(labels) + 2.0)


def _constant(labels: FloatArray) -> FloatArray:
    """Return the rate (n,) that the other labels give each."""
    return (np.sum(labels) - labels + 1.0) / (len(labels) + 1.0)


def _others(k: FloatArray, labels: FloatArray) -> list[FloatArray]:
    """Return for each noise the chances (n,) that the other labels give each point.

    Rasmussen & Williams 2006, equation 5.12, for all noises by one decomposition.
    """
    values, Q = np.linalg.eigh(k)
    centred = labels - _rate(labels)
    along, squares = Q.T @ centred, Q**2
    chances = []
    for noise in _NOISES:
        inverse = 1.0 / (np.maximum(values, 0.0) + noise)
        weights = Q @ (inverse * along)
        chances.append(_clipped(labels - weights / (squares @ inverse)))
    return chances


def _score(chance: FloatArray, labels: FloatArray) -> float:
    """Return the log likelihood of the labels (n,) with these chances."""
    return float(np.sum(np.log(np.where(labels > 0.5, chance, 1.0 - chance))))


def _some(labels: FloatArray) -> IntArray:
    """Return the indices of at most 100 labels, evenly spread over those of each."""
    order = np.argsort(labels, kind="stable")
    n = len(order)
    return np.asarray(order[:: 1 + (n - 1) // _MOST] if n else order)
