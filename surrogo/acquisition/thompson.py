"""Thompson sampling: evaluate where a function drawn from the model is lowest.

Each point is the minimiser of a draw of its own, so that it is chosen with the
probability that the minimum lies there (Thompson 1933): batches of any size need
nothing more.
"""

from __future__ import annotations

from typing import TypeAlias

import numpy as np

from surrogo.acquisition.improvement import NegativeMean
from surrogo.acquisition.maximise import Search, maximise, raw_points, snap
from surrogo.acquisition.pathwise import Path, draw_path
from surrogo.checks import FloatArray
from surrogo.space import Space
from surrogo.surrogates.laplace import Mixture
from surrogo.surrogates.posterior import Posterior
from surrogo.surrogates.transformed import Transformed

Drawable: TypeAlias = Posterior | Transformed | Mixture

# A path costs less to climb on than its waves cost to sum at many points.
_SEARCH = Search(raw=512, near=256, starts=5)
_JOINT = Search(raw=256, near=128)  # exact draws cost the cube of that


def thompson(
    model: Drawable,
    space: Space,
    incumbents: FloatArray,
    rng: np.random.Generator,
    search: Search = _SEARCH,
) -> tuple[FloatArray, float]:
    """Return the minimiser (d,) of a function drawn from the model, and its minimum.

    Where the kernel does not allow to draw functions (`draw_path`), values are drawn
    jointly at some hundred points, and the lowest is taken.

    Parameters
    ----------
    model : Posterior, Transformed or Mixture
        What `GaussianProcess.model_` may be.
    space : Space
    incumbents : array (k, d)
        Good points of the unit cube, around which part of the search begins.
    rng : numpy.random.Generator
    search : Search

    Examples
    --------
    >>> import numpy as np
    >>> from surrogo import GaussianProcess, Space
    >>> from surrogo.acquisition import thompson
    >>> U = np.linspace(0, 1, 9)[:, None]
    >>> gp = GaussianProcess(bounds=[(0, 1)]).fit(U, (U[:, 0] - 0.4) ** 2)
    >>> rng = np.random.default_rng(0)
    >>> u, lowest = thompson(gp.model_, Space.of([(0, 1)]), U[3:4], rng)
    >>> u.round(1)
    array([0.4])
    """
    if isinstance(model, Mixture):
        model = model.parts[rng.integers(len(model.parts))]
    posterior = model.posterior
    try:
        path = draw_path(posterior, rng)
    except NotImplementedError:
        u, low = minimise_draw(posterior, space, incumbents, rng)
    else:
        u, low = minimise_path(path, space, incumbents, rng, search)
    if isinstance(model, Transformed):
        low = float(model.transform.inverse(np.array(low)))
    return u, low


def minimise_path(
    path: Path,
    space: Space,
    incumbents: FloatArray,
    rng: np.random.Generator,
    search: Search = _SEARCH,
) -> tuple[FloatArray, float]:
    """Return the minimiser (d,) of a path in the unit cube, and its minimum."""
    points, scores = maximise(NegativeMean(), path, space, incumbents, rng, search)
    best: FloatArray = points[0]
    return best, -float(scores[0])


def minimise_draw(
    model: Posterior, space: Space, incumbents: FloatArray, rng: np.random.Generator
) -> tuple[FloatArray, float]:
    """Return the lowest of values drawn jointly at points spread over the cube."""
    points = snap(space, raw_points(space.d, incumbents, rng, _JOINT))
    values = model.draws(points, rng.normal(size=(len(points), 1)))[:, 0]
    lowest = int(np.argmin(values))
    best: FloatArray = points[lowest]
    return best, float(values[lowest])
