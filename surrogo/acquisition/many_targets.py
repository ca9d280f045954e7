"""Probability of improvement for many targets at once: a batch from local to global.

The enhanced method 4 of Jones 2001 ("A taxonomy of global optimization methods based
on response surfaces", section 6): no single target is right, so that all are tried, and
their maximisers, which come in clusters, are the points to evaluate next.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from surrogo import checks
from surrogo.acquisition.base import Criterion
from surrogo.acquisition.improvement import NegativeMean
from surrogo.acquisition.maximise import Search, maximise
from surrogo.acquisition.probability import LogPI
from surrogo.checks import FloatArray
from surrogo.space import Space
from surrogo.surrogates.posterior import Posterior

# Targets lie alpha (max y - min y) below the lowest prediction: from 0, the lowest
# prediction itself, to 3, which like Jones 2001 we take for infinity. The steps
# between are ours: twice as far each time.
ALPHAS = (0.0, *(3.0 * 0.5**i for i in range(14, -1, -1)))
# Maximisers nearer to each other than this, in length scales, are one cluster.
_CLOSE = 0.2
_SEARCH = Search(raw=256, near=128, starts=4)  # for each target


def many_targets(
    model: Posterior,
    space: Space,
    rng: np.random.Generator,
    q: int | None = None,
    search: Search = _SEARCH,
) -> FloatArray:
    """Return a batch of distinct points (k, d) of the unit cube, the most local first.

    Of each cluster the point of its lowest target stays, the most daring one. k is the
    number of clusters, or `q` if there are more: then some from first to last.

    Parameters
    ----------
    model : Posterior
    space : Space
    rng : numpy.random.Generator
    q : int, optional
        Most points to return.
    search : Search
        The work for each of the 16 targets.

    Raises
    ------
    ValueError
        If `q` is below 1.

    Examples
    --------
    >>> import numpy as np
    >>> from surrogo import GaussianProcess, Space
    >>> from surrogo.acquisition import many_targets
    >>> U = np.array([[0.1], [0.2], [0.3], [0.9]])
    >>> gp = GaussianProcess(bounds=[(0, 1)]).fit(U, (U[:, 0] - 0.25) ** 2)
    >>> batch = many_targets(gp.model_, Space.of([(0, 1)]), np.random.default_rng(0))
    >>> batch[[0, -1], 0].round(1)
    array([0.3, 0.7])
    """
    points = _maximisers(model, space, rng, search)
    points = points[_last_of_clusters(points * np.exp(-model.log_l))]
    most = len(points) if q is None else checks.integer(q, "q, the size of a batch,", 1)
    return points[_evenly(len(points), most)]


def _maximisers(
    model: Posterior, space: Space, rng: np.random.Generator, search: Search
) -> FloatArray:
    """Return the best points (t, d), one for each target, the highest target first.

    Each search starts from all points found before, as maximisers move little between
    targets.
    """
    known = model.Z[np.argsort(model.y, kind="stable")[: space.d + 4]]

    def best(criterion: Criterion, found: list[FloatArray]) -> FloatArray:
        near = np.vstack([known, *found])
        return maximise(criterion, model, space, near, rng, search)[0][:1]

    lowest = best(NegativeMean(), [])
    bottom, spread = float(model.mean_std(lowest)[0][0]), float(np.ptp(model.y))
    found: list[FloatArray] = []
    for alpha in ALPHAS:
        criterion = LogPI(bottom - alpha * spread)
        found.append(best(criterion, [lowest, *found]))
    return np.vstack(found)


def _last_of_clusters(points: FloatArray) -> NDArray[np.intp]:
    """Return the last index of every cluster of points (t, d), in ascending order.

    By complete linkage: no cluster is wider than the distance that makes it one, even
    where the maximisers lie on a line from here to there.
    """
    from scipy.cluster.hierarchy import fcluster, linkage

    labels = fcluster(linkage(points, "complete"), _CLOSE, "distance")
    last = {label: index for index, label in enumerate(labels)}
    return np.array(sorted(last.values()))


def _evenly(size: int, most: int) -> NDArray[np.intp]:
    """Return at most `most` of the indices below `size`, the last one among them."""
    if most == 1:
        return np.zeros(1, np.intp)
    steps = np.linspace(0, size - 1, min(size, most))
    return np.asarray(np.round(steps), np.intp)
