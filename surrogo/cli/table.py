"""The trials of a stored run as text that other programs read."""

from __future__ import annotations

import csv
import io
import json
import math
import re
from collections.abc import Iterator
from typing import Any

from surrogo.cli.moments import universal
from surrogo.cli.stored_run import StoredRun
from surrogo.plain import plain
from surrogo.trial_frame import columns, row

_TIMES = ("asked", "ended")
# What spreadsheets take for a formula at the beginning of a cell. Where they cut lines
# at semicolons, as in many countries, a cell begins after each of them, too.
_FORMULA = re.compile(r"(^|;)(\s*)(?=[=+\-@＝＋－＠])")  # noqa: RUF001


def as_csv(run: StoredRun) -> str:
    """Return a table with a header, a line for each trial.

    Text in it may be of a stranger: it is brought into one line, without control
    characters, and what a spreadsheet would execute begins with an apostrophe.
    """
    lines = io.StringIO()
    writer = csv.writer(lines, lineterminator="\n")
    writer.writerow([_cell(name) for name in _columns(run)])
    writer.writerows([_cell(value) for value in line] for line in _rows(run))
    return lines.getvalue()


def as_json(run: StoredRun) -> str:
    """Return a list of objects, a line for each trial; null is what there is not."""
    names = _columns(run)
    objects = (
        json.dumps(dict(zip(names, map(_known, line), strict=True)), allow_nan=False)
        for line in _rows(run)
    )
    return "[\n" + ",\n".join(objects) + "\n]\n"


def _columns(run: StoredRun) -> list[str]:
    return columns(run.trials.space.names, _TIMES)


def _rows(run: StoredRun) -> Iterator[list[Any]]:
    names = run.trials.space.names
    for trial in run.trials:
        times = run.asked.get(trial.id), run.ended.get(trial.id)
        yield [*row(trial, names), *map(universal, times)]


def _known(value: Any) -> Any:
    """Return plain data, None for NaN."""
    return None if isinstance(value, float) and math.isnan(value) else plain(value)


def _cell(value: Any) -> Any:
    value = _known(value)
    if value is None or isinstance(value, int | float):
        return value
    text = value if isinstance(value, str) else json.dumps(value)
    line = "".join(c if c.isprintable() else ascii(c)[1:-1] for c in text)
    return _FORMULA.sub(r"\1\2'", line)
