"""A Gaussian process of its own for every prediction, as a scikit-learn estimator."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np

from surrogo import checks
from surrogo.checks import FloatArray
from surrogo.surrogates.estimator import LeavingOneOut
from surrogo.surrogates.kernel_base import Kernel
from surrogo.surrogates.local_model import Coefficients, LocalModel, Process, tree_of
from surrogo.surrogates.neighbourhoods import Sets
from surrogo.surrogates.ordering import nearest, others
from surrogo.surrogates.scalable import ScalableGP

# Neighbours in the likelihoods that the hyper-parameters are searched by.
_FIT_NEIGHBOURS = 30
# Standardised values carry a rounding error of about this: see likelihood.py.
_ROUNDING = 1e-16
# Eigenvalues of the trend's precision below this part of the largest are rounding.
_DEPENDENT = 1e-13


@dataclass(frozen=True, eq=False)
class NearestModel(LocalModel):
    """A process for every target: trend and variance from its neighbours alone."""

    @classmethod
    def of(
        cls, process: Process, Z: FloatArray, y: FloatArray, n_near: int
    ) -> NearestModel:
        """Condition on points Z (n, d) and values y (n,)."""
        return cls(process, Z, y, n_near, tree_of(process, Z))

    def append(self, Z: FloatArray, y: FloatArray) -> NearestModel:
        """Condition on q further points at the same hyper-parameters."""
        Z, y = np.vstack([self.Z, Z]), np.concatenate([self.y, y])
        return replace(self, Z=Z, y=y, tree=tree_of(self.process, Z))

    def leave_one_out(self) -> tuple[FloatArray, FloatArray]:
        """Predict every observation from its neighbours; mean and std, each (n,)."""
        m, p = min(self.n_near, len(self.y) - 1), self.process.trend.p
        if m <= p:
            raise ValueError(
                f"leave-one-out needs more than {p + 1} points for a trend of {p} "
                f"coefficients, got {len(self.y)}; take a simpler trend"
            )
        near = others(nearest(self.tree, self.tree.data, m + 1), np.arange(len(self.y)))
        return self._predict(self.Z, near, self.process.nugget)

    def _coefficients(self, sets: Sets) -> Coefficients:
        """Estimate by generalised least squares; what is not determined becomes 0."""
        H, S = sets.H[:, :, :-1], sets.S
        products = np.einsum("qhm,qjm->qhj", H, S)  # H_c R_cc^-1 H_c^T
        G_inv = np.linalg.pinv(products[:, 1:, 1:], rcond=_DEPENDENT, hermitian=True)
        beta = np.einsum("qpr,qr->qp", G_inv, products[:, 1:, 0])
        rest = np.concatenate([np.ones((len(beta), 1)), -beta], axis=1)
        residual, a = (np.einsum("qh,qhm->qm", rest, of) for of in (H, S))
        squares = np.einsum("qm,qm->q", residual, a)
        nu = H.shape[2] - beta.shape[1]
        return Coefficients(beta, G_inv, np.maximum(squares, 0.0) / nu + _ROUNDING**2)


class LocalGP(LeavingOneOut, ScalableGP):
    """Gaussian process of its own for every prediction, on the nearest points.

    Length scales and nugget are those of all data, found as `VecchiaGP` finds them;
    trend and process variance are estimated anew for every prediction. So the model
    follows functions that are rough in one place and flat in another, and there is
    nothing to compute before predictions. "Near" is meant in units of the length
    scales. In many dimensions, where nothing is near, its standard deviations are too
    small; those of `VecchiaGP` are better there.

    Parameters
    ----------
    kernel : str or Kernel
        ``"auto"`` takes the likelier of the radial and the tensor product Matern 5/2
        (without a search, the radial one). Else ``"matern52"``, ``"tensor_matern52"``,
        ``"matern32"``, ``"matern12"`` or ``"squared_exponential"``.
    trend : {"constant", "linear", "quadratic", "zero"}
        Polynomial under the process; fewer coefficients than neighbours.
    nugget : float or "estimate"
        Variance of the noise relative to the process variance. The default
        interpolates.
    n_neighbours : int
        Number of points that a prediction is made from.
    length_scale : float or array (d,), optional
        In the units of `X`: the first start of the search, or the value that is kept
        if ``n_starts=0``.
    n_starts : int
        Number of starts of the search on (up to) 1000 points, of which the best goes
        on to more; 0 keeps `length_scale` and the nugget.
    prior : bool
        Whether length scales and an estimated nugget have priors (else pure
        likelihood).
    bounds : array (d, 2), optional
        The box of `X` that is scaled to the unit cube, on which priors and bounds of
        length scales are defined; the range of the data if left out.
    random_state : int, RandomState or None
        For the subsets of the search, and starts beyond the fourth.

    Attributes
    ----------
    length_scale_ : array (d,)
        In the units of `X`.
    nugget_ : float
        Relative to the process variance.
    y_mean_, y_scale_ : float
        Centre and scale of the `y` of the fit.
    model_ : NearestModel
        The same model as an immutable value on the unit cube and on standardised `y`.
    n_evaluations_ : int
        Likelihood evaluations that the fit took.

    References
    ----------
    Gramacy & Apley 2015, J. Comput. Graph. Stat. 24, 561-578, whose simplest
    variant (nearest neighbours) this is.

    Examples
    --------
    >>> import numpy as np
    >>> from surrogo.surrogates import LocalGP
    >>> X = np.random.default_rng(0).random((3000, 2))
    >>> gp = LocalGP(random_state=0).fit(X, np.sin(9 * X[:, 0]) * X[:, 1])
    >>> mean, std = gp.predict([[0.5, 0.5]], return_std=True)
    >>> bool(abs(mean[0] - np.sin(4.5) / 2) < 3 * std[0] < 1e-3)
    True
    """

    def __init__(
        self,
        kernel: str | Kernel = "auto",
        *,
        trend: str = "constant",
        nugget: float | Literal["estimate"] = 1e-10,
        n_neighbours: int = 50,
        length_scale: Any = None,
        n_starts: int = 2,
        prior: bool = True,
        bounds: Any = None,
        random_state: Any = None,
    ) -> None:
        self.kernel = kernel
        self.trend = trend
        self.nugget = nugget
        self.n_neighbours = n_neighbours
        self.length_scale = length_scale
        self.n_starts = n_starts
        self.prior = prior
        self.bounds = bounds
        self.random_state = random_state

    model_: NearestModel

    def _model(
        self, process: Process, Z: FloatArray, t: FloatArray, rng: np.random.Generator
    ) -> NearestModel:
        return NearestModel.of(process, Z, t, int(self.n_neighbours))

    def _neighbours(self, p: int) -> tuple[int, int]:
        if checks.integer(self.n_neighbours, "n_neighbours", 1) <= p:
            raise ValueError(
                f"n_neighbours must be above {p}, the number of coefficients of the "
                f"{self.trend} trend, got {self.n_neighbours}; take a simpler trend"
            )
        return _FIT_NEIGHBOURS, int(self.n_neighbours)
