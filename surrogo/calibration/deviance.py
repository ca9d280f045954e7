"""A negative log posterior as half a sum of squares, which answers are cheaper with.

Each term is brought into the form ``|q|^2 / 2 + constant``, where q is smooth in the
outputs: residuals where the noise is given, signed roots of deviances elsewhere
(McCullagh & Nelder 1989, Generalized Linear Models, section 2.4.3).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from scipy.special import xlogy

from surrogo.calibration.families import family
from surrogo.calibration.outer import NegativeLogPosterior
from surrogo.calibration.terms import Belief, Constant, Counts, Residuals, Term
from surrogo.checks import FloatArray

# Outputs (r,) of a simulation to some of the q.
Roots: TypeAlias = Callable[[FloatArray], FloatArray]

# Sums of squares more than e times smaller than the estimate's have no real root.
_LEAST = 1e-3


def roots(outer: NegativeLogPosterior, outputs: FloatArray) -> Roots | None:
    """Return a function of outputs whose half sum of squares is the value.

    But for a constant, and for points where one eliminated variance is below 1 / e of
    that at `outputs` (r,), those of the estimate.

    Returns
    -------
    callable or None
        None where a term is not smooth (Laplace), or its sigma has no such form.

    Examples
    --------
    >>> import numpy as np
    >>> from surrogo.calibration.terms import Residuals
    >>> term = Residuals("u", "normal", (1.0, 2.0), (0, 1), eliminated=("sigma",))
    >>> outer = NegativeLogPosterior((term,))
    >>> root = roots(outer, np.array([1.1, 2.1]))
    >>> q, k = root(np.array([1.2, 2.1])), root(np.array([1.0, 2.2]))
    >>> values = outer.values(np.array([[1.2, 2.1], [1.0, 2.2]]))
    >>> bool(np.isclose(0.5 * (q @ q - k @ k), values[0] - values[1]))
    True
    """
    terms = [one for one in outer.terms if not isinstance(one, Constant)]
    sigmas = [_sigma_at(one) for one in terms]
    alone = [_root(t) for t, at in zip(terms, sigmas, strict=True) if at is None]
    shared = {at for at in sigmas if at is not None}
    pools = [_pool(terms, sigmas, at) for at in sorted(shared)]
    made = [*alone, *pools]
    if any(one is None for one in made):
        return None
    parts = [one.at(outputs) if isinstance(one, _Pool) else one for one in made]

    def all_roots(r: FloatArray) -> FloatArray:
        with np.errstate(all="ignore"):  # what overflows is inf or NaN, and says so
            return np.concatenate([part(r) for part in parts])  # type: ignore[misc]

    return all_roots


def _sigma_at(term: Term) -> tuple[int, ...] | None:
    """Return where a sigma that varies stands, (-1, i) for that of term i; or None."""
    if not isinstance(term, Residuals) or term.sigma:
        return None
    return tuple(sorted(set(term.log_sigma_at))) or (-1, *term.at[:1])


def _root(term: Term) -> Roots | None:
    """Return the roots of a term whose sigma is given."""
    if isinstance(term, Counts):
        return lambda r: _counts_root(term, r)
    if isinstance(term, Belief):
        # z^2 / 2 + tilt z is (z + tilt)^2 / 2 but for a constant
        normal = term.family == "normal"
        return (lambda r: r[[term.at]] + term.tilt) if normal else None
    if isinstance(term, Residuals) and term.family == "normal":
        return term.standardised
    if isinstance(term, Residuals) and term.family == "student":
        return lambda r: _student_root(term, r)
    return None


def _student_root(term: Residuals, r: FloatArray) -> FloatArray:
    z, kind = term.standardised(r), family(term.family, term.df)
    return np.asarray(np.sign(z) * np.sqrt(2.0 * (kind.rho(z) - kind.rho(0.0 * z))))


def _counts_root(term: Counts, r: FloatArray) -> FloatArray:
    """Return signed roots of the deviance 2 (y log(y / mu) - y + mu)."""
    y = np.array(term.y)
    means = np.exp(r[np.array(term.at)]) * term.likeliest(r).get("scale", 1.0)
    deviance = 2.0 * (xlogy(y, y) - xlogy(y, means) - y + means)
    return np.asarray(np.sign(means - y) * np.sqrt(np.maximum(deviance, 0.0)))


def _pool(
    terms: Sequence[Term], sigmas: list[tuple[int, ...] | None], at: tuple[int, ...]
) -> _Pool | None:
    """Return the data of one sigma; None if not normal, or if it is a function."""
    group = [t for t, one in zip(terms, sigmas, strict=True) if one == at]
    parts = tuple(t for t in group if isinstance(t, Residuals))
    eliminated = at[0] == -1
    if any(one.family != "normal" for one in parts) or not (eliminated or len(at) == 1):
        return None
    return _Pool(parts, None if eliminated else at[0])


@dataclass(frozen=True, eq=False)
class _Pool:
    """n normal data that share one unknown sigma; v is their mean squared residual.

    With w = log(sigma) - log(v) / 2 their term is, but for a constant,
    ``n/2 log v + n (w + (exp(-2 w) - 1) / 2)``. The second part is never negative, and
    0 where sigma is eliminated. The first is made n/2 (1 + log(v / v0)): at v = v0 the
    residuals r / sqrt(v) stretched to that length have the slope of r / sqrt(v0), for
    (1 + log(v / v0)) / v is stationary there.
    """

    terms: tuple[Residuals, ...]
    log_sigma_at: int | None
    v0: float = 1.0

    def at(self, outputs: FloatArray) -> _Pool:
        """Return the same with v0 that of these outputs (r,)."""
        v = self._residuals(outputs)[1]
        return _Pool(self.terms, self.log_sigma_at, v)

    def __call__(self, r: FloatArray) -> FloatArray:
        residuals, v = self._residuals(r)
        stretch = np.sqrt(max(1.0 + np.log(v / self.v0), _LEAST) / v)
        if self.log_sigma_at is None:
            return np.asarray(residuals * stretch)
        w = r[self.log_sigma_at] - 0.5 * np.log(v)
        above = max(w + 0.5 * np.expm1(-2.0 * w), 0.0)
        q = np.sign(w) * np.sqrt(2.0 * len(residuals) * above)
        return np.append(residuals * stretch, q)

    def _residuals(self, r: FloatArray) -> tuple[FloatArray, float]:
        """Return all residuals (n,) and their mean square."""
        residuals = np.concatenate([self._natural(one, r) for one in self.terms])
        floor = max(one.floor for one in self.terms)
        return residuals, max(float(np.mean(residuals**2)), floor**2)

    def _natural(self, term: Residuals, r: FloatArray) -> FloatArray:
        """Return a term's residuals, not standardised."""
        if self.log_sigma_at is None:
            sigma = term.likeliest(r)["sigma"]
        else:
            sigma = float(np.exp(r[self.log_sigma_at]))
        return np.asarray(sigma * term.standardised(r))
