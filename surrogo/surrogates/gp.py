"""Gaussian process regression as a scikit-learn estimator."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
from sklearn.utils import check_random_state
from sklearn.utils.validation import check_is_fitted

from surrogo import checks
from surrogo.checks import FloatArray
from surrogo.surrogates import kernel_registry, settings
from surrogo.surrogates.estimator import Drawing, LeavingOneOut
from surrogo.surrogates.gp_fit import Recipe
from surrogo.surrogates.gradient_posterior import GradientPosterior
from surrogo.surrogates.kernel_base import Kernel
from surrogo.surrogates.plan import Plan
from surrogo.surrogates.taking_gradients import TakingGradients
from surrogo.surrogates.transforms import Transform
from surrogo.surrogates.trends import TRENDS, Trend
from surrogo.surrogates.warping import Warped


class GaussianProcess(TakingGradients, Drawing, LeavingOneOut):
    """Gaussian process with one length scale per variable, fitted to the data.

    The trend's coefficients have a flat prior and the process variance its best
    value, both in closed form; the length scales (and what else the kernel has, and
    the nugget, if estimated) maximise the restricted likelihood times a prior that
    scales with sqrt(d). With k outputs, `y` (n, k), one kernel serves all.

    Parameters
    ----------
    kernel : str or Kernel
        ``"auto"`` takes the likelier of the radial and the ANOVA Matern 5/2 (without a
        search, the radial one). Else ``"matern52"``, ``"anova"``,
        ``"tensor_matern52"``, ``"matern32"``, ``"matern12"``,
        ``"squared_exponential"``, ``"rational_quadratic"``, ``"exponential_power"``,
        ``"periodic"``, ``"additive"``, or sums and products of kernels, or `Mixed` for
        integers and categories.
    trend : {"constant", "linear", "quadratic", "zero"}
        Polynomial under the process: full, with all its mixed terms. ``"zero"`` is
        simple kriging around 0.
    nugget : float, "estimate" or "auto"
        Variance of the noise relative to the process variance. The default
        interpolates, unless values of one variable that look like noise are likeliest
        under a process of far larger variance. ``"auto"`` estimates it if the data show
        that there is noise: repeated points that differ, or a likelihood that rises by
        more than 3.
    length_scale : float or array (d,), optional
        In the units of `X`: the first start of the search, or the value that is
        kept if ``n_starts=0`` (a shape parameter of the kernel then has its prior
        mean).
    n_starts : int
        Number of starts of the search; 0 keeps `length_scale` and the nugget.
    y_transform : {None, "auto", "log", "yeo_johnson"}
        Monotone transform of `y` before the fit. ``"auto"`` takes one if the data are
        clearly likelier under it. Predictions are medians then, and standard
        deviations half the width of the central 68.3 % interval.
    warp : bool
        Whether to stretch every variable by a Kumaraswamy distribution, for
        functions that vary faster at one end of a variable.
    hyper : {"map", "laplace"}
        Whether to predict with the most likely hyper-parameters, or to average over
        draws of them (Laplace's approximation): slower and less sure of itself.
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
    model_ : Posterior, Transformed or Mixture
        The same model as an immutable value on the unit cube and on standardised
        `y`: ``(y - y_mean_) / y_scale_``.
    kernel_ : Kernel
        The kernel that was taken.
    y_transform_ : Transform or None
        The transform that was taken, of standardised `y`.
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
        kernel: str | Kernel = "auto",
        *,
        trend: str = "constant",
        nugget: float | Literal["estimate", "auto"] = 1e-10,
        length_scale: Any = None,
        n_starts: int = 4,
        y_transform: str | None = None,
        warp: bool = False,
        hyper: str = "map",
        prior: bool = True,
        bounds: Any = None,
        random_state: Any = None,
    ) -> None:
        self.kernel = kernel
        self.trend = trend
        self.nugget = nugget
        self.length_scale = length_scale
        self.n_starts = n_starts
        self.y_transform = y_transform
        self.warp = warp
        self.hyper = hyper
        self.prior = prior
        self.bounds = bounds
        self.random_state = random_state

    @property
    def _multi_output(self) -> bool:  # type: ignore[override]
        return self.y_transform is None

    def fit(
        self, X: Any, y: Any, *, noise_var: Any = None, gradients: Any = None
    ) -> GaussianProcess:
        """Fit to points `X` (n, d) and values `y` (n,) or (n, k), n at least 2.

        `noise_var` (n,) are known variances of the noise in `y`, in its squared units;
        then `nugget` plays no part. `gradients` (n, d) are partial derivatives of the
        function at `X`, NaN where not observed (then `y` may be NaN too); they need a
        stationary kernel, and ``"auto"`` is Matern 5/2.

        Raises
        ------
        ValueError
            If there are not more points than trend coefficients, or the points do
            not determine them.
        """
        checks.one_of(self.trend, TRENDS, "trend")
        if gradients is not None:
            return self._fit_slopes(X, y, noise_var, gradients)
        Z, t = self._begin(X, y, centred=self.trend != "zero")
        noise = settings.known_noise(noise_var, t, self.y_scale_)
        recipe = self._recipe(settings.determined_trend(self.trend, Z))
        recipe.check(t, noise)
        self.model_, self.n_evaluations_ = recipe.fit(Z, t, noise)
        return self

    def update(
        self, X: Any, y: Any, *, noise_var: Any = None, gradients: Any = None
    ) -> GaussianProcess:
        """Add points `X` (q, d), `y` (q,) at the same hyper-parameters.

        The Cholesky factor grows by q rows, in O(q n^2); trend, process variance and
        predictions equal those of a fresh fit at these hyper-parameters. `noise_var`
        (q,) and `gradients` (q, d) belong to a model that was fitted with them (and
        cost O(n^3)).
        """
        check_is_fitted(self, "model_")
        if isinstance(self.model_, GradientPosterior):
            _refuse_noise(noise_var)
            return super().update(X, y, gradients=gradients)
        if gradients is not None:
            raise ValueError(
                "gradients must be given to update only if they were given to fit; fit "
                "anew with all of them, NaN where not observed"
            )
        Z, t = self._more(X, y)
        if (noise_var is None) != (self._posterior.noise is None):
            raise ValueError(
                "noise_var must be given to update exactly if it was given to fit"
            )
        variances = None
        if noise_var is not None:
            variances = settings.variances(noise_var, t, self.y_scale_)
        self.model_ = self.model_.append(Z, t, variances)
        return self

    def _fit_slopes(
        self, X: Any, y: Any, noise_var: Any, gradients: Any
    ) -> GaussianProcess:
        _refuse_noise(noise_var)
        data = self._begin_slopes(X, y, gradients, centred=self.trend != "zero")
        recipe = self._recipe(Trend.of(self.trend, data.Z.shape[1]))
        recipe.check(data.y, None)
        self.model_, self.n_evaluations_ = recipe.fit_slopes(data)
        return self

    @property
    def kernel_(self) -> Kernel:
        """The kernel that was taken."""
        kernel: Kernel = self._posterior.kernel
        return kernel

    @property
    def y_transform_(self) -> Transform | None:
        """The transform that was taken, of standardised `y`."""
        first = getattr(self.model_, "parts", [self.model_])[0]
        return getattr(first, "transform", None)

    @property
    def theta_(self) -> FloatArray:
        """Hyper-parameters of the kernel (t,), on the unit cube."""
        return np.asarray(self._posterior.theta)

    @property
    def length_scale_(self) -> FloatArray:
        """Length scales (d,) in the units of `X`."""
        return np.asarray(np.exp(self._posterior.log_l) * self._range)

    @property
    def nugget_(self) -> float:
        """Variance of the noise relative to the process variance."""
        return float(self._posterior.nugget)

    @property
    def jitter_(self) -> float:
        """What the factorisation needed on top of the nugget."""
        return float(self._posterior.factors.jitter)

    @property
    def process_std_(self) -> Any:
        """Standard deviation of the process, in the units of (transformed) `y`."""
        return self.y_scale_ * np.sqrt(self._posterior.factors.s2)

    @property
    def log_likelihood_(self) -> float:
        """Restricted log likelihood of the data."""
        in_t = self.model_.log_likelihood()
        nu = self._posterior.factors.nu
        return float(in_t - nu * np.sum(np.log(self.y_scale_)))

    @property
    def _posterior(self) -> Any:
        return getattr(self.model_, "posterior", self.model_)

    def _recipe(self, trend: Trend) -> Recipe:
        """Return the parameters, checked, as a recipe."""
        checks.one_of(self.hyper, ["laplace", "map"], "hyper")
        if self.y_transform is not None:
            known = ["auto", "log", "yeo_johnson"]
            checks.one_of(self.y_transform, known, "y_transform, where it is not None,")
        kernels = kernel_registry.candidates(self.kernel)
        if self.warp:
            kernels = tuple(Warped(kernel) for kernel in kernels)
        log_l = settings.log_lengths(self.length_scale, self._range)
        seed = check_random_state(self.random_state).randint(2**31 - 1)
        n_starts = checks.integer(self.n_starts, "n_starts", 0)
        return Recipe(
            kernels,
            trend,
            settings.nugget_or_word(self.nugget),
            self.y_transform,
            self.hyper == "laplace",
            Plan(n_starts, log_l, self.prior, seed),
        )


def _refuse_noise(noise_var: Any) -> None:
    if noise_var is not None:
        raise ValueError(
            "noise_var does not go with gradients: give a nugget, the variance of the "
            "noise relative to the prior variance of each of the data"
        )
