"""What users set of a Gaussian process, checked."""

from __future__ import annotations

from typing import Any

import numpy as np

from surrogo import checks
from surrogo.checks import FloatArray
from surrogo.surrogates.likelihood import Noise
from surrogo.surrogates.trends import Trend

# Further values may be so many times larger than the spread of those of the fit: their
# squares, times the condition of a matrix, are still floats.
_LARGEST = 1e120

# Variances of noise, relative to those of values, with which one can still calculate.
_MOST_NOISE = 1e200


def determined_trend(name: str, Z: FloatArray) -> Trend:
    """Return the trend of this name, if the points Z (n, d) determine it.

    Raises
    ------
    ValueError
        If there are not more points than trend coefficients, or the points do not
        determine them.
    """
    n, d = Z.shape
    trend = Trend.of(name, d)
    if n <= trend.p:
        raise ValueError(
            f"a {name} trend in {d} variables needs more than {trend.p} points, got "
            f"n_samples={n}; take a simpler trend"
        )
    trend.log_gram(Z)  # raises if the points do not determine the trend
    return trend


def nugget_or_word(nugget: float | str) -> float | str | None:
    """Return the nugget, None for "estimate", or "auto"."""
    if isinstance(nugget, str):
        words = ["estimate", "auto"]
        checks.one_of(nugget, words, "nugget, where it is no number,")
    return nugget if nugget == "auto" else nugget_or_none(nugget)


def nugget_or_none(nugget: float | str) -> float | None:
    """Return the nugget, None for "estimate".

    Examples
    --------
    >>> from surrogo.surrogates.settings import nugget_or_none
    >>> nugget_or_none(1e-6), nugget_or_none("estimate")
    (1e-06, None)
    """
    if isinstance(nugget, str):
        checks.one_of(nugget, ["estimate"], "nugget, where it is no number,")
        return None
    nugget = checks.number(nugget, "nugget")
    if nugget < 0:
        raise ValueError(f"nugget must be at least 0, got {nugget}")
    return nugget


def log_lengths(length_scale: Any, width: FloatArray) -> FloatArray | None:
    """Return log length scales on the unit cube (d,), None for None.

    `length_scale` is a number or (d,) in the units of the box, which is `width` (d,)
    wide.
    """
    if length_scale is None:
        return None
    try:
        given = np.broadcast_to(np.asarray(length_scale, np.float64), width.shape)
    except (TypeError, ValueError) as error:
        raise ValueError(
            f"length_scale must be a number or have shape {width.shape}, got "
            f"{checks.shown(length_scale)}"
        ) from error
    if not np.all((given > 0) & np.isfinite(given)):
        raise ValueError(f"length_scale must be above 0, got {given}")
    return np.asarray(np.log(given / width))


def comparable(t: FloatArray) -> FloatArray:
    """Return further values t, standardised as those of the fit.

    Raises
    ------
    ValueError
        If they are out of all proportion to those of the fit.
    """
    largest = np.max(np.abs(t), initial=0.0)
    if largest > _LARGEST:
        raise ValueError(
            f"further values must be at most {_LARGEST:g} times the spread of those of "
            f"the fit, got {largest:g} times; fit anew with all of them"
        )
    return t


def known_noise(noise_var: Any, t: FloatArray, y_scale: Any) -> Noise | None:
    """Return the known noise of values t (n,), None for None."""
    if noise_var is None:
        return None
    known = variances(noise_var, t, y_scale)
    if not np.any(known > 0.0):
        raise ValueError(
            "noise_var must be above 0 somewhere; leave it out if there is no noise"
        )
    return Noise.of(known)


def variances(noise_var: Any, t: FloatArray, y_scale: Any) -> FloatArray:
    """Return variances (n,) of noise, of values t (n,) in units of y_scale."""
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
    with np.errstate(over="ignore"):
        known = given / y_scale / y_scale
    if np.any(known > _MOST_NOISE):
        raise ValueError(
            f"noise_var must be at most {_MOST_NOISE:g} times the variance of y, got "
            f"{checks.shown(noise_var)}; such values say nothing, leave them out"
        )
    return np.asarray(known)
