"""Greedy selection of centres by a pivoted Cholesky factor: the Newton basis.

Column j of V holds the Newton basis function v_j at all candidates: zero at the
centres before, orthonormal in the native space. Power function and residual follow by
subtraction, P^2 <- P^2 - v_j^2 and r <- r - a_j v_j, in O(N j) for the jth centre and
without ever forming the kernel matrix (Mueller & Schaback 2009, J. Approx. Theory 161;
Pazouki & Schaback 2011, J. Comput. Appl. Math. 236).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from surrogo import checks
from surrogo.checks import FloatArray
from surrogo.surrogates import linalg, tails
from surrogo.surrogates.null_space import NullSpace
from surrogo.surrogates.rbf_model import RBFModel
from surrogo.surrogates.rbf_recipe import Recipe
from surrogo.surrogates.reduced import Coordinates, Reduced
from surrogo.surrogates.sites import Sites
from surrogo.surrogates.tails import Tail

# Squared power below this share of the largest is rounding: the kernel matrix of the
# centres so far is numerically singular with any further one.
_ROUNDING = 1e-14
# Share of the largest power that a candidate must have for "f/P", which divides by it:
# small ones are inexact (Wenzel, Santin & Haasdonk 2021, J. Approx. Theory 262:
# gamma-stabilised rules keep the order of convergence). With 0.1 the residuals of a
# Gaussian grow again once its matrix is singular, with 0.5 they do not.
_STABLE = 0.5


def _stable_quotient(residual: FloatArray, power2: FloatArray) -> FloatArray:
    stable = power2 > _STABLE**2 * np.max(power2)
    return np.where(stable, residual / np.sqrt(np.where(stable, power2, 1.0)), 0.0)


# What each rule makes large, of the sizes of the residuals (N,) and the squared power.
RULES: dict[str, Callable[[FloatArray, FloatArray], FloatArray]] = {
    "f": lambda residual, power2: residual,
    "P": lambda residual, power2: power2,
    "f/P": _stable_quotient,
}


@dataclass(frozen=True, eq=False)
class NewtonBasis:
    """Centres chosen among candidates Z (N, d), and the Newton basis there.

    Attributes
    ----------
    chosen : array (n,) of int
        Indices of the centres in order; the first p carry the tail and have no
        Newton function.
    V : array (N, n - p)
        Newton functions at the candidates.
    a : array (n - p,) or (n - p, k)
        Coefficients of the interpolant; the sum of their squares is its squared norm.
    power2 : array (N,)
        Squared power function at the candidates.
    residual : array (N,) or (N, k)
        Values minus interpolant at the candidates.
    peaks : array (n - p + 1,)
        Largest power before and after each step.

    Examples
    --------
    >>> import numpy as np
    >>> from surrogo.surrogates import radial
    >>> Z = np.linspace(0, 1, 101)[:, None]
    >>> recipe = Recipe(radial.get("gaussian"), degree=-1, shape=3.0)
    >>> basis = select(recipe, Z, np.sin(5 * Z[:, 0]), 10)
    >>> len(basis.chosen), bool(np.max(np.abs(basis.residual)) < 1e-3)
    (10, True)
    """

    recipe: Recipe
    reduced: Reduced
    Z: FloatArray
    at: Coordinates
    chosen: NDArray[np.intp]
    V: FloatArray
    a: FloatArray
    power2: FloatArray
    residual: FloatArray
    peaks: FloatArray

    @property
    def L(self) -> FloatArray:
        """Newton functions at their centres (n - p, n - p): lower triangular."""
        return np.tril(self.V[self.chosen[self.reduced.tail.p :]])

    def newton(self, Z: FloatArray) -> FloatArray:
        """Return the Newton functions (m, n - p) at Z (m, d)."""
        later = self.chosen[self.reduced.tail.p :]
        parts = [x[:, later] for x in (self.at.t, self.at.g1, self.at.w)]
        centres, at = Coordinates(*parts), self.reduced.coordinates(Z)
        w = self.reduced.between(self.Z[later], centres, Z, at)
        return linalg.solve_lower(self.L, w).T

    def model(self, y: FloatArray) -> RBFModel:
        """Return the interpolant at the centres of y (N,) or (N, k) as a model."""
        Z = self.Z[self.chosen]
        sites, space = Sites.apart(Z, y[self.chosen]), NullSpace.of(self.reduced, Z)
        return RBFModel.solved(self.recipe, self.recipe, sites, space, self.L)


def select(
    recipe: Recipe,
    Z: FloatArray,
    y: FloatArray,
    n: int,
    rule: str = "f",
    tolerance: float = 0.0,
) -> NewtonBasis:
    """Choose up to `n` centres among the distinct candidates Z (N, d), one by one.

    Parameters
    ----------
    recipe : Recipe
        Its smoothing is not used.
    y : array (N,) or (N, k)
    rule : {"f", "P", "f/P"}
        Take the candidate of the largest residual, the largest power function, or the
        largest quotient, which is the largest gain in norm.
    tolerance : float
        Stop once no residual is larger ("P": no power function).

    Returns
    -------
    NewtonBasis
        Of fewer centres if the tolerance is met, or the kernel matrix of more would
        be singular up to rounding. At least those that carry the tail.

    Raises
    ------
    ValueError
        On an unknown rule, or if the candidates do not determine the tail.
    """
    state = _Selection(recipe.on(Z), Z, y, checks.one_of(rule, RULES, "rule"))
    while len(state.chosen) < n and state.step(tolerance):
        pass
    return state.basis()


class _Selection:
    """The state of a selection: what `select` changes step by step."""

    def __init__(self, recipe: Recipe, Z: FloatArray, y: FloatArray, rule: str) -> None:
        tail = Tail.around(Z, -1 if recipe.degree is None else recipe.degree)
        anchors = tails.unisolvent_points(tail.basis(Z))
        form = recipe.profile, recipe.shape, tail, Z[anchors]
        self.recipe, self.Z, self.rule = recipe, Z, rule
        self.reduced, _ = Reduced.of(*form)
        self.at = self.reduced.coordinates(Z)
        self.chosen = anchors.tolist()
        self.residual = y - self.at.t.T @ self.reduced.rotation.down(y[anchors])
        self.power2 = np.maximum(self.reduced.diagonal(self.at), 0.0)
        self.residual[anchors] = self.power2[anchors] = 0.0
        self.least = _ROUNDING * float(np.max(self.power2))
        self.V, self.a = np.empty((len(Z), 16)), list[FloatArray]()
        self.peaks = [float(np.sqrt(np.max(self.power2)))]

    def step(self, tolerance: float) -> bool:
        """Add a centre; False if there is none to add."""
        sizes = np.abs(self.residual)
        sizes = sizes if sizes.ndim == 1 else np.sqrt(np.sum(sizes**2, axis=1))
        gain = RULES[self.rule](sizes, self.power2)
        gain = np.where(self.power2 > self.least, gain, 0.0)
        i = int(np.argmax(gain))
        left = self.peaks[-1] if self.rule == "P" else float(np.max(sizes))
        if gain[i] <= 0.0 or left <= tolerance:
            return False
        self._add(i)
        return True

    def _add(self, i: int) -> None:
        j, root = len(self.a), np.sqrt(self.power2[i])
        v = self._column(i) - self.V[:, :j] @ self.V[i, :j]
        v /= root
        v[self.chosen] = 0.0  # up to rounding it is
        a = self.residual[i] / root
        self.residual = self.residual - np.multiply.outer(v, a)
        self.power2 = np.maximum(self.power2 - v * v, 0.0)
        self.residual[i] = self.power2[i] = 0.0
        if j == self.V.shape[1]:
            self.V = np.hstack([self.V, np.empty_like(self.V)])
        self.V[:, j] = v
        self.V[i, j] = root
        self.chosen.append(i)
        self.a.append(a)
        self.peaks.append(float(np.sqrt(np.max(self.power2))))

    def _column(self, i: int) -> FloatArray:
        """Return the reduced kernel (N,) of all candidates with candidate i."""
        here = slice(i, i + 1)
        columns = self.reduced.between(self.Z, self.at, self.Z[here], self.at[here])
        return columns[:, 0]

    def basis(self) -> NewtonBasis:
        return NewtonBasis(
            self.recipe,
            self.reduced,
            self.Z,
            self.at,
            np.array(self.chosen, dtype=np.intp),
            self.V[:, : len(self.a)].copy(),
            np.array(self.a).reshape(-1, *self.residual.shape[1:]),
            self.power2,
            self.residual,
            np.array(self.peaks),
        )
