"""Kernels on points that are first embedded: cyclic and mixed variables.

A positive definite kernel of embedded points e(z) is positive definite in z. So one
mechanism makes kernels that respect what a variable is: an angle becomes a point of a
circle, an integer its rounded value, a category a corner of a simplex.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from surrogo import checks
from surrogo.checks import FloatArray
from surrogo.surrogates.kernel_base import Kernel, Parameter, Pull
from surrogo.surrogates.kernels import Matern52, Stationary


@dataclass(frozen=True)
class Embedded(Kernel):
    """A stationary kernel of embedded points; one length scale per variable.

    A subclass writes ``embed``. theta is log l (d,).
    """

    base: Stationary = field(default_factory=Matern52)

    def embed(self, Z: FloatArray) -> tuple[FloatArray, FloatArray, list[int]]:
        """Return e(z) (n, D), the slopes of its columns (n, D), and their variables.

        Each of the D columns depends on one variable only, whose index is in the list.
        """
        raise NotImplementedError

    def parameters(self, d: int) -> list[Parameter]:
        return self.base.parameters(d)

    def correlations_and_pull(
        self, A: FloatArray, B: FloatArray, theta: FloatArray
    ) -> tuple[FloatArray, Pull]:
        EA, slope, owner = self.embed(A)
        EB, _, _ = self.embed(B)
        k, inner = self.base.correlations_and_pull(EA, EB, theta[owner])
        return k, lambda C: _gathered(inner(C) * slope, owner, A.shape[1])

    def lower_and_pull(
        self, Z: FloatArray, theta: FloatArray, scratch: FloatArray | None = None
    ) -> tuple[FloatArray, Pull]:
        E, _, owner = self.embed(Z)
        R, inner = self.base.lower_and_pull(E, theta[owner], scratch)
        return R, lambda W: _gathered(inner(W)[None, :], owner, Z.shape[1])[0]


def _gathered(columns: FloatArray, owner: list[int], d: int) -> FloatArray:
    """Add the columns (m, D) that belong to the same variable; shape (m, d)."""
    belongs = np.array(owner)[:, None] == np.arange(d)
    return np.asarray(columns @ belongs)


@dataclass(frozen=True)
class Periodic(Embedded):
    """Periodic in every variable: z becomes (cos, sin)(2 pi z / period) period/(2 pi).

    Distances are chords of circles, (period / pi) |sin(pi (z - z') / period)|, which
    for small steps are the steps themselves; with the squared exponential this is
    the kernel of MacKay 1998 (Rasmussen & Williams 2006, eq. 4.31). The period is in
    units of the box: 1 closes every variable to a circle, as an angle needs it.

    Examples
    --------
    >>> import numpy as np
    >>> from surrogo.surrogates.kernel_embeddings import Periodic
    >>> ends = np.array([[0.0], [1.0]])
    >>> bool(Periodic().correlations(ends, ends, np.zeros(1))[0, 1] > 1 - 1e-12)
    True
    """

    period: float = 1.0

    def __post_init__(self) -> None:
        checks.positive(self.period, "period")

    def embed(self, Z: FloatArray) -> tuple[FloatArray, FloatArray, list[int]]:
        angle = 2.0 * math.pi * Z / self.period
        c, s, radius = np.cos(angle), np.sin(angle), self.period / (2.0 * math.pi)
        owner = 2 * list(range(Z.shape[1]))
        return radius * np.hstack([c, s]), np.hstack([-s, c]), owner


@dataclass(frozen=True)
class Mixed(Embedded):
    """For spaces with integers and categories, by the number of levels.

    `levels` (d,) holds ``inf`` for a real variable, L for an integer of L values, -L
    for L categories. Integers are rounded inside the kernel (Garrido-Merchan &
    Hernandez-Lobato 2020), so that the model is constant where the function is. Any two
    categories are equally far apart, at distance 1 in the unit cube: the exchangeable
    (Hamming) kernel, g of the number of differing variables.

    Unit values are those of `Space`: the centres (i + 1/2) / L of L equal bins. An
    estimator maps its ``bounds`` to the unit cube: for integers low to high give it
    ``(low - 1/2, high + 1/2)``, or fit to ``space.to_unit(X)`` with unit bounds.

    Examples
    --------
    >>> import numpy as np
    >>> from surrogo.surrogates.kernel_embeddings import Mixed
    >>> kernel = Mixed(levels=(-3,))
    >>> Z = np.array([[0.1], [0.5], [0.9]])
    >>> kernel.correlations(Z, Z, np.zeros(1)).round(3)
    array([[1.   , 0.524, 0.524],
           [0.524, 1.   , 0.524],
           [0.524, 0.524, 1.   ]])
    """

    levels: tuple[float, ...] = ()

    @classmethod
    def of(
        cls,
        kinds: Sequence[str],
        levels: Sequence[float],
        base: Stationary | None = None,
    ) -> Mixed:
        """Build from the kinds and levels of the variables of a `Space`."""
        pairs = zip(kinds, levels, strict=True)
        signed = (-n if kind == "categorical" else n for kind, n in pairs)
        return cls(base or Matern52(), tuple(float(n) for n in signed))

    def embed(self, Z: FloatArray) -> tuple[FloatArray, FloatArray, list[int]]:
        if len(self.levels) != Z.shape[1]:
            raise ValueError(
                f"Mixed needs one entry of levels for each of the {Z.shape[1]} "
                f"variables, got {len(self.levels)}"
            )
        parts = [_coordinates(z, n) for z, n in zip(Z.T, self.levels, strict=True)]
        flat = [e for e, _ in parts]
        owner = [j for j, e in enumerate(flat) for _ in range(e.shape[1])]
        return np.hstack(flat), np.hstack([slope for _, slope in parts]), owner


def _coordinates(z: FloatArray, levels: float) -> tuple[FloatArray, FloatArray]:
    """Return the coordinates (n, 1 or L) of one variable, and their slopes."""
    column = z[:, None]
    if math.isinf(levels):
        return column, np.ones_like(column)
    count = int(abs(levels))
    code = np.clip(np.floor(column * count), 0, count - 1)
    if levels > 0:
        return (code + 0.5) / count, np.zeros_like(column)
    # corners of a simplex with edges of length 1
    corners = (code == np.arange(count)) / math.sqrt(2.0)
    return corners, np.zeros_like(corners)
