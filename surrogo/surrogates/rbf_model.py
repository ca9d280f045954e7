"""A radial basis function interpolant as an immutable value.

The model solves [[A + lambda I, P], [P^T, 0]] [c; b] = [y; 0] with a basis N of the
weights that annihilate the tail, P^T N = 0: W = N^T (A + lambda I) N is positive
definite, W = L L^T, and c = N W^-1 N^T y. Its power function is the Kriging standard
deviation at a process variance of 1 (Wendland 2005, chapter 11; Schaback & Wendland
2006, section 3)::

    mean(z) = g(z)^T c + p(z)^T b
    P^2(z)  = K(z, z) - |L^-1 w(z)|^2,    var = s2 P^2,   s2 = |L^-1 N^T y|^2 / nu

with the reduced kernel K and its values w(z) = N^T (g - A u0) of `Reduced`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from scipy.linalg import lapack

from surrogo.checks import BoolArray, FloatArray
from surrogo.surrogates import linalg
from surrogo.surrogates.null_space import NullSpace
from surrogo.surrogates.rbf_recipe import Recipe
from surrogo.surrogates.reduced import Coordinates, Reduced
from surrogo.surrogates.sites import Sites
from surrogo.surrogates.tails import Tail

_PANEL = 256  # points predicted at once: temporaries stay in the cache
# Squared pivots of an appended row below this share of the largest are mostly
# rounding; a factorisation from scratch then decides about jitter.
_LEAST_PIVOT = 1e-11
# Jitter of 1e-10 to 1e-6 of this share of the kernel is 1e-16 to 1e-12 of it: the
# rounding in W, if W is nothing else.
_CANCELLED = 1e-6
# Squared length of a row of N, 1 - leverage, below which it is rounding: without its
# point the tail is not determined.
NEEDED = 1e-12


@dataclass(frozen=True, eq=False)
class RBFModel:
    """A radial basis function fitted to data in the unit cube, y of order 1.

    `asked` is the recipe as given, `recipe` as the points allow it; L (nu, nu) is the
    factor of W, s2 the process variance () or (k,), and c (n,), b (p,) may have k
    columns. n counts the sites.

    Examples
    --------
    >>> import numpy as np
    >>> from surrogo.surrogates import radial
    >>> Z, recipe = np.linspace(0, 1, 5)[:, None], Recipe(radial.get("cubic"))
    >>> model = RBFModel.of(recipe, Z, 3.0 * Z[:, 0] - 1.0)
    >>> model.mean(np.array([[2.0]])).round(12)  # the tail reproduces lines
    array([5.])
    """

    asked: Recipe
    recipe: Recipe
    sites: Sites
    space: NullSpace
    L: FloatArray
    jitter: float
    c: FloatArray
    b: FloatArray
    s2: FloatArray

    @classmethod
    def of(cls, asked: Recipe, Z: FloatArray, y: FloatArray) -> RBFModel:
        """Fit to Z (N, d) and y (N,) or (N, k).

        Raises
        ------
        ValueError
            If the degree of the tail does not suit the profile or the points.
        """
        sites = (Sites.apart if asked.smoothing else Sites.merged)(Z, y)
        recipe = asked.on(sites.Z)
        reduced, W = reduced_on(recipe, sites.Z)
        space = NullSpace.of(reduced, sites.Z)
        L, jitter = scaled_cholesky(W, reduced.radial(sites.Z[:1], sites.Z))
        return cls.solved(asked, recipe, sites, space, L, jitter)

    @classmethod
    def solved(
        cls,
        asked: Recipe,
        recipe: Recipe,
        sites: Sites,
        space: NullSpace,
        L: FloatArray,
        jitter: float = 0.0,
    ) -> RBFModel:
        """Return the model of a factor L (nu, nu) of W."""
        rest, contrasts = space.down(sites.values)
        v = linalg.solve_lower(L, contrasts)
        # Without degrees of freedom the process variance is unknown; y is of order 1.
        s2 = np.mean(v * v, axis=0) if len(v) else np.ones(v.shape[1:])
        weights = linalg.solve_lower_t(L, v)
        c, b = space.up(weights), space.tail_of(rest, weights)
        return cls(asked, recipe, sites, space, L, jitter, c, b, np.asarray(s2))

    @property
    def norm(self) -> FloatArray:
        """Native-space seminorm of the mean, sqrt(c^T A c): shape () or (k,)."""
        ridge = self.recipe.smoothing + self.jitter
        square = len(self.L) * self.s2 - ridge * np.sum(self.c**2, axis=0)
        return np.asarray(np.sqrt(np.maximum(square, 0.0)))

    @property
    def lowered(self) -> bool:
        """Whether the points did not determine the usual tail of the profile."""
        return self.asked.degree is None and (
            self.recipe.degree != self.asked.usual_degree
        )

    def append(self, Z: FloatArray, y: FloatArray) -> RBFModel:
        """Fit to q further points at the same recipe, in O(q n^2).

        From scratch where points coincide or jitter was needed, and once the new
        points outnumber those of the last fit from scratch, which carry the tail.
        """
        points = np.vstack([self.sites.observed, Z])
        values = np.concatenate([self.sites.y, y])
        few = len(points) <= 2 * self.space.n_base
        exact = self.sites.simple and not self.jitter and not self.lowered
        L = self._grown(Z) if few and exact else None
        if L is None:
            return RBFModel.of(self.asked, points, values)
        sites = Sites.apart(points, values)
        space = NullSpace.of(self.space.reduced, points)
        return RBFModel.solved(self.asked, self.recipe, sites, space, L)

    def mean(self, Z: FloatArray) -> FloatArray:
        """Return the mean (m,) or (m, k) at Z (m, d), in O(m n)."""
        out = np.empty((len(Z), *self.b.shape[1:]))
        for rows in _panels(len(Z)):
            g = self.space.reduced.radial(Z[rows], self.sites.Z)
            out[rows] = g @ self.c + self.space.reduced.tail.basis(Z[rows]) @ self.b
        return out

    def mean_std(self, Z: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return mean and standard deviation at Z (m, d), each (m,) or (m, k)."""
        return self.mean(Z), np.multiply.outer(self.power(Z), np.sqrt(self.s2))

    def power(self, Z: FloatArray) -> FloatArray:
        """Return the power function (m,) at Z (m, d), in O(m n^2)."""
        out = np.empty(len(Z))
        for rows in _panels(len(Z)):
            out[rows] = self._power(*self._newton(Z[rows]))
        return out

    def cardinal(self, Z: FloatArray) -> FloatArray:
        """Return the cardinal functions u_j (m, n) at Z (m, d): the mean is u y.

        The sum of their absolute values is the Lebesgue function.
        """
        return self._weights(*self._newton(Z))[0].T

    def mean_std_gradients(
        self, Z: FloatArray
    ) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
        """Return mean, std (m,) and their gradients (m, d) at Z (m, d).

        With k outputs (m, k) and (m, k, d). Where the std is 0 its gradient, which
        does not exist, is given as 0; so is that of a profile with a kink.
        """
        newton, reduced = self._newton(Z), self.space.reduced
        power, slopes = self._power(*newton), reduced.slopes(Z, self.sites.Z)
        u, mu = self._weights(*newton)
        # dP^2 = -2 (u . dg + mu . dp): first derivatives of the optimum
        half = self._gradient(Z, slopes, u.T, mu.T)
        known = (power == 0.0)[:, None]
        power_slope = np.where(known, 0.0, -half / np.where(known, 1.0, power[:, None]))
        root = np.sqrt(self.s2)
        std = np.multiply.outer(power, root)
        std_slope = np.moveaxis(np.multiply.outer(root, power_slope), 0, -2)
        return self.mean(Z), std, self._mean_slopes(Z, slopes), std_slope

    def covariance(self, Z: FloatArray) -> FloatArray:
        """Return the joint covariance (m, m) or (k, m, m) at Z (m, d)."""
        at, V = self._newton(Z)
        joint = self.space.reduced.between(Z, at, Z, at) - V.T @ V
        return np.asarray(np.multiply.outer(self.s2, joint))

    def leave_one_out(self) -> tuple[FloatArray, FloatArray]:
        """Return what the others say of each observation: mean and std, like y.

        Closed form (Rippa 1999, Adv. Comput. Math. 11, 193-210; Dubrule 1983): at the
        sites y - c_i / B_ii and sqrt(s2 / B_ii), B = N W^-1 N^T. Where the others do
        not determine the tail: 0, the centre of y, with an infinite std.
        """
        diagonal, known = self.precision()
        square = np.where(known, diagonal, 1.0)
        mean = (self.sites.values.T - self.c.T / square).T
        std = np.multiply.outer(1.0 / np.sqrt(square), np.sqrt(self.s2))
        mean[~known], std[~known] = 0.0, np.inf
        return self.sites.leave_one_out(mean, std)

    def precision(self) -> tuple[FloatArray, BoolArray]:
        """Return the diagonal (n,) of B = N W^-1 N^T, and where it means anything.

        It does not where the other sites do not determine the tail.
        """
        if not len(self.L):  # the tail takes every point
            nothing = np.zeros(len(self.sites.Z))
            return nothing, nothing > NEEDED
        root = self.space.up(lapack.dtrtri(self.L, lower=1)[0].T)  # N L^-T
        N = self.space.up(np.eye(len(self.L)))
        return _row_squares(root), _row_squares(N) > NEEDED

    def _grown(self, Z: FloatArray) -> FloatArray | None:
        """Return the factor with rows for Z (q, d), None if it needs jitter."""
        at = self.space.reduced.coordinates(Z)
        W = self.space.reduced.between(Z, at, Z, at)
        W.flat[:: len(Z) + 1] += self.recipe.smoothing
        try:
            L = linalg.append(self.L, self.space.products(Z, at), W)
        except linalg.NotPositiveDefinite:
            return None
        squares = np.diag(L) ** 2
        return L if squares.min() > _LEAST_PIVOT * squares.max() else None

    def _newton(self, Z: FloatArray) -> tuple[Coordinates, FloatArray]:
        """Return the coordinates of Z (m, d) and the Newton basis L^-1 w (nu, m)."""
        at = self.space.reduced.coordinates(Z)
        return at, linalg.solve_lower(self.L, self.space.products(Z, at))

    def _power(self, at: Coordinates, V: FloatArray) -> FloatArray:
        square = self.space.reduced.diagonal(at) - np.sum(V * V, axis=0)
        power: FloatArray = np.sqrt(np.maximum(square, 0.0))
        return power

    def _weights(self, at: Coordinates, V: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return the weights u (n, m) of the data, and the multipliers mu (p, m).

        They solve [[A + lambda I, P], [P^T, 0]] [u; mu] = [g; p].
        """
        v = linalg.solve_lower_t(self.L, V)
        rest = at.g1 - self.space.reduced.A11 @ at.t
        return self.space.up(v, at.t), self.space.tail_of(rest, v)

    def _gradient(
        self, Z: FloatArray, slopes: FloatArray, c: FloatArray, b: FloatArray
    ) -> FloatArray:
        """Return c . dg + b . dp (m, d) for weights c (m, n) or (n,), b likewise."""
        reduced = self.space.reduced
        return reduced.pull(Z, self.sites.Z, slopes * c) + reduced.tail.slope(Z, b)

    def _mean_slopes(self, Z: FloatArray, slopes: FloatArray) -> FloatArray:
        if self.c.ndim == 1:
            return self._gradient(Z, slopes, self.c, self.b)
        columns = zip(self.c.T, self.b.T, strict=True)
        return np.stack([self._gradient(Z, slopes, *cb) for cb in columns], axis=1)


def reduced_on(recipe: Recipe, Z: FloatArray) -> tuple[Reduced, FloatArray]:
    """Return the reduced kernel over the points Z (n, d), and its matrix W."""
    tail = Tail.around(Z, -1 if recipe.degree is None else recipe.degree)
    return Reduced.of(recipe.profile, recipe.shape, tail, Z, recipe.smoothing)


def scaled_cholesky(W: FloatArray, g: FloatArray) -> tuple[FloatArray, float]:
    """Return the Cholesky factor of W (nu, nu), which is overwritten, and its jitter.

    The jitter is tried relative to the mean of the diagonal, or to what cancelled in
    it, as the size of the kernel g between some of the points tells.
    """
    if not len(W):
        return W, 0.0
    size = max(float(np.mean(np.diag(W))), _CANCELLED * float(np.max(np.abs(g))))
    if not np.isfinite(size):
        raise ValueError("the radial function overflows; take a smaller shape")
    W /= size
    L, jitter = linalg.cholesky(W)
    L *= np.sqrt(size)
    return L, size * jitter


def _row_squares(A: FloatArray) -> FloatArray:
    return np.asarray(np.einsum("ij,ij->i", A, A))


def _panels(m: int) -> Iterator[slice]:
    return (slice(top, top + _PANEL) for top in range(0, m, _PANEL))
