"""The parts that the outputs of a simulation consist of."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np

from surrogo import checks
from surrogo.calibration.data import Series
from surrogo.calibration.errors import SimulationError
from surrogo.calibration.noise import (
    ELIMINATE,
    FromModel,
    Noise,
    Poisson,
    base_of,
)
from surrogo.calibration.priors import LaplacePrior, LogNormalPrior, NormalPrior
from surrogo.checks import FloatArray

Parameters: TypeAlias = Mapping[str, Any]
Simulated: TypeAlias = Mapping[str, Mapping[str, FloatArray]]  # condition, observable

# A mean of exactly 0 has no logarithm; this one is a number for it.
_LEAST_MEAN = 1e-300


@dataclass(frozen=True, eq=False)
class ModelValues:
    """The model's values at the data of one observable, on the scale of the noise."""

    series: tuple[Series, ...]
    noise: Noise

    def __call__(self, p: Parameters, simulated: Simulated) -> FloatArray:
        """Return ``T(scale * model + offset)``, shape (n,)."""
        blocks = [self._transformed(one, p, simulated) for one in self.series]
        return np.concatenate(blocks)

    def _transformed(
        self, series: Series, p: Parameters, simulated: Simulated
    ) -> FloatArray:
        values = at_rows(series, simulated)
        scale, offset = (_number(x, p) for x in (self.noise.scale, self.noise.offset))
        values = values * (1.0 if scale is None else scale)
        values = values + (0.0 if offset is None else offset)
        self._check_sign(values, series)
        return transformed(values, self.noise)

    def _check_sign(self, values: FloatArray, series: Series) -> None:
        counts = isinstance(self.noise, Poisson)
        if not counts and self.noise.transform == "linear":
            return
        low = values < 0 if counts else values <= 0
        if low.any():
            least = "0 or more" if counts else "above 0"
            raise SimulationError(
                f"{type(self.noise).__name__} noise needs model values {least}, got "
                f"{values[low][0]:.4g} for {_where(series, int(np.argmax(low)))}"
            )


@dataclass(frozen=True)
class LogParameter:
    """The logarithm of a sigma that is a parameter."""

    name: str

    def __call__(self, p: Parameters, simulated: Simulated) -> FloatArray:
        """Return log(sigma), shape (1,)."""
        return np.array([_log_sigma(p[self.name], f"sigma {self.name!r}")])


@dataclass(frozen=True, eq=False)
class SigmaFunction:
    """The logarithms of sigmas that a function gives, one for each datum."""

    series: tuple[Series, ...]
    sigma: Callable[..., Any] | FromModel

    def __call__(self, p: Parameters, simulated: Simulated) -> FloatArray:
        """Return log(sigma), shape (n,)."""
        return np.concatenate([self._one(one, p, simulated) for one in self.series])

    def _one(self, series: Series, p: Parameters, simulated: Simulated) -> FloatArray:
        values = simulated[series.condition][series.observable]
        sigma = self._sigma(series, p, simulated, values)
        rows = np.broadcast_to(sigma, values.shape)[series.rows]
        name = f"sigma of {series.observable!r}"
        return np.array([_log_sigma(one, name) for one in rows.tolist()])

    def _sigma(
        self, series: Series, p: Parameters, simulated: Simulated, values: FloatArray
    ) -> FloatArray:
        if callable(self.sigma):
            given = self.sigma(p, values)
        else:
            given = _output(simulated[series.condition], self.sigma.name)
        return checks.array(given, f"sigma of {series.observable}")


@dataclass(frozen=True)
class Standardised:
    """A parameter in units of its prior."""

    name: str
    prior: NormalPrior | LogNormalPrior | LaplacePrior

    def __call__(self, p: Parameters, simulated: Simulated) -> FloatArray:
        """Return z, shape (1,)."""
        return np.array([self.prior.standardised(p[self.name])])


def at_rows(series: Series, simulated: Simulated) -> FloatArray:
    """Return the model's values at the data of one series, shape (n,).

    Raises
    ------
    SimulationError
        If the model has no such observable, or a value is not finite.
    """
    values = _output(simulated[series.condition], series.observable)[series.rows]
    bad = ~np.isfinite(values)
    if bad.any():
        first = int(np.argmax(bad))
        raise SimulationError(
            f"the model gave {values[first]} for {series.observable!r}"
        )
    return values


def _output(found: Mapping[str, FloatArray], name: str) -> FloatArray:
    if name not in found:
        raise SimulationError(
            f"the model must give the observable {name!r} of the data, got "
            f"{sorted(found)}"
        )
    return found[name]


def transformed(values: FloatArray, noise: Noise) -> FloatArray:
    """Return values on the scale on which the noise is added.

    Examples
    --------
    >>> from surrogo.calibration.noise import LogNormal
    >>> transformed(np.array([10.0]), LogNormal(transform="log10"))
    array([1.])
    """
    if isinstance(noise, Poisson):
        return np.log(np.maximum(values, _LEAST_MEAN))
    if noise.transform == "linear":
        return values
    return np.log(values) / base_of(noise.transform)


def natural(value: float, key: str, noise: Noise) -> float:
    """Return what was eliminated in the user's terms: scales are factors.

    Examples
    --------
    >>> from surrogo.calibration.noise import LogNormal
    >>> round(natural(2.0, "offset", LogNormal(transform="log10")), 9)
    100.0
    """
    if key == "sigma" or noise.transform == "linear":
        return value
    return math.exp(value * base_of(noise.transform))


def _number(what: Any, p: Parameters) -> float | None:
    """Return a number, or the parameter of a name; None for what is eliminated."""
    if what == ELIMINATE:
        return None
    return float(p[what] if isinstance(what, str) else what)


def _log_sigma(sigma: float, name: str) -> float:
    if not (sigma > 0 and math.isfinite(sigma)):
        raise SimulationError(f"{name} must be finite and above 0, got {sigma}")
    return math.log(sigma)


def _where(series: Series, index: int) -> str:
    place = f" in condition {series.condition!r}" if series.condition else ""
    return f"{series.observable!r} (datum {index}{place})"
