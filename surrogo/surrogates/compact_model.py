"""A compactly supported radial basis function as an immutable value.

The model solves [[A + lambda I, F], [F^T, 0]] [c; beta] = [y; 0] with a sparse A by
the Schur complement G = F^T A^-1 F: conjugate gradients solve for y and the columns of
F together, c = A^-1 (y - F beta), beta = G^-1 F^T A^-1 y.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.spatial import cKDTree

from surrogo.checks import FloatArray
from surrogo.surrogates import sparse
from surrogo.surrogates.kernels import Stationary
from surrogo.surrogates.linalg import JITTERS, NotPositiveDefinite
from surrogo.surrogates.local_model import Coefficients, LocalModel, Process, tree_of
from surrogo.surrogates.neighbourhoods import Sets
from surrogo.surrogates.sites import Sites
from surrogo.surrogates.sparse import Near

# Neighbours in the preconditioner: with 10 iterations are more, with 30 the factor
# takes longer than they save (benchmarks/results/large_rbf.md).
_NEIGHBOURS = 20
# Nearest points that the standard deviation is computed from.
_NEAR = 50
# Largest residual of the equations relative to the right sides, so about the distance
# to the data in units of their spread.
_TOLERANCE = 1e-10
# A residual that will do where rounding allows no less, because points nearly coincide.
_GOOD_ENOUGH = 1e-7
_LIMIT = 300  # iterations; some 10 to 30 are usual
_PANEL = 4096  # points predicted at once: the pairs of a panel stay small
_SAMPLE = 500  # points that the radius is chosen by
# The mean number of neighbours may be this many times what was asked for, where points
# lie much closer in some places than in others.
_CROWDED = 4.0
_SHORTEST = 1e-8  # radius in the unit cube; closer points are nearly the same


@dataclass(frozen=True)
class CompactProcess(Process):
    """A process with a covariance of support 1 in units of the length scales."""

    kernel: Stationary


@dataclass(frozen=True)
class Work:
    """What a fit took: jitter beyond the smoothing, iterations, size of the matrix."""

    jitter: float
    iterations: int
    nnz: int


@dataclass(frozen=True, eq=False)
class CompactModel(LocalModel):
    """A sparse interpolant; Z (n, d) are the sites, c (n,) and beta (p,) its weights.

    s2 is the process variance, G_inv (p, p) belongs to beta.

    Examples
    --------
    >>> import numpy as np
    >>> from surrogo.surrogates.compact_model import CompactModel, CompactProcess
    >>> from surrogo.surrogates.trends import Trend
    >>> from surrogo.surrogates.wendland import Wendland
    >>> Z = np.linspace(0, 1, 9)[:, None]
    >>> process = CompactProcess(Wendland(1), Trend.of("linear", 1), np.log([0.5]), 0.0)
    >>> model = CompactModel.of(process, Z, 3.0 * Z[:, 0])
    >>> model.mean(np.array([[2.0]])).round(9)  # beyond the support: the trend
    array([6.])
    """

    process: CompactProcess
    c: FloatArray
    beta: FloatArray
    G_inv: FloatArray
    s2: float
    work: Work

    @classmethod
    def of(cls, process: CompactProcess, Z: FloatArray, y: FloatArray) -> CompactModel:
        """Fit to points Z (N, d) and values y (N,) of order 1.

        Raises
        ------
        ValueError
            If the points do not determine the trend.
        NotPositiveDefinite
            If the equations cannot be solved, even with jitter.
        """
        sites = (Sites.apart if process.nugget else Sites.merged)(Z, y)
        Z, y = sites.Z, sites.values
        _check_trend(process, Z)
        F = process.trend.basis(Z)
        solution, jitter, nnz = _solved(process, Z, np.column_stack([y, F]))
        a, H = solution.X[:, 0], solution.X[:, 1:]
        G_inv = np.asarray(np.linalg.pinv(F.T @ H, hermitian=True))
        beta = G_inv @ (F.T @ a)
        c = a - H @ beta
        s2 = max(float(y @ c), 0.0) / max(len(Z) - len(beta), 1)
        work = Work(jitter, solution.iterations, nnz)
        tree, near = tree_of(process, Z), min(_NEAR, len(Z))
        return cls(process, Z, y, near, tree, c, beta, G_inv, s2, work)

    def mean(self, Z: FloatArray) -> FloatArray:
        """Return the interpolant (m,) at Z (m, d)."""
        out = self.process.trend.basis(Z) @ self.beta
        for part in _panels(len(Z)):
            near = Near.of(self._within_reach(Z[part]), self.tree)
            values = self.process.kernel.value(near.distances**2)
            out[part] += near.matrix(values) @ self.c
        return np.asarray(out)

    def mean_std(self, Z: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return mean and standard deviation (m,) at Z (m, d).

        The mean knows all data, the deviation the nearest: it is never too small.
        """
        return self.mean(Z), super().mean_std(Z)[1]

    def mean_std_gradients(
        self, Z: FloatArray
    ) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
        """Return mean, std (m,) and their gradients (m, d) at Z (m, d)."""
        _, std, _, std_slope = super().mean_std_gradients(Z)
        return self.mean(Z), std, self.mean_slope(Z), std_slope

    def mean_slope(self, Z: FloatArray) -> FloatArray:
        """Return the gradients (m, d) of the interpolant at Z (m, d)."""
        slope = self.process.trend.slope(Z, self.beta)
        for part in _panels(len(Z)):
            slope[part] += self._pull(self._within_reach(Z[part]))
        return slope

    def _pull(self, Zs: FloatArray) -> FloatArray:
        """Return the slope (m, d) of the kernel part at scaled points Zs (m, d)."""
        near = Near.of(Zs, self.tree)
        _, slope = self.process.kernel.value_and_slope(near.distances**2)
        rows, weights = near.rows, 2.0 * slope * self.c[near.columns]
        away = Zs[rows] - self.tree.data[near.columns]
        sums = [np.bincount(rows, weights * v, len(Zs)) for v in away.T]
        return np.asarray(np.column_stack(sums) * np.exp(-self.process.log_l))

    def _coefficients(self, sets: Sets) -> Coefficients:
        q, p = len(sets.left), len(self.beta)
        beta, G_inv = np.broadcast_to(self.beta, (q, p)), self.G_inv
        return Coefficients(
            beta, np.broadcast_to(G_inv, (q, p, p)), np.full(q, self.s2)
        )


def radius_for(Z: FloatArray, count: int) -> float:
    """Return a radius within which a point of Z (n, d) has about `count` others.

    The median distance to the neighbour of that number, over a sample of the points; of
    fewer points the farthest counts, and the radius grows as their density asks.

    Examples
    --------
    >>> import numpy as np
    >>> from surrogo.surrogates.compact_model import radius_for
    >>> round(radius_for(np.linspace(0, 1, 1001)[:, None], 20), 9)
    0.01
    """
    Z = np.unique(Z, axis=0)
    tree: Any = cKDTree(Z)
    sample = Z[:: max(1, len(Z) // _SAMPLE)]
    k = min(count, len(Z) - 1)
    if k == 0:
        return 1.0
    reach = float(np.median(tree.query(sample, k=[k + 1])[0]))
    radius: float = max(reach * (count / k) ** (1.0 / Z.shape[1]), _SHORTEST)
    while len(Z) > _CROWDED * count and _crowd(tree, sample, radius) > _CROWDED * count:
        radius *= 0.7
    return radius


def _crowd(tree: Any, sample: FloatArray, radius: float) -> float:
    """Return the mean number of points within the radius of each of the sample."""
    counts = tree.query_ball_point(sample, radius, return_length=True)
    return float(np.mean(np.asarray(counts, dtype=np.float64)))


def _solved(
    process: CompactProcess, Z: FloatArray, B: FloatArray
) -> tuple[sparse.Solution, float, int]:
    """Return A^-1 B, with the least jitter that lets the iteration converge."""
    scaled = process.scaled(Z)
    A = sparse.gram(process.kernel, scaled)
    for jitter in JITTERS:
        ridge = process.nugget + jitter
        factor = sparse.inverse_factor(process.kernel, scaled, _NEIGHBOURS, ridge)
        R = sparse.with_ridge(A, ridge)
        solution = sparse.conjugate_gradients(R, factor, B, _TOLERANCE, _LIMIT)
        if solution.residual <= _GOOD_ENOUGH:
            return solution, jitter, A.nnz
    raise NotPositiveDefinite(
        f"the equations of {len(Z)} points have a residual of {solution.residual:.1e} "
        f"with jitter up to {JITTERS[-1]:g}; raise the smoothing, or take a smaller "
        "radius"
    )


def _check_trend(process: CompactProcess, Z: FloatArray) -> None:
    if len(Z) < process.trend.p:
        raise ValueError(
            f"a trend of {process.trend.p} coefficients needs as many distinct points, "
            f"got n_samples={len(Z)}; take a simpler trend"
        )
    process.trend.log_gram(Z)


def _panels(m: int) -> list[slice]:
    return [slice(top, top + _PANEL) for top in range(0, m, _PANEL)]
