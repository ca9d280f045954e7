"""One process at a time: a lock file that the operating system holds.

The lock goes with the process, however it ends, and is not inherited by its children.
The file says who holds the lock, for the error of others, and is removed with it.
"""

from __future__ import annotations

import os
import sys
import threading
from contextlib import suppress
from pathlib import Path

# POSIX locks keep other processes out but not the one that holds them, which loses them
# when it closes any descriptor of the file. So a process remembers device, inode and
# label of the files it has locked, and does not open them again.
_held: dict[tuple[int, int], str] = {}
_guard = threading.Lock()
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


def _locked_file(path: Path) -> int:
    """Return the descriptor of the file at `path`, locked."""
    for _ in range(_TRIES):
        if (owner := _held.get(_key(path))) is not None:
            raise Locked(owner)
        file = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
        try:
            if not _lock(file):
                label = os.read(file, _LABEL).decode(errors="replace")
                raise Locked(label.strip())
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

    def _lock(file: int) -> bool:
        os.lseek(file, 2 * _LABEL, os.SEEK_SET)  # beyond the label, which others read
        try:
            msvcrt.locking(file, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        finally:
            os.lseek(file, 0, os.SEEK_SET)
        return True

else:
    import fcntl

    def _lock(file: int) -> bool:
        try:
            fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except (BlockingIOError, PermissionError):
            return False
        return True
