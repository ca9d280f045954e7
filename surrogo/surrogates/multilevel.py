"""Compactly supported functions level by level, from coarse to fine."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from surrogo import checks
from surrogo.checks import FloatArray
from surrogo.surrogates import wendland
from surrogo.surrogates.compact_model import CompactModel, CompactProcess
from surrogo.surrogates.compact_rbf import radius_of, ridge_of
from surrogo.surrogates.estimator import Surrogate
from surrogo.surrogates.ordering import IntArray, maxmin_order
from surrogo.surrogates.sites import Sites
from surrogo.surrogates.trends import TRENDS, Trend

# The coarsest level has at most this many points; its functions reach across the cube.
_COARSEST = 100
# Each level has 2^d times the points of the one before it, but at most this many times,
# because in many variables few points are all there are: the distance of points halves.
_MOST_GROWTH = 8


@dataclass(frozen=True, eq=False)
class MultilevelModel:
    """A sum of sparse interpolants, each of the residuals of those before it.

    Examples
    --------
    >>> import numpy as np
    >>> from surrogo.surrogates.compact_model import CompactProcess
    >>> from surrogo.surrogates.multilevel import MultilevelModel
    >>> from surrogo.surrogates.trends import Trend
    >>> from surrogo.surrogates.wendland import Wendland
    >>> Z = np.random.default_rng(0).random((1000, 2))
    >>> process = CompactProcess(Wendland(2), Trend.of("constant", 2), np.zeros(2), 0.0)
    >>> model = MultilevelModel.of(process, Z, np.sin(9 * Z[:, 0]))
    >>> [len(level.c) for level in model.levels]
    [62, 250, 1000]
    """

    levels: tuple[CompactModel, ...]

    @classmethod
    def of(
        cls, process: CompactProcess, Z: FloatArray, y: FloatArray
    ) -> MultilevelModel:
        """Fit to points Z (N, d) and values y (N,) of order 1.

        The length scales of `process` are replaced by the radius of each level; its
        trend belongs to the first.
        """
        sites = Sites.merged(Z, y)
        levels: list[CompactModel] = []
        for rows in nested(sites.Z, 2 * process.trend.p):
            last = len(rows) == len(sites.Z)
            at, rest = (Z, y) if last else (sites.Z[rows], sites.values[rows])
            for level in levels:
                rest = rest - level.mean(at)
            levels.append(_level(process, at, rest, not levels))
        return cls(tuple(levels))

    def mean(self, Z: FloatArray) -> FloatArray:
        """Return the interpolant (m,) at Z (m, d)."""
        return np.asarray(np.sum([level.mean(Z) for level in self.levels], axis=0))

    def mean_std(self, Z: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return mean and standard deviation (m,) at Z (m, d).

        The deviation is that of the last level: what is below it counts as known.
        """
        return self.mean(Z), self.levels[-1].mean_std(Z)[1]

    def mean_std_gradients(
        self, Z: FloatArray
    ) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
        """Return mean, std (m,) and their gradients (m, d) at Z (m, d)."""
        slope = np.sum([level.mean_slope(Z) for level in self.levels[:-1]], axis=0)
        _, std, last, std_slope = self.levels[-1].mean_std_gradients(Z)
        return self.mean(Z), std, slope + last, std_slope


def nested(Z: FloatArray, least: int = 1) -> list[IntArray]:
    """Return the rows of each level, coarse to fine: beginnings of a max-min order.

    No level has fewer than `least` rows, unless Z (n, d) has.

    Examples
    --------
    >>> import numpy as np
    >>> from surrogo.surrogates.multilevel import nested
    >>> [len(rows) for rows in nested(np.random.default_rng(0).random((500, 1)))]
    [62, 125, 250, 500]
    """
    n, growth = len(Z), min(2 ** Z.shape[1], _MOST_GROWTH)
    order = maxmin_order(Z, np.random.default_rng(0)) if n > 1 else np.zeros(1, np.intp)
    sizes = [n]
    while sizes[0] > _COARSEST and sizes[0] // growth >= least:
        sizes.insert(0, sizes[0] // growth)
    return [order[:size] for size in sizes]


def _level(
    process: CompactProcess, Z: FloatArray, y: FloatArray, first: bool
) -> CompactModel:
    """Return the sparse interpolant of one level, with the radius that suits it."""
    d = Z.shape[1]
    own = replace(
        process,
        log_l=np.full(d, np.log(radius_of(None, Z))),
        trend=process.trend if first else Trend.of("zero", d),
    )
    return CompactModel.of(own, Z, y)


class MultilevelRBF(Surrogate):
    """Wendland functions of shrinking radius on nested subsets of the data.

    The first level interpolates some 100 well-spread points by functions as wide as
    the cube; each next one has 2^d times the points, half the radius, and adds an
    interpolant of what is left (Floater & Iske 1996). So every level costs as much per
    point as a `CompactRBF`, and the sum sees the large features as well as the small:
    the residual falls by about the same factor at each level, where one level alone
    would saturate.

    Parameters
    ----------
    smoothness : {2, 0, 4, 6}
        Continuous derivatives of the functions.
    smoothing : float
        Added to the diagonal of the kernel matrix of every level. With 0 the model
        interpolates, and several observations of one point count as their mean.
    trend : {"constant", "linear", "quadratic", "zero"}
        Polynomial under the coarsest level.
    bounds : array (d, 2), optional
        The box of `X` that is scaled to the unit cube; the range of the data if left
        out.
    random_state : int, RandomState instance or None
        Accepted as by all surrogates; nothing here is random.

    Attributes
    ----------
    radii_ : array (n_levels,)
        In the unit cube, coarse to fine.
    sizes_ : array (n_levels,)
        Points of each level.
    rest_ : array (n_levels,)
        Root mean square of what each level found left over at its points, in the units
        of `y`; the first finds `y` without its centre.
    y_mean_, y_scale_ : float
        Centre and scale of the `y` of the fit.
    model_ : MultilevelModel
        The same model as an immutable value on the unit cube and on standardised `y`.

    Notes
    -----
    The standard deviation is that of the finest level, as in `CompactRBF`: it takes
    the coarser levels for known, and so is honest only near the data. Up to 100 points
    there is one level, and no difference.

    Raises
    ------
    ValueError
        On parameters or data that make no sense, and if the coarsest points do not
        determine the trend.

    References
    ----------
    Floater & Iske 1996, J. Comput. Appl. Math. 73, 65-78; Schaback & Wendland 2006,
    Acta Numerica 15, section 8; Wendland 2010, Numer. Math. 116, 493-517.

    Examples
    --------
    >>> import numpy as np
    >>> from surrogo.surrogates import MultilevelRBF
    >>> X = np.random.default_rng(0).random((3000, 2))
    >>> rbf = MultilevelRBF().fit(X, np.sin(9 * X[:, 0]) * X[:, 1])
    >>> bool(abs(rbf.predict([[0.5, 0.5]])[0] - np.sin(4.5) / 2) < 1e-3)
    True
    """

    _least_points = 1
    model_: MultilevelModel

    def __init__(
        self,
        smoothness: int = 2,
        *,
        smoothing: float = 0.0,
        trend: str = "constant",
        bounds: Any = None,
        random_state: Any = None,
    ) -> None:
        self.smoothness = smoothness
        self.smoothing = smoothing
        self.trend = trend
        self.bounds = bounds
        self.random_state = random_state

    def fit(self, X: Any, y: Any) -> MultilevelRBF:
        """Fit to points `X` (n, d) and values `y` (n,).

        Raises
        ------
        ValueError
            If the points do not determine the trend.
        """
        checks.one_of(self.trend, TRENDS, "trend")
        ridge = ridge_of(self.smoothing)
        Z, t = self._begin(X, y, self.trend != "zero")
        d = Z.shape[1]
        profile, trend = (
            wendland.of_smoothness(self.smoothness, d),
            Trend.of(self.trend, d),
        )
        process = CompactProcess(profile, trend, np.zeros(d), ridge)
        self.model_ = MultilevelModel.of(process, Z, t)
        levels = self.model_.levels
        self.radii_ = np.exp([level.process.log_l[0] for level in levels])
        self.sizes_ = np.array([len(level.c) for level in levels])
        rest = [np.sqrt(np.mean(level.y**2)) for level in levels]
        self.rest_ = self.y_scale_ * np.array(rest)
        return self
