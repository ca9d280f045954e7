"""What a Gaussian process asks of a kernel.

A kernel here is a correlation function k(z, z'), k(z, z) = 1, on the unit cube with
hyper-parameters theta (t,). Derivatives come in reverse mode: besides its matrix a
kernel returns a function ("pull") that takes weights of the matrix' entries back to
theta or to the points. So no array has more than n^2 entries, and sums, products and
embeddings of kernels are a few lines each.

Sums and products of positive definite functions are positive definite (Schur 1911;
Rasmussen & Williams 2006, section 4.2.4). Weights of sums add to 1, because a kernel is
a correlation here: the size of the whole is the process variance.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from surrogo.checks import FloatArray

Pull: TypeAlias = Callable[[FloatArray], FloatArray]

# Length scales on the unit cube are log-normal, with median MEDIAN sqrt(d): typical
# distances grow with sqrt(d), and so must they (Hvarfner, Hellsten & Nardi 2024). Their
# median exp(sqrt 2) and log-variance 3 let variables look irrelevant that are not;
# these values do better in runs (benchmarks/results/ablation.md).
MEDIAN, LENGTH_VARIANCE = 1.0, 1.0
# Shorter than a fiftieth of the box nothing can be learned from a few hundred
# points; beyond 20 sqrt(d) the kernel is flat (evidence file, section 2.4).
SHORTEST, LONGEST = 0.02, 20.0


def prior_mean(d: int) -> float:
    """Return the prior mean of a log length scale in d dimensions."""
    return math.log(MEDIAN) + 0.5 * math.log(d)


@dataclass(frozen=True)
class Parameter:
    """A kind of hyper-parameters: bounds, and a normal prior."""

    low: float
    high: float
    mean: float
    variance: float


def log_length(d: int) -> Parameter:
    """Return bounds and prior of a log length scale in d dimensions."""
    longest = math.log(LONGEST) + 0.5 * math.log(d)
    return Parameter(math.log(SHORTEST), longest, prior_mean(d), LENGTH_VARIANCE)


@dataclass(frozen=True)
class Kernel:
    """A correlation function; a subclass writes the methods that raise here.

    theta starts with log l (d,), unless the subclass says otherwise.
    """

    def parameters(self, d: int) -> list[Parameter]:
        """Return what theta (t,) holds for points in d dimensions."""
        raise NotImplementedError

    def at_lengths(self, log_l: FloatArray) -> FloatArray:
        """Return theta (t,): log length scales log_l (d,), the rest at prior means."""
        rest = self.parameters(len(log_l))[len(log_l) :]
        return np.append(log_l, [parameter.mean for parameter in rest])

    def log_lengths(self, theta: FloatArray, d: int) -> FloatArray:
        """Return the log distance (d,) over which the kernel falls, per variable."""
        return theta[:d]

    def correlations(
        self, A: FloatArray, B: FloatArray, theta: FloatArray
    ) -> FloatArray:
        """Return k (m, n) between the rows of A (m, d) and B (n, d)."""
        return self.correlations_and_pull(A, B, theta)[0]

    def correlations_and_pull(
        self, A: FloatArray, B: FloatArray, theta: FloatArray
    ) -> tuple[FloatArray, Pull]:
        """Return k (m, n) and its pull to the points A.

        The pull takes weights C (m, n) to sum_j C_ij dk(a_i, b_j)/da_i, shape (m, d).
        """
        raise NotImplementedError

    def lower_and_pull(
        self, Z: FloatArray, theta: FloatArray, scratch: FloatArray | None = None
    ) -> tuple[FloatArray, Pull]:
        """Return the lower triangle of k (n, n) among Z (n, d) and its pull to theta.

        The pull takes weights W (n, n), of which it reads the lower triangle and which
        it may overwrite, to sum_{i > j} W_ij dk_ij/dtheta, shape (t,). `scratch`
        (2, n, n), each in Fortran order, may be used for what is returned.
        """
        raise NotImplementedError

    def __add__(self, other: Kernel) -> Sum:
        return Sum(self, other)

    def __mul__(self, other: Kernel) -> Product:
        return Product(self, other)


# Log odds of the share of one part: between 1/1000 and 999/1000, without preference.
LOG_ODDS = Parameter(-7.0, 7.0, 0.0, 4.0)


@dataclass(frozen=True)
class _Pair(Kernel):
    """Two kernels; theta starts with theirs, one after the other."""

    first: Kernel
    second: Kernel

    def parameters(self, d: int) -> list[Parameter]:
        return self.first.parameters(d) + self.second.parameters(d)

    def at_lengths(self, log_l: FloatArray) -> FloatArray:
        parts = self.first.at_lengths(log_l), self.second.at_lengths(log_l)
        own = self.parameters(len(log_l))[sum(map(len, parts)) :]
        return np.concatenate([*parts, [parameter.mean for parameter in own]])

    def log_lengths(self, theta: FloatArray, d: int) -> FloatArray:
        first, second = self._split(theta, d)
        of_first = self.first.log_lengths(first, d)
        return np.minimum(of_first, self.second.log_lengths(second, d))

    def _split(self, theta: FloatArray, d: int) -> tuple[FloatArray, FloatArray]:
        middle = len(self.first.parameters(d))
        return theta[:middle], theta[middle : middle + len(self.second.parameters(d))]


@dataclass(frozen=True)
class Product(_Pair):
    """k1 k2: high where both are. theta = (theta1, theta2)."""

    def correlations_and_pull(
        self, A: FloatArray, B: FloatArray, theta: FloatArray
    ) -> tuple[FloatArray, Pull]:
        one, two = self._split(theta, A.shape[1])
        k1, pull1 = self.first.correlations_and_pull(A, B, one)
        k2, pull2 = self.second.correlations_and_pull(A, B, two)
        return k1 * k2, lambda C: pull1(C * k2) + pull2(C * k1)

    def lower_and_pull(
        self, Z: FloatArray, theta: FloatArray, scratch: FloatArray | None = None
    ) -> tuple[FloatArray, Pull]:
        one, two = self._split(theta, Z.shape[1])
        R1, pull1 = self.first.lower_and_pull(Z, one)
        R2, pull2 = self.second.lower_and_pull(Z, two)
        return R1 * R2, lambda W: np.concatenate([pull1(W * R2), pull2(W * R1)])


@dataclass(frozen=True)
class Sum(_Pair):
    """(1 - s) k1 + s k2: the function is a sum. theta = (theta1, theta2, logit s)."""

    def parameters(self, d: int) -> list[Parameter]:
        return [*super().parameters(d), LOG_ODDS]

    def correlations_and_pull(
        self, A: FloatArray, B: FloatArray, theta: FloatArray
    ) -> tuple[FloatArray, Pull]:
        (one, two), s = self._split(theta, A.shape[1]), _share(theta[-1])
        k1, pull1 = self.first.correlations_and_pull(A, B, one)
        k2, pull2 = self.second.correlations_and_pull(A, B, two)
        k = (1.0 - s) * k1 + s * k2
        return k, lambda C: pull1((1.0 - s) * C) + pull2(s * C)

    def lower_and_pull(
        self, Z: FloatArray, theta: FloatArray, scratch: FloatArray | None = None
    ) -> tuple[FloatArray, Pull]:
        (one, two), s = self._split(theta, Z.shape[1]), _share(theta[-1])
        R1, pull1 = self.first.lower_and_pull(Z, one)
        R2, pull2 = self.second.lower_and_pull(Z, two)

        def pull(W: FloatArray) -> FloatArray:
            in_s = s * (1.0 - s) * over_pairs(W, R2 - R1)
            return np.concatenate([pull1((1.0 - s) * W), pull2(s * W), [in_s]])

        return (1.0 - s) * R1 + s * R2, pull


def over_pairs(W: FloatArray, K: FloatArray) -> float:
    """Return sum_{i > j} W_ij K_ij, reading the lower triangles alone."""
    below = np.tril(W, -1)
    return float(np.sum(below * np.where(below == 0.0, 0.0, K)))


def symmetric(W: FloatArray) -> FloatArray:
    """Return the symmetric matrix with the lower triangle of W, and diagonal 0."""
    below = np.tril(W, -1)
    return np.asarray(below + below.T)


def _share(log_odds: float) -> float:
    return float(1.0 / (1.0 + np.exp(-log_odds)))
