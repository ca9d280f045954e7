"""Radial basis functions for values and slopes, as a scikit-learn estimator."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from surrogo import checks
from surrogo.surrogates import radial
from surrogo.surrogates.estimator import Drawing, LeavingOneOut
from surrogo.surrogates.gradient_posterior import GradientPosterior
from surrogo.surrogates.profiles import Profile
from surrogo.surrogates.slopes import Slopes
from surrogo.surrogates.taking_gradients import TakingGradients
from surrogo.surrogates.trends import Trend

# Shapes that are tried: lengths from four times the box to a sixteenth of it. Flatter
# ones are nearly polynomials, sharper ones see a point only where it is.
_SHAPES = tuple(2.0**j for j in range(-2, 5))
# Flatter kernels predict better, until their weights are so large, with alternating
# signs, that the data are missed. Missing fewer of these digits comes first.
_DIGITS = (1e-9, 1e-6, 1e-3)
_HIGHEST = 2  # degree of the tails that `Trend` knows


class HermiteRBF(TakingGradients, Drawing, LeavingOneOut):
    """Radial basis functions with a polynomial tail for values and slopes.

    Hermite-Birkhoff interpolation: any value and any partial derivative may be known
    or not, and all that are known are reproduced. The standard deviation is the power
    function times the native-space norm per degree of freedom.

    Parameters
    ----------
    kernel : str or Profile
        As in `RBF`, but smooth enough for slopes: ``"linear"``, ``"thin_plate"`` and
        ``"matern12"`` serve for values alone.
    degree : int, optional
        Of the polynomial tail, at most 2; -1 for none. Left out, it is the least that
        the kernel allows, and at least 1. Monomials that the data do not determine
        are left out.
    shape : float, optional
        Inverse length of the kernel, in the unit cube. Left out, leave-one-out
        chooses; powers of r have no length.
    smoothing : float
        Added to the diagonal of the kernel matrix. With 0 the model interpolates.
    bounds : array (d, 2), optional
        The box of `X` that is scaled to the unit cube; the range of the data if left
        out.
    random_state : int, RandomState instance or None
        For `sample_y`; the fit uses no random numbers.

    Attributes
    ----------
    shape_ : float
        As it was given or chosen.
    jitter_ : float
        What the factorisation needed on top of the smoothing (mostly 0).
    y_mean_, y_scale_ : float
        Centre and scale of the data of the fit.
    model_ : GradientPosterior
        The same model as an immutable value on the unit cube.

    Raises
    ------
    ValueError
        On parameters or data that make no sense; if the kernel is not smooth enough.

    References
    ----------
    Wu 1992, Hermite-Birkhoff interpolation of scattered data by radial basis
    functions, Approximation Theory and its Applications 8, 1-10; Wendland 2005,
    Scattered Data Approximation, chapter 16.

    Examples
    --------
    >>> import numpy as np
    >>> from surrogo.surrogates.hermite import HermiteRBF
    >>> X = np.linspace(0, 6, 7)[:, None]
    >>> rbf = HermiteRBF().fit(X, np.sin(X).ravel(), gradients=np.cos(X))
    >>> bool(np.abs(rbf.predict_gradient(X) - np.cos(X)).max() < 1e-8)
    True
    """

    _least_points = 1

    def __init__(
        self,
        kernel: str | Profile = "inverse_multiquadric",
        *,
        degree: int | None = None,
        shape: float | None = None,
        smoothing: float = 0.0,
        bounds: Any = None,
        random_state: Any = None,
    ) -> None:
        self.kernel = kernel
        self.degree = degree
        self.shape = shape
        self.smoothing = smoothing
        self.bounds = bounds
        self.random_state = random_state

    def fit(self, X: Any, y: Any, *, gradients: Any = None) -> HermiteRBF:
        """Fit to points `X` (n, d), values `y` (n,) and slopes `gradients` (n, d).

        NaN in `gradients` is a slope that was not observed; where another was, `y` may
        be NaN too. Without any value the function is known up to a constant.
        """
        profile, degree = radial.get(self.kernel), self._degree()
        smoothing = checks.number(self.smoothing, "smoothing")
        if smoothing < 0:
            raise ValueError(f"smoothing must be at least 0, got {smoothing}")
        data = self._begin_slopes(X, y, gradients, centred=degree >= 0)
        trend = Trend(degree, data.Z.shape[1])
        models = [
            _model(profile, trend, shape, smoothing, data)
            for shape in self._shapes(profile)
        ]
        self.model_ = models[0] if len(models) == 1 else min(models, key=_quality)
        return self

    @property
    def shape_(self) -> float:
        """Inverse length of the kernel, in the unit cube."""
        return math.exp(-self.model_.log_l[0])

    @property
    def jitter_(self) -> float:
        """What the factorisation needed on top of the smoothing."""
        return float(self.model_.factors.jitter)

    def _degree(self) -> int:
        least = radial.order(radial.get(self.kernel)) - 1
        if self.degree is None:
            return max(least, 1)
        degree = checks.integer(self.degree, "degree", -1)
        if not least <= degree <= _HIGHEST:
            raise ValueError(
                f"degree must be from {least} to {_HIGHEST} for this kernel, got "
                f"{degree}"
            )
        return degree

    def _shapes(self, profile: Profile) -> tuple[float, ...]:
        if self.shape is not None:
            return (checks.positive(self.shape, "shape"),)
        return _SHAPES if radial.has_length(profile) else (1.0,)


def _model(
    profile: Profile, trend: Trend, shape: float, smoothing: float, data: Slopes
) -> GradientPosterior:
    log_l = np.full(trend.d, -math.log(shape))
    return GradientPosterior.of(profile, trend, log_l, (smoothing, None), data)


def _quality(model: GradientPosterior) -> tuple[int, float]:
    """Return how badly the data are missed, and the error of leaving one point out."""
    mean, _ = model.leave_one_out()
    truth = model.data.y[~np.isnan(model.data.y)]
    square = float(np.mean((mean - truth) ** 2)) if len(truth) else 0.0
    return sum(model.factors.error > digits for digits in _DIGITS), square
