"""For estimators whose data may hold gradients: checks and units of these."""

from __future__ import annotations

from typing import Any, TypeVar

import numpy as np

from surrogo import checks
from surrogo.checks import FloatArray
from surrogo.surrogates.estimator import Surrogate, centre_and_scale
from surrogo.surrogates.slopes import Slopes

_Self = TypeVar("_Self", bound="TakingGradients")


class TakingGradients(Surrogate):
    """For models that condition on `Slopes`.

    ``gradients`` (n, d) holds the partial derivatives of the function at `X`, in the
    units of `y` per unit of `X`. NaN stands for what was not observed; then `y` may
    hold NaN too, where only slopes were.
    """

    def update(self: _Self, X: Any, y: Any, *, gradients: Any = None) -> _Self:
        """Add points `X` (q, d), `y` (q,), `gradients` (q, d), model kept as it is.

        The predictions equal those of a fresh fit at the same hyper-parameters.
        """
        more = self._more_slopes(X, y, gradients)
        self.model_ = self.model_.append(more.Z, more.y, more.G)
        return self

    def _begin_slopes(
        self, X: Any, y: Any, gradients: Any, centred: bool = True
    ) -> Slopes:
        """Check the data and learn the units; return them standardised."""
        if gradients is None:
            return Slopes.of(*self._begin(X, y, centred))
        known = _single_output(y)
        Z, _ = self._begin(X, np.where(np.isnan(known), 0.0, known), centred)
        G = _checked(gradients, Z, known) * self._range
        self.y_mean_, self.y_scale_ = _units(known, G, centred)
        return Slopes(Z, self._standardised(known), G / self.y_scale_)

    def _more_slopes(self, X: Any, y: Any, gradients: Any) -> Slopes:
        """Check further data of a fitted model; return them standardised."""
        if gradients is None:
            return Slopes.of(*self._more(X, y))
        known = _single_output(y)
        Z, _ = self._more(X, np.where(np.isnan(known), 0.0, known))
        G = _checked(gradients, Z, known) * self._range
        return Slopes(Z, self._standardised(known), G / self.y_scale_)


def _single_output(y: Any) -> FloatArray:
    known = checks.array(y, "y")
    if known.ndim != 1:
        raise ValueError(
            f"with gradients, y must have shape (n,), got {known.shape}; fit one model "
            "for each output"
        )
    return known


def _checked(gradients: Any, Z: FloatArray, y: FloatArray) -> FloatArray:
    G = checks.array(gradients, "gradients")
    if G.shape != Z.shape or np.any(np.isinf(G)):
        raise ValueError(
            f"gradients must have the shape {Z.shape} of X and be finite, or NaN where "
            f"not observed, got shape {G.shape}: {checks.shown(gradients)}"
        )
    nothing = np.flatnonzero(np.isnan(y) & np.all(np.isnan(G), axis=1))
    if len(nothing):
        raise ValueError(
            f"every point must have a value or a slope, got none at row {nothing[0]}; "
            "leave such points out"
        )
    return G


def _units(y: FloatArray, G: FloatArray, centred: bool) -> tuple[float, float]:
    """Return the mean of the values, and the size of deviations and slopes."""
    values, slopes = y[~np.isnan(y)], G[~np.isnan(G)]
    mean = centre_and_scale(values, centred)[0] if len(values) else 0.0
    everything = np.concatenate([values - mean, slopes])
    return mean, centre_and_scale(everything, False)[1]
