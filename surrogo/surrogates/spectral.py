"""Random frequencies of stationary kernels.

A stationary correlation is the characteristic function of a distribution of frequencies
(Bochner 1932), k(z, z') = E cos(omega . (z - z')). With draws of omega a Gaussian
process is a sum of waves (Rahimi & Recht 2007). Sums of kernels are mixtures of their
distributions, products of kernels sums of their frequencies.
"""

from __future__ import annotations

import math
from functools import singledispatch

import numpy as np

from surrogo.checks import FloatArray
from surrogo.surrogates.kernel_additive import Additive
from surrogo.surrogates.kernel_anova import AnovaMatern52
from surrogo.surrogates.kernel_base import Kernel, Product, Sum
from surrogo.surrogates.kernel_shapes import ExponentialPower, RationalQuadratic
from surrogo.surrogates.kernel_tensor import TensorMatern52
from surrogo.surrogates.kernels import Matern, SquaredExponential

_NU52 = 2.5


@singledispatch
def frequencies(
    kernel: Kernel, theta: FloatArray, shape: tuple[int, int], rng: np.random.Generator
) -> FloatArray:
    """Return frequencies (D, d) drawn from the spectral distribution of a kernel.

    Parameters
    ----------
    kernel : Kernel
    theta : array (t,)
        Its hyper-parameters.
    shape : (D, d)
        Number of draws and of variables.
    rng : numpy.random.Generator

    Raises
    ------
    NotImplementedError
        If the distribution is not known: of kernels that are not stationary, or of
        discrete variables.

    Examples
    --------
    >>> import numpy as np
    >>> from surrogo.surrogates.kernels import Matern52
    >>> from surrogo.surrogates.spectral import frequencies
    >>> rng = np.random.default_rng(0)
    >>> omega = frequencies(Matern52(), np.log([0.5]), (100_000, 1), rng)
    >>> float(np.cos(0.5 * omega).mean().round(2))  # at a distance of 0.5
    0.52
    """
    raise NotImplementedError(
        f"the spectral distribution of {type(kernel).__name__} is not known; draw "
        "values at given points instead, by Posterior.draws"
    )


@frequencies.register
def _squared_exponential(
    kernel: SquaredExponential,
    theta: FloatArray,
    shape: tuple[int, int],
    rng: np.random.Generator,
) -> FloatArray:
    """Draw normal ones of size 1 / l (Rasmussen & Williams 2006, section 4.2.1)."""
    return rng.normal(size=shape) * np.exp(-theta)


@frequencies.register
def _matern(
    kernel: Matern, theta: FloatArray, shape: tuple[int, int], rng: np.random.Generator
) -> FloatArray:
    """Draw a multivariate t with 2 nu degrees of freedom (the same, eq. 4.15)."""
    return _student(kernel.nu, shape, 1, rng) * np.exp(-theta)


@frequencies.register
def _tensor(
    kernel: TensorMatern52,
    theta: FloatArray,
    shape: tuple[int, int],
    rng: np.random.Generator,
) -> FloatArray:
    """Draw an independent t in every variable."""
    return _student(_NU52, shape, shape[1], rng) * np.exp(-theta)


@frequencies.register
def _anova(
    kernel: AnovaMatern52,
    theta: FloatArray,
    shape: tuple[int, int],
    rng: np.random.Generator,
) -> FloatArray:
    """Draw of each factor (1 + w c) / (1 + w): 0 with odds of 1 to w, or a t."""
    moves = rng.random(shape) < 1.0 / (1.0 + math.exp(-theta[-1]))
    return moves * _student(_NU52, shape, shape[1], rng) * np.exp(-theta[:-1])


@frequencies.register
def _rational_quadratic(
    kernel: RationalQuadratic,
    theta: FloatArray,
    shape: tuple[int, int],
    rng: np.random.Generator,
) -> FloatArray:
    """Draw of squared exponentials whose 1 / l^2 is gamma (the same, eq. 4.20)."""
    alpha = math.exp(theta[-1])
    size = np.sqrt(rng.gamma(alpha, 1.0 / alpha, size=(shape[0], 1)))
    return size * rng.normal(size=shape) * np.exp(-theta[:-1])


@frequencies.register
def _exponential_power(
    kernel: ExponentialPower,
    theta: FloatArray,
    shape: tuple[int, int],
    rng: np.random.Generator,
) -> FloatArray:
    """Draw a symmetric stable variable: exp(-|t|^p) is what defines that.

    As Chambers, Mallows & Stuck 1976 (J. Am. Stat. Assoc. 71, 340-344), eq. 4.1,
    without skewness.
    """
    p = float(theta[-1])
    angle = rng.uniform(-0.5 * math.pi, 0.5 * math.pi, size=shape)
    wait = rng.exponential(size=shape)
    ratio = np.cos((1.0 - p) * angle) / wait
    stable = np.sin(p * angle) / np.cos(angle) ** (1.0 / p) * ratio ** ((1.0 - p) / p)
    return np.asarray(stable * np.exp(-theta[:-1]))


@frequencies.register
def _additive(
    kernel: Additive,
    theta: FloatArray,
    shape: tuple[int, int],
    rng: np.random.Generator,
) -> FloatArray:
    """Draw one variable each by its weight, and a frequency along it."""
    D, d = shape
    weights = np.exp(theta[d:] - np.max(theta[d:]))
    chosen = rng.choice(d, size=D, p=weights / np.sum(weights))
    out = np.zeros(shape)
    for j in range(d):
        mine = chosen == j
        out[mine, j] = frequencies(
            kernel.base, theta[[j]], (int(np.sum(mine)), 1), rng
        )[:, 0]
    return out


@frequencies.register
def _product(
    kernel: Product, theta: FloatArray, shape: tuple[int, int], rng: np.random.Generator
) -> FloatArray:
    middle = len(kernel.first.parameters(shape[1]))
    first = frequencies(kernel.first, theta[:middle], shape, rng)
    return first + frequencies(kernel.second, theta[middle:], shape, rng)


@frequencies.register
def _sum(
    kernel: Sum, theta: FloatArray, shape: tuple[int, int], rng: np.random.Generator
) -> FloatArray:
    middle = len(kernel.first.parameters(shape[1]))
    first = frequencies(kernel.first, theta[:middle], shape, rng)
    second = frequencies(kernel.second, theta[middle:-1], shape, rng)
    share = 1.0 / (1.0 + math.exp(-theta[-1]))
    return np.where(rng.random((shape[0], 1)) < share, second, first)


def _student(
    nu: float, shape: tuple[int, int], columns: int, rng: np.random.Generator
) -> FloatArray:
    """Return t variables with 2 nu degrees of freedom, one denominator per column."""
    squares = rng.chisquare(2.0 * nu, size=(shape[0], columns)) / (2.0 * nu)
    return np.asarray(rng.normal(size=shape) / np.sqrt(squares))
