"""The journal of a run: every event is on the disk before anything else happens."""

from __future__ import annotations

import json
import os
import socket
import sqlite3
import time
import zlib
from collections.abc import Mapping
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

from surrogo.events import Event, without_memory
from surrogo.execution.lock import FileLock, Locked
from surrogo.execution.store_file import (
    StoreError,
    chain,
    connect,
    connect_to_read,
    create,
)
from surrogo.execution.store_reader import Contents, check_pages, contents, fail

_EVENT = "INSERT INTO event VALUES (?, ?, ?, ?)"
_MEMORY = "REPLACE INTO memory VALUES (1, ?, ?, ?)"


class Journal:
    """A store that this process writes; nobody else can while it is open.

    An existing one is only read until `keep` is called.

    Parameters
    ----------
    path : str or Path
        A file that exists is gone on with, unless it is no store.
    head : mapping
        What a new run is begun with, plain data: format, versions, seed, strategy,
        space. An existing store keeps its own.

    Attributes
    ----------
    contents : Contents
        What the store held when it was opened.

    Raises
    ------
    StoreError
        If another process has it open, or it cannot be read or written.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     journal = Journal(Path(folder) / "run.db", {"seed": 1})
    ...     journal.keep([{"event": "budget", "max_evals": 4}])
    ...     journal.close("done")
    ...     again = Journal(Path(folder) / "run.db", {})
    ...     again.close()
    >>> again.contents.head, again.contents.events
    ({'seed': 1}, [{'event': 'budget', 'max_evals': 4}])
    """

    def __init__(self, path: str | Path, head: Mapping[str, Any]) -> None:
        self.path = Path(path).resolve()  # one lock, whatever links lead there
        self._process = os.getpid()
        self._connection: sqlite3.Connection | None = None
        self._closed = False
        self._unsure = False  # what of the last transaction is on the disk
        self._tails: list[tuple[int, int]] = []  # of the store, before it and after
        self._lock = _locked(self.path)
        try:
            self.contents = self._looked_at(head)
        except BaseException:
            self._lock.release()
            raise
        self._events: list[Event] = self.contents.events
        self._n, self._chain = len(self._events), self.contents.chain

    def keep(self, events: list[Event]) -> None:
        """Write those events of a run that are not in the store yet.

        They are on the disk when this returns. What was not written, because of an
        error or an interruption, is so with the next call or by `close`, which look
        into the same list; an ask that cannot be written must be taken off it.

        Raises
        ------
        StoreError
            If they cannot be written.
        """
        self._check_open()
        self._events = events
        try:
            self._write(self._begun())
        except sqlite3.Error as error:
            if self._connection is None or self._unsure or self._n < len(events):
                fail(self.path, error)

    def close(self, status: str | None = None) -> None:
        """Write what is left, say how the run ended, and let others have the store."""
        if self._closed or os.getpid() != self._process:  # a fork owns nothing
            return
        self._closed = True
        try:
            if self._connection is not None:
                self._end(self._connection, status)
        except sqlite3.Error as error:
            fail(self.path, error)
        finally:
            if self._connection is not None:
                self._connection.close()
            self._lock.release()

    def _looked_at(self, head: Mapping[str, Any]) -> Contents:
        """Read and check everything; an existing file and its log stay as they are."""
        try:
            if not self.path.exists():
                create(self.path, json.dumps(head, allow_nan=False))
            with closing(connect_to_read(self.path)) as connection:
                held = contents(connection, self.path)
                check_pages(connection, self.path)
        except sqlite3.Error as error:
            fail(self.path, error)
        except OSError as error:
            raise _unusable(self.path, error) from error
        return held

    def _begun(self) -> sqlite3.Connection:
        """Return the connection that writes; it begins with who we are."""
        if self._connection is None:
            connection = connect(self.path)
            try:
                connection.execute("PRAGMA journal_mode = WAL")
                self._session = _begin_session(connection)
            except BaseException:
                connection.close()
                raise
            self._connection = connection
        return self._connection

    def _end(self, connection: sqlite3.Connection, status: str | None) -> None:
        self._write(connection)
        connection.execute(
            "UPDATE session SET ended = ?, status = ? WHERE number = ?",
            (time.time(), status, self._session),
        )

    def _write(self, connection: sqlite3.Connection) -> None:
        """Write all events that are not there yet, in one transaction."""
        if self._unsure:
            self._look_again(connection)
        if self._n == len(self._events):
            return
        self._unsure, self._tails = True, [(self._n, self._chain)]
        try:
            connection.execute("BEGIN IMMEDIATE")
            tail = self._insert(connection)
            self._tails.append(tail)
            connection.execute("UPDATE tail SET n = ?, chain = ?", tail)
            connection.execute("COMMIT")
            self._n, self._chain = tail
            self._unsure = False
        except BaseException:
            with suppress(sqlite3.Error):
                self._look_again(connection)
            raise

    def _insert(self, connection: sqlite3.Connection) -> tuple[int, int]:
        """Return how many events there are then, and the chain of the last."""
        last, moment = self._chain, time.time()
        for number, event in enumerate(self._events[self._n :], self._n):
            data = json.dumps(without_memory(event), allow_nan=False)
            last = chain(last, number, moment, data)
            connection.execute(_EVENT, (number, moment, data, last))
            if event["event"] == "ask":
                connection.execute(_MEMORY, _memory(number, event))
        return len(self._events), last

    def _look_again(self, connection: sqlite3.Connection) -> None:
        """Find out what is on the disk after an error or interruption at any point."""
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        tail = connection.execute("SELECT n, chain FROM tail").fetchone()
        if tail not in self._tails:
            raise StoreError(
                f"another process has written to the store {self.path}, though this "
                "one held its lock (was the lock file removed?); what it has not "
                "written yet is not in the store"
            )
        self._n, self._chain = tail
        self._unsure = False

    def _check_open(self) -> None:
        if self._closed:
            raise StoreError(
                f"the store {self.path} was closed, and the run went on: this event is "
                "not in it; open it again with Optimizer(..., store=...)"
            )
        if os.getpid() != self._process:
            raise StoreError(
                f"the store {self.path} was opened by process {self._process}, and "
                f"this is its fork {os.getpid()}; tell results in the process that "
                "opened it"
            )


def _locked(path: Path) -> FileLock:
    owner = f"process {os.getpid()} on {socket.gethostname()}"
    try:
        return FileLock(path.with_name(path.name + "-lock"), owner)
    except Locked as other:
        raise StoreError(
            f"the store {path} is in use by {str(other) or 'another process'}; one "
            "process at a time can go on with a run; `surrogo status` and "
            "surrogo.load read it meanwhile"
        ) from None
    except OSError as error:
        raise _unusable(path, error) from error


def _unusable(path: Path, error: OSError) -> StoreError:
    return StoreError(
        f"the store {path} cannot be written: {error.strerror or error}; give a file "
        "in a folder that exists and may be written to"
    )


def _begin_session(connection: sqlite3.Connection) -> int | None:
    """Say who writes from now on; it also shows that the file can be written."""
    from surrogo.result import versions  # loads SciPy, which workers do without

    row = (os.getpid(), socket.gethostname(), time.time(), json.dumps(versions()))
    return connection.execute(
        "INSERT INTO session (process, host, begun, versions) VALUES (?, ?, ?, ?)", row
    ).lastrowid


def _memory(number: int, event: Event) -> tuple[int, str, int]:
    data = json.dumps(event.get("memory", {}), allow_nan=False)
    return number, data, zlib.crc32(f"{number} {data}".encode())
