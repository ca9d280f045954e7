"""Radial basis functions on overlapping cells as a scikit-learn estimator."""

from __future__ import annotations

from typing import Any

from surrogo import checks
from surrogo.checks import FloatArray
from surrogo.surrogates import rbf_fit
from surrogo.surrogates.cells import Cells
from surrogo.surrogates.estimator import LeavingOneOut, Updating
from surrogo.surrogates.partition_model import PartitionModel
from surrogo.surrogates.profiles import Profile
from surrogo.surrogates.rbf import recipe_of, shape_of, smoothing_of
from surrogo.surrogates.rbf_model import RBFModel
from surrogo.surrogates.sites import Sites

# Wider strips than this leave each side of a division with nearly all the points.
_WIDEST = 0.5


class PartitionOfUnityRBF(Updating, LeavingOneOut):
    """Interpolants of small cells of the data, blended into one smooth function.

    For many points: the data are divided, as in a k-d tree, into overlapping cells,
    each cell gets an `RBF` of its own, and predictions are their mean with weights
    that sum to 1. Time and memory grow in proportion to n (by some 0.1 ms and 12 kB a
    point in two variables); the result interpolates, and is about as exact as one `RBF`
    of all points would be. Shape and smoothing, if they are chosen, are chosen for
    every cell.

    Parameters
    ----------
    kernel : str or Profile
        As in `RBF`.
    degree : int, optional
        Of the polynomial tail in every cell, as in `RBF`.
    shape, smoothing : float or {"loo", "gcv"}, optional
        As in `RBF`.
    n_local : int
        Cells of more points are divided. With fewer points altogether the model is
        that of `RBF`.
    overlap : float
        Share of the points in the strip between the two sides of a division, up to
        0.5. Wider is smoother, and has more cells.
    bounds : array (d, 2), optional
        The box of `X` that is scaled to the unit cube; the range of the data if left
        out.
    random_state : int, RandomState instance or None
        Not used; there for the sake of a common interface.

    Attributes
    ----------
    n_cells_ : int
        Number of cells.
    y_mean_, y_scale_ : float or array (k,)
        Centre and scale of the `y` of the fit.
    model_ : PartitionModel
        The same model as an immutable value on the unit cube and on standardised `y`.

    Notes
    -----
    The standard deviation is the weighted mean of those of the cells, each of which
    knows its own data only and has its own scale. It is an upper bound for the sum of
    their errors if each is right.

    `update` adds points to the cells as they are, and does not divide them further.

    References
    ----------
    Wendland 2002, Fast evaluation of radial basis functions: methods based on
    partition of unity; Schaback & Wendland 2006, Acta Numerica 15, 543-639.

    Examples
    --------
    >>> import numpy as np
    >>> from surrogo.surrogates import PartitionOfUnityRBF
    >>> X = np.random.default_rng(0).random((2000, 2))
    >>> model = PartitionOfUnityRBF().fit(X, np.sin(9 * X[:, 0]) * X[:, 1])
    >>> mean, std = model.predict([[0.5, 0.5]], return_std=True)
    >>> bool(abs(mean[0] - np.sin(4.5) / 2) < 3 * std[0] < 1e-2)
    True
    >>> model.n_cells_
    32
    """

    _multi_output = True
    _least_points = 1

    def __init__(
        self,
        kernel: str | Profile = "cubic",
        *,
        degree: int | None = None,
        shape: float | str | None = None,
        smoothing: float | str = 0.0,
        n_local: int = 200,
        overlap: float = 0.2,
        bounds: Any = None,
        random_state: Any = None,
    ) -> None:
        self.kernel = kernel
        self.degree = degree
        self.shape = shape
        self.smoothing = smoothing
        self.n_local = n_local
        self.overlap = overlap
        self.bounds = bounds
        self.random_state = random_state

    def fit(self, X: Any, y: Any) -> PartitionOfUnityRBF:
        """Fit to points `X` (n, d) and values `y` (n,) or (n, k).

        Raises
        ------
        ValueError
            If `degree` is given and the points of a cell do not determine the tail.
        """
        recipe = recipe_of(self.kernel, self.degree)
        shape, smoothing = shape_of(self.shape), smoothing_of(self.smoothing)
        n_local = checks.integer(self.n_local, "n_local", 1)
        overlap = self._checked_overlap()

        def local(Z: FloatArray, t: FloatArray) -> RBFModel:
            return RBFModel.of(
                rbf_fit.best(recipe, shape, smoothing, Z, t).recipe, Z, t
            )

        Z, t = self._begin(X, y, recipe.centred)
        cells = Cells.around(Sites.merged(Z, t).Z, n_local, overlap)
        self.n_cells_ = cells.n_cells
        self.model_ = PartitionModel.of(cells, local, Z, t)
        return self

    def _checked_overlap(self) -> float:
        overlap = checks.positive(self.overlap, "overlap")
        if overlap > _WIDEST:
            raise ValueError(f"overlap must be at most {_WIDEST}, got {overlap}")
        return overlap
