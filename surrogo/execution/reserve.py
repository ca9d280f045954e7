"""Where slots get their worker processes from."""

from __future__ import annotations

from contextlib import suppress

from surrogo.execution.process import WorkerProcess
from surrogo.execution.shipping import Order


class Reserve:
    """Starts workers, and keeps one ready as soon as one was lost.

    A start takes a quarter of a second, mostly for NumPy, in which the slot of a dead
    worker would idle. Where no worker ever dies, no process is started in vain.
    """

    def __init__(self, order: Order) -> None:
        self._order = order
        self._spare: WorkerProcess | None = None

    def new(self) -> WorkerProcess:
        """Start a worker."""
        return WorkerProcess(self._order)

    def replacement(self) -> WorkerProcess:
        """Return a worker in place of one that was lost."""
        taken, self._spare = self._spare or self.new(), None
        with suppress(OSError):  # the machine is full; the slot has its worker
            self._spare = self.new()
        return taken

    def end(self) -> None:
        """End the worker that nobody took."""
        if self._spare is not None:
            self._spare.end()
            self._spare = None
