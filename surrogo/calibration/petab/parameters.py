"""The parameter table: what is estimated, in which bounds, with which priors."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from surrogo import checks
from surrogo.calibration.petab.needs import Unsupported
from surrogo.calibration.priors import LaplacePrior, LogNormalPrior, NormalPrior, Prior
from surrogo.space import Real

_SCALES = {"lin": "linear", "log": "log", "log10": "log"}


@dataclass(frozen=True)
class Parameters:
    """What the parameter table says.

    Attributes
    ----------
    variables : dict of str to Real
        Those that are estimated.
    fixed : dict of str to float
        Those that are not.
    nominal : dict of str to float
        Nominal values of the estimated ones that have one.
    priors : dict of str to Prior
    """

    variables: dict[str, Real]
    fixed: dict[str, float]
    nominal: dict[str, float]
    priors: dict[str, Prior]


def read_parameters(table: Any) -> Parameters:
    """Read a parameter table, a data frame whose index are the parameters' names.

    Raises
    ------
    ValueError
        If a row has no bounds or no value where it needs them.
    Unsupported
        If it has a prior of a kind that is not there.
    """
    rows = {str(name): row for name, row in table.iterrows()}
    free = {name: row for name, row in rows.items() if int(row["estimate"]) == 1}
    if not free:
        raise ValueError(
            "the parameter table must have estimate = 1 somewhere, got none; there is "
            "nothing to estimate"
        )
    values = {name: optional(row, "nominalValue") for name, row in rows.items()}
    priors = {name: _prior(name, row) for name, row in free.items()}
    return Parameters(
        {name: _variable(name, row) for name, row in free.items()},
        {name: _fixed(name, values[name]) for name in rows if name not in free},
        {k: float(values[k]) for k in free if values[k] is not None},
        {name: prior for name, prior in priors.items() if prior is not None},
    )


def optional(row: Mapping[str, Any], key: str) -> Any:
    """Return an entry of a table, None where it is empty or there is no such column."""
    value = row.get(key)
    empty = value is None or value == "" or value != value  # NaN
    return None if empty else value


def _fixed(name: str, value: Any) -> float:
    if value is None:
        raise ValueError(
            f"parameter {name!r} has estimate = 0 and no nominalValue; give one"
        )
    return float(value)


def _variable(name: str, row: Mapping[str, Any]) -> Real:
    scale = checks.one_of(
        row.get("parameterScale"), _SCALES, f"parameterScale of {name!r}"
    )
    low, high = (optional(row, key) for key in ("lowerBound", "upperBound"))
    if low is None or high is None:
        raise ValueError(
            f"parameter {name!r} is estimated and must have lowerBound and upperBound, "
            f"got {low} and {high}"
        )
    low, high = _narrowed(row, float(low), float(high))
    if scale != "lin" and low <= 0:
        raise ValueError(
            f"lowerBound of {name!r} must be above 0 on the scale {scale}, got {low}"
        )
    return Real(low, high, scale=_SCALES[scale])


def _narrowed(row: Mapping[str, Any], low: float, high: float) -> tuple[float, float]:
    """Return the bounds inside the support of a uniform prior."""
    kind = optional(row, "objectivePriorType")
    if kind not in ("uniform", "parameterScaleUniform"):
        return low, high
    if optional(row, "objectivePriorParameters") is None:
        return low, high  # the bounds themselves
    ends = _two(row)
    if kind == "parameterScaleUniform":
        base = {"lin": None, "log": math.e, "log10": 10.0}[row["parameterScale"]]
        ends = ends if base is None else (base ** ends[0], base ** ends[1])
    return max(low, ends[0]), min(high, ends[1])


def _prior(name: str, row: Mapping[str, Any]) -> Prior | None:
    """Return the prior; uniform ones are the bounds, their density is left out."""
    kind = optional(row, "objectivePriorType")
    if kind in (None, "uniform", "parameterScaleUniform"):
        return None
    scale = {"lin": "linear"}.get(row["parameterScale"], row["parameterScale"])
    mean, spread = _two(row)
    if kind == "normal":
        return NormalPrior(mean, spread)
    if kind == "laplace":
        return LaplacePrior(mean, spread)
    if kind == "logNormal":
        return LogNormalPrior(mean, spread)
    if kind == "parameterScaleNormal":
        return NormalPrior(mean, spread, scale=scale)
    if kind == "parameterScaleLaplace":
        return LaplacePrior(mean, spread, scale=scale)
    raise Unsupported(
        f"objectivePriorType of {name!r} must be uniform, normal, laplace, logNormal "
        f"or one on the parameterScale, got {kind!r}, which is not supported"
    )


def _two(row: Mapping[str, Any]) -> tuple[float, float]:
    text = str(row.get("objectivePriorParameters"))
    try:
        first, second = (float(part) for part in text.split(";"))
    except ValueError:
        raise ValueError(
            "objectivePriorParameters must be two numbers and a semicolon between "
            f"them, got {text!r}"
        ) from None
    return first, second
