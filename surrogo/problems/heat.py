"""An inverse heat problem: the conductivities of a rod of five pieces.

``u_t = (k(x) u_x)_x`` on 0 < x < 1 with u = 0 at first, u(0, t) = 1 and no flux at
x = 1. The unknowns are the values of k on five pieces of equal length; the data are
temperatures at four places and ten times. Method of lines: finite volumes in space.
"""

from __future__ import annotations

import numpy as np

from surrogo.checks import FloatArray
from surrogo.problems.base import Problem, read_only
from surrogo.problems.recovery import Recovery, recovery
from surrogo.space import Real, Space

_TRUTH = (1.0, 0.3, 2.0, 0.5, 1.2)
_CELLS = 50
_PER_PIECE = _CELLS // len(_TRUTH)
_SENSORS = (12, 24, 36, 49)  # cells, in the second to fifth piece: x = 0.25 to 0.99
_TIMES = read_only(np.geomspace(0.05, 2.5, 10))


def heat() -> Problem:
    """Return the recovery of the rod: 5 conductivities, 40 residuals.

    Notes
    -----
    The coefficient problem of Beck & Arnold (1977), Parameter Estimation in Engineering
    and Science, in pieces; the numbers are our own.

    Examples
    --------
    >>> heat()([1, 0.3, 2, 0.5, 1.2])
    0.0
    """
    return recovery(
        "heat",
        Space.of([Real(0.05, 10, scale="log")] * len(_TRUTH)),
        residuals,
        tuple(f"k{i}" for i in range(1, len(_TRUTH) + 1)),
        summary="conductivities of a rod in five pieces from temperatures, noise-free",
        source="after Beck & Arnold (1977), Parameter Estimation in Engineering",
    )


def simulate(x: FloatArray) -> FloatArray:
    """Return the temperatures of the sensors, shape (10, 4).

    The semi-discrete equations ``u' = b - A u`` are linear and A is symmetric and
    tridiagonal, so they are solved exactly: ``u = 1 - V exp(-L t) V' 1``.
    """
    from scipy.linalg import eigh_tridiagonal

    L, V = eigh_tridiagonal(*matrix(x))
    decay = np.exp(-np.outer(_TIMES, L))  # (10, cells)
    return np.asarray(1 - (decay * V.sum(axis=0)) @ V[list(_SENSORS)].T)


residuals = Recovery(simulate, _TRUTH)


def matrix(x: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return diagonal (n,) and off-diagonal (n - 1,) of A in ``u' = b - A u``."""
    k = np.repeat(x, _PER_PIECE)
    h = 1 / _CELLS
    # Between two cells two half cells are in series: the harmonic mean; half a cell to
    # the hot end; no flux at the other.
    faces = 2 * k[1:] * k[:-1] / (k[1:] + k[:-1]) / h**2
    left = np.concatenate([[2 * k[0] / h**2], faces])
    right = np.concatenate([faces, [0.0]])
    return left + right, -faces
