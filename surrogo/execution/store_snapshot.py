"""Read a database that another process may be writing, and leave no trace.

SQLite reads the log of a writer (``-wal``) through a file of shared memory (``-shm``),
which it makes where it is missing, and leaves behind. So a database without a log,
which is complete in itself, is read as it is, and one with a log that nobody has open
as a copy.
"""

from __future__ import annotations

import shutil
import sqlite3
import tempfile
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any, TypeVar

from surrogo.execution.store_file import StoreError, beside, real

_T = TypeVar("_T")
_TRIES = 5  # a writer may come or go while we read


def read_at_once(path: Path, read: Callable[[sqlite3.Connection], _T]) -> _T:
    """Return what `read` finds in a database, all of it at one moment.

    Raises
    ------
    StoreError, sqlite3.Error
        What `read` raised, though nobody wrote meanwhile.
    """
    path = real(path)
    for left in reversed(range(_TRIES)):
        before = _signs(path)
        try:
            found = _read(path, read)
        except (StoreError, sqlite3.Error):
            if left == 0 or _signs(path) == before:
                raise
        else:
            if _log(path) or _signs(path) == before:
                return found
    raise sqlite3.OperationalError("others change the file all the time")


def _read(path: Path, read: Callable[[sqlite3.Connection], _T]) -> _T:
    if not _log(path):
        return _read_by(path, "mode=ro&immutable=1", read)
    if beside(path, "-shm").exists():
        return _read_by(path, "mode=ro", read)
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / path.name
        for ending in ("", "-wal"):
            shutil.copyfile(beside(path, ending), beside(copy, ending))
        return _read_by(copy, "mode=ro", read)


def _read_by(path: Path, options: str, read: Callable[[sqlite3.Connection], _T]) -> _T:
    address = f"{path.absolute().as_uri()}?{options}"
    with closing(sqlite3.connect(address, uri=True, isolation_level=None)) as it:
        it.execute("PRAGMA trusted_schema = OFF")
        it.execute("BEGIN")
        return read(it)


def _log(path: Path) -> bool:
    """Say whether there is something in the log of a writer."""
    log = beside(path, "-wal")
    return log.exists() and log.stat().st_size > 0


def _signs(path: Path) -> tuple[Any, ...]:
    """Return what changes when somebody writes."""
    status = path.stat()
    return status.st_ino, status.st_size, status.st_mtime_ns, _log(path)
