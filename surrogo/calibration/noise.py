"""What lies between a model and its data: kinds of noise, scales and offsets.

A datum y at a model value m has the residual ``r = T(scale * m + offset) - T(y)`` on
the transformed scale T; the noise says how r is distributed.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar, TypeAlias

from surrogo import checks

ELIMINATE = "eliminate"
TRANSFORMS = ("linear", "log", "log10")


@dataclass(frozen=True)
class FromModel:
    """A sigma that the model gives, as one more of its observables, without data.

    Parameters
    ----------
    name : str
        Of that observable.

    Examples
    --------
    >>> Normal(sigma=FromModel("sigma_u")).sigma.name
    'sigma_u'
    """

    name: str


# A number, the name of a parameter, "eliminate", or a function of the parameters.
Nuisance: TypeAlias = float | str | Callable[..., Any] | FromModel | None


@dataclass(frozen=True)
class Noise:
    """What all kinds of noise share; take one of them.

    Parameters
    ----------
    sigma : number, str, callable, FromModel, optional
        A number; the name of a parameter; ``"eliminate"``: its likeliest value is
        found by a formula, for all data of the observable together; or
        ``sigma(p, simulated)``, with `simulated` the observable (n_times,) of one
        condition, which returns one number or n_times; ``FromModel(name)``: the model
        returns it beside its observables, under that name. By default the data's column
        ``sigma`` where there is one, else ``"eliminate"``.
    scale, offset : number, str
        The observable is ``scale * model + offset``. A number, the name of a parameter
        or ``"eliminate"``; a scale that is eliminated is at least 0.
    transform : {"linear", "log", "log10"}
        Where the noise is added. On a logarithm the likelihood is that of the datum,
        not of its logarithm: ``log y`` (``log(y ln 10)``) is added for each.

    Raises
    ------
    ValueError
        If a number makes no sense, or something cannot be eliminated.
    """

    sigma: Nuisance = None
    scale: Nuisance = 1.0
    offset: Nuisance = 0.0
    transform: str = "linear"

    family: ClassVar[str] = ""
    # What has a formula, given how many of scale and offset are eliminated.
    eliminable: ClassVar[tuple[str, ...]] = ("sigma", "scale", "offset")
    both: ClassVar[bool] = True  # scale and offset together have one

    def __post_init__(self) -> None:
        checks.one_of(self.transform, TRANSFORMS, f"transform of {self._name}")
        named = self.sigma is None or isinstance(self.sigma, str | FromModel)
        if not named and not callable(self.sigma):
            checks.positive(self.sigma, f"sigma of {self._name}")
        for key in ("scale", "offset"):
            if not isinstance(value := getattr(self, key), str):
                checks.number(value, f"{key} of {self._name}")
        self._check_eliminable()

    @property
    def _name(self) -> str:
        return type(self).__name__

    @property
    def eliminated(self) -> tuple[str, ...]:
        """Which of sigma, scale and offset are eliminated."""
        keys = ("sigma", "scale", "offset")
        return tuple(key for key in keys if getattr(self, key) == ELIMINATE)

    def _check_eliminable(self) -> None:
        shifts = [key for key in self.eliminated if key != "sigma"]
        no = [key for key in self.eliminated if key not in self.eliminable]
        if self.transform != "linear" and "offset" in self.eliminated:
            no.append("offset")
        if no or (len(shifts) == 2 and not self.both):
            raise ValueError(
                f"{self._name} noise on the {self.transform} scale has no formula for "
                f"the likeliest {no[0] if no else 'scale with offset'}; give a number "
                "or the name of a parameter instead of 'eliminate'"
            )


@dataclass(frozen=True)
class Normal(Noise):
    """Normal noise of standard deviation sigma.

    Parameters are those of `Noise`.

    Examples
    --------
    >>> Normal(sigma=0.1).sigma
    0.1
    >>> Normal(scale="eliminate").eliminated
    ('scale',)
    """

    family: ClassVar[str] = "normal"


@dataclass(frozen=True)
class LogNormal(Noise):
    """Normal noise on the logarithm, for data above zero.

    Parameters are those of `Noise`; ``transform="log10"`` for a sigma in decades.

    Examples
    --------
    >>> LogNormal(sigma="sigma_lynx").transform
    'log'
    """

    transform: str = "log"
    family: ClassVar[str] = "normal"

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.transform == "linear":
            raise ValueError("LogNormal noise is on a logarithm; take Normal instead")


@dataclass(frozen=True)
class Laplace(Noise):
    """Laplace noise, density ``exp(-abs(r) / sigma) / (2 sigma)``: bears outliers.

    Parameters are those of `Noise`; scale and offset cannot both be eliminated.

    Examples
    --------
    >>> Laplace(offset="eliminate").family
    'laplace'
    """

    family: ClassVar[str] = "laplace"
    both: ClassVar[bool] = False


@dataclass(frozen=True)
class StudentT(Noise):
    """Student's t noise of scale sigma: bears outliers.

    Nothing can be eliminated, so `sigma` must be given.

    Parameters
    ----------
    sigma, scale, offset, transform
        As in `Noise`.
    df : float
        Degrees of freedom, above 0.

    Examples
    --------
    >>> StudentT(sigma=2.0).df
    4.0
    """

    df: float = 4.0
    family: ClassVar[str] = "student"
    eliminable: ClassVar[tuple[str, ...]] = ()

    def __post_init__(self) -> None:
        super().__post_init__()
        checks.positive(self.df, "df of StudentT")


@dataclass(frozen=True)
class Poisson(Noise):
    """Counts: the model's value is the mean of a Poisson distribution.

    Parameters
    ----------
    scale, offset : number, str
        As in `Noise`; the offset cannot be eliminated.

    Examples
    --------
    >>> Poisson(scale="eliminate").eliminated
    ('scale',)
    """

    family: ClassVar[str] = "poisson"
    eliminable: ClassVar[tuple[str, ...]] = ("scale",)

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.sigma is not None or self.transform != "linear":
            raise ValueError(
                "Poisson noise has no sigma and no transform, got "
                f"sigma={checks.shown(self.sigma)}, transform={self.transform!r}"
            )


def base_of(transform: str) -> float:
    """Return the natural logarithm of the base of a logarithmic transform."""
    return math.log(10.0) if transform == "log10" else 1.0
