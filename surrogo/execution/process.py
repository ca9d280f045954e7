"""One worker process, as its parent starts and ends it."""

from __future__ import annotations

import os
import signal
import sys
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from surrogo.execution.groups import UNKILLABLE, kill_group
from surrogo.execution.shipping import Order

if TYPE_CHECKING:
    from multiprocessing.connection import Connection
    from subprocess import Popen

# The way is that of the parent before anything is imported by name; the order is read
# before the slow imports, so that a large one does not keep the parent waiting.
_BOOT = """\
import sys
from multiprocessing import connection
link = getattr(connection, sys.argv[1])(int(sys.argv[2]))
sys.path[:], order = link.recv(), link.recv_bytes()
from surrogo.execution.worker import main
main(link, order)
"""

# Those that joblib's loky sets, too.
_THREADS = (
    "BLIS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "NUMBA_NUM_THREADS",
    "NUMEXPR_NUM_THREADS",
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
)


class WorkerProcess:
    """A Python process with a group of its own, and the link to it.

    It reads nothing from the terminal, and the terminal's Ctrl-C does not reach it.
    """

    def __init__(self, order: Order) -> None:
        from multiprocessing.connection import Pipe

        link, its_link = Pipe()
        self.link: Connection[Any, Any] = link
        self._over = False
        reading, self._lifeline = os.pipe()
        try:
            self._process = _started(type(link).__name__, its_link, reading)
        except BaseException:
            self._let_go()
            raise
        finally:
            its_link.close()
            os.close(reading)
        kept = reading if os.name == "posix" else None
        self._send_order(replace(order, lifeline=kept))

    def _send_order(self, order: Order) -> None:
        import pickle

        with suppress(OSError):  # it died already, which shows when it is read from
            self.link.send([path or os.getcwd() for path in sys.path])
            self.link.send_bytes(pickle.dumps(order))

    def ask_to_end(self) -> None:
        """Let it leave by itself, with whatever its modules do at the end."""
        with suppress(OSError):
            self.link.send(None)

    def leave(self, seconds: float) -> None:
        """Wait for it to leave by itself, but no longer than that."""
        with suppress(EOFError, OSError):
            while self.link.poll(seconds):
                self.link.recv_bytes()

    def end(self) -> int:
        """End it with all its children, whatever they do; return how it ended.

        While it has not been waited for its number belongs to no other process, so
        the signal comes first.
        """
        from subprocess import TimeoutExpired

        if not self._over:
            self._over = True
            kill_group(self._process)
            self._let_go()
        try:
            return self._process.wait(UNKILLABLE)
        except TimeoutExpired:  # it hangs in the kernel, on a file system for example
            return -int(signal.SIGTERM)

    def _let_go(self) -> None:
        self.link.close()
        os.close(self._lifeline)


def _started(kind: str, its_link: Connection[Any, Any], lifeline: int) -> Popen[bytes]:
    from multiprocessing.spawn import get_executable
    from subprocess import DEVNULL, Popen

    python = os.fsdecode(get_executable())
    number = its_link.fileno()
    # -P: nothing in the current directory hides a module of the standard library.
    command = [python, "-P", "-c", _BOOT, kind, str(number)]
    if sys.platform == "win32":
        from subprocess import CREATE_NEW_PROCESS_GROUP, STARTUPINFO

        os.set_handle_inheritable(number, True)
        return Popen(
            command,
            stdin=DEVNULL,
            env=_environment(),
            startupinfo=STARTUPINFO(lpAttributeList={"handle_list": [number]}),
            creationflags=CREATE_NEW_PROCESS_GROUP,
        )
    return Popen(
        command,
        stdin=DEVNULL,
        env=_environment(),
        pass_fds=(number, lifeline),
        start_new_session=True,
    )


def _environment() -> dict[str, str]:
    """Return the variables of this process, with one thread for each worker.

    A number that the user set stays, and OMP_NUM_THREADS is meant for all libraries.
    """
    if "OMP_NUM_THREADS" in os.environ:
        return dict(os.environ)
    return dict.fromkeys(_THREADS, "1") | os.environ
