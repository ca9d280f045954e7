"""At most so many simulators at a time, over all processes of this machine."""

from __future__ import annotations

import os
import random
import re
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import sleep

from surrogo.execution.lock import FileLock, Locked

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_SHORTEST, _LONGEST = 0.02, 0.2  # seconds between two tries


@dataclass(frozen=True)
class Tokens:
    """The tokens of a licence: files of which each is locked by one process.

    The operating system gives a token back when its process ends, however it does.

    Parameters
    ----------
    name : str
        Whoever names the same licence shares its tokens.
    n : int
        How many there are.
    folder : Path, optional
        Where the files are; in the folder for temporary files, for one user, if None.

    Examples
    --------
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     with Tokens("solver", 1, Path(folder)).held():
    ...         os.listdir(folder)
    ['solver-0.token']
    """

    name: str
    n: int
    folder: Path | None = None

    def __post_init__(self) -> None:
        if not _NAME.fullmatch(self.name):
            raise ValueError(
                "the name of a licence must be letters, digits, '.', '_' and '-', got "
                f"{self.name!r}"
            )

    @contextmanager
    def held(self) -> Iterator[None]:
        """Wait for a token, and hold it."""
        lock = self._waited_for(self.folder or _own_folder())
        try:
            yield
        finally:
            lock.release()

    def _waited_for(self, folder: Path) -> FileLock:
        owner = f"process {os.getpid()}"
        draw = random.Random()  # which process is served first is nobody's result
        while True:
            for i in draw.sample(range(self.n), self.n):
                try:
                    return FileLock(folder / f"{self.name}-{i}.token", owner)
                except Locked:
                    continue
            sleep(draw.uniform(_SHORTEST, _LONGEST))


def _own_folder() -> Path:
    """Return a folder that belongs to this user, and to nobody else."""
    user = os.getuid() if hasattr(os, "getuid") else os.getlogin()
    folder = Path(tempfile.gettempdir()) / f"surrogo-tokens-{user}"
    folder.mkdir(mode=0o700, exist_ok=True)
    status = folder.lstat()
    strange = hasattr(os, "getuid") and status.st_uid != os.getuid()
    if strange or not stat.S_ISDIR(status.st_mode):
        raise PermissionError(
            f"{folder} should be a folder of yours, and is not; name another one as "
            "the folder of the licence"
        )
    return folder
