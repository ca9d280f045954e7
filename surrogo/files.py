"""Files that appear whole or not at all."""

from __future__ import annotations

import os
import threading
from pathlib import Path


def write_whole(path: str | Path, text: str) -> None:
    """Write text into a file; whoever reads it finds the old one or the new one.

    Raises
    ------
    OSError
        If the file cannot be written; the old one is then as it was.
    """
    target = Path(path)
    # A name of its own, so that two writers do not write into one another's file.
    unique = f"{os.getpid()}.{threading.get_ident()}"
    part = target.with_name(f"{target.name}.{unique}.part")
    try:
        with part.open("w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())  # on the disk before the name points to it
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)
