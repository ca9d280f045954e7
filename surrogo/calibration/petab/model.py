"""A PEtab problem's model: parameters in, its observables out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from surrogo.calibration.petab.measurements import Group
from surrogo.calibration.petab.simulator import Simulator
from surrogo.checks import FloatArray


@dataclass(frozen=True, eq=False)
class Condition:
    """One row of the condition table, or two where the model first comes to rest.

    Attributes
    ----------
    values : dict of str to float or str
        What is set to a number or to a parameter.
    before : dict or None
        The same for the preequilibration.
    times : array (n,)
        Of the data.
    """

    values: dict[str, float | str]
    before: dict[str, float | str] | None
    times: FloatArray


@dataclass(frozen=True, eq=False)
class PetabModel:
    """Parameters and a condition in, observables at the times of the data out.

    Attributes
    ----------
    simulator : Simulator
    fixed : dict of str to float
        Parameters that are not estimated.
    estimated : tuple of str
    conditions : dict of str to Condition
    groups : tuple of Group
    with_sigma : tuple of Group
        Those whose sigma is a formula.
    """

    simulator: Simulator
    fixed: dict[str, float]
    estimated: tuple[str, ...]
    conditions: dict[str, Condition]
    groups: tuple[Group, ...]
    with_sigma: tuple[Group, ...]

    def __call__(
        self, p: Mapping[str, float], condition: Mapping[str, Any] | None
    ) -> dict[str, FloatArray]:
        """Return the observables, and the sigmas that are formulas, of a condition."""
        name = next(iter(self.conditions)) if condition is None else condition["name"]
        return self.at(p, name, self.conditions[name].times)

    def at(
        self, p: Mapping[str, float], name: str, times: FloatArray
    ) -> dict[str, FloatArray]:
        """Return the same at any times."""
        condition = self.conditions[name]
        parameters = {**self.fixed, **{key: float(p[key]) for key in self.estimated}}
        given = parameters | _resolved(condition.values, parameters)
        before = None
        if condition.before is not None:
            before = self._known(parameters | _resolved(condition.before, parameters))
        course = self.simulator(
            self._known(given), times, before, self._kept(condition)
        )
        return self._observed({**given, **course, "time": times}, len(times))

    def _known(self, given: Mapping[str, float]) -> dict[str, float]:
        names = self.simulator.model.names
        return {name: value for name, value in given.items() if name in names}

    def _kept(self, condition: Condition) -> list[str]:
        states = self.simulator.model.states
        return [name for name in states if name not in condition.values]

    def _observed(self, values: Mapping[str, Any], n: int) -> dict[str, FloatArray]:
        out = {one.name: one.value.rows(values, n) for one in self.groups}
        sigmas = {s.sigma_name: s.sigma.rows(values, n) for s in self.with_sigma}
        return out | sigmas


def _resolved(
    values: Mapping[str, float | str], parameters: Mapping[str, float]
) -> dict[str, float]:
    return {
        name: parameters[value] if isinstance(value, str) else value
        for name, value in values.items()
    }


def asked(groups: tuple[Group, ...]) -> tuple[str, ...]:
    """Return all names that formulas of observables and of noise read."""
    formulas = [f for one in groups for f in (one.value, one.sigma)]
    return tuple(dict.fromkeys(name for f in formulas for name in f.names))
