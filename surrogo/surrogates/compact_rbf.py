"""Radial basis functions of compact support, for many points."""

from __future__ import annotations

from typing import Any

import numpy as np

from surrogo import checks
from surrogo.checks import FloatArray
from surrogo.surrogates import wendland
from surrogo.surrogates.compact_model import CompactModel, CompactProcess, radius_for
from surrogo.surrogates.estimator import Surrogate
from surrogo.surrogates.trends import TRENDS, Trend

# Points within the radius for each variable, if the radius is not given: so many that
# functions overlap smoothly, so few that 100 000 points in two variables take a tenth
# of a gigabyte (benchmarks/results/large_rbf.md).
COUNT = 50


class CompactRBF(Surrogate):
    """Wendland functions with a polynomial trend, sparse, for up to 100 000 points.

    Interpolates, or smooths, values at scattered points with functions that are zero
    beyond a radius, so that a matrix holds as many numbers as there are pairs of near
    points. Equations are solved by conjugate gradients, in about as many iterations
    for 100 000 points as for 1000.

    With a radius that shrinks as the points get denser, which is what the default
    does, the error does not fall much below what the first few levels of density
    reach: the scheme is cheap, but it saturates (Schaback & Wendland 2006, section
    8). `MultilevelRBF` does not.

    Parameters
    ----------
    smoothness : {2, 0, 4, 6}
        Continuous derivatives of the functions.
    radius : float, optional
        Beyond which a function is zero, in the unit cube. Left out, it is such that
        about 50 d points lie within it.
    smoothing : float
        Added to the diagonal of the kernel matrix, as the relative noise variance of
        a Gaussian process. With 0 the model interpolates, and several observations of
        one point count as their mean.
    trend : {"constant", "linear", "quadratic", "zero"}
        Polynomial under the functions.
    bounds : array (d, 2), optional
        The box of `X` that is scaled to the unit cube; the range of the data if left
        out.
    random_state : int, RandomState instance or None
        Accepted as by all surrogates; nothing here is random.

    Attributes
    ----------
    radius_ : float
        In the unit cube.
    jitter_ : float
        What the equations needed on top of the smoothing (mostly 0).
    n_iterations_ : int
        Of the conjugate gradients.
    nnz_ : int
        Non-zero entries of the kernel matrix.
    y_mean_, y_scale_ : float
        Centre and scale of the `y` of the fit.
    model_ : CompactModel
        The same model as an immutable value on the unit cube and on standardised `y`.

    Notes
    -----
    The standard deviation is that of the Gaussian process with this covariance and
    trend, from the 50 nearest points only: exact up to 50 points, and never smaller
    than that of all the data otherwise.

    Raises
    ------
    ValueError
        On parameters or data that make no sense, and if the points do not determine
        the trend.

    References
    ----------
    Wendland 2005, Scattered Data Approximation, chapters 9 and 15; Schaefer, Katzfuss
    & Owhadi 2021, SIAM J. Sci. Comput. 43, A2019-A2046 (the preconditioner).

    Examples
    --------
    >>> import numpy as np
    >>> from surrogo.surrogates import CompactRBF
    >>> X = np.random.default_rng(0).random((3000, 2))
    >>> rbf = CompactRBF().fit(X, np.sin(9 * X[:, 0]) * X[:, 1])
    >>> mean, std = rbf.predict([[0.5, 0.5]], return_std=True)
    >>> bool(abs(mean[0] - np.sin(4.5) / 2) < 3 * std[0] < 0.1)
    True
    """

    _least_points = 1
    model_: CompactModel

    def __init__(
        self,
        smoothness: int = 2,
        *,
        radius: float | None = None,
        smoothing: float = 0.0,
        trend: str = "constant",
        bounds: Any = None,
        random_state: Any = None,
    ) -> None:
        self.smoothness = smoothness
        self.radius = radius
        self.smoothing = smoothing
        self.trend = trend
        self.bounds = bounds
        self.random_state = random_state

    def fit(self, X: Any, y: Any) -> CompactRBF:
        """Fit to points `X` (n, d) and values `y` (n,).

        Raises
        ------
        ValueError
            If the points do not determine the trend.
        """
        checks.one_of(self.trend, TRENDS, "trend")
        ridge = ridge_of(self.smoothing)
        Z, t = self._begin(X, y, self.trend != "zero")
        d = Z.shape[1]
        self.radius_ = radius_of(self.radius, Z)
        profile = wendland.of_smoothness(self.smoothness, d)
        log_l = np.full(d, np.log(self.radius_))
        process = CompactProcess(profile, Trend.of(self.trend, d), log_l, ridge)
        self.model_ = CompactModel.of(process, Z, t)
        work = self.model_.work
        self.jitter_, self.n_iterations_, self.nnz_ = (
            work.jitter,
            work.iterations,
            work.nnz,
        )
        return self


def radius_of(radius: Any, Z: FloatArray) -> float:
    """Return a radius given by the user, or one that suits the points Z (n, d)."""
    if radius is None:
        return radius_for(Z, COUNT * Z.shape[1])
    return checks.positive(radius, "radius")


def ridge_of(smoothing: Any) -> float:
    """Return the smoothing as a float of at least 0."""
    ridge = checks.number(smoothing, "smoothing")
    if ridge < 0.0:
        raise ValueError(f"smoothing must be at least 0, got {ridge}")
    return ridge
