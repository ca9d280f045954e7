"""How fast the Gaussian process is: ``python benchmarks/surrogates.py``.

Four tables: one likelihood with all its gradients against the bare LAPACK calls it
cannot do without and against scikit-learn; whole fits against scikit-learn; what the
search for the next point costs; and what each of its parts does. Everything runs in
one process on one BLAS thread, what is compared in turn, in CPU time. Writes
``results/surrogates.md`` and prints it.
"""

from __future__ import annotations

import argparse
import math
import os
import platform
import time
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

os.environ["OPENBLAS_NUM_THREADS"] = "1"  # before NumPy loads

import numpy as np
import scipy
import sklearn
from scipy.linalg import lapack
from sklearn.exceptions import ConvergenceWarning
from sklearn.gaussian_process import GaussianProcessRegressor
from sklearn.gaussian_process.kernels import ConstantKernel, Matern

import surrogo
from surrogo import GaussianProcess, Space
from surrogo.acquisition import LogEI, maximise
from surrogo.surrogates import kernels
from surrogo.surrogates.likelihood import Likelihood
from surrogo.surrogates.map_fit import LONGEST, SHORTEST

HERE = Path(__file__).parent
NUGGET = 1e-10
STARTS = 4


def welch(U: np.ndarray) -> np.ndarray:
    """Few of twenty variables matter (Welch et al. 1992, Technometrics 34, 15-25)."""
    X = U - 0.5
    main = 5 * X[:, 11] / (1 + X[:, 0]) + 5 * (X[:, 3] - X[:, 19]) ** 2 + X[:, 4]
    small = 0.05 * X[:, 1] + 0.08 * X[:, 2] - 0.03 * X[:, 5] + 0.03 * X[:, 6]
    small += -0.09 * X[:, 8] - 0.01 * X[:, 9] - 0.07 * X[:, 10] + 0.25 * X[:, 12] ** 2
    small += -0.04 * X[:, 13] + 0.06 * X[:, 14] - 0.01 * X[:, 16] - 0.03 * X[:, 17]
    return main + 40 * X[:, 18] ** 3 - 5 * X[:, 18] + small


def rosenbrock(U: np.ndarray) -> np.ndarray:
    """All variables matter alike, coupled in pairs (Rosenbrock 1960), on [-2, 2]^d."""
    X = 4 * U - 2
    valley = (X[:, 1:] - X[:, :-1] ** 2) ** 2
    return np.sum(100 * valley + (1 - X[:, :-1]) ** 2, axis=1)


def ridge(U: np.ndarray) -> np.ndarray:
    """Every variable matters a little less than the one before."""
    weights = 1.0 / np.arange(1, U.shape[1] + 1)
    return np.sin(4 * U @ weights) + (U @ weights**2) ** 2


FUNCTIONS = {"welch": welch, "rosenbrock": rosenbrock, "ridge": ridge}


def data(name: str, n: int, d: int) -> tuple[np.ndarray, np.ndarray]:
    """Return points of the unit cube and standardised values."""
    U = np.random.default_rng(n + d).random((n, d))
    y = FUNCTIONS[name](U)
    return U, (y - y.mean()) / y.std()


def cpu(call: Callable[[], object]) -> float:
    """Return the CPU seconds of a call."""
    begin = time.process_time()
    call()
    return time.process_time() - begin


def in_turn(*calls: Callable[[], object], repeats: int) -> np.ndarray:
    """Return the CPU seconds (repeats, len(calls)) of calls made in turn."""
    for call in calls:
        call()
    return np.array([[cpu(call) for call in calls] for _ in range(repeats)])


def scikit_learn(d: int, optimizer: str | None) -> GaussianProcessRegressor:
    """Return the same model: kernel, bounds, first start, number of starts, nugget."""
    middle = np.full(d, 0.5 * math.sqrt(d))
    lengths = Matern(middle, (SHORTEST, LONGEST * math.sqrt(d)), nu=2.5)
    return GaussianProcessRegressor(
        ConstantKernel(1.0, (1e-6, 1e6)) * lengths,
        alpha=NUGGET,
        optimizer=optimizer,
        n_restarts_optimizer=STARTS - 1,
        random_state=0,
    )


def no_trend(U: np.ndarray, y: np.ndarray) -> Likelihood:
    """Return our likelihood of the same model."""
    return Likelihood(kernels.get("matern52"), U, np.zeros((len(y), 0)), y)


def likelihood_row(n: int, d: int, repeats: int) -> str:
    """Compare one likelihood with its gradient."""
    U, y = data("ridge", n, d)
    ours, log_l = no_trend(U, y), np.full(d, math.log(0.5 * math.sqrt(d)))
    L = ours.factors(log_l, NUGGET).L
    R = np.asfortranarray(L @ L.T)
    theirs = scikit_learn(d, None).fit(U, y)
    theta = theirs.kernel_.theta

    def bare() -> None:
        factor, _ = lapack.dpotrf(R, lower=1, overwrite_a=0)
        lapack.dpotri(factor, lower=1, overwrite_c=1)

    times = in_turn(
        lambda: ours.value_and_gradient(log_l, NUGGET),
        bare,
        lambda: theirs.log_marginal_likelihood(theta, True, clone_kernel=False),
        repeats=repeats,
    )
    a, b, c = 1e3 * np.median(times, axis=0)
    to_bare, to_theirs = np.median(times[:, 0] / times[:, 1]), times[:, 2] / times[:, 0]
    return (
        f"| {n} | {d} | {a:.1f} | {b:.1f} | {c:.0f} | **{to_bare:.2f}** "
        f"| **{np.median(to_theirs):.1f}** |"
    )


@dataclass(frozen=True)
class Fitted:
    """What a fit took, and the likelihood (by our formula) of what it found."""

    seconds: float
    evaluations: int
    log_likelihood: float


def our_fit(U: np.ndarray, y: np.ndarray) -> Fitted:
    """Fit by pure likelihood without trend, as scikit-learn does."""
    box = np.array([[0.0, 1.0]] * U.shape[1])
    gp = GaussianProcess(
        trend="zero", nugget=NUGGET, n_starts=STARTS, prior=False, bounds=box
    )
    seconds = cpu(lambda: gp.fit(U, y))
    return Fitted(seconds, gp.n_evaluations_, value(U, y, np.log(gp.length_scale_)))


def their_fit(U: np.ndarray, y: np.ndarray) -> Fitted:
    """Fit scikit-learn's model, counting its evaluations."""
    gp, count = scikit_learn(U.shape[1], "fmin_l_bfgs_b"), [0]
    evaluate = gp.log_marginal_likelihood

    def counted(*args: object, **options: object) -> object:
        count[0] += 1
        return evaluate(*args, **options)

    gp.log_marginal_likelihood = counted
    seconds = cpu(lambda: gp.fit(U, y))
    return Fitted(seconds, count[0], value(U, y, np.log(gp.kernel_.k2.length_scale)))


def value(U: np.ndarray, y: np.ndarray, log_l: np.ndarray) -> float:
    """Return the log likelihood at length scales, with the best process variance."""
    return -no_trend(U, y).factors(log_l, NUGGET).negative_log_likelihood()


def fit_row(name: str, n: int, d: int) -> str:
    """Compare whole fits."""
    ours, theirs = our_fit(*data(name, n, d)), their_fit(*data(name, n, d))
    return (
        f"| {name} | {n} | {d} | {ours.seconds:.2f} ({ours.evaluations}) "
        f"| {theirs.seconds:.1f} ({theirs.evaluations}) | {ours.log_likelihood:.3f} "
        f"| {theirs.log_likelihood:.3f} | **{theirs.seconds / ours.seconds:.0f}** |"
    )


def suggestion_row(n: int, d: int, repeats: int) -> str:
    """Time what a suggestion is made of: fits from four starts and one, the search."""
    U, y = data("ridge", n, d)
    box = np.array([[0.0, 1.0]] * d)
    space = Space.of(box)
    best = U[np.argsort(y)[: d + 4]]
    gp = GaussianProcess(bounds=box, random_state=0).fit(U, y)
    warm = {"length_scale": gp.length_scale_, "n_starts": 1, "bounds": box}
    model, criterion = gp.model_, LogEI(best=float(gp.model_.y.min()))
    times = in_turn(
        lambda: GaussianProcess(bounds=box, random_state=0).fit(U, y),
        lambda: GaussianProcess(**warm).fit(U, y),
        lambda: maximise(criterion, model, space, best, np.random.default_rng(0)),
        repeats=repeats,
    )
    full, one, search = 1e3 * np.median(times, axis=0)
    return f"| {n} | {d} | {full:.0f} | {one:.0f} | {search:.0f} |"


def head() -> str:
    """Return date and versions."""
    return (
        "# Speed of the Gaussian process\n\n`python benchmarks/surrogates.py`, "
        f"{time.strftime('%Y-%m-%d')}; surrogo {surrogo.__version__}, Python "
        f"{platform.python_version()}, NumPy {np.__version__}, SciPy "
        f"{scipy.__version__}, scikit-learn {sklearn.__version__}; one BLAS thread, "
        f"CPU time. Matern 5/2 with {STARTS} starts where something is fitted.\n"
    )


LIKELIHOOD = """
## One likelihood with all its gradients

"LAPACK" is the Cholesky factor and the inverse from it (`potrf`, `potri`), without
which there is no exact gradient. Medians of {repeats} rounds in which each was called
once; the last columns are medians of ratios.

| n | d | surrogo, ms | LAPACK, ms | scikit-learn, ms | to LAPACK | scikit-learn to us |
|---|---|---|---|---|---|---|
"""

FIT = """
## Whole fits

Pure likelihood, no trend, nugget {nugget:g}, the same bounds and the same first start.
In brackets the number of likelihood evaluations. Log likelihoods (higher is better) by
one formula, at the length scales that each found.

| function | n | d | surrogo, s | scikit-learn, s | log L | theirs | ratio of times |
|---|---|---|---|---|---|---|---|
"""

SUGGESTION = """
## What a suggestion is made of

Default model (constant trend, prior). "Warm" starts once, from the last length scales;
"search" maximises the logarithm of expected improvement. CPU milliseconds, medians of
{repeats}.

| n | d | fit | warm fit | search |
|---|---|---|---|---|
"""


def main() -> None:
    """Run all tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="small sizes, not written")
    quick = parser.parse_args().quick
    # length scales of idle variables end on their bounds, as they should
    warnings.simplefilter("ignore", ConvergenceWarning)
    repeats = 3 if quick else 15
    sizes = [(200, 10)] if quick else [(200, 10), (500, 20), (1000, 20), (2000, 20)]
    text = head() + LIKELIHOOD.format(repeats=repeats)
    text += "\n".join(likelihood_row(n, d, repeats) for n, d in sizes) + "\n"
    text += FIT.format(nugget=NUGGET)
    n = 60 if quick else 500
    text += "\n".join(fit_row(name, n, 20) for name in FUNCTIONS) + "\n"
    text += SUGGESTION.format(repeats=repeats)
    sizes = [(50, 2)] if quick else [(50, 2), (100, 5), (300, 10), (1000, 20)]
    text += "\n".join(suggestion_row(n, d, repeats) for n, d in sizes) + "\n"
    print(text)
    if not quick:
        (HERE / "results" / "surrogates.md").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
