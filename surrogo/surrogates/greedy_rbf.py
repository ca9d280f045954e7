"""A radial basis function on few centres, chosen greedily among many points."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.utils import check_random_state

from surrogo import checks
from surrogo.checks import FloatArray
from surrogo.surrogates import greedy, radial, rbf_fit
from surrogo.surrogates.estimator import Drawing
from surrogo.surrogates.profiles import Profile
from surrogo.surrogates.rbf import recipe_of, shape_of
from surrogo.surrogates.rbf_recipe import Recipe
from surrogo.surrogates.sites import Sites

_SHAPE_POINTS = 200  # as many are enough to choose a shape by leave-one-out


class GreedyRBF(Drawing):
    """Radial basis functions on centres picked one by one out of the data.

    Interpolates at the centres only; where the data are many or their kernel matrix
    is singular up to rounding, few centres give nearly the same function. Choosing n
    of N points takes O(N n^2).

    Parameters
    ----------
    kernel : str or Profile
        As in `RBF`.
    n_centres : int
        The most that are chosen; those that carry the tail count, and are always there.
    rule : {"f", "f/P", "P"}
        Which point comes next: that of the largest residual, of the largest gain in
        native-space norm, or of the largest power function, which spreads the centres
        evenly whatever the values are.
    tolerance : float
        Stop once no residual is larger, relative to the spread of `y` ("P": once the
        power function is not).
    degree : int, optional
        As in `RBF`.
    shape : float or {"loo", "gcv"}, optional
        As in `RBF`; a criterion uses at most 200 of the points.
    bounds : array (d, 2), optional
        The box of `X` that is scaled to the unit cube; the range of the data if left
        out.
    random_state : int, RandomState instance or None
        For the points that choose the shape, and for `sample_y`.

    Attributes
    ----------
    centres_ : array (n,) of int
        Indices of the chosen points, in order. Points that coincide count as the
        first of them, with their mean value.
    kernel_ : Profile
    degree_ : int
    shape_ : float
    residual_ : float
        Largest distance from a value, in the units of `y`.
    y_mean_, y_scale_ : float or array (k,)
        Centre and scale of the `y` of the fit.
    model_ : RBFModel
        The interpolant at the centres, on the unit cube and on standardised `y`.

    Raises
    ------
    ValueError
        On parameters or data that make no sense.

    References
    ----------
    Mueller & Schaback 2009, A Newton basis for kernel spaces, J. Approx. Theory 161;
    Wirtz & Haasdonk 2013, A vectorial kernel orthogonal greedy algorithm, Dolomites
    Res. Notes Approx. 6.

    Examples
    --------
    >>> import numpy as np
    >>> from surrogo.surrogates.greedy_rbf import GreedyRBF
    >>> X = np.linspace(0, 6, 200)[:, None]
    >>> rbf = GreedyRBF(n_centres=20).fit(X, np.sin(X).ravel())
    >>> len(rbf.centres_), bool(rbf.residual_ < 1e-2)
    (20, True)
    """

    _multi_output = True
    _least_points = 1

    def __init__(
        self,
        kernel: str | Profile = "cubic",
        *,
        n_centres: int = 100,
        rule: str = "f",
        tolerance: float = 0.0,
        degree: int | None = None,
        shape: float | str | None = None,
        bounds: Any = None,
        random_state: Any = None,
    ) -> None:
        self.kernel = kernel
        self.n_centres = n_centres
        self.rule = rule
        self.tolerance = tolerance
        self.degree = degree
        self.shape = shape
        self.bounds = bounds
        self.random_state = random_state

    def fit(self, X: Any, y: Any) -> GreedyRBF:
        """Fit to points `X` (n, d) and values `y` (n,) or (n, k).

        Raises
        ------
        ValueError
            If `degree` is given and the points do not determine the tail.
        """
        recipe, shape = recipe_of(self.kernel, self.degree), shape_of(self.shape)
        n = checks.integer(self.n_centres, "n_centres", 1)
        tolerance = checks.number(self.tolerance, "tolerance")
        Z, t = self._begin(X, y, recipe.centred)
        sites = Sites.merged(Z, t)
        recipe = self._with_shape(recipe, shape, sites)
        basis = greedy.select(recipe, sites.Z, sites.values, n, self.rule, tolerance)
        self.model_ = basis.model(sites.values)
        first = np.unique(sites.index, return_index=True)[1]
        self.centres_ = first[basis.chosen]
        self.kernel_, self.degree_ = basis.recipe.profile, basis.recipe.degree
        self.shape_ = basis.recipe.shape
        self.residual_ = float(np.max(np.abs(self.y_scale_ * basis.residual)))
        return self

    def _with_shape(self, recipe: Recipe, shape: float | str, sites: Sites) -> Recipe:
        Z, t = sites.Z, sites.values
        if isinstance(shape, str) and radial.has_length(recipe.profile):
            few = self._few(Z)
            Z, t = Z[few], t[few]
        return rbf_fit.best(recipe, shape, 0.0, Z, t).recipe

    def _few(self, Z: FloatArray) -> Any:
        """Return the indices of points that are enough to choose a shape."""
        if len(Z) <= _SHAPE_POINTS:
            return np.arange(len(Z))
        state = check_random_state(self.random_state)
        return np.sort(state.permutation(len(Z))[:_SHAPE_POINTS])
