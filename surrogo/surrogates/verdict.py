"""The verdict on a model in one line, no surer than the number of points allows."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.special import bdtr, bdtrc, ndtri

from surrogo.checks import FloatArray

# One in a hundred models that predict just as well as the mean is said to do better.
_CHANCE = 0.01
_FEWEST = 7  # 2^-n < _CHANCE: with fewer points even a perfect model may be chance
_LEAST = 0.01  # share of the variance below which a model is of no use
_GOOD, _FAIR = 0.9, 0.5
# Coverage is tested at four levels, both ways: one in 50 calibrated models is blamed.
_MISCOUNT = 0.02 / 8
# Chance that any of n residuals of a calibrated model counts as an outlier
_OUTLYING = 0.02
_LIMIT = 3.0  # Jones, Schonlau & Welch 1998, section 4
_SHOWN = 5


def of(
    q2: float,
    error_of_mean: FloatArray,
    error: FloatArray,
    z: FloatArray | None,
    levels: Sequence[float],
) -> str:
    """Return the verdict for the share q2 of the variance explained.

    Both absolute errors and the standardised residuals z, if any, are (n,).
    """
    n = len(error)
    lost = ~np.isfinite(error)
    if np.any(lost):
        return f"its predictions are not finite at points {_listed(lost)}"
    if n < _FEWEST:
        return f"{n} points are too few to judge; at least {_FEWEST} are needed"
    if not (q2 > _LEAST and clearly_smaller(error, error_of_mean)):
        hint = f", as far as {n} points can tell" if q2 > _FAIR else ""
        return f"predicts no better than the mean{hint}"
    explains = f"explains {percent(q2)} of the variance"
    if z is None:
        return f"{_grade(q2)}: {explains}; it gives no intervals"
    return _with_intervals(q2, explains, z, levels)


def _with_intervals(
    q2: float, explains: str, z: FloatArray, levels: Sequence[float]
) -> str:
    narrow, wide = miscounts(z, levels)
    far = outliers(z)
    if narrow is not None:
        return f"overconfident: {_hold(z, narrow)}; {explains}"
    if np.any(far):
        return (
            f"residuals beyond {_LIMIT:g} standard deviations at points "
            f'{_listed(far)}; consider a log transform (y_transform="auto"); {explains}'
        )
    if wide is not None:
        return f"underconfident: {_hold(z, wide)}; {explains}"
    return f"{_grade(q2)}: {explains}; {_hold(z, 0.9)}"


def clearly_smaller(error: FloatArray, other: FloatArray) -> bool:
    """Say whether one absolute error (n,) is smaller than the other beyond chance.

    By Wilcoxon's signed ranks of the differences of squares: its normal approximation
    (Wilcoxon 1945, Biometrics Bull. 1, 80-83). The mean difference has a heavy tail.
    """
    size = max(float(np.max(error)), float(np.max(other)))
    gain = (other / size) ** 2 - (error / size) ** 2
    gain = gain[gain != 0.0]
    n = len(gain)
    rank = np.argsort(np.argsort(np.abs(gain))) + 1.0
    ranks = float(np.sum(rank[gain > 0.0])) - n * (n + 1) / 4
    return bool(ranks > -ndtri(_CHANCE) * math.sqrt(n * (n + 1) * (2 * n + 1) / 24))


def miscounts(
    z: FloatArray, levels: Sequence[float]
) -> tuple[float | None, float | None]:
    """Return the levels of intervals that hold too few, and too many, of n values.

    The clearest of them each, or None: by the tails of the binomial distribution.
    """
    n = len(z)
    inside = [inside_of(z, level) for level in levels]
    pairs = list(zip(inside, levels, strict=True))
    few = [float(bdtr(k, n, p)) for k, p in pairs]
    many = [1.0 if k == 0 else float(bdtrc(k - 1, n, p)) for k, p in pairs]
    return _clearest(few, levels), _clearest(many, levels)


def inside_of(z: FloatArray, level: float) -> int:
    """Count the z (n,) within the central interval of the standard normal."""
    return int(np.sum(np.abs(z) <= ndtri(0.5 + level / 2)))


def outliers(z: FloatArray) -> NDArray[np.bool_]:
    """Mark residuals (n,) beyond 3, and beyond what the largest of n may be."""
    expected = -float(ndtri(_OUTLYING / (2 * len(z))))  # Bonferroni
    return np.asarray(~(np.abs(z) <= max(_LIMIT, expected)))


def percent(share: float) -> str:
    """Return a share in per cent, where all but nothing is not all.

    Examples
    --------
    >>> percent(0.984), percent(0.9996)
    ('98 %', 'more than 99.9 %')
    """
    if share > 0.999:
        return "more than 99.9 %"
    return f"{100 * share:.1f} %" if share > 0.99 else f"{100 * share:.0f} %"


def _clearest(chances: list[float], levels: Sequence[float]) -> float | None:
    best = int(np.argmin(chances))
    return levels[best] if chances[best] < _MISCOUNT else None


def _hold(z: FloatArray, level: float) -> str:
    share = inside_of(z, level) / len(z)
    return f"its {100 * level:.0f} % intervals hold {100 * share:.0f} %"


def _grade(q2: float) -> str:
    return "good" if q2 >= _GOOD else "fair" if q2 >= _FAIR else "weak"


def _listed(marked: NDArray[np.bool_]) -> str:
    at = [str(i) for i in np.flatnonzero(marked)]
    more = [] if len(at) <= _SHOWN else [f"and {len(at) - _SHOWN} more"]
    return f"[{', '.join(at[:_SHOWN] + more)}]"
