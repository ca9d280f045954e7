"""Read a store, while nobody or somebody writes it."""

from __future__ import annotations

import json
import sqlite3
import zlib
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

from surrogo import checks
from surrogo.events import Event
from surrogo.execution.lock import holder
from surrogo.execution.store_file import (
    StoreError,
    chain,
    check_kind,
    connect_to_read,
    has_log,
)
from surrogo.space import Space
from surrogo.trials import Trials

# What comes of reading values that nobody has written.
_NONSENSE = (
    ArithmeticError,
    AttributeError,
    LookupError,
    RecursionError,
    TypeError,
    ValueError,
)
_TRIES = 5  # a writer may come or go while we read
_AT_ONCE = 1000  # events; more leave the caches of the processor before they are parsed


@dataclass(frozen=True)
class Session:
    """A process that wrote into a store; times are Unix times.

    ended and status are None if it did not live to say so, or goes on.
    """

    process: int
    host: str
    begun: float
    versions: Mapping[str, str]
    ended: float | None
    status: str | None


@dataclass(frozen=True)
class Contents:
    """What a store holds: the head, events with their times, sessions."""

    head: dict[str, Any]
    events: list[Event]
    times: list[float]
    sessions: list[Session]
    chain: int  # checksum of the last event

    @property
    def run_data(self) -> dict[str, Any]:
        """The run as `Result.save` would describe it."""
        return {**self.head, "events": self.events}

    def trials(self) -> Trials:
        """Return the record, built anew.

        Raises
        ------
        ValueError
            If an event contradicts those before; see `understood`.
        """
        space = Space.from_dict(self.head["space"])
        return Trials.of_events(space, list(self.events))


def read_store(path: Path) -> Contents:
    """Return what a store holds, at one moment, without changing anything.

    Raises
    ------
    FileNotFoundError
    StoreError
        If the file is no store, or damaged.
    """
    if not path.is_file():
        raise FileNotFoundError(f"there is no store {path}")
    for left in reversed(range(_TRIES)):
        before = _signs(path)
        try:
            held = _at_this_moment(path)
        except StoreError:
            if left == 0 or _signs(path) == before:
                raise
        else:
            if left == 0 or has_log(path.resolve()) or _signs(path) == before:
                break
    return held


def writer(path: Path) -> str | None:
    """Say which process has a store open to write; None if there is none."""
    real = path.resolve()
    return holder(real.with_name(real.name + "-lock"))


def _at_this_moment(path: Path) -> Contents:
    try:
        with closing(connect_to_read(path)) as connection:
            connection.execute("BEGIN")
            return contents(connection, path)
    except sqlite3.Error as error:
        fail(path, error)


def _signs(path: Path) -> tuple[Any, ...]:
    """Return what changes when somebody writes."""
    status = path.stat()
    return status.st_ino, status.st_size, status.st_mtime_ns, has_log(path.resolve())


def contents(connection: sqlite3.Connection, path: Path) -> Contents:
    """Read and check everything.

    Raises
    ------
    StoreError
        If anything is missing or was changed, or of a newer format.
    sqlite3.Error
        If SQLite says so.
    """
    with understood(path):
        check_kind(connection, path)
        return _contents(connection, path)


@contextmanager
def understood(path: Path) -> Iterator[None]:
    """Call a store damaged if what it holds makes no sense.

    Raises
    ------
    StoreError
    """
    try:
        yield
    except _NONSENSE as error:
        raise damaged(path, repr(error)) from error


def check_pages(connection: sqlite3.Connection, path: Path) -> None:
    """Refuse a database whose pages are not in order: writing would overwrite others.

    Reading needs no such check, as all that is read has a checksum of its own.

    Raises
    ------
    StoreError
    sqlite3.Error
        If SQLite cannot even look.
    """
    with understood(path):
        ((first,),) = connection.execute("PRAGMA quick_check(1)").fetchall()
        if first != "ok":
            raise damaged(path, " ".join(str(first).split()))


def _contents(connection: sqlite3.Connection, path: Path) -> Contents:
    head = _only(connection, "SELECT data FROM head", path)[0]
    last, events, times = zlib.crc32(head.encode()), list[Event](), list[float]()
    cursor = connection.execute("SELECT * FROM event ORDER BY number")
    while rows := cursor.fetchmany(_AT_ONCE):
        last = _chained(rows, len(times), last, path)
        times += [time for _, time, _, _ in rows]
        events += json.loads(f"[{','.join([data for _, _, data, _ in rows])}]")
    tail = _only(connection, "SELECT n, chain FROM tail", path)
    if tail != (len(events), last):
        raise damaged(path, f"{len(events)} of {tail[0]} events are there")
    _remember(connection, events, path)
    return Contents(json.loads(head), events, times, _sessions(connection), last)


def damaged(path: Path, what: str) -> StoreError:
    """Return the error of a store whose checks do not hold."""
    return StoreError(
        f"the store {path} is damaged: {what}; nothing was written to it; bring back a "
        "copy of the file, or begin a new store"
    )


def fail(path: Path, error: sqlite3.Error) -> NoReturn:
    """Say in our words what SQLite could not do.

    Raises
    ------
    StoreError
    """
    text = str(error)
    if "not a database" in text:
        raise StoreError(
            f"{path} is no store of surrogo: {text}; nothing was written to it; give "
            "the name of a store, or of a file that does not exist yet"
        ) from error
    if isinstance(error, sqlite3.OperationalError):
        raise StoreError(
            f"the store {path} cannot be used: {text}; what it holds is untouched; "
            "look at the disk and at the permissions of the file and its folder"
        ) from error
    raise damaged(path, text) from error


def _only(connection: sqlite3.Connection, query: str, path: Path) -> tuple[Any, ...]:
    rows = connection.execute(query).fetchall()
    if len(rows) != 1:
        raise damaged(path, f"{len(rows)} rows instead of one for {query}")
    only: tuple[Any, ...] = rows[0]
    return only


def _chained(
    rows: list[tuple[int, float, str, int]], first: int, last: int, path: Path
) -> int:
    """Check the chain of events from number `first` on, and return its end.

    That of the event before is `last`.
    """
    for expected, (number, time, data, link) in enumerate(rows, first):
        last = chain(last, number, time, data)
        if number != expected or link != last:
            raise damaged(path, f"event {expected} is not what was written")
    return last


def _remember(connection: sqlite3.Connection, events: list[Event], path: Path) -> None:
    """Give the last ask what the strategy remembered."""
    for number, data, check in connection.execute(
        "SELECT number, data, chain FROM memory"
    ):
        if zlib.crc32(f"{number} {data}".encode()) != check:
            raise damaged(path, "the memory of the strategy is not what was written")
        events[checks.integer(number, "number")]["memory"] = json.loads(data)


def _sessions(connection: sqlite3.Connection) -> list[Session]:
    rows = connection.execute(
        "SELECT process, host, begun, versions, ended, status FROM session "
        "ORDER BY number"
    )
    return [
        Session(process, host, begun, json.loads(versions), ended, status)
        for process, host, begun, versions, ended, status in rows
    ]
