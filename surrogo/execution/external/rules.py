"""How the parts of an evaluation are read: the tables that users write, checked."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

import numpy as np

from surrogo import checks
from surrogo.checks import FloatArray
from surrogo.evaluation import Evaluation
from surrogo.execution.external import json_path
from surrogo.execution.external.child import STDOUT
from surrogo.execution.external.errors import SimulatorError, SpecError, known_only
from surrogo.execution.external.hooks import FileHook
from surrogo.execution.external.readers import (
    CsvReader,
    HookReader,
    JsonReader,
    PatternReader,
    Reader,
)

_KEYS = {
    "regex": ("file", "group", "which"),
    "json": ("file",),
    "csv": ("file", "row", "delimiter"),
    "python": (),
}
_WHICH = ("first", "last", "all")


@dataclass(frozen=True)
class Rule:
    """Where an output stands, and what becomes of it.

    Attributes
    ----------
    what : str
        Its name in errors: ``value``, ``constraints[1]``.
    one : bool
        Whether it must be one number.
    times : float
        A factor.
    low, high : float or None
        Of a constraint: the output must lie between them.
    """

    what: str
    reader: Reader
    one: bool
    times: float = 1.0
    low: float | None = None
    high: float | None = None

    @classmethod
    def of(cls, table: Any, what: str, root: Path, one: bool) -> Rule:
        """Read the table of a rule, a function of the folder, or ``"file.py:name"``.

        Raises
        ------
        SpecError
            If it is none.
        """
        if callable(table) or isinstance(table, str):
            table = {"python": table}
        try:
            return _rule(_table(table, what), what, root, one)
        except SpecError:
            raise
        except (TypeError, ValueError, re.error) as error:
            raise SpecError(what.partition("[")[0], f"{what}: {error}") from error

    def read(self, folder: Path) -> FloatArray | Evaluation:
        """Return the numbers (n,) in the folder of a trial.

        What a user's function of the value returned may be a whole evaluation.

        Raises
        ------
        SimulatorError
            If they are not there.
        """
        try:
            raw = self.reader.read(folder)
            if isinstance(raw, Evaluation) and self.what == "value":
                return raw
            numbers = np.ravel(checks.array(raw, "the output"))
        except (SimulatorError, ValueError) as error:
            named = SimulatorError(f"output {self.what!r}: {error}")
            for note in getattr(error, "__notes__", ()):
                named.add_note(note)
            raise named from None
        if self.one and numbers.size != 1:
            raise SimulatorError(
                f"output {self.what!r} must be one number, got {numbers.size}"
            )
        return self._bounded(self.times * numbers)

    def _bounded(self, numbers: FloatArray) -> FloatArray:
        """Return what is feasible at or below zero, where there are limits."""
        if self.low is None and self.high is None:
            return numbers
        over = [] if self.high is None else [numbers - self.high]
        under = [] if self.low is None else [self.low - numbers]
        return np.concatenate([*over, *under])


def _table(given: Any, what: str) -> dict[str, Any]:
    if not isinstance(given, Mapping):
        raise ValueError(
            f"{_article(what)} rule must be a table such as "
            f"{{ regex = 'drag = (\\S+)' }}, got {checks.shown(given)}"
        )
    return dict(given)


def _rule(table: dict[str, Any], what: str, root: Path, one: bool) -> Rule:
    kinds = [kind for kind in _KEYS if kind in table]
    if len(kinds) != 1:
        raise ValueError(
            f"{_article(what)} rule needs one of {', '.join(map(repr, _KEYS))}, got "
            f"{checks.shown(table)}; write for example {{ regex = 'drag = (\\S+)' }}"
        )
    kind = kinds[0]
    limits = ("min", "max") if what.startswith("constraints") else ()
    known_only(table, (kind, *_KEYS[kind], "times", *limits), what)
    return Rule(
        what,
        _MAKERS[kind](table, root, one),
        one,
        checks.number(table.get("times", 1.0), "times"),
        _optional(table, "min"),
        _optional(table, "max"),
    )


def _article(what: str) -> str:
    return f"the {what}" if "[" not in what else "this"


def _optional(table: Mapping[str, Any], key: str) -> float | None:
    return None if key not in table else checks.number(table[key], key)


def _pattern(table: dict[str, Any], root: Path, one: bool) -> Reader:
    text = table["regex"]
    if not isinstance(text, str):
        raise ValueError(f"regex must be text, got {checks.shown(text)}")
    try:
        pattern = re.compile(text, re.MULTILINE)
    except (re.error, OverflowError, RecursionError) as error:
        raise ValueError(
            f"{checks.shown(text)} is no regular expression: {error}"
        ) from None
    if pattern.groups > 1 and "group" not in table:
        raise ValueError(
            f"{checks.shown(text)} has {pattern.groups} groups; say with group = 1 "
            "which one is the number, or write (?:...) for the others"
        )
    group = table.get("group", min(1, pattern.groups))
    if group not in (*range(pattern.groups + 1), *pattern.groupindex):
        raise ValueError(
            f"group {checks.shown(group)} is not in {checks.shown(text)}, which has "
            f"{pattern.groups}; put parentheses around the number"
        )
    which = table.get("which", "last" if one else "all")
    return PatternReader(
        _file(table), pattern, group, checks.one_of(which, _WHICH, "which")
    )


def _json(table: dict[str, Any], root: Path, one: bool) -> Reader:
    return JsonReader(_file(table), json_path.steps_of(table["json"]))


def _csv(table: dict[str, Any], root: Path, one: bool) -> Reader:
    column, delimiter = table["csv"], table.get("delimiter", ",")
    row = table.get("row", -1 if one else "all")
    if not isinstance(column, str):
        raise ValueError(
            f"csv must be the name of a column, got {checks.shown(column)}"
        )
    if not isinstance(delimiter, str) or len(delimiter) != 1:
        raise ValueError(
            f"delimiter must be one character, got {checks.shown(delimiter)}"
        )
    number = None if row == "all" else checks.integer(row, "row (or 'all')")
    return CsvReader(_file(table), column, number, delimiter)


def _hook(table: dict[str, Any], root: Path, one: bool) -> Reader:
    hook = table["python"]
    if not callable(hook):
        hook = FileHook.of(hook if isinstance(hook, str) else repr(hook), root)
    return HookReader(hook)


_MAKERS: dict[str, Callable[[dict[str, Any], Path, bool], Reader]] = {
    "regex": _pattern,
    "json": _json,
    "csv": _csv,
    "python": _hook,
}


def _file(table: Mapping[str, Any]) -> str:
    return inner_name(table.get("file", STDOUT), "file")


def inner_name(name: Any, what: str) -> str:
    """Return a name of a file below the folder of a trial; refuse any other.

    Examples
    --------
    >>> inner_name("../secret", "file")
    Traceback (most recent call last):
        ...
    ValueError: file must be the name of a file inside the folder of a trial, got \
'../secret'
    """
    path = PurePosixPath(name) if isinstance(name, str) else None
    inside = path is not None and not path.is_absolute() and ".." not in path.parts
    if path is None or not inside or path == PurePosixPath(".") or "\0" in str(path):
        raise ValueError(
            f"{what} must be the name of a file inside the folder of a trial, got "
            f"{checks.shown(name)}"
        )
    return str(path)
