"""Predictions of values that the predicting model has not seen."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.base import clone
from sklearn.utils import check_random_state

from surrogo.checks import FloatArray

_FOLDS = 10  # Kohavi 1995, IJCAI: ten folds, where leave-one-out costs n fits


@dataclass(frozen=True, eq=False)
class HeldOut:
    """What models say of values they were not fitted to.

    Attributes
    ----------
    mean : array (n,)
    std : array (n,) or None
        None if the model predicts none.
    baseline : array (n,)
        The mean of the values that the prediction was fitted to.
    how : str
        ``"leave-one-out"`` or, for example, ``"10-fold"``.
    """

    mean: FloatArray
    std: FloatArray | None
    baseline: FloatArray
    how: str


def held_out(
    estimator: Any, X: FloatArray, y: FloatArray, folds: int | None, random_state: Any
) -> HeldOut:
    """Predict y (n,) at X (n, d), each value from a fit to others.

    In closed form if `folds` is None and the estimator offers it.
    """
    if folds is None and hasattr(estimator, "leave_one_out"):
        mean, std = clone(estimator).fit(X, y).leave_one_out()
        return HeldOut(mean, std, mean_of_others(y), "leave-one-out")
    return _by_refits(estimator, X, y, min(folds or _FOLDS, len(y)), random_state)


def mean_of_others(y: FloatArray) -> FloatArray:
    """Return for every value of y (n,) the mean of the other n - 1."""
    centre = np.mean(y, axis=0)
    return np.asarray(centre - (y - centre) / (len(y) - 1))


def _by_refits(
    estimator: Any, X: FloatArray, y: FloatArray, folds: int, random_state: Any
) -> HeldOut:
    mean, std, baseline = np.empty((3, *y.shape))
    told = takes_std(estimator)
    for rest, part in _splits(len(y), folds, random_state):
        fitted = clone(estimator).fit(X[rest], y[rest])
        baseline[part] = np.mean(y[rest], axis=0)
        if told:
            mean[part], of_function = fitted.predict(X[part], return_std=True)
            std[part] = np.hypot(of_function, _noise_std(fitted))
        else:
            mean[part] = np.reshape(fitted.predict(X[part]), y[part].shape)
    how = "leave-one-out" if folds == len(y) else f"{folds}-fold"
    return HeldOut(mean, std if told else None, baseline, how)


def _splits(
    n: int, folds: int, random_state: Any
) -> Iterator[tuple[NDArray[np.bool_], NDArray[np.bool_]]]:
    """Yield masks (n,) of the points to fit to and of the points held out."""
    fold = check_random_state(random_state).permutation(np.arange(n) % folds)
    for k in range(folds):
        yield fold != k, fold == k


def takes_std(estimator: Any) -> bool:
    """Say whether ``predict`` of an estimator has the option ``return_std``.

    A pipeline hands the options of `predict` on to its last step.
    """
    steps = getattr(estimator, "steps", None)
    last = steps[-1][1] if steps else estimator
    return "return_std" in inspect.signature(last.predict).parameters


def _noise_std(fitted: Any) -> Any:
    """Return the standard deviation of the noise that the fit assumed; 0 if unknown.

    Surrogates predict the function; what is held out are observations.
    """
    if getattr(fitted, "y_transform_", None) is not None:
        return 0.0  # its noise is one of transformed values
    share = getattr(fitted, "nugget_", getattr(fitted, "smoothing_", 0.0))
    return np.sqrt(share) * getattr(fitted, "process_std_", 0.0)
