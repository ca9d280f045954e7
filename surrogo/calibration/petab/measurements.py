"""The measurement and the observable table, as data and noise of a calibration.

Rows of one observable can have different `observableParameters` and `noiseParameters`;
those that have the same are one observable here, a `Group`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from surrogo import checks
from surrogo.calibration.noise import FromModel, Laplace, Noise, Normal
from surrogo.calibration.petab.formulas import Formula, formula
from surrogo.calibration.petab.needs import Unsupported
from surrogo.calibration.petab.parameters import optional

_TRANSFORMS = {"lin": "linear", "log": "log", "log10": "log10"}
_KINDS: dict[str, type[Noise]] = {"normal": Normal, "laplace": Laplace}


@dataclass(frozen=True, eq=False)
class Group:
    """Rows of one observable with the same overrides.

    Attributes
    ----------
    name : str
        That of the observable, with the overrides where there are several.
    observable : str
    value, sigma : Formula
    kind : type of Noise
    transform : str
    """

    name: str
    observable: str
    value: Formula
    sigma: Formula
    kind: type[Noise]
    transform: str

    @property
    def sigma_name(self) -> str:
        """The name under which the model gives the sigma."""
        return f"sigma of {self.name}"

    def noise(self, free: Sequence[str]) -> Noise:
        """Return the noise; `free` are estimated and the same in all conditions."""
        name = str(self.sigma.expression)
        sigma: Any = FromModel(self.sigma_name)
        if self.sigma.constant is not None:
            sigma = self.sigma.constant
            checks.positive(sigma, f"the noise of {self.name!r}")
        elif name in free and self.sigma.names == (name,):
            sigma = name
        return self.kind(sigma=sigma, transform=self.transform)


@dataclass(frozen=True, eq=False)
class Measured:
    """The rows of the measurement table.

    Attributes
    ----------
    table : dict of str to list
        As `calibrate` reads data; `observable` is the name of a group.
    groups : tuple of Group
    conditions : dict of str to tuple
        Condition before (or None) and condition, for each name in the table.
    """

    table: dict[str, list[Any]]
    groups: tuple[Group, ...]
    conditions: dict[str, tuple[str | None, str]]


def read_measurements(
    measurements: Any, observables: Any, fixed: Mapping[str, float]
) -> Measured:
    """Read both tables, which are data frames; `fixed` numbers go into the noise.

    Raises
    ------
    ValueError
        If tables do not fit together.
    Unsupported
        If there is a time or a noise that is not there.
    """
    rows = [row for _, row in measurements.iterrows()]
    keys = [_key(row) for row in rows]
    several = _with_several(keys)
    groups = {
        key: _group(key, observables, fixed, key[0] in several)
        for key in dict.fromkeys(keys)
    }
    names = [_condition(row) for row in rows]
    table: dict[str, list[Any]] = {
        "condition": [_condition_name(*pair) for pair in names],
        "observable": [groups[key].name for key in keys],
        "time": [_time(row) for row in rows],
        "value": [float(row["measurement"]) for row in rows],
    }
    conditions = dict(zip(table["condition"], names, strict=True))
    return Measured(table, tuple(groups.values()), conditions)


def _key(row: Mapping[str, Any]) -> tuple[str, str, str]:
    overrides = (
        optional(row, key) for key in ("observableParameters", "noiseParameters")
    )
    texts = ("" if one is None else str(one) for one in overrides)
    return (str(row["observableId"]), *texts)  # type: ignore[return-value]


def _with_several(keys: Sequence[tuple[str, str, str]]) -> set[str]:
    """Return the observables that have several groups."""
    names = [name for name, *_ in dict.fromkeys(keys)]
    return {name for name in names if names.count(name) > 1}


def _condition(row: Mapping[str, Any]) -> tuple[str | None, str]:
    before = optional(row, "preequilibrationConditionId")
    return None if before is None else str(before), str(row["simulationConditionId"])


def _condition_name(before: str | None, name: str) -> str:
    return name if before is None else f"{name} after {before}"


def _time(row: Mapping[str, Any]) -> float:
    time = float(row["time"])
    if not math.isfinite(time) or time < 0:
        raise Unsupported(
            f"times of measurements must be finite and 0 or later, got {time} for "
            f"{row['observableId']!r}; steady states as measurements are not supported"
        )
    return time


def _group(
    key: tuple[str, str, str], observables: Any, fixed: Mapping[str, float], tell: bool
) -> Group:
    observable, *overrides = key
    if observable not in observables.index:
        raise ValueError(
            f"the measurement table has the observable {observable!r}, which the "
            f"observable table, with {list(observables.index)}, has not"
        )
    row = observables.loc[observable]
    value, sigma = (
        _overridden(row[f"{kind}Formula"], kind, observable, text)
        for kind, text in zip(("observable", "noise"), overrides, strict=True)
    )
    given = "; ".join(text for text in overrides if text)
    return Group(
        f"{observable} ({given or 'as it is'})" if tell else observable,
        observable,
        value,
        formula(sigma.expression, fixed),
        _kind(row, observable),
        _transform(row, observable),
    )


def _overridden(text: Any, kind: str, observable: str, overrides: str) -> Formula:
    """Return a formula with the parameters of the measurement table in it."""
    parts = [part.strip() for part in overrides.split(";")] if overrides else []
    names = [f"{kind}Parameter{j}_{observable}" for j in range(1, len(parts) + 1)]
    out = formula(text, dict(zip(names, parts, strict=True)))
    missing = [n for n in out.names if n.startswith(f"{kind}Parameter")]
    if missing:
        raise ValueError(
            f"the {kind} formula of {observable!r} has {missing[0]}, for which the "
            f"measurement table must have a value in {kind}Parameters, got "
            f"{overrides or 'none'}"
        )
    return out


def _kind(row: Mapping[str, Any], name: str) -> type[Noise]:
    kind = optional(row, "noiseDistribution") or "normal"
    return _KINDS[checks.one_of(kind, _KINDS, f"noiseDistribution of {name!r}")]


def _transform(row: Mapping[str, Any], name: str) -> str:
    given = optional(row, "observableTransformation") or "lin"
    what = f"observableTransformation of {name!r}"
    return _TRANSFORMS[checks.one_of(given, _TRANSFORMS, what)]
