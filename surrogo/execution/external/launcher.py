"""What a simulator's process runs first: it sets limits, then becomes the simulator.

This file is run as a script by a bare Python, for a few milliseconds. Before it gives
way it leaves a watcher behind, a process of the same group that waits for the other
end of a pipe to close. Whoever started the simulator holds that end, and however he
ends (SIGKILL, too), the whole group ends with him.
"""

from __future__ import annotations

import marshal
import os
import signal
import sys
from typing import Any

_NOT_STARTED = 127  # the exit code that shells use for it, too


def main(lifeline: int) -> None:
    """Read the order, leave a watcher, and become the program."""
    data = _everything(lifeline)
    if data is None:  # whoever started this is gone
        return
    argv, env, limits = marshal.loads(data)
    _leave_watcher(lifeline)
    os.close(lifeline)
    try:
        _limit(limits)
        _undo_what_python_ignores()
        os.execve(argv[0], argv, env)
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or error
        text = f"cannot start {os.fsdecode(argv[0])}: {why}\n"
        os.write(2, text.encode(errors="backslashreplace"))
        os._exit(_NOT_STARTED)


def _everything(lifeline: int) -> bytes | None:
    head = _exactly(lifeline, 8)
    return None if head is None else _exactly(lifeline, int.from_bytes(head, "big"))


def _exactly(lifeline: int, n: int) -> bytes | None:
    got = b""
    while len(got) < n:
        piece = os.read(lifeline, n - len(got))
        if not piece:
            return None
        got += piece
    return got


def _leave_watcher(lifeline: int) -> None:
    """Start the watcher as nobody's child: the simulator may wait for all of its."""
    child = os.fork()
    if child == 0:
        if os.fork() == 0:
            os.read(lifeline, 1)  # nothing is written any more: this is its end
            os.killpg(0, signal.SIGKILL)
        os._exit(0)
    os.waitpid(child, 0)


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
    main(int(sys.argv[1]))
