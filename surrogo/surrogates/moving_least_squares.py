"""Moving least squares, and Shepard's method, as a scikit-learn estimator."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.utils import check_random_state

from surrogo import checks
from surrogo.checks import FloatArray
from surrogo.surrogates import tails
from surrogo.surrogates.estimator import LeavingOneOut, Updating
from surrogo.surrogates.moving_model import MovingModel

# Neighbours for each coefficient: of 1.5 to 5 the best trade of error (2, 3 and 5
# variables, degrees 1 to 3) against the cost of a prediction.
_FOR_EACH = 3
# Degrees that leave-one-out chooses from, those with at most so many coefficients.
_HIGHEST, _MOST = 3, 100
# Points that leave-one-out is taken over; more do not change the choice.
_JUDGES = 500


class MovingLeastSquares(Updating, LeavingOneOut):
    """At every point a polynomial of its own through the nearest data.

    The weights of the least squares are infinite at the data, so the result
    interpolates, and end at the nearest points, so that it is continuous. It is exact
    for polynomials of its degree. With ``degree=0`` it is the weighted mean of
    Shepard: inverse-distance weighting, of all data if there are few. The fit solves
    nothing, and a prediction takes as long with a million points as with a thousand.

    Parameters
    ----------
    degree : int, optional
        Of the polynomials; by leave-one-out from 0 to 3 if left out (without those of
        more than 100 coefficients). Where there are too few points for it, it is the
        highest that there are enough for.
    n_neighbours : int, optional
        Number of points for each polynomial; 3 for each coefficient if left out.
    power : float
        Weights near the data grow like r^-power.
    bounds : array (d, 2), optional
        The box of `X` that is scaled to the unit cube, in which distances are meant;
        the range of the data if left out.
    random_state : int, RandomState instance or None
        For the points that leave-one-out is taken over, if there are more than 500.

    Attributes
    ----------
    degree_, n_neighbours_ : int
        As they were given or chosen.
    y_mean_, y_scale_ : float or array (k,)
        Centre and scale of the `y` of the fit.
    model_ : MovingModel
        The same model as an immutable value on the unit cube and on standardised `y`.

    Notes
    -----
    There is no random function behind this method. Its standard deviation says how
    well the local polynomial describes the data around: the root of the weighted mean
    square of its residuals, corrected for the number of coefficients. It is 0 at the
    data, and far from all data only as large as the residuals of the nearest.

    References
    ----------
    Shepard 1968, Proc. 23rd ACM National Conference, 517-524; Franke & Nielson 1980,
    Int. J. Numer. Methods Eng. 15, 1691-1704; Lancaster & Salkauskas 1981, Math. Comp.
    37, 141-158; Wendland 2005, Scattered Data Approximation, chapter 4.

    Examples
    --------
    >>> import numpy as np
    >>> from surrogo.surrogates import MovingLeastSquares
    >>> X = np.random.default_rng(0).random((500, 2))
    >>> model = MovingLeastSquares(degree=2).fit(X, X[:, 0] ** 2 - X[:, 1])
    >>> model.predict([[0.5, 0.25]]).round(9) + 0.0
    array([0.])
    """

    _multi_output = True

    def __init__(
        self,
        degree: int | None = None,
        *,
        n_neighbours: int | None = None,
        power: float = 2.0,
        bounds: Any = None,
        random_state: Any = None,
    ) -> None:
        self.degree = degree
        self.n_neighbours = n_neighbours
        self.power = power
        self.bounds = bounds
        self.random_state = random_state

    def fit(self, X: Any, y: Any) -> MovingLeastSquares:
        """Take in points `X` (n, d) and values `y` (n,) or (n, k).

        Raises
        ------
        ValueError
            On parameters or data that make no sense.
        """
        if self.degree is not None:
            checks.integer(self.degree, "degree", 0)
        if self.n_neighbours is not None:
            checks.integer(self.n_neighbours, "n_neighbours", 1)
        checks.positive(self.power, "power")
        Z, t = self._begin(X, y)
        self.model_ = self._best(Z, t)
        self.degree_, self.n_neighbours_ = self.model_.degree, self.model_.n_near
        return self

    def _best(self, Z: FloatArray, t: FloatArray) -> MovingModel:
        """Return the model of the degree given, or of the least error of the others."""
        degrees = self._degrees(*Z.shape)
        models = [self._of_degree(degree, Z, t) for degree in degrees]
        if len(models) == 1:
            return models[0]
        judges = self._judges(len(models[0].sites.Z))
        return models[int(np.argmin([m.error_without(judges) for m in models]))]

    def _degrees(self, n: int, d: int) -> list[int]:
        if self.degree is not None:
            return [int(self.degree)]
        limit = min(n - 2, _MOST)  # of n - 1 others one is left for the residual
        degrees = range(1, _HIGHEST + 1)
        return [0, *(j for j in degrees if tails.size(j, d) <= limit)]

    def _of_degree(self, degree: int, Z: FloatArray, t: FloatArray) -> MovingModel:
        n_near = self.n_neighbours
        if n_near is None:
            n_near = _FOR_EACH * tails.size(max(degree, 1), Z.shape[1])
        return MovingModel.of(Z, t, degree, int(n_near), float(self.power))

    def _judges(self, n: int) -> Any:
        """Return the indices of the sites that judge the degrees."""
        if n <= _JUDGES:
            return np.arange(n)
        state = check_random_state(self.random_state)
        return np.sort(state.permutation(n)[:_JUDGES])
