"""Ctrl-C and SIGTERM: end a run without losing what it has."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any


class Interrupts:
    """What becomes of a run when somebody asks it to end.

    The first signal is noted. Where evaluations need not be finished it breaks off what
    happens `at_once` (an evaluation, waiting for one) by `KeyboardInterrupt`; elsewhere
    the loop looks at `asked`. A second signal raises `KeyboardInterrupt` anywhere.
    Handlers that the user has set himself stay, and so does everything outside the main
    thread, where Python handles no signals.

    Parameters
    ----------
    finish : bool
        Whether evaluations that run are waited for after the first signal.

    Examples
    --------
    >>> import os, signal
    >>> with Interrupts(finish=True) as interrupts:
    ...     os.kill(os.getpid(), signal.SIGTERM)
    ...     interrupts.asked
    True
    """

    def __init__(self, finish: bool) -> None:
        self.asked = False
        self._finish = finish
        self._at_once = False
        self._before: dict[int, Any] = {}

    def __enter__(self) -> Interrupts:
        if threading.current_thread() is threading.main_thread():
            usual = {signal.SIGINT: signal.default_int_handler}
            usual[signal.SIGTERM] = signal.SIG_DFL  # type: ignore[assignment]
            for number, handler in usual.items():
                if signal.getsignal(number) == handler:
                    self._before[number] = signal.signal(number, self._handle)
        return self

    def __exit__(self, *exception: object) -> None:
        while self._before:
            signal.signal(*self._before.popitem())

    @contextmanager
    def at_once(self) -> Iterator[None]:
        """Let the first signal break off what happens inside, unless it is finished."""
        self._at_once = not self._finish
        try:
            if self.asked and self._at_once:
                raise KeyboardInterrupt
            yield
        finally:
            self._at_once = False

    def _handle(self, number: int, frame: FrameType | None) -> None:
        again, self.asked = self.asked, True
        if again or self._at_once:
            raise KeyboardInterrupt
