"""One integer from which every generator of a run is made."""

from __future__ import annotations

from typing import Any

import numpy as np

from surrogo import checks


def seed_of(rng: Any) -> int:
    """Return the seed that `rng` stands for (SPEC 7): a new one for None.

    Raises
    ------
    ValueError
        If `rng` is neither None nor an integer of at least 0 nor a generator.

    Examples
    --------
    >>> seed_of(7)
    7
    """
    if isinstance(rng, int | np.integer) and rng >= 0:
        return int(rng)
    try:
        return int(np.random.default_rng(rng).integers(2**63))
    except (TypeError, ValueError) as error:
        raise ValueError(
            "rng must be None, an integer of at least 0 or a numpy.random.Generator, "
            f"got {checks.shown(rng)}"
        ) from error
