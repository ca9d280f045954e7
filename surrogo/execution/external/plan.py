"""What a simulator does at each point: fill a folder, run the program, read."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from multiprocessing.spawn import get_executable
from pathlib import Path
from typing import Any

import numpy as np

from surrogo.evaluation import Evaluation
from surrogo.execution.external import child, folders
from surrogo.execution.external.child import STDERR, STDOUT, Limits
from surrogo.execution.external.errors import SimulatorError, known_only
from surrogo.execution.external.folders import Contents
from surrogo.execution.external.outputs import Outputs
from surrogo.execution.external.placeholders import FOLDER, PYTHON, Absent, Text
from surrogo.execution.external.reading import last_words
from surrogo.execution.external.tokens import Tokens
from surrogo.space import Point

_WORDS = 180  # characters of the last words of a simulator in the reason
_MORE_WORDS = 4000  # and with the traceback


@dataclass(frozen=True)
class Plan:
    """What is left of the arguments of a simulator after they were checked.

    Attributes
    ----------
    inherit : tuple of str or None
        Variables of the environment here that the program has; None is all.
    parent : Path
        Where the folders of the trials are made.
    inactive : str
        What is written for a variable that does not exist at a point.
    """

    names: tuple[str, ...]
    argv: tuple[Text, ...]
    env: tuple[tuple[str, Text], ...]
    inherit: tuple[str, ...] | None
    contents: Contents
    outputs: Outputs
    parent: Path
    keep: str
    limits: Limits
    tokens: Tokens | None
    exit_codes: tuple[int, ...]
    inactive: str

    def run(self, x: Point) -> Evaluation:
        """Evaluate, and keep the folder or not."""
        point = self._point(x)
        folder = folders.new_folder(self.parent, point)
        kept = self.keep == "all"
        try:
            evaluation = self._evaluate(folder, point)
            kept = kept or (self.keep == "failed" and evaluation.defect() is not None)
        except Exception as error:
            kept = kept or self.keep == "failed"
            if kept:
                error.add_note(f"Its folder is {folder}")
            raise
        finally:
            if not kept:
                folders.remove(folder)
        return evaluation

    def _evaluate(self, folder: Path, point: Mapping[str, Any]) -> Evaluation:
        values: dict[str, Any] = dict.fromkeys(self.names, Absent(self.inactive))
        values |= {**point, PYTHON: _python(), FOLDER: str(folder)}
        argv = [text.fill(values) for text in self.argv]
        env = self._environment() | {key: t.fill(values) for key, t in self.env}
        self.contents.put_into(folder, values)
        _write_record(folder, point, argv)
        if self.tokens is None:
            code = child.run(argv, env, folder, self.limits)
        else:
            with self.tokens.held():
                code = child.run(argv, env, folder, self.limits)
        if code not in self.exit_codes:
            raise _failure(code, self.limits, folder)
        info = {"folder": str(folder)} if self.keep == "all" else None
        return self.outputs.read(folder, info)

    def _point(self, x: Point) -> dict[str, Any]:
        """Return the values by name; of an array they are x0, x1, ..."""
        if not isinstance(x, Mapping):
            row = np.asarray(x, dtype=np.float64)
            if row.shape != (len(self.names),):
                raise ValueError(
                    f"a point must have {len(self.names)} values, one for each of "
                    f"{list(self.names)}, got shape {row.shape}"
                )
            return dict(zip(self.names, row.tolist(), strict=True))
        known_only(x, self.names, "a point")
        return {
            key: value.item() if isinstance(value, np.generic) else value
            for key, value in x.items()
        }

    def _environment(self) -> dict[str, str]:
        if self.inherit is None:
            return dict(os.environ)
        return {key: os.environ[key] for key in self.inherit if key in os.environ}


def _write_record(folder: Path, point: Mapping[str, Any], argv: list[str]) -> None:
    text = json.dumps({"x": dict(point), "command": argv}, indent=1, default=str)
    (folder / folders.RECORD).write_text(text + "\n", encoding="utf-8")


def _failure(code: int, limits: Limits, folder: Path) -> SimulatorError:
    """Say how a program ended, and what it said last."""
    how = child.how_ended(code, limits)
    sizes = [(folder / name).stat().st_size for name in (STDOUT, STDERR)]
    if max(sizes) >= limits.output:
        how += f" after it had printed {limits.output:,} bytes, which is output_limit"
    stream = STDERR if last_words(folder / STDERR, _WORDS) else STDOUT
    words = last_words(folder / stream, _WORDS)
    error = SimulatorError(f"{how}: {words}" if words else how)
    if more := last_words(folder / stream, _MORE_WORDS):
        error.add_note(f"The end of its {stream}: {more}")
    return error


def _python() -> str:
    return os.fsdecode(get_executable())
