"""Priors of parameters."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar, TypeAlias

from surrogo import checks

# How to standardise x, and the term it adds: z = (T(x) - center) / width, T identity or
# logarithm; then tilt and constant as in `surrogo.calibration.terms.Belief`.
Standard: TypeAlias = tuple[str, float, float]
_TRANSFORMS: dict[str, Callable[[float], float]] = {
    "linear": float,
    "log": math.log,
    "log10": math.log10,
}


@dataclass(frozen=True)
class _Prior:
    """A density around a centre, on the linear or the logarithmic scale."""

    mean: float
    sd: float
    scale: str = "linear"

    family: ClassVar[str] = ""

    def __post_init__(self) -> None:
        name = type(self).__name__
        checks.number(self.mean, f"mean of {name}")
        checks.positive(self.sd, f"sd of {name}")
        checks.one_of(self.scale, _TRANSFORMS, f"scale of {name}")

    @property
    def jacobian(self) -> bool:
        """Whether the density is that of x although the scale is that of log(x)."""
        return False

    def standardised(self, x: float) -> float:
        """Return (x - mean) / sd, of log(x) on a logarithmic scale."""
        return (_TRANSFORMS[self.scale](x) - self.mean) / self.sd

    @property
    def tilt(self) -> float:
        """The slope in z of what is added to rho(z): log(x) = mean + sd z."""
        return self.sd if self.jacobian else 0.0

    @property
    def constant(self) -> float:
        """What is added to ``rho(z) + tilt z``."""
        return math.log(self.sd) + (self.mean if self.jacobian else 0.0)


@dataclass(frozen=True)
class NormalPrior(_Prior):
    """A normal prior of a parameter, or of its logarithm.

    Parameters
    ----------
    mean, sd : float
    scale : {"linear", "log", "log10"}
        On a logarithm mean and sd are those of the logarithm, and the density is that
        of the logarithm (PEtab's parameterScaleNormal); for the density of the
        parameter itself take `LogNormalPrior`.

    Examples
    --------
    >>> NormalPrior(1.0, 0.5).standardised(2.0)
    2.0
    """

    family: ClassVar[str] = "normal"


@dataclass(frozen=True)
class LogNormalPrior(_Prior):
    """A log-normal prior: mean and sd are those of the natural logarithm.

    Parameters
    ----------
    mean, sd : float

    Examples
    --------
    >>> LogNormalPrior(0.0, 1.0).standardised(1.0)
    0.0
    """

    scale: str = "log"
    family: ClassVar[str] = "normal"

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.scale != "log":
            raise ValueError("LogNormalPrior has scale 'log'; take NormalPrior instead")

    @property
    def jacobian(self) -> bool:
        return True


@dataclass(frozen=True)
class LaplacePrior(_Prior):
    """A Laplace prior, density ``exp(-abs(x - mean) / sd) / (2 sd)``.

    Parameters
    ----------
    mean, sd : float
        `sd` is the scale in the formula.
    scale : {"linear", "log", "log10"}
        As in `NormalPrior`.

    Examples
    --------
    >>> LaplacePrior(0.0, 2.0).standardised(-4.0)
    -2.0
    """

    family: ClassVar[str] = "laplace"


@dataclass(frozen=True)
class UniformPrior:
    """A constant density between two numbers; the bounds must lie between them.

    Parameters
    ----------
    low, high : float

    Examples
    --------
    >>> round(UniformPrior(0.0, 2.0).constant, 4)
    0.6931
    """

    low: float
    high: float

    def __post_init__(self) -> None:
        low = checks.number(self.low, "low of UniformPrior")
        if checks.number(self.high, "high of UniformPrior") <= low:
            raise ValueError(
                f"low must be below high, got {self.low!r} and {self.high!r}"
            )

    @property
    def constant(self) -> float:
        """Minus the log density."""
        return math.log(self.high - self.low)


Prior: TypeAlias = NormalPrior | LogNormalPrior | LaplacePrior | UniformPrior
