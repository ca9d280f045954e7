"""Choosing kernel and trend of a Gaussian process, with the reasons in words."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from surrogo.surrogates import kernel_registry
from surrogo.surrogates.gp import GaussianProcess
from surrogo.surrogates.kernel_base import Kernel

KERNELS = ("matern52", "tensor_matern52", "matern32", "squared_exponential")
TRENDS = ("constant", "linear", "quadratic")

# Nats that something else must be better by than what comes first (evidence file,
# section 2.4): smaller differences are chance.
CLEARLY = 3.0


@dataclass(frozen=True, eq=False)
class Candidate:
    """A fitted Gaussian process and its scores.

    `log_likelihood` compares kernels under the same trend. `loo_error` is the root
    mean square of the leave-one-out errors over that of predicting each value by the
    mean of the others, `loo_density` the sum of log densities of the leave-one-out
    predictions, which also compares trends.
    """

    kernel: str
    trend: str
    model: GaussianProcess
    log_likelihood: float
    loo_error: float
    loo_density: float

    @property
    def name(self) -> str:
        """Kernel and trend in words."""
        return f"{self.kernel} with a {self.trend} trend"


@dataclass(frozen=True, eq=False)
class Choice:
    """All candidates and the chosen one; `str` gives the report.

    `skipped` says which trends the points do not determine.
    """

    candidates: tuple[Candidate, ...]
    chosen: Candidate
    reason: str
    skipped: tuple[str, ...] = ()

    @property
    def best(self) -> GaussianProcess:
        """The chosen model, fitted."""
        return self.chosen.model

    def __str__(self) -> str:
        rows = [
            f"{'kernel':<22}{'trend':<12}{'log L':>9}{'LOO error':>12}{'LOO log p':>11}"
        ]
        for c in self.candidates:
            mark = " <-" if c is self.chosen else ""
            rows.append(
                f"{c.kernel:<22}{c.trend:<12}{c.log_likelihood:>9.1f}"
                f"{c.loo_error:>12.3g}{c.loo_density:>11.1f}{mark}"
            )
        return "\n".join([*rows, *self.skipped, self.reason])


def choose(
    X: Any,
    y: Any,
    *,
    kernels: Sequence[str | Kernel] = KERNELS,
    trends: Sequence[str] = TRENDS,
    **parameters: Any,
) -> Choice:
    """Fit Gaussian processes with every kernel and trend, and choose one.

    Under each trend the first kernel is kept unless another is likelier by 3 nats.
    Restricted likelihoods of different trends are densities of different things, so
    between trends the leave-one-out log density decides (Vehtari, Gelman & Gabry 2017);
    the first is kept unless another is better by 3 nats.

    Parameters
    ----------
    X : array (n, d)
    y : array (n,)
    kernels, trends : sequences
        In the order of preference. Trends that the points do not determine are
        skipped.
    **parameters
        Further parameters of `GaussianProcess`.

    Returns
    -------
    Choice

    Raises
    ------
    ValueError
        If there is nothing to choose from, or the data are refused by all.

    Examples
    --------
    >>> import numpy as np
    >>> from surrogo.surrogates.choice import choose
    >>> X = np.random.default_rng(0).random((25, 2))
    >>> choice = choose(X, np.sin(6 * X[:, 0]) + X[:, 1], random_state=0)
    >>> choice.chosen.loo_error < 0.1
    True
    """
    if len(kernels) == 0 or len(trends) == 0:
        raise ValueError(
            "choose needs at least one kernel and one trend, got "
            f"{len(kernels)} and {len(trends)}"
        )
    rows: list[list[Candidate]] = []
    skipped: list[str] = []
    error: ValueError | None = None
    for trend in trends:
        try:
            rows.append([_candidate(X, y, k, trend, parameters) for k in kernels])
        except ValueError as reason:
            error = reason
            skipped.append(f"{trend} trend skipped: {reason}")
    if not rows:
        assert error is not None
        raise error
    heads = [_best(row, "log_likelihood") for row in rows]
    chosen = _best(heads, "loo_density")
    every = tuple(candidate for row in rows for candidate in row)
    return Choice(every, chosen, _reason(chosen, heads, rows), tuple(skipped))


def _best(row: list[Candidate], score: str) -> Candidate:
    """Return the first unless another is clearly better."""
    best = max(row, key=lambda candidate: float(getattr(candidate, score)))
    gain = getattr(best, score) - getattr(row[0], score)
    return best if gain > CLEARLY else row[0]


def _candidate(
    X: Any, y: Any, kernel: str | Kernel, trend: str, parameters: dict[str, Any]
) -> Candidate:
    model = GaussianProcess(kernel, trend=trend, **parameters).fit(X, y)
    mean, std = model.leave_one_out()
    away = np.asarray(y, float) - mean
    error = math.sqrt(float(np.mean(away**2))) / _mean_error(np.asarray(y, float))
    # in standardised units, so that sums over the data do not depend on units of y
    size = np.maximum(std / model.y_scale_, 1e-150)
    z2 = np.minimum((away / model.y_scale_ / size) ** 2, 1e300)
    density = -0.5 * float(np.sum(z2 + np.log(2.0 * np.pi) + 2.0 * np.log(size)))
    name = kernel if isinstance(kernel, str) else repr(kernel)
    kernel_registry.candidates(kernel)  # the name is one
    return Candidate(name, trend, model, model.log_likelihood_, error, density)


def _mean_error(y: np.ndarray[Any, Any]) -> float:
    """Return the root mean square error of the mean of the other values."""
    n = len(y)
    spread = float(np.std(y)) * n / (n - 1)
    return spread if spread > 0.0 else 1.0


def _reason(
    chosen: Candidate, heads: list[Candidate], rows: list[list[Candidate]]
) -> str:
    """Return one or two sentences: what decided."""
    row = next(row for row in rows if chosen in row)
    gain = chosen.log_likelihood - row[0].log_likelihood
    why_kernel = (
        f"{gain:.1f} nats likelier than {row[0].kernel}"
        if chosen is not row[0]
        else f"no kernel is more than {CLEARLY:g} nats likelier"
    )
    if len(heads) == 1:
        return f"Chosen: {chosen.name}; {why_kernel}."
    gain = chosen.loo_density - heads[0].loo_density
    why_trend = (
        f"left-out values are {gain:.1f} nats likelier than with a {heads[0].trend} one"
        if chosen is not heads[0]
        else f"no trend predicts left-out values more than {CLEARLY:g} nats better"
    )
    return f"Chosen: {chosen.name}; {why_kernel}, and {why_trend}."
