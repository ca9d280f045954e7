"""Gaussian process regression as a scikit-learn estimator."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
from sklearn.utils import check_random_state

from surrogo import checks
from surrogo.checks import FloatArray
from surrogo.surrogates import kernel_registry
from surrogo.surrogates.estimator import Drawing, LeavingOneOut, Updating
from surrogo.surrogates.kernel_base import Kernel
from surrogo.surrogates.likelihood import Likelihood, Noise
from surrogo.surrogates.noise_test import search_for_noise
from surrogo.surrogates.plan import Plan
from surrogo.surrogates.posterior import Posterior
from surrogo.surrogates.trends import TRENDS, Trend


class GaussianProcess(Drawing, Updating, LeavingOneOut):
    """Gaussian process with one length scale per variable, fitted to the data.

    The trend's coefficients have a flat prior and the process variance its best
    value, both in closed form; the length scales (and what else the kernel has, and
    the nugget, if estimated) maximise the restricted likelihood times a prior that
    scales with sqrt(d). With k outputs, `y` (n, k), one kernel serves all.

    Parameters
    ----------
    kernel : str or Kernel
        ``"matern52"``, ``"matern32"``, ``"matern12"``, ``"squared_exponential"``,
        ``"rational_quadratic"``, ``"exponential_power"``, ``"periodic"``,
        ``"additive"``, or sums and products of kernels, or `Mixed` for integers and
        categories.
    trend : {"constant", "linear", "quadratic", "zero"}
        Polynomial under the process: full, with all its mixed terms. ``"zero"`` is
        simple kriging around 0.
    nugget : float, "estimate" or "auto"
        Variance of the noise relative to the process variance. The default
        interpolates. ``"auto"`` estimates it if the data show that there is noise:
        repeated points that differ, or a likelihood that rises by more than 3.
    length_scale : float or array (d,), optional
        In the units of `X`: the first start of the search, or the value that is
        kept if ``n_starts=0`` (a shape parameter of the kernel then has its prior
        mean).
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
    theta_ : array (t,)
        All hyper-parameters of the kernel, on the unit cube.
    nugget_, jitter_ : float
        Relative to the process variance; `jitter_` is what the factorisation needed
        on top (0 almost always). With known noise `nugget_` is its mean variance
        relative to the process variance.
    process_std_ : float or array (k,)
        Standard deviation of the process, in the units of `y`.
    log_likelihood_ : float
        Restricted log likelihood of the data (`Posterior.log_likelihood`); without a
        trend the ordinary one. At the best process variance.
    y_mean_, y_scale_ : float or array (k,)
        Centre and scale of the `y` of the fit.
    model_ : Posterior
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
        nugget: float | Literal["estimate", "auto"] = 1e-10,
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

    _multi_output = True

    def fit(self, X: Any, y: Any, *, noise_var: Any = None) -> GaussianProcess:
        """Fit to points `X` (n, d) and values `y` (n,) or (n, k), n at least 2.

        `noise_var` (n,) are known variances of the noise in `y`, in its squared units;
        then `nugget` plays no part.

        Raises
        ------
        ValueError
            If there are not more points than trend coefficients, or the points do
            not determine them.
        """
        checks.one_of(self.trend, TRENDS, "trend")
        Z, t = self._begin(X, y, centred=self.trend != "zero")
        trend = self._trend(Z)
        noise = self._noise(noise_var, t)
        kernel = kernel_registry.find(self.kernel)
        likelihood = Likelihood(kernel, Z, trend.basis(Z), t, noise)
        theta, nugget = self._hyperparameters(likelihood)
        self.model_ = Posterior.of(kernel, trend, theta, nugget, Z, t, noise)
        return self

    def update(self, X: Any, y: Any, *, noise_var: Any = None) -> GaussianProcess:
        """Add points `X` (q, d), `y` (q,) at the same hyper-parameters.

        The Cholesky factor grows by q rows, in O(q n^2); trend, process variance and
        predictions equal those of a fresh fit at these hyper-parameters. `noise_var`
        (q,) belongs to a model that was fitted with it (and costs O(n^3)).
        """
        Z, t = self._more(X, y)
        if (noise_var is None) != (self.model_.noise is None):
            raise ValueError(
                "noise_var must be given to update exactly if it was given to fit"
            )
        variances = None if noise_var is None else self._variances(noise_var, t)
        self.model_ = self.model_.append(Z, t, variances)
        return self

    @property
    def theta_(self) -> FloatArray:
        """Hyper-parameters of the kernel (t,), on the unit cube."""
        return np.asarray(self.model_.theta)

    @property
    def length_scale_(self) -> FloatArray:
        """Length scales (d,) in the units of `X`."""
        return np.asarray(np.exp(self.model_.log_l) * self._range)

    @property
    def nugget_(self) -> float:
        """Variance of the noise relative to the process variance."""
        return float(self.model_.nugget)

    @property
    def jitter_(self) -> float:
        """What the factorisation needed on top of the nugget."""
        return float(self.model_.factors.jitter)

    @property
    def process_std_(self) -> Any:
        """Standard deviation of the process, in the units of `y`."""
        return self.y_scale_ * np.sqrt(self.model_.factors.s2)

    @property
    def log_likelihood_(self) -> float:
        """Restricted log likelihood of the data."""
        in_t = self.model_.log_likelihood()
        nu = self.model_.factors.nu
        return float(in_t - nu * np.sum(np.log(self.y_scale_)))

    def _trend(self, Z: FloatArray) -> Trend:
        """Return the trend, if the points Z (n, d) determine it."""
        n, d = Z.shape
        trend = Trend.of(self.trend, d)
        if n <= trend.p:
            raise ValueError(
                f"a {self.trend} trend in {d} variables needs more than "
                f"{trend.p} points, got n_samples={n}; take a simpler trend"
            )
        trend.log_gram(Z)  # raises if the points do not determine the trend
        return trend

    def _noise(self, noise_var: Any, t: FloatArray) -> Noise | None:
        if noise_var is None:
            return None
        variances = self._variances(noise_var, t)
        if not np.any(variances > 0.0):
            raise ValueError(
                "noise_var must be above 0 somewhere; leave it out if there is no noise"
            )
        return Noise.of(variances)

    def _variances(self, noise_var: Any, t: FloatArray) -> FloatArray:
        """Return the variances (n,) of the noise in the units of t (n,)."""
        if t.ndim > 1:
            raise ValueError(
                "noise_var is for a single output: fit one model for each column of y"
            )
        given = checks.finite(checks.array(noise_var, "noise_var"), "noise_var")
        if given.shape != t.shape or np.any(given < 0.0):
            raise ValueError(
                f"noise_var must have shape ({len(t)},) and no negative entry, got "
                f"{checks.shown(noise_var)}"
            )
        return np.asarray(given / self.y_scale_ / self.y_scale_)

    def _hyperparameters(self, likelihood: Likelihood) -> tuple[FloatArray, float]:
        n_starts = checks.integer(self.n_starts, "n_starts", 0)
        warm = self._given_theta(likelihood.kernel, likelihood.Z.shape[1])
        nugget = self._given_nugget()
        self.n_evaluations_ = 0
        if n_starts == 0:
            return self._kept(warm, nugget, likelihood.noise)
        seed = check_random_state(self.random_state).randint(2**31 - 1)
        plan = Plan(n_starts, warm, self.prior, seed)
        if likelihood.noise is not None:
            fit = plan.search(likelihood, None)
        elif nugget == "auto":
            fit = search_for_noise(plan, likelihood)
        else:
            fit = plan.search(likelihood, None if isinstance(nugget, str) else nugget)
        self.n_evaluations_ = fit.n_evaluations
        return fit.theta, fit.nugget

    def _kept(
        self, theta: FloatArray | None, nugget: float | str, noise: Noise | None
    ) -> tuple[FloatArray, float]:
        """Return the given hyper-parameters; with known noise s2 has to be fitted."""
        if theta is None or isinstance(nugget, str) or noise is not None:
            raise ValueError(
                "n_starts=0 keeps the hyper-parameters: give length_scale and a "
                "numeric nugget (and no noise_var), or take n_starts of at least 1"
            )
        return theta, nugget

    def _given_nugget(self) -> float | str:
        if isinstance(self.nugget, str):
            words = ["estimate", "auto"]
            return checks.one_of(self.nugget, words, "nugget, where it is no number,")
        nugget = checks.number(self.nugget, "nugget")
        if nugget < 0:
            raise ValueError(f"nugget must be at least 0, got {nugget}")
        return nugget

    def _given_theta(self, kernel: Kernel, d: int) -> FloatArray | None:
        """Return theta at the given length scales, on the unit cube."""
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
        return kernel.at_lengths(np.log(given / self._range))
