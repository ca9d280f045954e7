"""Whether a model predicts values that it has not seen, and knows how well."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.special import ndtri
from sklearn.utils import check_X_y

from surrogo import checks
from surrogo.checks import FloatArray
from surrogo.surrogates import verdict
from surrogo.surrogates.held_out import held_out

LEVELS = (0.5, 0.8, 0.9, 0.95)  # of the central intervals whose coverage is counted
_MANY = 3.0  # Jones, Schonlau & Welch 1998, section 4: residuals should be within 3
# What errors of interpolation in floating point may reach, of the largest value
_ROUNDING = 1e-12
_TINY = 1e-300


@dataclass(frozen=True, eq=False)
class Diagnostics:
    """What a model said of values it had not seen, and how that compares.

    Attributes
    ----------
    y, predicted : array (n,)
        The values, and what fits to others of them said.
    std : array (n,) or None
        Standard deviations of the predictions, with noise as far as the model knows
        it; None if it gives none.
    baseline : array (n,)
        The mean of the values that each prediction was fitted to.
    how : str
        ``"leave-one-out"`` or, for example, ``"10-fold"``.
    """

    y: FloatArray
    predicted: FloatArray
    std: FloatArray | None
    baseline: FloatArray
    how: str

    @property
    def standardised(self) -> FloatArray | None:
        """Residuals over standard deviations (n,)."""
        scale = self._scale
        return None if scale is None else np.asarray((self.y - self.predicted) / scale)

    @property
    def rmse(self) -> float:
        """Root mean square error of the predictions."""
        return root_mean_square(self.y - self.predicted)

    @property
    def rmse_mean(self) -> float:
        """Root mean square error of predicting the mean instead."""
        return root_mean_square(self.y - self.baseline)

    @property
    def q2(self) -> float:
        """Predictive R^2: the share of the variance explained; NaN for constant y."""
        if self.constant:
            return float("nan")
        with np.errstate(over="ignore"):
            return 1.0 - (self.rmse / self.rmse_mean) ** 2

    @property
    def constant(self) -> bool:
        """Whether all values are equal, up to rounding."""
        return bool(np.ptp(self.y) <= self._rounding)

    @property
    def coverage(self) -> dict[float, float] | None:
        """Share of the values in the central intervals of each of four levels."""
        z = self.standardised
        if z is None:
            return None
        return {p: float(np.mean(np.abs(z) <= ndtri(0.5 + p / 2))) for p in LEVELS}

    @property
    def beyond(self) -> float | None:
        """Share of the residuals beyond 3 standard deviations."""
        z = self.standardised
        return None if z is None else float(np.mean(~(np.abs(z) <= _MANY)))

    @property
    def log_density(self) -> float | None:
        """Mean log density of the values under the normal predictions.

        In units of 1 / y, so that only models of the same data compare.
        """
        z, scale = self.standardised, self._scale
        if z is None or scale is None:
            return None
        with np.errstate(over="ignore"):
            return float(np.mean(-0.5 * z**2 - np.log(scale * np.sqrt(2.0 * np.pi))))

    @property
    def verdict(self) -> str:
        """One line in plain words; it says no more than so many points can show."""
        exact = self.rmse <= self._rounding
        if self.constant:
            return "all values are equal" + ("" if exact else ", but not predicted so")
        if exact:
            return "good: predicts every value up to rounding"
        return verdict.of(
            self.q2,
            np.abs(self.y - self.baseline),
            np.abs(self.y - self.predicted),
            self.standardised,
            LEVELS,
        )

    @property
    def _rounding(self) -> float:
        """What counts as no error for values this large."""
        return max(_ROUNDING * float(np.max(np.abs(self.y))), _TINY)

    @property
    def _scale(self) -> FloatArray | None:
        """Standard deviations (n,), so that rounding errors are no residuals."""
        return None if self.std is None else np.hypot(self.std, self._rounding)

    def __str__(self) -> str:
        """Return the verdict and the numbers, in at most 12 lines."""
        lines = [
            f"{self.how}, {len(self.y)} points: {self.verdict}",
            f"  rmse           {self.rmse:.4g} (of the mean: {self.rmse_mean:.4g})",
            f"  q2             {self.q2:.4g}",
        ]
        if self.coverage is not None:
            lines += [
                f"  {p:.0%} intervals  hold {share:.1%}"
                for p, share in self.coverage.items()
            ]
            lines += [
                f"  beyond 3 std   {self.beyond:.1%}",
                f"  log density    {self.log_density:.4g} per point",
            ]
        return "\n".join(lines)


def root_mean_square(values: FloatArray) -> float:
    """Return the root mean square, at any scale of floats."""
    size = float(np.max(np.abs(values)))
    if size == 0.0 or not np.isfinite(size):
        return size
    return size * float(np.sqrt(np.mean((values / size) ** 2)))


def diagnose(
    estimator: Any,
    X: Any,
    y: Any,
    *,
    folds: int | None = None,
    random_state: Any = None,
) -> Diagnostics:
    """Let a model predict values it has not seen, and judge it.

    Parameters
    ----------
    estimator : scikit-learn regressor
        Any surrogate of this library, or another regressor, also a pipeline; fitted or
        not: copies are fitted, it is not touched. Without ``return_std`` in its
        ``predict`` there are no standard deviations to judge.
    X : array (n, d)
    y : array (n,)
    folds : int, optional
        Refit this many times, each without one part of the points; n leaves one out at
        a time. If left out: leave-one-out in closed form where the model offers it (at
        the hyper-parameters of a fit to all points, which flatters it a little), else
        10 folds.
    random_state : int, RandomState instance or None
        Deals the points to the folds.

    Returns
    -------
    Diagnostics

    Raises
    ------
    ValueError
        On data or folds that make no sense, or points too few for the model.
    TypeError
        If `estimator` is no scikit-learn regressor.

    Notes
    -----
    In closed form the standard deviations are those of observations, noise included.
    With folds the noise is added where a fit says it in the units of `y` (`nugget_` or
    `smoothing_`, and `process_std_`; not under a `y_transform_`).

    References
    ----------
    Jones, Schonlau & Welch 1998, J. Global Optim. 13, 455-492, section 4; Dubrule 1983,
    Math. Geol. 15, 687-699; Bastos & O'Hagan 2009, Technometrics 51, 425-438.

    Examples
    --------
    >>> import numpy as np
    >>> from surrogo import GaussianProcess
    >>> from surrogo.surrogates.diagnostics import diagnose
    >>> rng = np.random.default_rng(0)
    >>> X = rng.random((30, 2))
    >>> model = GaussianProcess(random_state=0)
    >>> diagnose(model, X, rng.normal(size=30)).verdict
    'predicts no better than the mean'
    >>> diagnose(model, X, np.sin(4 * X[:, 0]) + X[:, 1]).q2 > 0.99
    True
    """
    if not (hasattr(estimator, "fit") and hasattr(estimator, "predict")):
        raise TypeError(
            "estimator must be a scikit-learn regressor, got "
            f"{checks.shown(estimator)}; give a surrogate such as GaussianProcess()"
        )
    if np.ndim(y) > 1 and np.shape(y)[1:] != (1,):
        raise ValueError(
            f"y must have shape (n,), one output, got {np.shape(y)}; diagnose each "
            "column by itself"
        )
    y = np.reshape(y, -1)
    X, y = check_X_y(X, y, dtype=np.float64, y_numeric=True, ensure_min_samples=2)
    y = np.asarray(y, dtype=np.float64)
    folds = None if folds is None else checks.integer(folds, "folds", 2)
    if folds is not None and folds > len(y):
        raise ValueError(
            f"folds must be at most {len(y)}, the number of points, got {folds}; leave "
            "it out, or give more points"
        )
    held = held_out(estimator, X, y, folds, random_state)
    return Diagnostics(y, held.mean, held.std, held.baseline, held.how)
