"""The likeliest scale and offset between a model's values and data, by formulas."""

from __future__ import annotations

import numpy as np

from surrogo.checks import FloatArray


def likeliest_shift(
    M: FloatArray,
    y: FloatArray,
    sigma: FloatArray,
    family: str,
    eliminated: tuple[str, ...],
) -> tuple[FloatArray, FloatArray]:
    """Return scale and offset for which ``scale M + offset`` is nearest to y.

    Parameters
    ----------
    M : ndarray, shape (n, k)
    y : ndarray, shape (k,)
    sigma : ndarray, broadcasts to (n, k)
    family : {"normal", "laplace"}
        Weighted squares, or weighted absolute values.
    eliminated : tuple of str
        Which of ``"scale"`` and ``"offset"`` to find; the other is 1 or 0.

    Returns
    -------
    tuple of ndarray, each of shape (n, 1)
        The scale is at least 0.

    Examples
    --------
    >>> M, y = np.array([[1.0, 2.0, 3.0]]), np.array([3.0, 5.0, 7.0])
    >>> likeliest_shift(M, y, np.ones((1, 1)), "normal", ("scale", "offset"))
    (array([[2.]]), array([[1.]]))
    """
    sigma = np.broadcast_to(sigma, M.shape)
    find = _by_squares if family == "normal" else _by_absolute_values
    scale, offset = find(M, y, sigma, "scale" in eliminated, "offset" in eliminated)
    return scale[:, None], offset[:, None]


def balanced(slope: FloatArray, z: FloatArray, moved: FloatArray) -> FloatArray:
    """Return slopes (k,) of absolute values with that of the median's datum set right.

    The shift makes one residual 0, where abs has any slope from -1 to 1. It is the one
    for which ``sum slope dz/dshift = 0``, as it must be where the shift is likeliest.

    Parameters
    ----------
    slope, z, moved : ndarray, shape (k,)
        Slopes, standardised residuals, and the derivative of z in the shift.

    Examples
    --------
    >>> balanced(np.array([1.0, 0.0, 1.0]), np.array([1.0, 0.0, 2.0]), np.full(3, 0.5))
    array([ 1., -1.,  1.])
    """
    out, median = slope.copy(), int(np.argmin(np.abs(z)))
    rest = float(slope @ moved - slope[median] * moved[median])
    if moved[median] != 0.0:
        out[median] = np.clip(-rest / moved[median], -1.0, 1.0)
    return out


def _by_squares(
    M: FloatArray, y: FloatArray, sigma: FloatArray, scaled: bool, shifted: bool
) -> tuple[FloatArray, FloatArray]:
    w = sigma**-2 / np.sum(sigma**-2, axis=1, keepdims=True)
    m0, y0 = np.zeros(len(M)), np.zeros(len(M))
    if shifted:
        m0, y0 = np.sum(w * M, axis=1), np.sum(w * y, axis=1)
    scale = np.ones(len(M))
    if scaled:
        dm = M - m0[:, None]
        over, under = np.sum(w * dm * (y - y0[:, None]), axis=1), np.sum(w * dm**2, 1)
        scale = np.divide(over, under, out=np.zeros(len(M)), where=under > 0)
        scale = np.maximum(scale, 0.0)
    return scale, y0 - scale * m0


def _by_absolute_values(
    M: FloatArray, y: FloatArray, sigma: FloatArray, scaled: bool, shifted: bool
) -> tuple[FloatArray, FloatArray]:
    one, zero = np.ones(len(M)), np.zeros(len(M))
    if shifted:
        return one, _weighted_median(y - M, 1.0 / sigma)
    if not scaled:
        return one, zero
    # sum abs(s m - y) / sigma = sum (abs(m) / sigma) abs(s - y / m)
    there = M != 0.0
    ratios = np.divide(y, M, out=np.zeros(M.shape), where=there)
    return np.maximum(_weighted_median(ratios, np.abs(M) / sigma), 0.0), zero


def _weighted_median(values: FloatArray, weights: FloatArray) -> FloatArray:
    """Return the least value of each row up to which half of the weight lies."""
    order = np.argsort(values, axis=1, kind="stable")
    total = np.cumsum(np.take_along_axis(weights, order, 1), axis=1)
    first = np.argmax(total >= 0.5 * total[:, -1:], axis=1)
    ordered = np.take_along_axis(values, order, 1)
    return np.asarray(ordered[np.arange(len(values)), first])
