"""The outputs of a simulation, in order: what the likelihood is a function of.

``[model values of each observable and condition, transformed | log sigma of each
parameter that is one | log sigma from functions or the model | standardised parameters
of priors]``
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from surrogo.calibration.data import Data, Series
from surrogo.calibration.noise import (
    ELIMINATE,
    FromModel,
    Noise,
    Poisson,
    StudentT,
    base_of,
)
from surrogo.calibration.outer import NegativeLogPosterior
from surrogo.calibration.parts import (
    LogParameter,
    ModelValues,
    Parameters,
    SigmaFunction,
    Simulated,
    Standardised,
    transformed,
)
from surrogo.calibration.priors import Prior, UniformPrior
from surrogo.calibration.terms import Belief, Constant, Counts, Residuals, Term
from surrogo.checks import FloatArray

# The least sigma that is found by a formula, in units of the data's size: where a model
# meets data without noise the likelihood would grow without bound.
_LEAST_SIGMA = 1e-8


@dataclass(frozen=True, eq=False)
class Layout:
    """How outputs are made of a simulation, and what is made of them.

    Attributes
    ----------
    parts : tuple of callable
        ``part(p, simulated)`` returns some of the outputs, in order.
    outer : NegativeLogPosterior
    """

    parts: tuple[Callable[[Parameters, Simulated], FloatArray], ...]
    outer: NegativeLogPosterior

    def outputs(self, p: Parameters, simulated: Simulated) -> FloatArray:
        """Return all outputs, shape (r,).

        Raises
        ------
        SimulationError
            If one of them is not finite.
        """
        return np.concatenate([part(p, simulated) for part in self.parts])

    @classmethod
    def of(
        cls,
        data: Data,
        noise: Mapping[str, Noise],
        priors: Mapping[str, Prior],
        names: Sequence[str],
    ) -> Layout:
        """Lay out the outputs of a calibration with parameters of these names."""
        builder = _Builder(names)
        for observable in data.observables:
            builder.add_observable(data.of(observable), noise[observable])
        for name, prior in priors.items():
            builder.add_prior(name, prior)
        return cls(tuple(builder.parts), NegativeLogPosterior(tuple(builder.terms)))


class _Builder:
    """Collects parts and terms; `n` is the number of outputs so far."""

    def __init__(self, names: Sequence[str]) -> None:
        self.names = names
        self.parts: list[Any] = []
        self.terms: list[Term] = []
        self.n = 0
        self._log_sigma_at: dict[str, int] = {}

    def _add(self, part: Any, n: int) -> tuple[int, ...]:
        """Append a part of n outputs; return where they stand."""
        self.parts.append(part)
        self.n += n
        return tuple(range(self.n - n, self.n))

    def add_observable(self, series: list[Series], noise: Noise) -> None:
        y = np.concatenate([one.y for one in series])
        part = ModelValues(tuple(series), noise)
        if isinstance(noise, Poisson):
            name = series[0].observable
            at = self._add(part, len(y))
            counts = tuple(_counts(y, name).tolist())
            self.terms.append(Counts(name, counts, at, noise.eliminated))
            return
        at = self._add(part, len(y))
        self.terms.append(self._residuals(series, noise, y, at))

    def _residuals(
        self, series: list[Series], noise: Noise, y: FloatArray, at: tuple[int, ...]
    ) -> Residuals:
        name = series[0].observable
        t, constant = _transformed_data(y, noise, name)
        return Residuals(
            name,
            noise.family,
            tuple(t.tolist()),
            at,
            eliminated=_eliminated(noise, series),
            constant=constant,
            df=noise.df if isinstance(noise, StudentT) else 4.0,
            floor=_LEAST_SIGMA * float(np.sqrt(np.mean(t**2)) or 1.0),
            **self._sigma(series, noise, len(y)),
        )

    def _sigma(self, series: list[Series], noise: Noise, n: int) -> dict[str, Any]:
        sigma = noise.sigma
        if sigma is None and series[0].sigma is not None:
            own = [one.sigma for one in series if one.sigma is not None]
            return {"sigma": tuple(np.concatenate(own).tolist())}
        if sigma is None or sigma == ELIMINATE:
            return {}
        if isinstance(sigma, str):
            return {"log_sigma_at": (self._log_sigma(sigma),) * n}
        if callable(sigma) or isinstance(sigma, FromModel):
            return {"log_sigma_at": self._add(SigmaFunction(tuple(series), sigma), n)}
        return {"sigma": (float(sigma),) * n}

    def _log_sigma(self, name: str) -> int:
        if name not in self._log_sigma_at:
            self._log_sigma_at[name] = self._add(LogParameter(name), 1)[0]
        return self._log_sigma_at[name]

    def add_prior(self, name: str, prior: Prior) -> None:
        if isinstance(prior, UniformPrior):
            self.terms.append(Constant(name, prior.constant))
            return
        (at,) = self._add(Standardised(name, prior), 1)
        self.terms.append(Belief(name, prior.family, at, prior.tilt, prior.constant))


def _eliminated(noise: Noise, series: list[Series]) -> tuple[str, ...]:
    """Return what is eliminated on the scale of the noise: log(s m) = log s + log m."""
    keys = set(noise.eliminated)
    if noise.sigma is None and series[0].sigma is None:
        keys |= {"sigma"}
    if noise.transform != "linear" and "scale" in keys:
        keys = (keys - {"scale"}) | {"offset"}
    return tuple(sorted(keys))


def _transformed_data(
    y: FloatArray, noise: Noise, name: str
) -> tuple[FloatArray, float]:
    """Return data on the scale of the noise, and the Jacobian's term."""
    if noise.transform == "linear":
        return y, 0.0
    if not (y > 0).all():
        raise ValueError(
            f"data of {name!r} must be above 0 for noise on a logarithm, got "
            f"{y[y <= 0][0]}; leave them out (NaN) or take Normal noise"
        )
    # The density of y, not of its logarithm: log(y ln b) for each datum (PEtab).
    jacobian = float(np.sum(np.log(y * base_of(noise.transform))))
    return transformed(y, noise), jacobian


def _counts(y: FloatArray, name: str) -> FloatArray:
    if not (y >= 0).all() or (y != np.floor(y)).any():
        wrong = y[(y < 0) | (y != np.floor(y))][0]
        raise ValueError(
            f"data of {name!r} must be counts 0, 1, 2, ... for Poisson noise, got "
            f"{wrong}; take another kind of noise"
        )
    return y
