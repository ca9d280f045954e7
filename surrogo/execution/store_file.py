"""The file of a store: a SQLite database of events in plain data.

Tables, version 1 (``user_version``)::

    head     what the run was begun with, as JSON: format, seed, strategy, space
    event    number (0, 1, ...), time (Unix), data (JSON, see events.py), chain
    tail     how many events there are, and the chain of the last
    memory   number of the last ask, what the strategy remembered, a checksum
    session  process, host, begin, versions and end of every process that wrote

The chain of an event is the CRC-32 of its text, begun with the chain of the event
before (that of the head for the first): what was changed, or is missing, is noticed.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import tempfile
import zlib
from contextlib import closing
from pathlib import Path

FORMAT = 1
APPLICATION = 0x73757267  # "surg", in the header of the file
_PATIENCE = 60.0  # seconds that a commit waits for other programs that lock the file

_TABLES = """
CREATE TABLE head (one INTEGER PRIMARY KEY CHECK (one = 1), data TEXT NOT NULL);
CREATE TABLE event (number INTEGER PRIMARY KEY, time REAL NOT NULL, data TEXT NOT NULL,
                    chain INTEGER NOT NULL);
CREATE TABLE tail (one INTEGER PRIMARY KEY CHECK (one = 1), n INTEGER NOT NULL,
                   chain INTEGER NOT NULL);
CREATE TABLE memory (one INTEGER PRIMARY KEY CHECK (one = 1), number INTEGER NOT NULL,
                     data TEXT NOT NULL, chain INTEGER NOT NULL);
CREATE TABLE session (number INTEGER PRIMARY KEY, process INTEGER NOT NULL,
                      host TEXT NOT NULL, begun REAL NOT NULL, versions TEXT NOT NULL,
                      ended REAL, status TEXT);
"""


class StoreError(RuntimeError):
    """A store cannot be read or written; nothing in it was overwritten.

    Raised by `optimize`, it carries the result so far as its attribute ``result``,
    with values that could not be written.

    Examples
    --------
    >>> import pathlib, tempfile, surrogo
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = pathlib.Path(folder) / "run.db"
    ...     with surrogo.Optimizer([(0, 1)], store=path):
    ...         surrogo.Optimizer([(0, 1)], store=path)
    Traceback (most recent call last):
    ...
    surrogo.execution.store_file.StoreError: the store ... is in use by process ...
    """


def chain(before: int, number: int, time: float, data: str) -> int:
    """Return the checksum of an event after one with the checksum `before`."""
    return zlib.crc32(f"{number} {time!r} {data}".encode(), before)


def create(path: Path, head: str) -> None:
    """Make a new store, which appears whole or not at all; the lock must be held.

    Raises
    ------
    StoreError
        If the remains of another one are in the way.
    sqlite3.Error, OSError
        If it cannot be written.
    """
    for orphan in (_beside(path, "-wal"), _beside(path, "-journal")):
        if orphan.exists():
            raise StoreError(
                f"{orphan} belongs to a store {path.name} that is gone; put that store "
                "back beside it, or remove it"
            )
    part = _beside(path, "-part")
    part.unlink(missing_ok=True)  # of a process that was killed right here
    try:
        with closing(connect(part)) as connection:
            connection.execute("PRAGMA journal_mode = MEMORY")  # no file to leave
            connection.execute("BEGIN")
            for statement in _TABLES.split(";"):
                connection.execute(statement)
            connection.execute("INSERT INTO head VALUES (1, ?)", (head,))
            first = zlib.crc32(head.encode())
            connection.execute("INSERT INTO tail VALUES (1, 0, ?)", (first,))
            connection.execute(f"PRAGMA application_id = {APPLICATION}")
            connection.execute(f"PRAGMA user_version = {FORMAT}")
            connection.execute("COMMIT")
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
    _sync_folder(path.parent)


def connect(path: Path) -> sqlite3.Connection:
    """Open a database for writing, with every commit on the disk before it returns."""
    connection = sqlite3.connect(
        path, _PATIENCE, isolation_level=None, check_same_thread=False
    )
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA trusted_schema = OFF")  # the file may be of a stranger
    return connection


def connect_to_read(path: Path) -> sqlite3.Connection:
    """Open a database that another process may be writing, and leave no trace.

    SQLite reads the log of a writer through a file of shared memory, which it makes
    where it is missing, and leaves behind. So a database without a log, complete in
    itself, is read as it is, and one with a log that nobody has open as a copy.
    """
    path = path.resolve()  # SQLite keeps log and shared memory beside the file itself
    if not has_log(path):
        connection = _connected(path, "mode=ro&immutable=1")
    elif _beside(path, "-shm").exists():
        connection = _connected(path, "mode=ro")
    else:
        connection = _copied(path)
    connection.execute("PRAGMA trusted_schema = OFF")
    return connection


def has_log(path: Path) -> bool:
    """Say whether there is something in the log of a writer."""
    log = _beside(path, "-wal")
    return log.exists() and log.stat().st_size > 0


def _connected(path: Path, options: str) -> sqlite3.Connection:
    address = f"{path.as_uri()}?{options}"
    return sqlite3.connect(address, uri=True, isolation_level=None)


def _copied(path: Path) -> sqlite3.Connection:
    """Return a copy, in memory, of a database and its log."""
    copy = sqlite3.connect(":memory:", isolation_level=None)
    with tempfile.TemporaryDirectory() as folder:
        for ending in ("", "-wal"):
            shutil.copyfile(_beside(path, ending), Path(folder) / f"store{ending}")
        with closing(connect(Path(folder) / "store")) as connection:
            connection.backup(copy)
    return copy


def check_kind(connection: sqlite3.Connection, path: Path) -> None:
    """Refuse a database that is no store, or one of a newer version.

    Raises
    ------
    StoreError
    sqlite3.Error
        If it is no database.
    """
    (application,) = connection.execute("PRAGMA application_id").fetchone()
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if application != APPLICATION:
        raise StoreError(
            f"{path} is no store of surrogo but {_other(path)}; nothing was written "
            "to it; give the name of a store, or of a file that does not exist yet"
        )
    if version != FORMAT:
        raise StoreError(
            f"{path} has format {version}, and this version of surrogo reads format "
            f"{FORMAT}; a newer surrogo has written it"
        )
    (programs,) = connection.execute(
        "SELECT count(*) FROM sqlite_master WHERE type IN ('trigger', 'view')"
    ).fetchone()
    if programs:
        raise StoreError(
            f"{path} has triggers or views, which no store of surrogo has; somebody "
            "has changed it, do not use it"
        )


def _other(path: Path) -> str:
    size = path.stat().st_size
    return "a database of something else" if size else "an empty file"


def _beside(path: Path, ending: str) -> Path:
    return path.with_name(path.name + ending)


def _sync_folder(folder: Path) -> None:
    """Bring the name of a new file to the disk, where folders can be synchronised."""
    if os.name == "nt":  # pragma: no cover
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
