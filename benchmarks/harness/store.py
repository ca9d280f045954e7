"""Records on disk: one JSON line a run, one file a solver, one folder a table."""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

Record = dict[str, Any]
Key = tuple[str, str, int, int, str, int]

FORMAT = 1


def key(record: Record) -> Key:
    """Return what makes a run the same run."""
    fields = ("set", "problem", "d", "instance", "solver", "budget")
    return tuple(record[field] for field in fields)


@contextmanager
def held(folder: Path) -> Iterator[None]:
    """Make the folder, and keep other harnesses from writing to it meanwhile.

    Raises
    ------
    ValueError
        If another one is at work there.
    """
    folder.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        _lock(descriptor, folder)
        yield
    finally:
        os.close(descriptor)  # which unlocks, as does the end of the process


def _lock(descriptor: int, folder: Path) -> None:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        raise ValueError(
            f"another harness writes to {str(folder)!r}; wait until it has ended, or "
            "choose another folder by --results"
        ) from error


def append(folder: Path, record: Record) -> None:
    """Write a finished run so that a kill at any moment leaves whole lines."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{record['solver']}.jsonl"
    mend(path)
    with path.open("ab") as file:
        file.write(json.dumps(record).encode() + b"\n")
        file.flush()
        os.fsync(file.fileno())


def forget(folder: Path, keys: Iterable[Key]) -> int:
    """Take records away, so that their runs are made again; return how many."""
    unwanted, count = set(keys), 0
    for path in sorted(folder.glob("*.jsonl")):
        records = list(_read(path))
        kept = [record for record in records if key(record) not in unwanted]
        if len(kept) < len(records):
            lines = [json.dumps(record) + "\n" for record in kept]
            new = path.with_suffix(".new")
            new.write_text("".join(lines))
            new.replace(path)
            count += len(records) - len(kept)
    return count


def mend(path: Path) -> None:
    """Cut off a last line that a kill left unfinished."""
    if not path.exists():
        return
    with path.open("rb+") as file:
        text = file.read()
        whole = text.rfind(b"\n") + 1
        if whole < len(text):
            file.truncate(whole)


def load(folder: Path) -> list[Record]:
    """Return all records below a folder.

    Raises
    ------
    FileNotFoundError
        If there is no such folder.
    ValueError
        If a line that was finished is no record of this format.
    """
    if not Path(folder).is_dir():
        raise FileNotFoundError(f"there is no folder of results {str(folder)!r}")
    files = sorted(Path(folder).rglob("*.jsonl"))
    return [record for path in files for record in _read(path)]


def _read(path: Path) -> Iterable[Record]:
    lines = path.read_bytes().split(b"\n")[:-1]  # what follows the last end is no line
    for number, line in enumerate(lines, start=1):
        try:
            record = json.loads(line)
            found = record["format"]
            if found == FORMAT:
                key(record)
        except (ValueError, KeyError, TypeError) as error:
            raise ValueError(f"{path}:{number} is no record: {error!r}") from error
        if found != FORMAT:
            raise ValueError(
                f"{path}:{number} has the format {found}, expected {FORMAT}"
            )
        yield record
