"""Expected improvement of a batch, one point after the other.

The improvement of a batch is that of its best point (Ginsbourger, Le Riche & Carraro
2010). A point x added to points P that are under way adds to its expectation::

    E max(best - f(x), best - f(P), 0) - E max(best - f(P), 0) = E EI(x | f(P))

the mean over draws of f(P) of the expected improvement of x below min(best, f(P)), with
the mean and standard deviation that f(x) has given f(P) (Snoek, Larochelle & Adams
2012, section 3.2). The integral over f(x) is exact, and its logarithm is that of
`LogEI`: so this is on the log scale, and smooth, without the temperatures by which
Ament et al. 2023 (section 4) smooth the maximum and the ramp. Draws of f(P) are
scrambled Sobol points.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import ndtri

from surrogo.acquisition.base import Criterion
from surrogo.acquisition.improvement import log_h, log_h_slopes
from surrogo.checks import FloatArray
from surrogo.samplers import Sobol
from surrogo.surrogates import linalg
from surrogo.surrogates.base import Predictive
from surrogo.surrogates.posterior import Posterior

DRAWS = 256  # scrambled Sobol points (evidence file, section 3.2)
# Share of the variance below which what is left of it, given f(P), is rounding.
_LEAST_LEFT = 1e-12
_LEAST_EIGENVALUE = 1e-10  # of correlations; smaller ones are mostly rounding
_LEAST_VARIANCE = 1e-120  # keeps z^2 and the slopes finite at data
_OPEN = 2.0**-53  # the normal quantiles of 0 and 1 are infinite


@dataclass(frozen=True, eq=False)
class JointLogEI(Criterion):
    """Logarithm of what a point adds to the expected improvement of points under way.

    Made by `JointLogEI.of` for one model, which it keeps: that of a call is not looked
    at. Without points under way it is `LogEI`.

    Attributes
    ----------
    model : Posterior
    floors : array (s,)
        The value to improve on, in each draw.
    normals : array (s, p)
        The draws, as independent normal variables.
    places : array (n + p, d)
        Data and points under way.
    in_k, in_f : array (p, n + p), (p, t)
        What the covariances with those variables are made of: correlations with the
        places, and trend functions.
    """

    model: Posterior
    floors: FloatArray
    normals: FloatArray
    places: FloatArray
    in_k: FloatArray
    in_f: FloatArray

    @classmethod
    def of(
        cls,
        model: Posterior,
        best: float,
        pending: FloatArray,
        rng: np.random.Generator,
        draws: int = DRAWS,
    ) -> JointLogEI:
        """Draw the values of the points under way.

        Parameters
        ----------
        model : Posterior
            Of one output; the pending points are not among its data.
        best : float
            The value to improve on, in the units of the model.
        pending : array (p, d)
            Points under way, p up to 8 or so; p may be 0.
        rng : numpy.random.Generator
        draws : int
            A power of two keeps the balance of the Sobol points.

        Raises
        ------
        ValueError
            If the model has several outputs.

        Examples
        --------
        >>> import numpy as np
        >>> from surrogo import GaussianProcess
        >>> from surrogo.acquisition import JointLogEI
        >>> gp = GaussianProcess(bounds=[(0, 1)]).fit([[0], [0.5], [1]], [0.1, 0, 0.1])
        >>> left, right = np.array([[0.25]]), np.array([[0.75]])
        >>> rng = np.random.default_rng(0)
        >>> criterion = JointLogEI.of(gp.model_, gp.model_.y.min(), left, rng)
        >>> near, far = criterion.score(gp.model_, np.vstack([left + 0.01, right]))
        >>> bool(near < far)
        True
        """
        if model.y.ndim > 1:
            raise ValueError(
                f"an improvement is one of a single output, the model has "
                f"{model.y.shape[1]}: fit a model of the objective alone"
            )
        normals = _normals(draws, len(pending), rng)
        A, in_k, in_f = _whitened(model, pending)
        values = model.mean_std(pending)[0] + normals @ A.T
        floors = np.min(values, axis=1, initial=best)
        places = np.vstack([model.Z, pending])
        return cls(model, floors, normals, places, in_k, in_f)

    def score(self, model: Predictive, U: FloatArray) -> FloatArray:
        """Return the scores (m,) of points U (m, d); higher is better."""
        mean, std = self.model.mean_std(U)
        k = self.model.kernel.correlations(U, self.places, self.model.theta)
        c = self._covariances(k, U)
        return self._log_gain(mean, c, _left_of(std, c)[0])[0]

    def score_and_gradient(
        self, model: Predictive, U: FloatArray
    ) -> tuple[FloatArray, FloatArray]:
        """Return the scores (m,) and their gradients (m, d)."""
        mean, std, mean_slope, std_slope = self.model.mean_std_gradients(U)
        c, c_slope = self._covariances_and_slopes(U)
        left, some = _left_of(std, c)
        score, shares, z = self._log_gain(mean, c, left)
        Phi_h, phi_h = (shares * ratio for ratio in log_h_slopes(z))
        # d log(s h(z)) = (phi/h ds - Phi/h dm) / s with m = mean + c . normals and
        # s ds = std dstd - c . dc
        half = std[:, None] * std_slope - np.einsum("mp,mpd->md", c, c_slope)
        left_slope = np.where(some[:, None], half / left[:, None], 0.0)
        fall = np.sum(Phi_h, axis=1)[:, None] * mean_slope
        fall += np.einsum("mp,mpd->md", Phi_h @ self.normals, c_slope)
        rise = np.sum(phi_h, axis=1)[:, None] * left_slope
        return score, (rise - fall) / left[:, None]

    def _covariances(self, k: FloatArray, U: FloatArray) -> FloatArray:
        """Return the covariances c (m, p) of f(U) with the normal variables."""
        f = self.model.trend.basis(U)
        return np.asarray(k @ self.in_k.T + f @ self.in_f.T)

    def _covariances_and_slopes(self, U: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return the covariances c (m, p) and their gradients (m, p, d)."""
        model, (m, d) = self.model, U.shape
        k, pull = model.kernel.correlations_and_pull(U, self.places, model.theta)
        slopes = np.empty((m, len(self.in_k), d))
        for j, (w, b) in enumerate(zip(self.in_k, self.in_f, strict=True)):
            slopes[:, j] = pull(np.tile(w, (m, 1))) + model.trend.slope(U, b)
        return self._covariances(k, U), slopes

    def _log_gain(
        self, mean: FloatArray, c: FloatArray, left: FloatArray
    ) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Return the log of the mean gain (m,), the shares of the draws in it and z."""
        z = (self.floors - mean[:, None] - c @ self.normals.T) / left[:, None]
        logs = log_h(z)
        top = np.max(logs, axis=1, keepdims=True)
        shares = np.exp(logs - top)
        total = np.sum(shares, axis=1, keepdims=True)
        score = np.log(left) + (np.log(total / len(self.floors)) + top)[:, 0]
        return score, shares / total, z


def _normals(draws: int, p: int, rng: np.random.Generator) -> FloatArray:
    """Return normal variables (s, p) from scrambled Sobol points."""
    if p == 0:
        return np.zeros((1, 0))
    u = Sobol().sample_unit(draws, p, rng)
    return np.asarray(ndtri(np.clip(u, _OPEN, 1.0 - _OPEN)))


def _whitened(
    model: Posterior, P: FloatArray
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return A (p, p) of cov f(P) = A A^T, and A^-1 cov(f(P), f(x)) as weights.

    That is in_k k(x) + in_f f(x) with the correlations k of x to data and P: the
    covariance of two points is s2 [k(x, P) - k_x^T R^-1 k_P + u_x^T G^-1 u_P], with
    u = f - H^T k (Rasmussen & Williams 2006, eq. 2.42).
    """
    factors, s2, p = model.factors, float(model.factors.s2), len(P)
    A, inverse = _roots(model.covariance(P), _LEAST_LEFT * s2)
    k = model.kernel.correlations(P, model.Z, model.theta)
    half = linalg.solve_lower(factors.LG, (model.trend.basis(P) - k @ factors.H).T)
    Gu = linalg.solve_lower_t(factors.LG, half)
    V = linalg.solve_lower_t(factors.L, linalg.solve_lower(factors.L, k.T))
    in_k = s2 * np.hstack([-(V + factors.H @ Gu).T, np.eye(p)])
    return A, inverse @ in_k, inverse @ (s2 * Gu.T)


def _roots(covariance: FloatArray, least: float) -> tuple[FloatArray, FloatArray]:
    """Return A (p, p) with A A^T = covariance, and its inverse.

    By eigenvalues of the correlations, none of which is taken for 0: points may
    coincide, or be data, whose variance (below `least`) is rounding.
    """
    size = np.sqrt(np.maximum(np.diag(covariance), least))
    values, vectors = np.linalg.eigh(covariance / np.multiply.outer(size, size))
    roots = np.sqrt(np.maximum(values, _LEAST_EIGENVALUE))
    return size[:, None] * vectors * roots, (vectors / roots).T / size


def _left_of(std: FloatArray, c: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return the standard deviation (m,) given f(P), and where it is no rounding."""
    variance = std**2
    left = variance - np.sum(c * c, axis=1)
    least = np.maximum(_LEAST_LEFT * variance, _LEAST_VARIANCE)
    return np.sqrt(np.maximum(left, least)), left > least
