"""What all surrogates share as scikit-learn estimators: checks, units, predictions.

An estimator is a thin shell. It brings points into the unit cube and values to order
1, fits an immutable model there (`Predictive`), and brings its answers back.
"""

from __future__ import annotations

from typing import Any, TypeVar

import numpy as np
from scipy.special import ndtri
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.utils import check_random_state
from sklearn.utils.validation import check_is_fitted, validate_data

from surrogo import checks
from surrogo.checks import FloatArray
from surrogo.surrogates import linalg, settings

_CONSTANT = 1e-14  # relative spread of y below which it is a rounded constant
_TINY = 1e-292  # values below it lose digits, and products of them vanish
_HUGE = 8e307  # differences of larger values may leave the range of floats
# Points count as lying at most so many widths outside the box, so that no power of a
# distance leaves the range of floats: the fifth is 1e125.
_FARTHEST = 1e25

_Self = TypeVar("_Self", bound="Surrogate")


class Surrogate(RegressorMixin, BaseEstimator):  # type: ignore[misc]
    """Base of the estimators: a subclass writes `fit`, which sets ``model_``.

    ``model_`` is a model of standardised values on the unit cube: an immutable object
    with ``mean_std(Z)`` and ``mean_std_gradients(Z)`` and, where the mixins below are
    used, ``covariance(Z)``, ``append(Z, y)`` and ``leave_one_out()``.
    """

    bounds: Any = None  # array (d, 2): the box that becomes the unit cube, or None
    model_: Any
    y_mean_: Any  # float, or (k,) for k outputs
    y_scale_: Any

    def predict(self, X: Any, return_std: bool = False) -> Any:
        """Predict the mean (m,) at `X` (m, d), and its standard deviation (m,).

        The standard deviation is that of the function, without noise. With k outputs
        both have shape (m, k).
        """
        Z = self._checked(X)
        if not return_std and hasattr(self.model_, "mean"):  # quicker without the std
            return self.y_mean_ + self.y_scale_ * self.model_.mean(Z)
        mean, std = self.model_.mean_std(Z)
        mean = self.y_mean_ + self.y_scale_ * mean
        return (mean, self.y_scale_ * std) if return_std else mean

    def predict_gradient(self, X: Any, return_std: bool = False) -> Any:
        """Predict the gradient of the mean (m, d) at `X` (m, d), and of the std.

        The standard deviation has a kink at the data of an interpolating model. With k
        outputs both have shape (m, k, d).
        """
        Z = self._checked(X)
        gradients = self.model_.mean_std_gradients(Z)[2:]
        size = np.expand_dims(self.y_scale_, -1)
        mean, std = (size * g / self._range for g in gradients)
        return (mean, std) if return_std else mean

    def predict_interval(self, X: Any, level: float = 0.95) -> tuple[Any, Any]:
        """Predict lower and upper ends (m,) of central intervals at `X` (m, d).

        Of probability `level` for the function, without noise: quantiles of the
        prediction where the model knows them (after a transform of `y` they are not
        symmetric), else those of a normal distribution.

        Raises
        ------
        ValueError
            If `level` does not lie between 0 and 1.
        """
        Z = self._checked(X)
        level = checks.number(level, "level")
        if not 0.0 < level < 1.0:
            raise ValueError(f"level must lie between 0 and 1, got {level}")
        if hasattr(self.model_, "interval"):
            ends = self.model_.interval(Z, level)
        else:
            mean, std = self.model_.mean_std(Z)
            half = float(ndtri(0.5 + 0.5 * level)) * std
            ends = mean - half, mean + half
        low, high = (self.y_mean_ + self.y_scale_ * end for end in ends)
        return low, high

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.target_tags.multi_output = self._multi_output
        return tags

    _multi_output = False
    _least_points = 2

    def _begin(self, X: Any, y: Any, centred: bool = True) -> tuple[Any, Any]:
        """Check the data and learn the units; return Z (n, d) and t, standardised."""
        X, y = self._valid(X, y, ensure_min_samples=self._least_points)
        self._low, self._range = self._box(X)
        self.y_mean_, self.y_scale_ = centre_and_scale(y, centred)
        return self._to_unit(X), self._standardised(y)

    def _more(self, X: Any, y: Any) -> tuple[Any, Any]:
        """Check further data of a fitted model; return Z (q, d) and t (q,)."""
        check_is_fitted(self, "model_")
        X, y = self._valid(X, y, reset=False)
        if np.shape(y)[1:] != np.shape(self.y_mean_):
            raise ValueError(
                f"y must have as many outputs as in the fit, got shape {np.shape(y)}"
            )
        return self._to_unit(X), self._comparable(y)

    def _valid(self, X: Any, y: Any, **settings: Any) -> tuple[FloatArray, FloatArray]:
        """Return points and values as floats whose differences are floats, too.

        Raises
        ------
        ValueError
            If they are not numbers, or beyond the range in which one can calculate.
        """
        outputs = self._multi_output
        X, y = validate_data(
            self,
            X,
            y,
            dtype=np.float64,
            y_numeric=True,
            multi_output=outputs,
            **settings,
        )
        y = np.asarray(y, np.float64)
        largest = max(np.max(np.abs(X)), np.max(np.abs(y)))
        if largest > _HUGE:
            raise ValueError(
                f"X and y must be at most {_HUGE:g} in size, got {largest:g}; change "
                "their units"
            )
        return X, y

    def _checked(self, X: Any) -> FloatArray:
        check_is_fitted(self, "model_")
        return self._to_unit(validate_data(self, X, dtype=np.float64, reset=False))

    def _box(self, X: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return lower corner and width (d,) of the box that becomes the unit cube."""
        if self.bounds is None:
            low, high = X.min(axis=0), X.max(axis=0)
            return low, np.where(high > low, high - low, 1.0)
        box = checks.matrix(self.bounds, 2, "bounds")
        ordered = np.all(np.abs(box) <= _HUGE) and np.all(box[:, 0] < box[:, 1])
        if len(box) != X.shape[1] or not ordered:
            raise ValueError(
                f"bounds must have shape ({X.shape[1]}, 2), finite and lower below "
                f"upper, got {checks.shown(box.tolist())}"
            )
        return box[:, 0], box[:, 1] - box[:, 0]

    def _to_unit(self, X: FloatArray) -> FloatArray:
        with np.errstate(over="ignore"):
            Z = (X - self._low) / self._range
        return np.asarray(np.minimum(np.maximum(Z, -_FARTHEST), _FARTHEST))

    def _standardised(self, y: FloatArray) -> FloatArray:
        return np.asarray((y - self.y_mean_) / self.y_scale_)

    def _comparable(self, y: FloatArray) -> FloatArray:
        """Standardise further values.

        Raises
        ------
        ValueError
            If they are out of all proportion to those of the fit.
        """
        with np.errstate(over="ignore"):
            return settings.comparable(self._standardised(y))


class Drawing(Surrogate):
    """For models with a joint ``covariance``."""

    random_state: Any = None

    def sample_y(self, X: Any, n_samples: int = 1, random_state: Any = None) -> Any:
        """Draw functions from the posterior at `X` (m, d); shape (m, n_samples).

        `random_state` as in scikit-learn; the estimator's own if left out. With k
        outputs the shape is (m, k, n_samples).
        """
        Z = self._checked(X)
        state = self.random_state if random_state is None else random_state
        n_samples = checks.integer(n_samples, "n_samples", 1)
        shape = (len(Z), *np.shape(self.y_mean_), n_samples)
        normals = check_random_state(state).normal(size=shape)
        draws = draws_of(self.model_, Z, normals)
        centre, size = (np.expand_dims(v, -1) for v in (self.y_mean_, self.y_scale_))
        return centre + size * draws


def draws_of(model: Any, Z: FloatArray, normals: FloatArray) -> FloatArray:
    """Return functions drawn at Z (m, d) for standard normals (m, s) or (m, k, s).

    By the model itself, where it is no Gaussian process as a whole.
    """
    if hasattr(model, "draws"):
        return np.asarray(model.draws(Z, normals))
    mean, _ = model.mean_std(Z)
    away = linalg.correlated(model.covariance(Z), normals)
    return np.asarray(mean[..., None] + away)


class Updating(Surrogate):
    """For models to which points can be appended."""

    def update(self: _Self, X: Any, y: Any) -> _Self:
        """Add points `X` (q, d), `y` (q,) at the same hyper-parameters.

        The predictions equal those of a fresh fit at these hyper-parameters.

        Raises
        ------
        ValueError
            If the points lie too far outside the box of the fit to calculate with.
        """
        Z, t = self._more(X, y)
        try:
            self.model_ = self.model_.append(Z, t)
        except linalg.NotPositiveDefinite as error:
            raise ValueError(
                "these points cannot be added in the units of the fit, which takes its "
                "box for the unit cube; fit anew with all of them"
            ) from error
        return self


class LeavingOneOut(Surrogate):
    """For models with leave-one-out predictions in closed form."""

    def leave_one_out(self) -> tuple[Any, Any]:
        """Predict every observation from all the others; mean and std, each (n,).

        In closed form, at the hyper-parameters of the fit. The std is infinite where
        the others do not determine the trend.
        """
        check_is_fitted(self, "model_")
        mean, std = self.model_.leave_one_out()
        return self.y_mean_ + self.y_scale_ * mean, self.y_scale_ * std


def centre_and_scale(y: FloatArray, centred: bool) -> tuple[Any, Any]:
    """Return the mean of y (0 unless centred) and its root mean square around it.

    Of each column, if y is (n, k). Works at any scale of floats, hence the detour over
    y of order 1. Values that differ by nothing but rounding count as equal; their
    scale is their size, or 1.
    """
    size = np.max(np.abs(y), axis=0)
    size = np.where(size > 0.0, np.maximum(size, _TINY), 1.0)
    mean = np.mean(y / size, axis=0) if centred else 0.0 * size
    scale = np.sqrt(np.mean((y / size - mean) ** 2, axis=0))
    scale = size * np.where(scale > _CONSTANT, scale, 1.0)
    return (size * mean)[()], scale[()]
