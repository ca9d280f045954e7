"""One place for an evaluation: a worker process, and another one when it dies."""

from __future__ import annotations

from dataclasses import dataclass
from time import monotonic
from typing import TYPE_CHECKING, Any

from surrogo.execution.ended import Ended
from surrogo.execution.evaluate import Failure
from surrogo.execution.groups import signal_of
from surrogo.execution.reserve import Reserve
from surrogo.space import Point

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

_STILLBORN = 3  # workers in a row that died before they began an evaluation


@dataclass(frozen=True)
class Job:
    """A point under way; it is sent again to the next worker if it was not begun."""

    id: int
    message: bytes
    begun: float | None = None  # on the monotonic clock, which all processes share

    @classmethod
    def of(cls, id: int, x: Point) -> Job:
        """Pack a point; what cannot be packed raises here."""
        import cloudpickle  # a choice may be anything, also a class of a script

        return cls(id, bytes(cloudpickle.dumps((id, x))))

    def seconds(self) -> float:
        """Return how long the evaluation has taken until now."""
        return 0.0 if self.begun is None else monotonic() - self.begun


class Slot:
    """A worker process with at most one job.

    Attributes
    ----------
    job : Job or None
        None if the slot is free.
    """

    def __init__(self, reserve: Reserve) -> None:
        self._reserve = reserve
        self._process = reserve.new()
        self._stillborn = 0
        self.job: Job | None = None

    @property
    def link(self) -> Connection[Any, Any]:
        """Return the connection to the worker that is there now."""
        return self._process.link

    def begin(self, job: Job) -> None:
        """Give a job to the worker, which must have none."""
        self.job = job
        self._send()

    def _send(self) -> None:
        if self.job is not None:
            try:
                self.link.send(self.job.message)
            except OSError:  # the worker died, which shows when its link is read
                return

    def read(self) -> Ended | None:
        """Take all that has come; return the evaluation that ended with it."""
        try:
            while self.link.poll():
                kind, content = self.link.recv()
                if kind == "ended":
                    return self._ended(content)
                self._note(kind, content)
        except (EOFError, OSError):
            return self._died()
        return None

    def _note(self, kind: str, content: Any) -> None:
        if kind == "broken":
            raise RuntimeError(
                "a worker process cannot read the function or its arguments; put them "
                "where it can import them from, or evaluate without workers. It "
                f"said:\n{content}"
            )
        if self.job is not None:
            self.job = Job(self.job.id, self.job.message, begun=content)
            self._stillborn = 0

    def _ended(self, ended: Ended) -> Ended:
        self.job = None
        return ended

    def _died(self) -> Ended | None:
        code = self._process.end()
        if self.job is None or self.job.begun is None:
            self._stillborn += 1
        if self._stillborn == _STILLBORN:
            raise RuntimeError(
                f"{_STILLBORN} worker processes in a row ended before they began an "
                f"evaluation, the last one {_how(code)}; its own words are in the "
                "output above"
            )
        return self._replace(f"the worker process ended {_how(code)}", transient=True)

    def _replace(self, reason: str, transient: bool) -> Ended | None:
        """Take another worker; return the job as a failure if it was begun."""
        job = self.job
        self._process = self._reserve.replacement()
        if job is None or job.begun is None:
            self._send()
            return None
        self.job = None
        return Ended(job.id, Failure(reason), job.seconds(), transient)

    def left(self, timeout: float) -> float | None:
        """Return how long the evaluation may still take; None if none has begun."""
        if self.job is None or self.job.begun is None:
            return None
        return timeout - self.job.seconds()

    def time_out(self, timeout: float) -> Ended | None:
        """End an evaluation, and the worker with it."""
        self._process.end()
        reason = f"the evaluation took longer than {timeout:g} s and was ended"
        return self._replace(reason, transient=False)

    def ask_to_end(self) -> None:
        """Let an idle worker leave by itself."""
        if self.job is None:
            self._process.ask_to_end()

    def end(self, seconds: float) -> None:
        """End the worker; an idle one has that long to leave by itself."""
        if self.job is None and seconds > 0.0:
            self._process.leave(seconds)
        self._process.end()
        self.job = None


def _how(code: int) -> str:
    """Say how a process ended."""
    return f"with exit code {code}" if code >= 0 else f"by {signal_of(code)}"
