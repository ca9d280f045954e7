"""Random search: what every other strategy must beat."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from surrogo.checks import FloatArray
from surrogo.optimizers.base import Strategy, View


@dataclass(frozen=True)
class RandomSearch(Strategy):
    """Independent uniform points.

    Examples
    --------
    >>> import surrogo
    >>> result = surrogo.optimize(lambda x: x[0] ** 2, [(-1, 1)], max_evals=20,
    ...                           strategy="random", rng=0)
    >>> result.nfev
    20
    """

    name: ClassVar[str] = "random"

    def propose(
        self, view: View, memory: Any, n: int, rng: np.random.Generator
    ) -> tuple[FloatArray, Any]:
        """Return n uniform points."""
        return rng.random((n, view.space.d)), memory
