"""Values that were measured elsewhere: a CSV file or a data frame, a row for each."""

from __future__ import annotations

import csv
import math
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, TypeAlias

from surrogo import checks
from surrogo.space import Space, Variable
from surrogo.trials import Evaluation

Row: TypeAlias = Mapping[str, Any]

VALUE = "value"  # the column with the number that is minimised
_STATE = "state"  # where `surrogo export` says which trials are done
_PREFIX = "x."  # of variables, where one has the name of another column


def read_csv(path: Path) -> list[Row]:
    """Return the rows of a CSV file with a header; every cell is text.

    Raises
    ------
    ValueError
        If it has no header, or a row is longer or shorter.
    """
    with path.open(encoding="utf-8-sig", newline="") as file:
        try:
            lines = csv.reader(file, strict=True)
            header = next(lines, [])
            rows = [row for row in lines if row]
        except (csv.Error, UnicodeDecodeError) as error:
            raise ValueError(f"{path} is no CSV file in UTF-8: {error}") from error
    for number, row in enumerate(rows, 1):
        if len(row) != len(header):
            raise ValueError(
                f"{path} must have {len(header)} cells in every row, as in its header "
                f"{checks.shown(header)}, got {len(row)} in row {number}; are they "
                "separated by commas?"
            )
    return [dict(zip(header, row, strict=True)) for row in rows]


def table_points(
    rows: Iterable[Row], space: Space
) -> list[tuple[dict[str, Any], Evaluation]]:
    """Return points and values of the rows that have a value.

    A column for each variable, by its name (``x0, x1, ...`` where bounds have none),
    and one called ``value``. Other columns do not matter, but rows whose ``state`` is
    not ``done`` are left out, as `surrogo export` writes it.

    Raises
    ------
    ValueError
        If a column is missing or a cell is not what its variable can be.
    """
    rows = list(rows)
    columns = _columns(list(rows[0]) if rows else [], space)
    pairs = []
    for number, row in enumerate(rows, 1):
        value = _number(row[VALUE], f"{VALUE} in row {number} of prior")
        if math.isfinite(value) and row.get(_STATE, "done") == "done":
            point = {
                name: _read(row[column], variable, f"{column} in row {number} of prior")
                for (name, column), variable in zip(
                    columns.items(), space.variables, strict=True
                )
                if not _is_empty(row[column])  # a variable that does not exist there
            }
            pairs.append((point, Evaluation(value)))
    return pairs


def _columns(header: list[str], space: Space) -> dict[str, str]:
    """Return the column of each variable."""
    prefixed = all(_PREFIX + name in header for name in space.names)
    columns = {name: _PREFIX + name if prefixed else name for name in space.names}
    missing = [name for name in (*columns.values(), VALUE) if name not in header]
    if missing:
        raise ValueError(
            f"prior must have a column for each variable and one called {VALUE!r}; "
            f"{missing} are missing, its columns are {checks.shown(header)}"
        )
    return columns


def _read(cell: Any, variable: Variable, where: str) -> Any:
    """Return the value of a variable in a cell, which may be text."""
    if not isinstance(cell, str):
        return cell
    values = getattr(variable, "values", None)
    if values is None:
        return _number(cell, where)
    known = {str(value): value for value in values}
    if cell not in known:
        number = checks.real_text(cell)
        if number is not None and number in values:
            return number
    return known.get(cell, cell)


def _number(cell: Any, where: str) -> float:
    if _is_empty(cell):
        return math.nan
    number = checks.real_text(cell) if isinstance(cell, str) else checks.real(cell)
    if number is None:
        raise ValueError(f"{where} must be a number, got {checks.shown(cell)}")
    return number


def _is_empty(cell: Any) -> bool:
    return cell is None or cell == "" or cell != cell
