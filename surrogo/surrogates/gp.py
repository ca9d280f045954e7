"""Gaussian process regression as a scikit-learn estimator."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.utils import check_random_state
from sklearn.utils.validation import check_is_fitted, validate_data

from surrogo import checks
from surrogo.checks import FloatArray
from surrogo.surrogates import kernels
from surrogo.surrogates.kernels import Kernel
from surrogo.surrogates.likelihood import Likelihood
from surrogo.surrogates.map_fit import Objective, search
from surrogo.surrogates.posterior import Posterior
from surrogo.surrogates.trends import Trend

_CONSTANT = 1e-14  # relative spread of y below which it is a rounded constant
_TINY = 1e-292  # values below it lose digits, and products of them vanish


class GaussianProcess(RegressorMixin, BaseEstimator):  # type: ignore[misc]
    """Gaussian process with one length scale per variable, fitted to the data.

    The trend's coefficients have a flat prior and the process variance its best
    value, both in closed form; the length scales (and the nugget, if estimated)
    maximise the restricted likelihood times a prior that scales with sqrt(d).

    Parameters
    ----------
    kernel : {"matern52", "matern32", "matern12", "squared_exponential"} or Kernel
    trend : {"constant", "linear", "quadratic", "zero"}
        Polynomial under the process: full, with all its mixed terms. ``"zero"`` is
        simple kriging around 0.
    nugget : float or "estimate"
        Variance of the noise relative to the process variance. The default
        interpolates.
    length_scale : float or array (d,), optional
        In the units of `X`: the first start of the search, or the value that is
        kept if ``n_starts=0``.
    n_starts : int
        Number of starts of the search; 0 keeps `length_scale` and the nugget.
    prior : bool
        Whether length scales and an estimated nugget have priors (else pure
        likelihood).
    bounds : array (d, 2), optional
        The box of `X` that is scaled to the unit cube, on which priors and bounds of
        length scales are defined; the range of the data if left out.
    random_state : int, RandomState instance or None
        For starts beyond the first few, which are fixed, and for `sample_y`.

    Attributes
    ----------
    length_scale_ : array (d,)
        In the units of `X`.
    nugget_, jitter_ : float
        Relative to the process variance; `jitter_` is what the factorisation needed
        on top (0 almost always).
    process_std_ : float
        Standard deviation of the process, in the units of `y`.
    log_likelihood_ : float
        Restricted log likelihood of the data (`Posterior.log_likelihood`); without a
        trend the ordinary one. At the best process variance.
    y_mean_, y_scale_ : float
        Centre and scale of the `y` of the fit.
    posterior_ : Posterior
        The same model as an immutable value on the unit cube and on standardised
        `y`: ``(y - y_mean_) / y_scale_``.
    n_evaluations_ : int
        Likelihood evaluations that the fit took.

    Raises
    ------
    ValueError
        On parameters or data that make no sense.

    References
    ----------
    Rasmussen & Williams 2006, Gaussian Processes for Machine Learning; Santner,
    Williams & Notz 2018, The Design and Analysis of Computer Experiments.

    Examples
    --------
    >>> import numpy as np
    >>> from surrogo import GaussianProcess
    >>> X = np.linspace(0, 6, 8)[:, None]
    >>> gp = GaussianProcess(random_state=0).fit(X, np.sin(X).ravel())
    >>> mean, std = gp.predict([[2.0]], return_std=True)
    >>> bool(abs(mean[0] - np.sin(2.0)) < 3 * std[0] < 0.1)
    True
    """

    def __init__(
        self,
        kernel: str | Kernel = "matern52",
        *,
        trend: str = "constant",
        nugget: float | Literal["estimate"] = 1e-10,
        length_scale: Any = None,
        n_starts: int = 4,
        prior: bool = True,
        bounds: Any = None,
        random_state: Any = None,
    ) -> None:
        self.kernel = kernel
        self.trend = trend
        self.nugget = nugget
        self.length_scale = length_scale
        self.n_starts = n_starts
        self.prior = prior
        self.bounds = bounds
        self.random_state = random_state

    def fit(self, X: Any, y: Any) -> GaussianProcess:
        """Fit to points `X` (n, d) and values `y` (n,), n at least 2.

        Raises
        ------
        ValueError
            If there are not more points than trend coefficients, or the points do
            not determine them.
        """
        X, y = validate_data(
            self, X, y, dtype=np.float64, ensure_min_samples=2, y_numeric=True
        )
        trend = Trend.of(self.trend, X.shape[1])
        if len(y) <= trend.p:
            raise ValueError(
                f"a {self.trend} trend in {X.shape[1]} variables needs more than "
                f"{trend.p} points, got n_samples={len(y)}; take a simpler trend"
            )
        self._low, self._range = self._box(X)
        self.y_mean_, self.y_scale_ = _centre_and_scale(y, centred=trend.p > 0)
        Z, t = self._to_unit(X), self._standardised(y)
        trend.log_gram(Z)  # raises if the points do not determine the trend
        kernel = kernels.get(self.kernel)
        likelihood = Likelihood(kernel, Z, trend.basis(Z), t)
        log_l, nugget = self._hyperparameters(likelihood)
        posterior = Posterior.of(kernel, trend, log_l, nugget, Z, t)
        return self._store(posterior)

    def predict(self, X: Any, return_std: bool = False) -> Any:
        """Predict the mean (m,) at `X` (m, d), and its standard deviation (m,).

        The standard deviation is that of the function, without noise.
        """
        Z = self._checked(X)
        mean, std = self.posterior_.mean_std(Z)
        mean = self.y_mean_ + self.y_scale_ * mean
        return (mean, self.y_scale_ * std) if return_std else mean

    def predict_gradient(self, X: Any, return_std: bool = False) -> Any:
        """Predict the gradient of the mean (m, d) at `X` (m, d), and of the std.

        The standard deviation has a kink at the data of an interpolating model.
        """
        Z = self._checked(X)
        gradients = self.posterior_.mean_std_gradients(Z)[2:]
        mean, std = (self.y_scale_ * g / self._range for g in gradients)
        return (mean, std) if return_std else mean

    def sample_y(self, X: Any, n_samples: int = 1, random_state: Any = None) -> Any:
        """Draw functions from the posterior at `X` (m, d); shape (m, n_samples).

        `random_state` as in scikit-learn; the estimator's own if left out.
        """
        Z = self._checked(X)
        state = self.random_state if random_state is None else random_state
        n_samples = checks.integer(n_samples, "n_samples", 1)
        normals = check_random_state(state).normal(size=(len(Z), n_samples))
        mean, _ = self.posterior_.mean_std(Z)
        # Eigenvalues, because near the data the covariance is singular.
        values, vectors = np.linalg.eigh(self.posterior_.covariance(Z))
        root = vectors * np.sqrt(np.maximum(values, 0.0))
        draws = mean[:, None] + root @ normals
        return self.y_mean_ + self.y_scale_ * draws

    def update(self, X: Any, y: Any) -> GaussianProcess:
        """Add points `X` (q, d), `y` (q,) at the same hyper-parameters.

        The Cholesky factor grows by q rows, in O(q n^2); trend, process variance and
        predictions equal those of a fresh fit at these hyper-parameters.
        """
        check_is_fitted(self, "posterior_")
        X, y = validate_data(self, X, y, dtype=np.float64, reset=False, y_numeric=True)
        t = self._standardised(y)
        return self._store(self.posterior_.append(self._to_unit(X), t))

    def leave_one_out(self) -> tuple[FloatArray, FloatArray]:
        """Predict every observation from all the others; mean and std, each (n,).

        In closed form at fixed length scales, nugget and process variance.
        """
        check_is_fitted(self, "posterior_")
        mean, std = self.posterior_.leave_one_out()
        return self.y_mean_ + self.y_scale_ * mean, self.y_scale_ * std

    def _hyperparameters(self, likelihood: Likelihood) -> tuple[FloatArray, float]:
        n_starts = checks.integer(self.n_starts, "n_starts", 0)
        nugget, warm = self._given_nugget(), self._given_log_l(likelihood.Z.shape[1])
        self.n_evaluations_ = 0
        if n_starts == 0:
            if warm is None or nugget is None:
                raise ValueError(
                    "n_starts=0 keeps the hyper-parameters: give length_scale and a "
                    "numeric nugget, or take n_starts of at least 1"
                )
            return warm, nugget
        objective = Objective(likelihood, nugget, self.prior)
        seed = check_random_state(self.random_state).randint(2**31 - 1)
        starts = objective.starts(warm, n_starts, np.random.default_rng(seed))
        fit = search(objective, starts)
        self.n_evaluations_ = fit.n_evaluations
        return fit.log_l, fit.nugget

    def _given_nugget(self) -> float | None:
        """Return the nugget, or None where it is to be estimated."""
        if isinstance(self.nugget, str):
            checks.one_of(self.nugget, ["estimate"], "nugget, where it is no number,")
            return None
        nugget = checks.number(self.nugget, "nugget")
        if nugget < 0:
            raise ValueError(f"nugget must be at least 0, got {nugget}")
        return nugget

    def _given_log_l(self, d: int) -> FloatArray | None:
        """Return the given length scales as log l (d,) on the unit cube."""
        if self.length_scale is None:
            return None
        try:
            given = np.broadcast_to(np.asarray(self.length_scale, np.float64), (d,))
        except (TypeError, ValueError) as error:
            raise ValueError(
                f"length_scale must be a number or have shape ({d},), got "
                f"{checks.shown(self.length_scale)}"
            ) from error
        if not np.all((given > 0) & np.isfinite(given)):
            raise ValueError(f"length_scale must be above 0, got {given}")
        return np.asarray(np.log(given / self._range))

    def _box(self, X: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return lower corner and width (d,) of the box that becomes the unit cube."""
        if self.bounds is None:
            low, high = X.min(axis=0), X.max(axis=0)
            return low, np.where(high > low, high - low, 1.0)
        box = checks.matrix(self.bounds, 2, "bounds")
        ordered = np.all(np.isfinite(box)) and np.all(box[:, 0] < box[:, 1])
        if len(box) != X.shape[1] or not ordered:
            raise ValueError(
                f"bounds must have shape ({X.shape[1]}, 2), finite and lower below "
                f"upper, got {checks.shown(box.tolist())}"
            )
        return box[:, 0], box[:, 1] - box[:, 0]

    def _to_unit(self, X: FloatArray) -> FloatArray:
        return np.asarray((X - self._low) / self._range)

    def _standardised(self, y: FloatArray) -> FloatArray:
        return np.asarray((y - self.y_mean_) / self.y_scale_)

    def _checked(self, X: Any) -> FloatArray:
        check_is_fitted(self, "posterior_")
        return self._to_unit(validate_data(self, X, dtype=np.float64, reset=False))

    def _store(self, posterior: Posterior) -> GaussianProcess:
        factors = posterior.factors
        self.posterior_ = posterior
        self.length_scale_ = np.exp(posterior.log_l) * self._range
        self.nugget_, self.jitter_ = posterior.nugget, factors.jitter
        self.process_std_ = self.y_scale_ * float(np.sqrt(factors.s2))
        in_t = posterior.log_likelihood()
        self.log_likelihood_ = in_t - factors.nu * float(np.log(self.y_scale_))
        return self


def _centre_and_scale(y: FloatArray, centred: bool) -> tuple[float, float]:
    """Return the mean of y (0 unless centred) and its root mean square around it.

    Works at any scale of floats, hence the detour over y of order 1. Values that
    differ by nothing but rounding count as equal; their scale is their size, or 1.
    """
    size = float(np.max(np.abs(y)))
    size = max(size, _TINY) if size else 1.0
    mean = float(np.mean(y / size)) if centred else 0.0
    scale = float(np.sqrt(np.mean((y / size - mean) ** 2)))
    return size * mean, size * (scale if scale > _CONSTANT else 1.0)
