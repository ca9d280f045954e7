"""The models of ``surrogate_speed.py``: fits of one and the same Gaussian process.

All get U (n, d) in the unit cube and standardised y (n,) and have no trend (SMT: a
constant), a nugget of 1e-10 and the same number of starts: four, on many points one
(SMT: two, its fewest). A fit returns `Fitted`. Peers are imported when used.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.linalg import cho_factor, cho_solve
from scipy.spatial.distance import cdist

NUGGET = 1e-10
STARTS, MANY = 4, 2000  # from so many points on there is one start
LADDER = (0.5, 0.2, 1.0, 2.0)  # first length scales of all starts over sqrt(d)
LENGTHS = (0.02, 20.0)  # bounds of length scales; the upper one times sqrt(d)


def starts(y: np.ndarray) -> int:
    """Return the number of starts for values y (n,)."""
    return STARTS if len(y) < MANY else 1


Predict = Callable[[np.ndarray], tuple[np.ndarray, np.ndarray]]


@dataclass(frozen=True)
class Fitted:
    """A fitted model: mean and std of it, and its correlation matrix R (n, n).

    `nugget` is relative to the process variance, as it is for us and for SMT; the
    others have it relative to the variance of the data.
    """

    predict: Predict
    R: Callable[[], np.ndarray] | None = None
    evaluations: int | None = None
    nugget: float = NUGGET


Fit = Callable[[np.ndarray, np.ndarray], Fitted]


def log_likelihood(R: np.ndarray, nugget: float, y: np.ndarray) -> float:
    """Return the log likelihood of y (n,) at the best process variance for R (n, n)."""
    n = len(y)
    factor = cho_factor(R + nugget * np.eye(n), lower=True)
    s2 = float(y @ cho_solve(factor, y)) / n
    log_det = 2.0 * float(np.sum(np.log(np.diag(factor[0]))))
    return -0.5 * (n * math.log(s2) + log_det + n * (1.0 + math.log(2.0 * math.pi)))


def matern52(U: np.ndarray, length: np.ndarray) -> np.ndarray:
    """Return the correlations (n, n) of Matern's kernel 5/2 of the scaled distance."""
    s = math.sqrt(5.0) * cdist(U / length, U / length)
    return (1.0 + s + s**2 / 3.0) * np.exp(-s)


def gaussian(U: np.ndarray, length: np.ndarray) -> np.ndarray:
    """Return the correlations (n, n) of the squared exponential kernel."""
    return np.exp(-0.5 * cdist(U / length, U / length, "sqeuclidean"))


def matern52_product(U: np.ndarray, length: np.ndarray) -> np.ndarray:
    """Return the product (n, n) of a Matern kernel 5/2 for each variable, as in SMT."""
    R = np.ones((len(U), len(U)))
    for u, one in zip(U.T, length, strict=True):
        R *= matern52(u[:, None], np.array([one]))
    return R


def surrogo_gp(kernel: str = "matern52", *, default: bool = False) -> Fit:
    """Return our fit: by likelihood alone, or as it comes."""

    def fit(U: np.ndarray, y: np.ndarray) -> Fitted:
        from surrogo import GaussianProcess

        alike = {"trend": "zero", "prior": False, "nugget": NUGGET}
        gp = GaussianProcess(
            kernel,
            bounds=[(0.0, 1.0)] * U.shape[1],
            random_state=0,
            **({} if default else {**alike, "n_starts": starts(y)}),
        ).fit(U, y)
        form = matern52 if kernel == "matern52" else gaussian
        return Fitted(
            lambda V: gp.predict(V, return_std=True),
            lambda: form(U, gp.length_scale_),
            gp.n_evaluations_,
        )

    return fit


def sklearn_gp(*, default: bool = False) -> Fit:
    """Return scikit-learn's fit; it starts once, or also from random places."""

    def fit(U: np.ndarray, y: np.ndarray) -> Fitted:
        from sklearn.gaussian_process import GaussianProcessRegressor
        from sklearn.gaussian_process.kernels import ConstantKernel, Matern

        root = math.sqrt(U.shape[1])
        bounds = (LENGTHS[0], LENGTHS[1] * root)
        lengths = Matern(np.full(U.shape[1], LADDER[0] * root), bounds, nu=2.5)
        gp = GaussianProcessRegressor(
            ConstantKernel(1.0, (1e-6, 1e6)) * lengths,
            alpha=NUGGET,
            n_restarts_optimizer=0 if default else starts(y) - 1,
            random_state=0,
        ).fit(U, y)
        return Fitted(
            lambda V: gp.predict(V, return_std=True),
            lambda: matern52(U, gp.kernel_.k2.length_scale),
            nugget=NUGGET / gp.kernel_.k1.constant_value,
        )

    return fit


def smt_krg(corr: str = "squar_exp", *, default: bool = False) -> Fit:
    """Return SMT's fit; it has two starts more than n_start, but for n_start = 1."""

    def fit(U: np.ndarray, y: np.ndarray) -> Fitted:
        from smt.surrogate_models import KRG

        alike = {"nugget": NUGGET, "n_start": 2 if starts(y) > 1 else 1}
        model = KRG(print_global=False, corr=corr, **({} if default else alike))
        model.set_training_values(U, y)
        model.train()
        theta = np.asarray(model.optimal_theta).ravel()
        if corr == "matern52":
            form, length = matern52_product, U.std(axis=0, ddof=1) / theta
        else:
            form, length = gaussian, U.std(axis=0, ddof=1) / np.sqrt(2.0 * theta)

        def predict(V: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
            std = np.sqrt(model.predict_variances(V)[:, 0])
            return model.predict_values(V)[:, 0], std

        return Fitted(predict, lambda: form(U, length))

    return fit


def gpytorch_gp(U: np.ndarray, y: np.ndarray) -> Fitted:
    """Fit GPyTorch's exact process with SciPy's L-BFGS-B from our starts."""
    from scipy.optimize import minimize

    model, likelihood, loss, torch = _gpytorch(U, y)
    parameters = [p for p in model.parameters() if p.requires_grad]
    kernel, evaluations, ends = model.covar_module, 0, []

    def value(theta: np.ndarray) -> tuple[float, np.ndarray]:
        torch.nn.utils.vector_to_parameters(torch.from_numpy(theta), parameters)
        model.zero_grad()
        out = loss()
        out.backward()
        slope = torch.cat([p.grad.reshape(-1) for p in parameters])
        return float(out), slope.numpy()

    for times in LADDER[: starts(y)]:
        kernel.base_kernel.lengthscale = times * math.sqrt(U.shape[1])
        kernel.outputscale = 1.0
        start = torch.nn.utils.parameters_to_vector(parameters).detach().numpy()
        ends.append(minimize(value, start, jac=True, method="L-BFGS-B"))
        evaluations += ends[-1].nfev
    best = min(ends, key=lambda end: float(end.fun))
    torch.nn.utils.vector_to_parameters(torch.from_numpy(best.x), parameters)
    return _gpytorch_fitted(model, likelihood, U, evaluations)


def gpytorch_adam(U: np.ndarray, y: np.ndarray) -> Fitted:
    """Fit as GPyTorch's tutorial does: 50 steps of Adam, the noise estimated."""
    model, likelihood, loss, torch = _gpytorch(U, y, tutorial=True)
    optimizer = torch.optim.Adam(model.parameters(), lr=0.1)
    for _ in range(50):
        optimizer.zero_grad()
        loss().backward()
        optimizer.step()
    return _gpytorch_fitted(model, likelihood, U, 50)


def _gpytorch(U: np.ndarray, y: np.ndarray, tutorial: bool = False) -> Any:
    """Return model, likelihood, loss and torch, in double precision."""
    import gpytorch
    import torch

    torch.set_num_threads(1)
    X, t = torch.from_numpy(U), torch.from_numpy(y)
    likelihood = gpytorch.likelihoods.GaussianLikelihood()
    if not tutorial:
        floor = gpytorch.constraints.GreaterThan(0.1 * NUGGET)
        likelihood = gpytorch.likelihoods.GaussianLikelihood(noise_constraint=floor)
        likelihood.double().noise = NUGGET
        likelihood.requires_grad_(False)

    class Exact(gpytorch.models.ExactGP):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__(X, t, likelihood)
            self.mean_module = gpytorch.means.ZeroMean()
            lengths = gpytorch.kernels.MaternKernel(nu=2.5, ard_num_dims=U.shape[1])
            self.covar_module = gpytorch.kernels.ScaleKernel(lengths)

        def forward(self, x: Any) -> Any:
            return gpytorch.distributions.MultivariateNormal(
                self.mean_module(x), self.covar_module(x)
            )

    model = Exact().double()
    likelihood.double()
    marginal = gpytorch.mlls.ExactMarginalLogLikelihood(likelihood, model)

    def loss() -> Any:
        with gpytorch.settings.max_cholesky_size(10_000):  # else conjugate gradients
            return -marginal(model(X), t)

    model.train()
    return model, likelihood, loss, torch


def _gpytorch_fitted(model: Any, likelihood: Any, U: np.ndarray, count: int) -> Fitted:
    import gpytorch
    import torch

    model.eval()
    likelihood.eval()

    def predict(V: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        with torch.no_grad(), gpytorch.settings.max_cholesky_size(10_000):
            out = model(torch.from_numpy(V))
            return out.mean.numpy(), out.stddev.numpy()

    length = model.covar_module.base_kernel.lengthscale.detach().numpy().ravel()
    nugget = float(likelihood.noise) / float(model.covar_module.outputscale)
    return Fitted(predict, lambda: matern52(U, length), count, nugget)


def surrogo_rbf(U: np.ndarray, y: np.ndarray) -> Fitted:
    """Fit our radial basis functions."""
    from surrogo import surrogates

    model = surrogates.RBF().fit(U, y)
    return Fitted(lambda V: (model.predict(V), np.zeros(len(V))))


def smt_rbf(U: np.ndarray, y: np.ndarray) -> Fitted:
    """Fit SMT's radial basis functions."""
    from smt.surrogate_models import RBF

    model = RBF(print_global=False)
    model.set_training_values(U, y)
    model.train()
    return Fitted(lambda V: (model.predict_values(V)[:, 0], np.zeros(len(V))))


def scipy_rbf(U: np.ndarray, y: np.ndarray) -> Fitted:
    """Fit SciPy's radial basis functions."""
    from scipy.interpolate import RBFInterpolator

    model = RBFInterpolator(U, y)
    return Fitted(lambda V: (model(V), np.zeros(len(V))))
