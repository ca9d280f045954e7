"""A working folder for each trial: made, filled, and kept or not."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from surrogo import checks
from surrogo.execution.external.child import STDERR, STDOUT
from surrogo.execution.external.placeholders import Text
from surrogo.execution.external.rules import inner_name
from surrogo.plain import plain

RECORD = "trial.json"  # what the trial was, for whoever looks into a folder
_LARGEST_TEMPLATE = 64 * 2**20  # bytes; it is kept in memory and sent to workers


@dataclass(frozen=True)
class Contents:
    """What a folder has before the program starts: names there, and what they are.

    Attributes
    ----------
    templates : tuple of (str, Text)
    copies, links : tuple of (str, Path)
    """

    templates: tuple[tuple[str, Text], ...]
    copies: tuple[tuple[str, Path], ...]
    links: tuple[tuple[str, Path], ...]

    def check_names(self) -> None:
        """Refuse a name that comes twice, or that is needed for something else."""
        names = [STDOUT, STDERR, RECORD]
        for name, _ in (*self.templates, *self.copies, *self.links):
            if any(_overlap(name, other) for other in names):
                raise ValueError(
                    f"two files in the folder of a trial would be called {name!r} "
                    f"({STDOUT}, {STDERR} and {RECORD} are taken); rename one"
                )
            names.append(name)

    def check_parent(self, parent: Path) -> None:
        """Refuse to copy what the folders of the trials are in: it would never end."""
        for name, source in self.copies:
            if source.resolve() in (parent / name).resolve().parents:
                raise ValueError(
                    f"the folders of the trials are made inside {source}, which is to "
                    "be copied into each; name its files, or another folder"
                )

    def put_into(self, folder: Path, values: Mapping[str, Any]) -> None:
        """Fill a new folder."""
        for name, source in self.copies:
            target = _target(folder, name)
            if source.is_dir():
                shutil.copytree(source, target, symlinks=True)
            else:
                shutil.copy(source, target)
        for name, source in self.links:
            _target(folder, name).symlink_to(source)
        for name, text in self.templates:
            path = _target(folder, name)
            with path.open("x", encoding="utf-8", newline="") as file:
                file.write(text.fill(values))

    def texts(self) -> list[Text]:
        """Return the texts of all templates."""
        return [text for _, text in self.templates]


def _overlap(name: str, other: str) -> bool:
    return name == other or name.startswith(f"{other}/") or other.startswith(f"{name}/")


def _target(folder: Path, name: str) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    return path


def read_templates(files: Any, root: Path) -> tuple[tuple[str, Text], ...]:
    """Read template files: a list of names, or a mapping from names in the folder.

    Raises
    ------
    ValueError
        If one is missing or no text in UTF-8.
    """
    return tuple(
        (name, Text.parse(_text(path), f"template {path.name}"))
        for name, path in sources(files, root, "templates")
    )


def _text(path: Path) -> str:
    if not path.is_file():
        raise ValueError(f"the template {path} must be a file, and is none")
    if path.stat().st_size > _LARGEST_TEMPLATE:
        raise ValueError(
            f"the template {path} has more than {_LARGEST_TEMPLATE:,} bytes; put the "
            "places for values into a small file, and copy or link the large one"
        )
    try:
        return path.read_bytes().decode("utf-8")  # with the ends of lines that it has
    except UnicodeDecodeError as error:
        raise ValueError(f"the template {path} must be UTF-8 text: {error}") from None


def sources(files: Any, root: Path, what: str) -> tuple[tuple[str, Path], ...]:
    """Return names in the folder of a trial, and the absolute paths behind them.

    Raises
    ------
    ValueError
        If one does not exist.
    """
    if isinstance(files, str | os.PathLike):
        files = [files]
    if isinstance(files, Mapping):
        pairs = list(files.items())
    else:
        pairs = [(None, file) for file in _listed(files, what)]
    return tuple(_source(name, file, root, what) for name, file in pairs)


def _listed(files: Any, what: str) -> list[Any]:
    listed = checks.listed(files)
    if listed is None:
        raise ValueError(
            f"{what} must be a list of files, or map names in the folder of a trial to "
            f"files, got {checks.shown(files)}"
        )
    return listed


def _source(name: Any, file: Any, root: Path, what: str) -> tuple[str, Path]:
    if not isinstance(file, str | os.PathLike) or "\0" in os.fspath(file):
        raise ValueError(f"{what} must name files, got {checks.shown(file)}")
    path = (root / file).absolute()
    if not path.exists():
        raise ValueError(f"{what}: there is no file {path}; make it, or mend the name")
    return inner_name(path.name if name is None else name, what), path


def new_folder(parent: Path, values: Mapping[str, Any]) -> Path:
    """Make a folder, whose name says what was tried: equal points begin alike."""
    text = json.dumps(plain(dict(values)), sort_keys=True)
    point = hashlib.sha256(text.encode()).hexdigest()[:8]
    folder = parent / f"{point}-{uuid.uuid4().hex[:12]}"
    folder.mkdir(parents=True)
    return folder


def remove(folder: Path) -> None:
    """Delete a folder as far as that is possible; links in it are not followed."""
    shutil.rmtree(folder, ignore_errors=True)
    if folder.exists():  # a simulator took the right to write from a folder
        for path, _, _ in os.walk(folder):
            os.chmod(path, 0o700)
        shutil.rmtree(folder, ignore_errors=True)


def check_parent(parent: Path) -> None:
    """Refuse a place in which no folder can be made."""
    if "\0" in str(parent):
        raise ValueError("folder must be the name of a folder, got one with a NUL")
    there = next(path for path in (parent, *parent.parents) if path.exists())
    if not there.is_dir() or not os.access(there, os.W_OK | os.X_OK):
        raise ValueError(f"folder must be one that can be written, got {parent}")
