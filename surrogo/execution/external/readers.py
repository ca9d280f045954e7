"""Where a number of an output stands: by pattern, in JSON, in CSV, or by a function."""

from __future__ import annotations

import csv
import io
import json
import re
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, Protocol

from surrogo import checks
from surrogo.execution.external import json_path
from surrogo.execution.external.errors import SimulatorError, did_you_mean
from surrogo.execution.external.reading import last_words, text_of

_SHOWN = 1000  # characters of a file beside an error


class Reader(Protocol):
    """Reads numbers from the folder of a trial."""

    def read(self, folder: Path) -> Any:
        """Return a list of numbers (or whatever a user's function returned)."""
        ...


@dataclass(frozen=True)
class PatternReader(Reader):
    """The group of a regular expression, where ``^`` and ``$`` are ends of lines.

    Attributes
    ----------
    group : int or str
    which : {"first", "last", "all"}
        Of several matches.
    """

    file: str
    pattern: re.Pattern[str]
    group: int | str
    which: str

    def read(self, folder: Path) -> list[float]:
        found = self.pattern.finditer(text_of(folder, self.file))
        texts = (one.group(self.group) for one in found)
        if self.which == "first":
            some = list(islice(texts, 1))
        else:
            some = list(deque(texts, maxlen=1 if self.which == "last" else None))
        if not some:
            raise self._error(last_words(folder / self.file, _SHOWN))
        return [self._number(text) for text in some]

    def _number(self, text: str | None) -> float:
        try:
            return number(text, self.file)
        except SimulatorError as error:
            if self.pattern.groups > 0:
                raise
            raise SimulatorError(
                f"{error}; put parentheses around the number in the pattern"
            ) from None

    def _error(self, words: str) -> SimulatorError:
        """Say what is missing, in the same words for all points."""
        empty = "" if words else ", which is empty"
        error = SimulatorError(
            f"nothing matches {checks.shown(self.pattern.pattern)} in "
            f"{self.file!r}{empty}"
        )
        if words:
            error.add_note(f"The end of {self.file!r}: {words}")
        return error


@dataclass(frozen=True)
class JsonReader(Reader):
    """The number or list of numbers at a place in a JSON file."""

    file: str
    steps: json_path.Steps

    def read(self, folder: Path) -> list[float]:
        text = text_of(folder, self.file, whole=True)
        try:
            data = json.loads(text)
        except (ValueError, RecursionError) as error:
            raise SimulatorError(f"{self.file!r} is no JSON: {error}") from None
        data = json_path.at(data, self.steps, self.file)
        values = data if isinstance(data, list) else [data]
        return [number(value, self.file) for value in values]


@dataclass(frozen=True)
class CsvReader(Reader):
    """A column of a CSV file with a header; one row of it, or all (None)."""

    file: str
    column: str
    row: int | None
    delimiter: str

    def read(self, folder: Path) -> list[float]:
        text = text_of(folder, self.file, whole=True)
        try:
            lines = list(
                csv.reader(
                    io.StringIO(text), delimiter=self.delimiter, skipinitialspace=True
                )
            )
        except csv.Error as error:
            raise SimulatorError(f"{self.file!r} is no CSV: {error}") from None
        head, *rows = [[cell.strip() for cell in line] for line in lines if line] or [
            []
        ]
        if self.column not in head:
            raise SimulatorError(
                f"{self.file!r} has no column {self.column!r}"
                f"{did_you_mean(self.column, head)} It has {checks.shown(head)}"
            )
        return [number(cell, self.file) for cell in self._cells(rows, head)]

    def _cells(self, rows: list[list[str]], head: list[str]) -> list[str]:
        j = head.index(self.column)
        try:
            some = rows if self.row is None else [rows[self.row]]
            return [row[j] for row in some]
        except IndexError:
            raise SimulatorError(
                f"{self.file!r} has {len(rows)} rows, or one of them is too short; row "
                f"{self.row} of column {self.column!r} was wanted"
            ) from None


@dataclass(frozen=True)
class HookReader(Reader):
    """What a function of the folder returns."""

    hook: Callable[[Path], Any]

    def read(self, folder: Path) -> Any:
        return self.hook(folder)


def number(value: Any, file: str) -> float:
    """Return a number that a simulator wrote, Fortran's ``1.5D+03`` included.

    Examples
    --------
    >>> number("1.5D+03", "out.txt"), number(2, "out.json")
    (1500.0, 2.0)
    """
    if isinstance(value, str):
        try:
            return float(value.strip().replace("D", "e").replace("d", "e"))
        except ValueError:
            pass
    elif not isinstance(value, bool) and (out := checks.real(value)) is not None:
        return out
    raise SimulatorError(f"{file!r} has {checks.shown(value)} where a number should be")
