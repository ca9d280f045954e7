"""Functions drawn from a Gaussian process, as functions: to be minimised.

A draw of the posterior is a draw of the prior plus what corrects it at the data
(Wilson, Borovitskiy, Terenin, Mostowsky & Deisenroth 2020, "Efficiently sampling
functions from Gaussian process posteriors", eq. 12; in geostatistics "conditioning by
kriging", Chiles & Delfiner 2012, section 7.3)::

    f_post(z) = f_prior(z) + mean(z | y - f_prior(Z) - e),   e ~ N(0, noise)

where mean(z | r) is the predictor of the posterior for data r, its trend included: as
the trend is estimated anew from every r, its uncertainty is in the draws. The draw of
the prior is a sum of waves, whose frequencies are drawn for each path, so that mean and
covariance of the paths are those of the posterior, whatever the number of waves. A path
costs O(n^2) once and O(D + n) at every point.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from surrogo.checks import FloatArray
from surrogo.surrogates import linalg
from surrogo.surrogates.posterior import Posterior
from surrogo.surrogates.spectral import frequencies

_WAVES = 1024  # as many as Wilson et al. 2020 have features
_PANEL = 64  # points whose waves are summed at once: they stay in the cache


@dataclass(frozen=True, eq=False)
class Waves:
    """sum_j amplitude_j cos(omega_j . z + phase_j): a draw of a stationary process.

    omega is (D, d), phases and amplitudes are (D,). With Rayleigh amplitudes and
    uniform phases a wave is a sine and a cosine with independent normal weights.
    """

    omega: FloatArray
    phase: FloatArray
    amplitude: FloatArray

    @classmethod
    def of(cls, model: Posterior, rng: np.random.Generator, size: int) -> Waves:
        """Draw from the prior of a model, without its trend."""
        shape = size, model.Z.shape[1]
        omega = frequencies(model.kernel, model.theta, shape, rng)
        phase = rng.uniform(0.0, 2.0 * math.pi, size=size)
        unit = math.sqrt(float(model.factors.s2) / size)
        return cls(omega, phase, unit * rng.rayleigh(size=size))

    def value(self, Z: FloatArray) -> FloatArray:
        """Return the values (m,) at Z (m, d)."""
        return np.concatenate(
            [np.cos(angle) @ self.amplitude for angle in self._angles(Z)]
        )

    def value_and_gradient(self, Z: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return the values (m,) and their gradients (m, d) at Z (m, d)."""
        slopes = -self.amplitude[:, None] * self.omega
        parts = [
            (np.cos(angle) @ self.amplitude, np.sin(angle) @ slopes)
            for angle in self._angles(Z)
        ]
        value, gradient = zip(*parts, strict=True)
        return np.concatenate(value), np.vstack(gradient)

    def _angles(self, Z: FloatArray) -> Iterator[FloatArray]:
        """Yield the arguments (., D) of the cosines, for some points at a time."""
        for top in range(0, max(len(Z), 1), _PANEL):
            yield Z[top : top + _PANEL] @ self.omega.T + self.phase


@dataclass(frozen=True, eq=False)
class Path:
    """One function drawn from a posterior, by `draw_path`.

    To the search it is a model that is sure of itself: its mean is the function, its
    standard deviation 0. So `maximise(NegativeMean(), path, ...)` minimises it.

    Attributes
    ----------
    model : Posterior
        The posterior it was drawn from.
    waves : Waves
        The draw of the prior.
    beta, weights : array (p,), (n,)
        Coefficients of the trend and of the kernel that correct it.
    """

    model: Posterior
    waves: Waves
    beta: FloatArray
    weights: FloatArray

    def value(self, Z: FloatArray) -> FloatArray:
        """Return the values (m,) at Z (m, d) of the unit cube."""
        model = self.model
        k = model.kernel.correlations(Z, model.Z, model.theta)
        mean = model.trend.basis(Z) @ self.beta + k @ self.weights
        return np.asarray(self.waves.value(Z) + mean)

    def value_and_gradient(self, Z: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return the values (m,) and their gradients (m, d) at Z (m, d)."""
        model = self.model
        wave, slope = self.waves.value_and_gradient(Z)
        k, pull = model.kernel.correlations_and_pull(Z, model.Z, model.theta)
        value = wave + model.trend.basis(Z) @ self.beta + k @ self.weights
        slope = slope + model.trend.slope(Z, self.beta)
        return value, slope + pull(np.tile(self.weights, (len(Z), 1)))

    def mean_std(self, Z: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return the values and zeros (m,) at Z (m, d)."""
        value = self.value(Z)
        return value, np.zeros_like(value)

    def mean_std_gradients(
        self, Z: FloatArray
    ) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
        """Return values and zeros (m,), their gradients and zeros (m, d)."""
        value, gradient = self.value_and_gradient(Z)
        return value, np.zeros_like(value), gradient, np.zeros_like(gradient)


def draw_path(model: Posterior, rng: np.random.Generator, waves: int = _WAVES) -> Path:
    """Draw one function from a posterior.

    Parameters
    ----------
    model : Posterior
        Of one output.
    rng : numpy.random.Generator
    waves : int
        Waves of which the draw of the prior is made: with few of them a single path is
        less normal than it should be.

    Raises
    ------
    NotImplementedError
        If the spectral distribution of the kernel is not known.
    ValueError
        If the model has several outputs.

    Examples
    --------
    >>> import numpy as np
    >>> from surrogo import GaussianProcess
    >>> from surrogo.acquisition import draw_path
    >>> gp = GaussianProcess(bounds=[(0, 1)]).fit([[0], [0.5], [1]], [0, 1, 0])
    >>> path = draw_path(gp.model_, np.random.default_rng(0))
    >>> bool(np.allclose(path.value(gp.model_.Z), gp.model_.y, atol=1e-3))
    True
    """
    if model.y.ndim > 1:
        raise ValueError(
            f"a path has one output, the model has {model.y.shape[1]}: fit one model "
            "for each"
        )
    prior = Waves.of(model, rng, waves)
    noise = np.sqrt(model.factors.s2 * _noise(model)) * rng.normal(size=len(model.y))
    beta, weights = _coefficients(model, model.y - prior.value(model.Z) - noise)
    return Path(model, prior, beta, weights)


def _noise(model: Posterior) -> FloatArray:
    """Return the variances (n,) of the noise over s2, jitter included."""
    pattern = np.ones(len(model.y)) if model.noise is None else model.noise.pattern
    return np.asarray(model.nugget * pattern + model.factors.jitter)


def _coefficients(model: Posterior, r: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return beta = G^-1 F^T R^-1 r (p,) and R^-1 (r - F beta) (n,) for data r (n,)."""
    factors = model.factors
    half = linalg.solve_lower(factors.LG, factors.H.T @ r)
    beta = linalg.solve_lower_t(factors.LG, half)
    residual = r - model.trend.basis(model.Z) @ beta
    weights = linalg.solve_lower(factors.L, residual)
    return beta, linalg.solve_lower_t(factors.L, weights)
