"""The models that the benchmarks of surrogates compare, each as one function.

Every function fits to U (n, d), y (n,) and returns a predictor: V (m, d) -> mean (m,),
std (m,) of the function without noise, or None where the model has no std. Peers are
imported when used, so that a table can be made without those that are not installed.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

Predictor = Callable[[np.ndarray], tuple[np.ndarray, np.ndarray | None]]
Fit = Callable[[np.ndarray, np.ndarray, bool], Predictor]


def surrogo_gp(**options: Any) -> Fit:
    """Return the fit of our Gaussian process with these options."""

    def fit(U: np.ndarray, y: np.ndarray, noisy: bool) -> Predictor:
        from surrogo import GaussianProcess

        noise: dict[str, Any] = {"nugget": "estimate"} if noisy else {}
        gp = GaussianProcess(**{"random_state": 0, **noise, **options}).fit(U, y)
        return lambda V: gp.predict(V, return_std=True)

    return fit


def surrogo_rbf(U: np.ndarray, y: np.ndarray, noisy: bool) -> Predictor:
    """Fit our radial basis functions."""
    from surrogo import surrogates

    rbf = surrogates.RBF(smoothing="gcv" if noisy else 0.0).fit(U, y)
    return lambda V: (rbf.predict(V), None)


def smt_krg(**options: Any) -> Fit:
    """Return the fit of SMT's kriging with these options."""

    def fit(U: np.ndarray, y: np.ndarray, noisy: bool) -> Predictor:
        from smt.surrogate_models import KRG

        few = {"n_start": 1} if U.shape[1] >= 50 else {}  # else hours
        model = KRG(print_global=False, eval_noise=noisy, **few, **options)
        return _smt(model, U, y)

    return fit


def smt_kpls(U: np.ndarray, y: np.ndarray, noisy: bool) -> Predictor:
    """Fit SMT's kriging on four directions of partial least squares."""
    from smt.surrogate_models import KPLS

    model = KPLS(print_global=False, eval_noise=noisy, n_comp=min(4, U.shape[1]))
    return _smt(model, U, y)


def _smt(model: Any, U: np.ndarray, y: np.ndarray) -> Predictor:
    model.set_training_values(U, y)
    model.train()

    def predict(V: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        return model.predict_values(V)[:, 0], np.sqrt(model.predict_variances(V)[:, 0])

    return predict


def smt_rbf(U: np.ndarray, y: np.ndarray, noisy: bool) -> Predictor:
    """Fit SMT's radial basis functions."""
    from smt.surrogate_models import RBF

    model = RBF(print_global=False)
    model.set_training_values(U, y)
    model.train()
    return lambda V: (model.predict_values(V)[:, 0], None)


def scipy_rbf(U: np.ndarray, y: np.ndarray, noisy: bool) -> Predictor:
    """Fit SciPy's radial basis functions."""
    from scipy.interpolate import RBFInterpolator

    model = RBFInterpolator(U, y)
    return lambda V: (model(V), None)


def sklearn_gp(U: np.ndarray, y: np.ndarray, noisy: bool) -> Predictor:
    """Fit scikit-learn's process: Matern 5/2, a start and three restarts."""
    from sklearn.gaussian_process import GaussianProcessRegressor
    from sklearn.gaussian_process.kernels import ConstantKernel, Matern, WhiteKernel

    middle = np.full(U.shape[1], 0.5 * math.sqrt(U.shape[1]))
    kernel = ConstantKernel(1.0, (1e-4, 1e4)) * Matern(middle, (1e-2, 1e2), nu=2.5)
    if noisy:
        kernel = kernel + WhiteKernel(1e-2, (1e-8, 1e1))
    gp = GaussianProcessRegressor(
        kernel, normalize_y=True, n_restarts_optimizer=3, random_state=0
    ).fit(U, y)
    noise = gp.kernel_.k2.noise_level * np.var(y) if noisy else 0.0

    def predict(V: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        mean, std = gp.predict(V, return_std=True)
        return mean, np.sqrt(np.maximum(std**2 - noise, 0.0))

    return predict
