"""One process at a time: a lock file that the operating system holds.

The lock goes with the process, however it ends, and is not inherited by its children.
The file says who holds the lock, for the error of others, and is removed with it.
"""

from __future__ import annotations

import os
import struct
import sys
import threading
from contextlib import suppress
from pathlib import Path

# POSIX locks keep other processes out but not the one that holds them, which loses them
# when it closes any descriptor of the file. So a process remembers device, inode and
# label of the files it has locked, and does not open them again.
_held: dict[tuple[int, int], str] = {}
_guard = threading.Lock()
_PLAIN = getattr(os, "O_NOFOLLOW", 0)  # a link would let others choose what we empty
_TRIES = 100  # another process may remove the file between our opening and locking it
_LABEL = 1000  # bytes


class Locked(Exception):
    """Somebody else holds the lock; the text says who, where that is known."""


class FileLock:
    """The lock of a path, held from the beginning until `release`.

    Raises
    ------
    Locked
        If another process holds it, or this one already does.
    OSError
        If the file cannot be made.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "run.db-lock"
    ...     lock = FileLock(path, "process 1")
    ...     try:
    ...         FileLock(path, "process 2")
    ...     except Locked as refused:
    ...         print(refused)
    ...     lock.release()
    ...     path.exists()
    process 1
    False
    """

    def __init__(self, path: Path, owner: str) -> None:
        self.path = path
        with _guard:
            self._file = _locked_file(path)
            self._key: tuple[int, int] | None = _key(self._file)
            _held[self._key] = owner
        with suppress(OSError):  # on a full disk the lock holds without its label
            os.truncate(self._file, 0)
            os.write(self._file, owner.encode()[:_LABEL])

    def release(self) -> None:
        """Give the lock back; a second time nothing happens."""
        if self._key is None:
            return
        with suppress(OSError):  # Windows removes no file that is open
            self.path.unlink()  # while it is locked, so that nobody is misled
        with _guard:
            del _held[self._key]
            os.close(self._file)  # which unlocks it
            self._key = None


def holder(path: Path) -> str | None:
    """Say who holds the lock of a path; None if nobody does. The lock is left alone.

    Raises
    ------
    OSError
        If there is a file that cannot be read.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     lock = FileLock(Path(folder) / "run.db-lock", "process 1")
    ...     print(holder(lock.path))
    ...     lock.release()
    ...     print(holder(lock.path))
    process 1
    None
    """
    with _guard:
        if (owner := _held.get(_key(path))) is not None:
            return owner
        try:
            file = os.open(path, os.O_RDONLY | _PLAIN)
        except FileNotFoundError:
            return None
        try:
            return _label(file) if _is_locked(file) else None
        finally:
            os.close(file)


def _label(file: int) -> str:
    """Return what the owner of a lock wrote into its file."""
    return os.read(file, _LABEL).decode(errors="replace").strip()


def _locked_file(path: Path) -> int:
    """Return the descriptor of the file at `path`, locked."""
    for _ in range(_TRIES):
        if (owner := _held.get(_key(path))) is not None:
            raise Locked(owner)
        file = os.open(path, os.O_RDWR | os.O_CREAT | _PLAIN, 0o644)
        try:
            if not _lock(file):
                raise Locked(_label(file))
            if _key(file) == _key(path):
                return file  # else its owner has removed it meanwhile
        except BaseException:
            os.close(file)
            raise
        os.close(file)
    raise Locked("")


def _key(file: int | Path) -> tuple[int, int]:
    """Return device and inode of a file; of none if there is none."""
    try:
        status = os.stat(file)
    except FileNotFoundError:
        return -1, -1
    return status.st_dev, status.st_ino


if sys.platform == "win32":  # pragma: no cover
    import msvcrt

    def _lock(file: int, mode: int = msvcrt.LK_NBLCK) -> bool:
        os.lseek(file, 2 * _LABEL, os.SEEK_SET)  # beyond the label, which others read
        try:
            msvcrt.locking(file, mode, 1)
        except OSError:
            return False
        finally:
            os.lseek(file, 0, os.SEEK_SET)
        return True

    def _is_locked(file: int) -> bool:
        if not _lock(file):  # there is no way to ask but to try
            return True
        _lock(file, msvcrt.LK_UNLCK)
        return False

else:
    import fcntl

    # struct flock of fcntl(2): type, whence, start, length, process; elsewhere than on
    # Linux the types come last.
    _FIRST = sys.platform == "linux"
    _FLOCK = "hhqqi" if _FIRST else "qqihh"

    def _lock(file: int) -> bool:
        try:
            fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except (BlockingIOError, PermissionError):
            return False
        return True

    def _is_locked(file: int) -> bool:
        kind = [fcntl.F_WRLCK, os.SEEK_SET]
        asked = [*kind, 0, 0, 0] if _FIRST else [0, 0, 0, *kind]
        answer = fcntl.fcntl(file, fcntl.F_GETLK, struct.pack(_FLOCK, *asked))
        found = struct.unpack(_FLOCK, answer)[0 if _FIRST else 3]
        return bool(found != fcntl.F_UNLCK)
