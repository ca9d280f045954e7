"""Draws of the minimum of a function from its model, for entropy search."""

from __future__ import annotations

import math

import numpy as np
from scipy.special import log_ndtr

from surrogo.acquisition.improvement import standardised
from surrogo.acquisition.maximise import Search
from surrogo.acquisition.thompson import Drawable, thompson
from surrogo.checks import FloatArray
from surrogo.samplers import Sobol
from surrogo.space import Space
from surrogo.surrogates.base import Predictive

_COUNT = 16  # Wang & Jegelka 2017 see no gain from more than ten
_SEARCH = Search(raw=256, near=128, starts=3)  # for each of the paths
_POINTS = 2048  # at which the minimum is sought for Gumbel's distribution
_HALVINGS = 60  # of the bracket of a quantile: to the last digit


def path_minima(
    model: Drawable,
    space: Space,
    incumbents: FloatArray,
    rng: np.random.Generator,
    count: int = _COUNT,
) -> FloatArray:
    """Return minima (count,) of functions drawn from the model.

    Wang & Jegelka 2017, section 3.1, second method. Slower than `gumbel_minima`, but
    nothing is assumed.

    Examples
    --------
    >>> import numpy as np
    >>> from surrogo import GaussianProcess, Space
    >>> from surrogo.acquisition import path_minima
    >>> gp = GaussianProcess(bounds=[(0, 1)]).fit([[0], [0.5], [1]], [0.2, 0, 1])
    >>> rng, space = np.random.default_rng(0), Space.of([(0, 1)])
    >>> minima = path_minima(gp.model_, space, gp.model_.Z[1:2], rng, count=4)
    >>> bool(minima.max() < gp.model_.y.min() + 1e-3)
    True
    """
    return np.array(
        [thompson(model, space, incumbents, rng, _SEARCH)[1] for _ in range(count)]
    )


def gumbel_minima(
    model: Predictive,
    space: Space,
    incumbents: FloatArray,
    rng: np.random.Generator,
    count: int = _COUNT,
) -> FloatArray:
    """Return draws (count,) of the minimum, by Gumbel's distribution.

    Values at many points are taken for independent: so the minimum comes out lower than
    it is. Quartiles and median of their minimum give the distribution (Wang & Jegelka
    2017, section 3.1, first method), which ends at the lowest mean of the incumbents:
    there the function is as low already.

    Examples
    --------
    >>> import numpy as np
    >>> from surrogo import GaussianProcess, Space
    >>> from surrogo.acquisition import gumbel_minima
    >>> gp = GaussianProcess(bounds=[(0, 1)]).fit([[0], [0.5], [1]], [0.2, 0, 1])
    >>> rng, space = np.random.default_rng(0), Space.of([(0, 1)])
    >>> gumbel_minima(gp.model_, space, gp.model_.Z[1:2], rng, count=4).shape
    (4,)
    """
    points = Sobol().sample_unit(_POINTS, space.d, rng)
    U = np.vstack([space.to_unit(space.from_unit(points)), incumbents])
    mean, std = model.mean_std(U)
    quantiles = [quantile_of_minimum(mean, std, p) for p in (0.25, 0.5, 0.75)]
    location, scale = gumbel_of_quartiles(*quantiles)
    # the minimum is low where -f* is high: -f* = location - scale log(-log u)
    draws = scale * np.log(rng.exponential(size=count)) - location
    return np.minimum(draws, np.min(mean[_POINTS:], initial=np.inf))


def quantile_of_minimum(mean: FloatArray, std: FloatArray, p: float) -> float:
    """Return the quantile of the lowest of independent normal variables (m,).

    P(min > y) = prod_i Phi((mean_i - y) / std_i); solved by halving.
    """
    low = float(np.min(mean - 10.0 * std))
    high = float(np.min(mean + 10.0 * std))
    for _ in range(_HALVINGS):
        middle = 0.5 * (low + high)
        z, _ = standardised(middle, mean, std)
        if float(np.sum(log_ndtr(-z))) > math.log1p(-p):
            low = middle
        else:
            high = middle
    return 0.5 * (low + high)


def gumbel_of_quartiles(
    lower: float, median: float, upper: float
) -> tuple[float, float]:
    """Return location and scale of Gumbel's distribution of -f*.

    Its quantile of order p is location - scale log(-log p); the quartiles of f* give
    the scale, its median the location.
    """
    gap = math.log(-math.log(0.25)) - math.log(-math.log(0.75))
    scale = (upper - lower) / gap
    return -median + scale * math.log(math.log(2.0)), scale
