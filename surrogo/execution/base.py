"""Workers: where evaluations run, as the loop that hands out points sees them."""

from __future__ import annotations

from typing import Protocol

from surrogo.execution.ended import Ended
from surrogo.space import Point


class Workers(Protocol):
    """Slots that evaluate points, each on its own; for one thread at a time."""

    def free(self) -> int:
        """Return how many evaluations can be begun now; engines grow and shrink."""
        ...

    def submit(self, id: int, x: Point) -> None:
        """Begin an evaluation; a slot must be free."""
        ...

    def running(self) -> int:
        """Return how many were submitted and did not come out of `wait` yet."""
        ...

    def wait(self, seconds: float | None) -> list[Ended]:
        """Block until at least one has ended, and return those.

        The list is empty if time is over before, if nothing runs, or if more slots
        are free than before. ``None`` is to wait for ever.
        """
        ...

    def abandon(self) -> None:
        """End everything at once, with whatever simulators still run."""
        ...

    def close(self) -> None:
        """End the workers; what still runs is abandoned. May be called twice."""
        ...
