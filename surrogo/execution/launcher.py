"""What a simulator's process runs first: it sets limits, then becomes the simulator.

This file is run as a script by a bare Python, for a few milliseconds, and so imports
nothing of ours. Before it gives way it ties its process group to a pipe, whose other
end is held by whoever started the simulator: however he ends (SIGKILL, too), the whole
group ends with him. Workers tie themselves to their parent in the same way.
"""

from __future__ import annotations

import marshal
import os
import signal
import sys
from typing import Any

_NOT_STARTED = 127  # the exit code that shells use for it, too


def main(order: int, lifeline: int) -> None:
    """Read the order, tie this group to the lifeline, and become the program."""
    with open(order, "rb") as pipe:
        data = pipe.read()
    if not data:  # whoever started this is gone
        return
    argv, env, limits = marshal.loads(data)
    if sys.platform == "linux":
        signal_when_closed(lifeline)
    else:
        leave_watcher(lifeline)
    try:
        _limit(limits)
        _undo_what_python_ignores()
        os.execve(argv[0], argv, env)
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or error
        text = f"cannot start {os.fsdecode(argv[0])}: {why}\n"
        os.write(2, text.encode(errors="backslashreplace"))
        os._exit(_NOT_STARTED)


def signal_when_closed(lifeline: int) -> None:
    """Let the kernel send SIGKILL to this group when the other end is closed.

    The simulator keeps the descriptor open and knows nothing of it. Nobody ever writes
    to the pipe: that would send the signal, too. See fcntl(2), "Managing signals".
    """
    if sys.platform == "linux":
        import fcntl

        fcntl.fcntl(lifeline, fcntl.F_SETOWN, -os.getpgrp())
        fcntl.fcntl(lifeline, fcntl.F_SETSIG, signal.SIGKILL)
        flags = fcntl.fcntl(lifeline, fcntl.F_GETFL)
        fcntl.fcntl(lifeline, fcntl.F_SETFL, flags | os.O_ASYNC)
        if _is_closed(lifeline):  # before the kernel was asked
            os.killpg(0, signal.SIGKILL)


def _is_closed(lifeline: int) -> bool:
    import select

    poll = select.poll()
    poll.register(lifeline, 0)
    return bool(poll.poll(0))


def leave_watcher(lifeline: int) -> None:
    """Leave a process in this group that ends it when the other end is closed.

    For systems whose kernel does not. It is nobody's child, as the simulator may wait
    for all of its own.
    """
    child = os.fork()
    if child == 0:
        if os.fork() == 0:
            os.read(lifeline, 1)
            os.killpg(0, signal.SIGKILL)
        os._exit(0)
    os.waitpid(child, 0)
    os.close(lifeline)


def _limit(limits: dict[str, int]) -> None:
    import resource

    for name, value in limits.items():
        kind: Any = getattr(resource, name)
        hard = resource.getrlimit(kind)[1]
        most = value if hard == resource.RLIM_INFINITY else min(value, hard)
        resource.setrlimit(kind, (most, most))


def _undo_what_python_ignores() -> None:
    """Python ignores two signals, which would stay ignored in the simulator."""
    for name in ("SIGPIPE", "SIGXFSZ"):
        signal.signal(getattr(signal, name), signal.SIG_DFL)


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
