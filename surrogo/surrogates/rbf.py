"""Radial basis function interpolation as a scikit-learn estimator."""

from __future__ import annotations

from typing import Any

import numpy as np

from surrogo import checks
from surrogo.surrogates import radial, rbf_fit
from surrogo.surrogates.estimator import Drawing, LeavingOneOut, Updating
from surrogo.surrogates.profiles import Profile
from surrogo.surrogates.rbf_model import RBFModel
from surrogo.surrogates.rbf_recipe import Recipe


class RBF(Drawing, Updating, LeavingOneOut):
    """Radial basis functions with a polynomial tail, dense.

    Interpolates, or smooths, values at scattered points. With a tail of its least
    degree the interpolant is the one of least native-space norm; the standard
    deviation is that norm's share of every degree of freedom times the power
    function, which for a positive definite kernel is the standard deviation of
    Kriging with the same trend.

    Parameters
    ----------
    kernel : str or Profile
        ``"cubic"``, ``"linear"``, ``"quintic"``, ``"thin_plate"``, ``"gaussian"``,
        ``"multiquadric"``, ``"inverse_multiquadric"``, ``"inverse_quadratic"``,
        ``"matern12"``, ``"matern32"`` or ``"matern52"``: a radial function g of
        r2 = shape^2 |z - z'|^2, z in the unit cube.
    degree : int, optional
        Of the polynomial tail; -1 for none. Left out, it is the least that the kernel
        allows, and at least 0. Points that do not determine so much (fewer than d + 1,
        or all on one plane) then get the highest degree they do determine, and a
        kernel that needs more gives way to ``"cubic"`` or ``"linear"``.
    shape : float or {"loo", "gcv"}, optional
        Inverse length of the kernel, in the unit cube. Left out, it comes from
        leave-one-out; the powers of r and the thin plate have no length, and take 1.
    smoothing : float or {"loo", "gcv"}
        Added to the diagonal of the kernel matrix, as the relative noise variance of
        a Gaussian process. With 0 the model interpolates, and several observations of
        one point count as their mean.
    bounds : array (d, 2), optional
        The box of `X` that is scaled to the unit cube; the range of the data if left
        out.
    random_state : int, RandomState instance or None
        For `sample_y`; the fit uses no random numbers.

    Attributes
    ----------
    kernel_ : Profile
    degree_ : int
    shape_, smoothing_ : float
        As they were given or chosen.
    jitter_ : float
        What the factorisation needed on top of the smoothing (mostly 0).
    norm_ : float or array (k,)
        Native-space seminorm of the interpolant, in the units of `y`.
    process_std_ : float or array (k,)
        Standard deviation of the process that the kernel is the covariance of.
    n_shapes_ : int
        Shapes that the fit tried.
    y_mean_, y_scale_ : float or array (k,)
        Centre and scale of the `y` of the fit.
    model_ : RBFModel
        The same model as an immutable value on the unit cube and on standardised `y`.

    Raises
    ------
    ValueError
        On parameters or data that make no sense; if `degree` is given and too low for
        the kernel, or more than the points determine.

    References
    ----------
    Wendland 2005, Scattered Data Approximation; Schaback & Wendland 2006, Kernel
    techniques: from machine learning to meshless methods, Acta Numerica 15; Rippa
    1999, Adv. Comput. Math. 11, 193-210.

    Examples
    --------
    >>> import numpy as np
    >>> from surrogo.surrogates.rbf import RBF
    >>> X = np.linspace(0, 6, 12)[:, None]
    >>> rbf = RBF("thin_plate").fit(X, np.sin(X).ravel())
    >>> mean, std = rbf.predict([[2.0]], return_std=True)
    >>> bool(abs(mean[0] - np.sin(2.0)) < 2 * std[0] < 0.2)
    True
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
        bounds: Any = None,
        random_state: Any = None,
    ) -> None:
        self.kernel = kernel
        self.degree = degree
        self.shape = shape
        self.smoothing = smoothing
        self.bounds = bounds
        self.random_state = random_state

    def fit(self, X: Any, y: Any) -> RBF:
        """Fit to points `X` (n, d) and values `y` (n,) or (n, k).

        Raises
        ------
        ValueError
            If `degree` is given and the points do not determine the tail.
        """
        recipe = recipe_of(self.kernel, self.degree)
        shape, smoothing = shape_of(self.shape), smoothing_of(self.smoothing)
        Z, t = self._begin(X, y, recipe.centred)
        fit = rbf_fit.best(recipe, shape, smoothing, Z, t)
        self.n_shapes_ = fit.n_shapes
        self.model_ = RBFModel.of(fit.recipe, Z, t)
        return self._learn()

    def update(self, X: Any, y: Any) -> RBF:
        """Add points `X` (q, d), `y` (q,) at the same shape and smoothing.

        In O(q n^2). The predictions equal those of a fresh fit with this shape and
        smoothing; points that now determine the usual tail get it.
        """
        super().update(X, y)
        return self._learn()

    def _learn(self) -> RBF:
        """Say in attributes what is in ``model_``."""
        model = self.model_
        self.kernel_, self.degree_ = model.recipe.profile, model.recipe.degree
        self.shape_, self.smoothing_ = model.recipe.shape, model.recipe.smoothing
        self.jitter_ = model.jitter
        self.norm_ = self.y_scale_ * model.norm
        self.process_std_ = self.y_scale_ * np.sqrt(model.s2)
        return self


def recipe_of(kernel: Any, degree: Any) -> Recipe:
    """Return the recipe of these parameters of an estimator, which it checks."""
    whole = None if degree is None else checks.integer(degree, "degree", -1)
    recipe = Recipe(radial.get(kernel), whole)
    recipe.check_degree()
    return recipe


def shape_of(shape: Any) -> float | str:
    """Return a shape as a float, or the criterion that chooses it."""
    if shape is None or isinstance(shape, str):
        word = "loo" if shape is None else shape
        return checks.one_of(word, rbf_fit.CRITERIA, "shape, where it is no number,")
    return checks.positive(shape, "shape")


def smoothing_of(smoothing: Any) -> float | str:
    """Return a smoothing as a float, or the criterion that chooses it."""
    if isinstance(smoothing, str):
        name = "smoothing, where it is no number,"
        return checks.one_of(smoothing, rbf_fit.CRITERIA, name)
    ridge = checks.number(smoothing, "smoothing")
    if ridge < 0.0:
        raise ValueError(f"smoothing must be at least 0, got {ridge}")
    return ridge
