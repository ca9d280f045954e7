"""How much a strategy may think: a level, chosen by the clock and put on record.

The clock never steers a computation itself. It chooses the level before an ask, the
level is part of the ask on record, and a strategy that reads it in its view gives the
same points at the same level.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence

import numpy as np

# Global models see all points, and hyper-parameters follow them; or some hundred of
# them, with hyper-parameters as they were.
HASTY, USUAL = 0, 1

# Thinking may take this share of the time of an evaluation (evidence file, table of
# recommendations), and so many seconds in any case: less where evaluations are known to
# be quick, more where nothing is known of them.
_SHARE, _KNOWN, _UNKNOWN = 0.2, 1.0, 5.0
_LOOKS = 3  # asks that must all have taken too long: one may have been disturbed
RECENT = 20  # trials among whose evaluations the median is the time of one


class Pace:
    """The seconds that asks at the usual level took, a point: the last few.

    Examples
    --------
    >>> from surrogo.optimizers.effort import Pace
    >>> pace = Pace()
    >>> for _ in range(3):
    ...     pace.thought(4.0, level=1)
    >>> pace.level([0.1, 0.1]), pace.level([60.0]), pace.level([])
    (0, 1, 1)
    """

    def __init__(self) -> None:
        self._usual: deque[float] = deque(maxlen=_LOOKS)

    def thought(self, seconds: float, level: int) -> None:
        """Take in how long a point took at a level."""
        if level == USUAL:
            self._usual.append(seconds)

    def level(self, evaluations: Sequence[float], last: int = USUAL) -> int:
        """Return the level for the next ask.

        Parameters
        ----------
        evaluations : sequence of float
            Seconds that recent evaluations took.
        last : int
            The level of the last ask, which stays while nothing else is known.
        """
        if len(self._usual) < _LOOKS:
            return last
        limit = _UNKNOWN
        if len(evaluations):
            limit = max(_KNOWN, _SHARE * float(np.median(evaluations)))
        return HASTY if min(self._usual) > limit else USUAL
