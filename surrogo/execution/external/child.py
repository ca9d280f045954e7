"""One run of a program: started without a shell, and ended with all its children."""

from __future__ import annotations

import marshal
import os
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from io import RawIOBase
from pathlib import Path
from subprocess import DEVNULL, Popen, TimeoutExpired
from time import monotonic
from typing import IO

from surrogo.execution import launcher
from surrogo.execution.external.errors import SimulatorError
from surrogo.execution.groups import UNKILLABLE, kill_group, signal_of

STDOUT, STDERR = "stdout.txt", "stderr.txt"

_EVERY = 1.0  # seconds between two looks at the disk space in use
_SHARE = 20  # looking takes at most one part in so many of the time
_BLOCK = 512  # bytes; the unit of st_blocks


@dataclass(frozen=True)
class Limits:
    """What one run of a program may take.

    Attributes
    ----------
    seconds : float or None
    memory : int or None
        Bytes of address space of each of its processes; not on Windows.
    output : int
        Bytes of disk that it may add to its folder, and of any single file.
    """

    seconds: float | None
    memory: int | None
    output: int

    def by_name(self) -> dict[str, int]:
        """Return the limits that the kernel keeps; nobody needs a core dump."""
        memory = {} if self.memory is None else {"RLIMIT_AS": self.memory}
        return {"RLIMIT_CORE": 0, "RLIMIT_FSIZE": self.output} | memory


def run(
    argv: Sequence[str], env: Mapping[str, str], folder: Path, limits: Limits
) -> int:
    """Run a program in `folder` to its end, and return its exit code.

    Whatever happens, nothing of its process group lives on. What it prints is in
    the files `STDOUT` and `STDERR` of the folder.

    Raises
    ------
    SimulatorError
        If it was ended because of a limit.
    OSError
        If no process could be started.
    """
    with (
        (folder / STDOUT).open("xb") as out,
        (folder / STDERR).open("xb") as err,
        _Child(argv, env, folder, limits, (out, err)) as child,
    ):
        return child.wait()


class _Child:
    def __init__(
        self,
        argv: Sequence[str],
        env: Mapping[str, str],
        folder: Path,
        limits: Limits,
        streams: tuple[IO[bytes], IO[bytes]],
    ) -> None:
        self._folder, self._limits = folder, limits
        self._before = disk_use(folder)
        self._process: Popen[bytes] | None = None
        reading, self._lifeline = os.pipe()
        try:
            self._process = _started(argv, env, limits, folder, streams, reading)
        except BaseException:
            self._end()
            raise
        finally:
            os.close(reading)

    def __enter__(self) -> _Child:
        return self

    def __exit__(self, *exception: object) -> None:
        self._end()

    def _end(self) -> None:
        """End the group; where nobody knows its number yet, the lifeline does it."""
        if self._process is not None:
            kill_group(self._process)
        os.close(self._lifeline)
        if self._process is not None:
            with suppress(TimeoutExpired):  # it hangs in the kernel, in a file system
                self._process.wait(UNKILLABLE)

    def wait(self) -> int:
        """Wait for the end, and look now and then at what the program takes."""
        assert self._process is not None
        look = monotonic()
        seconds = self._limits.seconds
        until = float("inf") if seconds is None else look + seconds
        with _Watch(self._process) as watch:
            while not watch.ended(max(0.0, min(until, look) - monotonic())):
                if (now := monotonic()) >= until:
                    raise SimulatorError(
                        f"it took longer than {seconds:g} s and was ended"
                    )
                self._look()
                look = monotonic() + max(_EVERY, _SHARE * (monotonic() - now))
        kill_group(self._process)  # those whom it left behind
        return self._process.wait()

    def _look(self) -> None:
        if disk_use(self._folder) - self._before > self._limits.output:
            raise SimulatorError(
                f"it filled its folder with more than {self._limits.output:,} bytes "
                "and was ended; raise output_limit if it needs them"
            )


def disk_use(folder: Path) -> int:
    """Return the bytes of disk below `folder`; links are not followed."""
    total = 0
    waiting = [os.fspath(folder)]
    while waiting:
        with suppress(OSError), os.scandir(waiting.pop()) as entries:
            for entry in entries:
                with suppress(OSError):  # it was deleted in this moment
                    status = entry.stat(follow_symlinks=False)
                    blocks = getattr(status, "st_blocks", None)
                    total += status.st_size if blocks is None else blocks * _BLOCK
                    if entry.is_dir(follow_symlinks=False):
                        waiting.append(entry.path)
    return total


class _Watch:
    """Waits for a process without taking its exit code.

    Until that is taken, its number, which is that of its group, belongs to no other.
    """

    def __init__(self, process: Popen[bytes]) -> None:
        self._process = process
        self._descriptor: int | None = None
        if sys.platform == "linux":
            with suppress(OSError):  # of kernels that do not know it
                self._descriptor = os.pidfd_open(process.pid)

    def __enter__(self) -> _Watch:
        return self

    def __exit__(self, *exception: object) -> None:
        if self._descriptor is not None:
            os.close(self._descriptor)

    def ended(self, seconds: float) -> bool:
        """Wait for so long, and say whether the process has ended."""
        if self._descriptor is not None:
            from multiprocessing.connection import wait

            return bool(wait([self._descriptor], seconds))
        try:
            self._process.wait(seconds)
        except TimeoutExpired:
            return False
        return True


def _started(
    argv: Sequence[str],
    env: Mapping[str, str],
    limits: Limits,
    folder: Path,
    streams: tuple[IO[bytes], IO[bytes]],
    lifeline: int,
) -> Popen[bytes]:
    out, err = streams
    if sys.platform == "win32":
        from subprocess import CREATE_NEW_PROCESS_GROUP

        return Popen(
            list(argv),
            stdin=DEVNULL,
            stdout=out,
            stderr=err,
            cwd=folder,
            env=dict(env),
            creationflags=CREATE_NEW_PROCESS_GROUP,
        )
    from multiprocessing.spawn import get_executable

    python = os.fsdecode(get_executable())
    reading, writing = os.pipe()
    with open(reading, "rb"), open(writing, "wb", buffering=0) as order:
        process = Popen(
            [python, "-I", "-S", launcher.__file__, str(reading), str(lifeline)],
            stdin=DEVNULL,
            stdout=out,
            stderr=err,
            cwd=folder,
            pass_fds=(reading, lifeline),
            start_new_session=True,
        )
        _send(order, argv, env, limits.by_name())
    return process


def _send(
    order: RawIOBase,
    argv: Sequence[str],
    env: Mapping[str, str],
    limits: Mapping[str, int],
) -> None:
    """Tell the launcher what to start: its own environment must stay sane."""
    variables = {os.fsencode(key): os.fsencode(value) for key, value in env.items()}
    data = marshal.dumps(([os.fsencode(a) for a in argv], variables, dict(limits)))
    with suppress(BrokenPipeError):  # it died, which shows in its exit code
        while data:
            data = data[order.write(data) or 0 :]


def how_ended(code: int, limits: Limits) -> str:
    """Say how a program ended, from its exit code.

    Examples
    --------
    >>> how_ended(3, Limits(None, None, 10)), how_ended(-11, Limits(None, None, 10))
    ('it ended with exit code 3', 'it was ended by SIGSEGV')
    """
    if code >= 0:
        return f"it ended with exit code {code}"
    name = signal_of(code)
    if name == "SIGXFSZ":
        name += (
            f": it wrote a file of more than {limits.output:,} bytes; raise "
            "output_limit if it needs them"
        )
    return f"it was ended by {name}"
