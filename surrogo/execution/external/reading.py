"""Files that a simulator wrote: read as text, whatever they are, and only so much."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from surrogo import checks
from surrogo.execution.external.errors import SimulatorError

_MOST = 64 * 2**20  # bytes; a pattern is looked for in the end of a longer file
_LISTED = 10  # names in an error


def text_of(folder: Path, name: str, whole: bool = False) -> str:
    """Return a file as text; of a long one its end, or nothing if it must be whole.

    Raises
    ------
    SimulatorError
        If there is no such file, or it is no ordinary one.
    """
    path = folder / name
    try:
        status = path.stat()
    except (OSError, ValueError):
        raise SimulatorError(f"it wrote no file {name!r}; {_there(folder)}") from None
    if not stat.S_ISREG(status.st_mode):  # reading a FIFO would wait for ever
        raise SimulatorError(f"{name!r} is no ordinary file")
    if whole and status.st_size > _MOST:
        raise SimulatorError(
            f"{name!r} has {status.st_size:,} bytes, and at most {_MOST:,} are read; "
            "write the results into a file of their own"
        )
    return tail(path, _MOST)


def tail(path: Path, n: int) -> str:
    """Return the last `n` bytes of a file as text; what is no text is replaced."""
    with path.open("rb") as file:
        file.seek(max(0, os.fstat(file.fileno()).st_size - n))
        return file.read(n).decode("utf-8", "replace")


def last_words(path: Path, length: int) -> str:
    """Return the last lines of a file in one line of at most `length` characters.

    Empty if there are none.
    """
    try:
        text = tail(path, 8 * length)
    except OSError:
        return ""
    words = " ".join(text.split())
    words = "".join(c if c.isprintable() else "?" for c in words)
    return words if len(words) <= length else "..." + words[3 - length :]


def _there(folder: Path) -> str:
    names = sorted(os.listdir(folder))
    some = ", ".join(checks.cut(name, 40) for name in names[:_LISTED])
    more = f" and {len(names) - _LISTED} more" if len(names) > _LISTED else ""
    return f"its folder has {some}{more}"
