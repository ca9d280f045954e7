"""The journal of a run: every event is on the disk before anything else happens."""

from __future__ import annotations

import json
import os
import socket
import sqlite3
import time
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from surrogo.events import Event, without_memory
from surrogo.execution.lock import FileLock, Locked
from surrogo.execution.store_file import StoreError, chain, connect, create
from surrogo.execution.store_reader import contents, fail

_EVENT = "INSERT INTO event VALUES (?, ?, ?, ?)"
_MEMORY = "REPLACE INTO memory VALUES (1, ?, ?, ?)"


class Journal:
    """A store that this process writes; nobody else can while it is open.

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
    ...     journal.append({"event": "budget", "max_evals": 4})
    ...     journal.close("done")
    ...     again = Journal(Path(folder) / "run.db", {})
    ...     again.close()
    >>> again.contents.head, again.contents.events
    ({'seed': 1}, [{'event': 'budget', 'max_evals': 4}])
    """

    def __init__(self, path: str | Path, head: Mapping[str, Any]) -> None:
        self.path = Path(path).resolve()  # one lock, whatever links lead there
        self._process = os.getpid()
        self._unwritten: list[tuple[int, float, Event]] = []
        self._closed = False
        self._lock = _locked(self.path)
        try:
            self._connection = self._opened(head)
        except BaseException:
            self._lock.release()
            raise

    def append(self, event: Event) -> None:
        """Write an event; it is on the disk when this returns.

        One that cannot be written is kept and written with the next one, unless it is
        an ask, which then has not happened.

        Raises
        ------
        StoreError
            If it cannot be written.
        """
        self._check_open()
        number = self._n + len(self._unwritten)
        self._unwritten.append((number, time.time(), event))
        try:
            self._write()
        except sqlite3.Error as error:
            if event["event"] == "ask":
                self._unwritten.pop()
            fail(self.path, error)

    def close(self, status: str | None = None) -> None:
        """Write what is left, say how the run ended, and let others have the store."""
        if self._closed or os.getpid() != self._process:  # a fork owns nothing
            return
        self._closed = True
        try:
            if self._unwritten:
                self._write()
            self._connection.execute(
                "UPDATE session SET ended = ?, status = ? WHERE number = ?",
                (time.time(), status, self._session),
            )
        except sqlite3.Error as error:
            fail(self.path, error)
        finally:
            self._connection.close()
            self._lock.release()

    def _opened(self, head: Mapping[str, Any]) -> sqlite3.Connection:
        try:
            if not self.path.exists():
                create(self.path, json.dumps(head, allow_nan=False))
            connection = connect(self.path)
            try:
                self.contents = contents(connection, self.path)
                self._n, self._chain = len(self.contents.events), self.contents.chain
                connection.execute("PRAGMA journal_mode = WAL")
                self._session = _begin_session(connection)
            except BaseException:
                connection.close()
                raise
        except sqlite3.Error as error:
            fail(self.path, error)
        except OSError as error:
            raise _unusable(self.path, error) from error
        return connection

    def _write(self) -> None:
        """Write all events that wait, in one transaction."""
        run = self._connection.execute
        last = self._chain
        try:
            run("BEGIN IMMEDIATE")
            for number, moment, event in self._unwritten:
                data = json.dumps(without_memory(event), allow_nan=False)
                last = chain(last, number, moment, data)
                run(
                    "INSERT INTO event VALUES (?, ?, ?, ?)",
                    (number, moment, data, last),
                )
                if event["event"] == "ask":
                    run(
                        "REPLACE INTO memory VALUES (1, ?, ?, ?)",
                        _memory(number, event),
                    )
            n = self._n + len(self._unwritten)
            run("UPDATE tail SET n = ?, chain = ?", (n, last))
            run("COMMIT")
        except BaseException:
            self._look_again()
            raise
        self._n, self._chain = n, last
        self._unwritten.clear()

    def _look_again(self) -> None:
        """Find out what is on the disk after an interruption at any point."""
        if self._connection.in_transaction:
            self._connection.execute("ROLLBACK")
        tail = self._connection.execute("SELECT n, chain FROM tail").fetchone()
        self._n, self._chain = tail
        self._unwritten = [one for one in self._unwritten if one[0] >= self._n]

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
