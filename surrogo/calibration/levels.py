"""How far a value may rise within an interval of some level."""

from __future__ import annotations

from typing import Literal, TypeAlias

import numpy as np
from scipy.special import chdtri, ndtri, stdtrit

from surrogo import checks
from surrogo.calibration.simulations import Simulations

Noise: TypeAlias = Literal["known", "estimated"]


def checked_level(level: float) -> float:
    """Return a level that lies between 0 and 1.

    Raises
    ------
    ValueError
        If it does not.
    """
    level = checks.number(level, "level")
    if not 0.0 < level < 1.0:
        raise ValueError(
            f"level must lie between 0 and 1, got {level}; 0.95 is a 95 % interval"
        )
    return level


def noise_variance(noise: Noise, simulations: Simulations) -> float:
    """Return the variance of the residuals: 1, or SSR / (r - p) where estimated.

    Raises
    ------
    ValueError
        If it is to be estimated from no, or too few, residuals.
    """
    checks.one_of(noise, ["estimated", "known"], "noise")
    if noise == "known":
        return 1.0
    r = simulations.best.residuals
    if not simulations.is_least_squares() or len(r) <= simulations.p:
        raise ValueError(
            "noise='estimated' needs values that are half the sum of squares of more "
            f"residuals than the {simulations.p} free parameters, got "
            f"{len(r)}; take noise='known'"
        )
    return float(r @ r) / (len(r) - simulations.p)


def quantile(level: float, noise: Noise, simulations: Simulations) -> float:
    """Return half the width of an interval in standard deviations.

    Examples
    --------
    >>> from surrogo import Evaluation, Space
    >>> from surrogo.calibration.target import Target
    >>> target = Target(Space.of([(0, 1)]), lambda x: Evaluation(0.0), [0.5])
    >>> round(quantile(0.95, "known", Simulations(target)), 3)
    1.96
    """
    level = checked_level(level)
    if noise == "known":
        return float(ndtri(0.5 + 0.5 * level))
    freedom = len(simulations.best.residuals) - simulations.p
    return float(stdtrit(freedom, 0.5 + 0.5 * level))


def threshold(level: float, noise: Noise, simulations: Simulations) -> float:
    """Return the rise of the value at the ends of the profile of one parameter.

    Half the chi-square quantile, which is the squared normal one (Raue et al. 2009);
    with estimated noise that of t, times the variance (Bates & Watts 1988, eq. 6.1).
    """
    variance = noise_variance(noise, simulations)
    return 0.5 * variance * quantile(level, noise, simulations) ** 2


def chi_square(level: float, p: int) -> float:
    """Return the chi-square quantile with p degrees of freedom.

    Examples
    --------
    >>> round(chi_square(0.95, 1), 3)
    3.841
    """
    return float(np.asarray(chdtri(p, 1.0 - level)))
