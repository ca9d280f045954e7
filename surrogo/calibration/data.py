"""Measurements: from what a user has to one series per observable and condition."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from surrogo import checks
from surrogo.checks import BoolArray, FloatArray, IntArray

ONLY = ""  # the name of the condition where there is but one
_LONG = ("time", "observable", "value")
_OPTIONAL = ("condition", "sigma")
_ADVICE = (
    "give a long table with the columns time, observable, value (and condition, sigma "
    "if you have them), or a wide one with a column time and one per observable"
)


@dataclass(frozen=True, eq=False)
class Series:
    """The data of one observable in one condition.

    Attributes
    ----------
    observable, condition : str
    rows : ndarray, shape (n,)
        Which of the condition's times each datum belongs to.
    y : ndarray, shape (n,)
    sigma : ndarray, shape (n,), or None
    """

    observable: str
    condition: str
    rows: IntArray
    y: FloatArray
    sigma: FloatArray | None = None


@dataclass(frozen=True, eq=False)
class Data:
    """Measurements without gaps.

    Attributes
    ----------
    times : dict of str to ndarray
        The increasing times of each condition, without repetitions.
    series : tuple of Series
        Ordered by observable.
    """

    times: dict[str, FloatArray]
    series: tuple[Series, ...]

    @property
    def observables(self) -> tuple[str, ...]:
        """The names of what was measured, in the order in which they came."""
        return tuple(dict.fromkeys(one.observable for one in self.series))

    @property
    def n(self) -> int:
        """How many data there are."""
        return sum(len(one.y) for one in self.series)

    def of(self, observable: str) -> list[Series]:
        """Return the series of one observable, one for each condition that has it."""
        return [one for one in self.series if one.observable == observable]


def read_data(data: Any, observables: Sequence[str] | None = None) -> Data:
    """Read measurements in any of the forms a user has.

    Parameters
    ----------
    data : data frame, mapping or array
        A long table (columns ``time, observable, value`` and, if wanted, ``condition``
        and ``sigma``); a wide one (``time`` and a column per observable); a mapping of
        conditions to such tables; or an array whose first column is the time. NaN
        stands for a value that is missing.
    observables : sequence of str, optional
        The names of an array's columns.

    Returns
    -------
    Data

    Raises
    ------
    ValueError
        If the data have another form, a time or sigma that is no number, or no value.

    Examples
    --------
    >>> data = read_data({"time": [0, 1, 2], "u": [1.0, float("nan"), 3.0]})
    >>> data.observables, data.series[0].y
    (('u',), array([1., 3.]))
    """
    parts = [_checked(part) for part in _long_parts(data, observables)]
    table = {key: [x for part in parts for x in part[key]] for key in (*_LONG, "place")}
    sigma = [x for part in parts for x in part["sigma"]]
    there = np.isfinite(np.array(table["value"], dtype=np.float64))
    if not there.any():
        raise ValueError(
            f"data must hold at least one finite value, got {len(there)} that are all "
            "missing (NaN); look at how they were read"
        )
    _check_each(np.array(table["observable"]), there)
    return _grouped(table, np.array(sigma), there)


def _check_each(observable: Any, there: BoolArray) -> None:
    empty = sorted(set(observable.tolist()) - set(observable[there].tolist()))
    if empty:
        raise ValueError(
            f"every observable must have a finite value, and {empty} have none; leave "
            "them out, or look at how the data were read"
        )


def _long_parts(
    data: Any, observables: Sequence[str] | None
) -> list[dict[str, Sequence[Any]]]:
    """Return long tables, one for each condition or wide column."""
    table = _columns(data)
    if table is None:
        return _wide(_from_array(data, observables), ONLY)
    if set(_LONG) <= set(table):
        return [_with_optional(table)]
    if table and all(_columns(value) is not None for value in table.values()):
        nested = ((str(key), _columns(value) or {}) for key, value in table.items())
        return [part for key, one in nested for part in _one_condition(one, key)]
    return _wide(table, ONLY)


def _columns(data: Any) -> dict[str, Any] | None:
    """Return a table as a dict of columns; None if it is none."""
    if hasattr(data, "columns") and hasattr(data, "to_dict"):
        return {str(name): data[name].to_numpy() for name in data.columns}
    return dict(data) if isinstance(data, Mapping) else None


def _one_condition(table: dict[str, Any], name: str) -> list[dict[str, Any]]:
    if not set(_LONG) <= set(table):
        return _wide(table, name)
    table = {key: value for key, value in table.items() if key != "condition"}
    return [_with_optional(table | {"condition": [name] * len(table["value"])})]


def _with_optional(table: dict[str, Any]) -> dict[str, Any]:
    unknown = [key for key in table if key not in (*_LONG, *_OPTIONAL)]
    if unknown:
        raise ValueError(f"data have columns nobody knows, {unknown}; {_ADVICE}")
    n = len(table["value"])
    places = [str(place) for place in table.get("condition", [ONLY] * n)]
    return table | {"place": places, "sigma": table.get("sigma", [np.nan] * n)}


def _wide(table: dict[str, Any], condition: str) -> list[dict[str, Any]]:
    if "time" not in table or len(table) < 2:
        raise ValueError(f"data must have a time, got {checks.shown(table)}; {_ADVICE}")
    n = len(table["time"])
    for name, column in table.items():
        if len(column) != n:
            raise ValueError(
                f"each column of data must have a value for each of the {n} times "
                f"(NaN where it is missing), got {len(column)} of {name!r}"
            )
    same = {"time": table["time"], "place": [condition] * n, "sigma": [np.nan] * n}
    names = [name for name in table if name != "time"]
    return [same | {"observable": [x] * n, "value": table[x]} for x in names]


def _from_array(data: Any, observables: Sequence[str] | None) -> dict[str, Any]:
    values = checks.array(data, "data")
    if values.ndim != 2 or values.shape[1] < 2:
        raise ValueError(
            "data as an array must have a column of times and one per observable, got "
            f"shape {values.shape}; {_ADVICE}"
        )
    k = values.shape[1] - 1
    names = [f"y{j}" for j in range(k)] if observables is None else list(observables)
    if len(names) != k:
        raise ValueError(
            f"data as an array must have a column of times and one for each of "
            f"{names}, got {values.shape[1]} columns; {_ADVICE}"
        )
    return {"time": values[:, 0]} | dict(zip(names, values[:, 1:].T, strict=True))


def _checked(part: dict[str, Any]) -> dict[str, Any]:
    columns = {key: np.asarray(part[key], dtype=object) for key in part}
    lengths = {key: len(column) for key, column in columns.items()}
    if len(set(lengths.values())) != 1:
        raise ValueError(f"columns of data must be equally long, got {lengths}")
    out: dict[str, Any] = {"observable": [str(x) for x in columns["observable"]]}
    out["place"] = list(columns["place"])
    for key in ("time", "value", "sigma"):
        filled = [np.nan if x is None else x for x in columns[key]]
        out[key] = checks.array(filled, f"the column {key} of data").tolist()
    checks.finite(np.array(out["time"]), "times of data")
    return out


def _grouped(table: dict[str, list[Any]], sigma: FloatArray, there: BoolArray) -> Data:
    t, y = np.array(table["time"]), np.array(table["value"])
    observable, place = np.array(table["observable"]), np.array(table["place"])
    kept = {name: t[there & (place == name)] for name in dict.fromkeys(place.tolist())}
    times = {name: np.unique(own) for name, own in kept.items() if len(own)}
    series = []
    for name in dict.fromkeys(observable[there].tolist()):
        for condition in times:
            mask = there & (observable == name) & (place == condition)
            if mask.any():
                rows = np.searchsorted(times[condition], t[mask])
                own = _own_sigma(sigma[mask], name)
                series.append(Series(name, condition, rows, y[mask], own))
    return Data(times, tuple(series))


def _own_sigma(sigma: FloatArray, name: str) -> FloatArray | None:
    if np.isnan(sigma).all():
        return None
    if not (np.isfinite(sigma) & (sigma > 0)).all():
        raise ValueError(
            f"sigma of each datum of {name!r} must be above 0, got "
            f"{checks.shown(sigma.tolist())}; give all of them, or none"
        )
    return sigma
