"""Batches by expected improvement: what one is worth, and a good one.

Adding greedily the point that adds most comes within 1 - 1/e of the best batch (Wilson,
Hutter & Deisenroth 2018), and each of its points is found by a search in d variables
instead of all of them in q d.
"""

from __future__ import annotations

import numpy as np

from surrogo import checks
from surrogo.acquisition.base import Criterion
from surrogo.acquisition.improvement import LogEI
from surrogo.acquisition.joint import DRAWS, JointLogEI
from surrogo.acquisition.maximise import Search, maximise
from surrogo.checks import FloatArray
from surrogo.space import Space
from surrogo.surrogates.posterior import Posterior

_SEARCH = Search()


def batch_improvement(
    model: Posterior,
    best: float,
    U: FloatArray,
    rng: np.random.Generator,
    draws: int = DRAWS,
) -> float:
    """Return the expected improvement of a batch U (q, d) below `best`: qEI.

    The sum of what each point adds to those before it.

    Examples
    --------
    >>> import numpy as np
    >>> from surrogo import GaussianProcess
    >>> from surrogo.acquisition import EI, batch_improvement
    >>> gp = GaussianProcess(bounds=[(0, 1)]).fit([[0], [0.5], [1]], [0.1, 0, 0.1])
    >>> rng, U = np.random.default_rng(0), np.array([[0.25], [0.75]])
    >>> one, two = EI(0.0).score(gp.model_, U)
    >>> both = batch_improvement(gp.model_, 0.0, U, rng)
    >>> bool(max(one, two) < both < one + two)
    True
    """
    gains = [
        JointLogEI.of(model, best, U[:j], rng, draws).score(model, U[j : j + 1])[0]
        for j in range(len(U))
    ]
    return float(np.sum(np.exp(gains)))


def greedy_batch(
    model: Posterior,
    space: Space,
    pending: FloatArray,
    rng: np.random.Generator,
    q: int,
    *,
    best: float | None = None,
    search: Search = _SEARCH,
) -> FloatArray:
    """Return q points (q, d) of the unit cube, each adding most to those before it.

    Parameters
    ----------
    model : Posterior
    space : Space
    pending : array (p, d)
        Points under way; p may be 0, and p + q should not be larger than 8.
    rng : numpy.random.Generator
    q : int
    best : float, optional
        The value to improve on, in the units of the model; the lowest of its data if
        left out.
    search : Search

    Raises
    ------
    ValueError
        If q is below 1.

    Examples
    --------
    >>> import numpy as np
    >>> from surrogo import GaussianProcess, Space
    >>> from surrogo.acquisition import greedy_batch
    >>> gp = GaussianProcess(bounds=[(0, 1)]).fit([[0], [0.5], [1]], [0.1, 0, 0.1])
    >>> rng, space = np.random.default_rng(0), Space.of([(0, 1)])
    >>> batch = greedy_batch(gp.model_, space, np.empty((0, 1)), rng, q=2)
    >>> bool((batch[0, 0] < 0.5) != (batch[1, 0] < 0.5))
    True
    """
    q = checks.integer(q, "q, the size of a batch,", 1)
    level = float(np.min(model.y)) if best is None else best
    near = model.Z[np.argsort(model.y, kind="stable")[: space.d + 4]]
    points = pending
    for _ in range(q):
        criterion: Criterion = LogEI(level)
        if len(points):
            criterion = JointLogEI.of(model, level, points, rng)
        found, _ = maximise(criterion, model, space, near, rng, search)
        points = np.vstack([points, found[:1]])
    return points[len(pending) :]
