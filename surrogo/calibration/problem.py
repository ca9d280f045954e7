"""A calibration as a problem for the search: parameters in, outputs and value out."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeAlias

from surrogo import checks
from surrogo.calibration.data import Data
from surrogo.calibration.errors import SimulationError
from surrogo.calibration.layout import Layout
from surrogo.calibration.noise import Noise
from surrogo.calibration.ode_model import OdeModel
from surrogo.calibration.outer import NegativeLogPosterior
from surrogo.calibration.priors import Prior
from surrogo.checks import FloatArray
from surrogo.evaluation import Evaluation
from surrogo.space import Space

# Makes of a dict of parameters what model and noise get to see.
Wrap: TypeAlias = Callable[[dict[str, Any]], Mapping[str, Any]]


@dataclass(frozen=True, eq=False)
class Calibration:
    """A model, its data, and what is known of noise and parameters.

    `calibrate` makes one; it is ``CalibrationResult.problem``.

    Attributes
    ----------
    model : OdeModel or callable
    data : Data
    space : Space
        The parameters that are estimated.
    noise : dict of str to Noise
        For each observable.
    priors : dict of str to Prior
    conditions : dict of str to dict
        The constants of each condition.
    """

    model: OdeModel | Callable[..., Any]
    data: Data
    space: Space
    noise: dict[str, Noise]
    priors: dict[str, Prior]
    conditions: dict[str, dict[str, Any]]

    @cached_property
    def layout(self) -> Layout:
        """Where each output stands."""
        return Layout.of(self.data, self.noise, self.priors, self.space.names)

    @property
    def outer(self) -> NegativeLogPosterior:
        """The negative log posterior as a function of the outputs."""
        return self.layout.outer

    def evaluate(self, x: Any) -> Evaluation:
        """Simulate all conditions at a point, and compare them with the data.

        Parameters
        ----------
        x : mapping of str to float, or sequence (d,)

        Returns
        -------
        Evaluation
            ``value`` is the negative log posterior, ``outputs`` (r,) what it is a
            function of.

        Raises
        ------
        SimulationError, surrogo.ode.IntegrationError, or what the model raises
        """
        outputs = self.outputs(self.point(x))
        value = float(self.outer.values(outputs[None, :])[0])
        return Evaluation(value=value, outputs=outputs)

    def outputs(self, p: dict[str, Any], wrap: Wrap = dict) -> FloatArray:
        """Return what the value is a function of, shape (r,).

        Model and noise get ``wrap(p)``, where `p` has the constants of a condition.
        """
        simulated = {
            name: self._simulated(p, name, wrap=wrap) for name in self.data.times
        }
        return self.layout.outputs(wrap(p), simulated)

    def nllh(self, outputs: FloatArray) -> float:
        """Return the negative log likelihood of outputs (r,), without priors."""
        return self.outer.likelihood(outputs)

    def simulate(
        self, p: Any, times: Any = None, condition: str | None = None
    ) -> dict[str, FloatArray]:
        """Return the model's observables in one condition, before scale and offset.

        Parameters
        ----------
        p : mapping or sequence
            The parameters.
        times : array_like, optional
            Increasing; by default those of the data. Only an `OdeModel` can be asked
            for others.
        condition : str, optional
            By default the first one.

        Returns
        -------
        dict of str to ndarray (n,)
        """
        name = next(iter(self.data.times)) if condition is None else condition
        checks.one_of(name, self.data.times, "condition")
        if times is not None and not isinstance(self.model, OdeModel):
            raise ValueError(
                "a model that is a function gives values at the data's times only; "
                "leave times out, or state the model as an OdeModel"
            )
        return self._simulated(self.point(p), name, times)

    def point(self, x: Any) -> dict[str, Any]:
        """Return a point as a dict of parameters."""
        if isinstance(x, Mapping) and set(x) >= set(self.space.names):
            return dict(x)
        point = self.space.decode(self.space.encode(x))
        if not isinstance(point, dict):
            raise TypeError("the space of a calibration has names")
        return point

    def _simulated(
        self, p: dict[str, Any], condition: str, times: Any = None, wrap: Wrap = dict
    ) -> dict[str, FloatArray]:
        constants = self.conditions.get(condition, {})
        if isinstance(self.model, OdeModel):
            asked = self.data.times[condition] if times is None else times
            return self.model(wrap({**constants, **p}), asked)
        several = len(self.data.times) > 1 or bool(constants)
        given = {"name": condition, **constants} if several else None
        takes_two = _n_arguments(self.model) != 1
        raw = self.model(wrap(p), given) if takes_two else self.model(wrap(p))
        return self._checked(raw, condition)

    def _checked(self, raw: Any, condition: str) -> dict[str, FloatArray]:
        """Bring what a function returned into one array for each observable."""
        names, n = self.data.observables, len(self.data.times[condition])
        if not isinstance(raw, Mapping):
            values = checks.array(raw, "what the model returns")
            values = values[:, None] if values.ndim == 1 else values
            if values.shape != (n, len(names)):
                raise SimulationError(
                    f"the model must return a dict, or an array of shape "
                    f"{(n, len(names))}: times of the data by observables "
                    f"{list(names)}, got shape {values.shape}"
                )
            raw = dict(zip(names, values.T, strict=True))
        out = {k: checks.array(v, f"observable {k}") for k, v in raw.items()}
        wrong = {k: v.shape for k, v in out.items() if v.shape != (n,)}
        if wrong:
            raise SimulationError(
                f"the model must return {n} values for each observable, one for each "
                f"time of the data, got the shapes {wrong}"
            )
        return out


def _n_arguments(model: Callable[..., Any]) -> int | None:
    """Return how many positional arguments a function takes, None if unknown."""
    try:
        parameters = inspect.signature(model).parameters.values()
    except (TypeError, ValueError):  # some functions written in C say nothing
        return None
    kinds = [one.kind for one in parameters if one.default is one.empty]
    if inspect.Parameter.VAR_POSITIONAL in kinds:
        return None
    named_or_not = inspect.Parameter.POSITIONAL_OR_KEYWORD
    positional = (inspect.Parameter.POSITIONAL_ONLY, named_or_not)
    return sum(kind in positional for kind in kinds)
