"""Isomerisation of alpha-pinene: five rates of a linear reaction network."""

from __future__ import annotations

import numpy as np

from surrogo.checks import FloatArray
from surrogo.problems.base import Problem, from_residuals, read_only
from surrogo.space import Real, Space

# Box et al. (1973): minutes, and per cent of alpha-pinene, dipentene,
# allo-ocimene, pyronene and the dimer.
_TIMES = read_only([1230, 3060, 4920, 7800, 10680, 15030, 22620, 36420])
_DATA = read_only(
    [
        [88.35, 7.3, 2.3, 0.4, 1.75],
        [76.4, 15.6, 4.5, 0.7, 2.8],
        [65.1, 23.1, 5.3, 1.1, 5.8],
        [50.4, 32.9, 6.0, 1.5, 9.3],
        [37.5, 42.7, 6.0, 1.9, 12.0],
        [25.9, 49.1, 5.9, 2.2, 17.0],
        [14.0, 57.4, 5.1, 2.6, 21.0],
        [4.5, 63.1, 3.8, 2.9, 25.7],
    ]
)
_START = read_only([100.0, 0.0, 0.0, 0.0, 0.0])  # per cent, pure alpha-pinene

# Published: 19.8721 (COPS 3.0). Minimiser refined here to the last digit.
_F_OPT = 19.87216693424731
_X_OPT = read_only(
    [
        [
            5.925848773327015e-05,
            2.963402113425685e-05,
            2.047284009828135e-05,
            2.744679317011530e-04,
            3.997949956428604e-05,
        ]
    ]
)


def pinene() -> Problem:
    """Return the alpha-pinene problem: 5 rates, 40 residuals in per cent.

    Notes
    -----
    Box, Hunter, MacGregor & Erjavec (1973), Technometrics 15:33; problem 5 of Dolan,
    More & Munson (2004), Benchmarking Optimization Software with COPS 3.0. The rates
    (per minute) are searched on a log scale.

    Examples
    --------
    >>> round(pinene()([5.9e-5, 3.0e-5, 2.0e-5, 2.7e-4, 4.0e-5]), 1)
    20.5
    """
    return from_residuals(
        "pinene",
        Space.of([Real(1e-8, 1e-2, scale="log")] * 5),
        residuals,
        _F_OPT,
        _X_OPT,
        parameters=("a", "b", "c", "d", "e"),
        summary="isomerisation of alpha-pinene, a linear ODE with five rates",
        source="Box et al. (1973), Technometrics 15:33; COPS 3.0, problem 5",
    )


def residuals(x: FloatArray) -> FloatArray:
    """Return model minus data in per cent, shape (40,): five species at each time."""
    from scipy.linalg import expm

    states = expm(_matrix(x) * _TIMES[:, None, None]) @ _START
    return np.ravel(states - _DATA)


def _matrix(x: FloatArray) -> FloatArray:
    """Return the matrix K (5, 5) of ``y' = K y``; its columns sum to zero."""
    a, b, c, d, e = x.tolist()
    return np.array(
        [
            [-a - b, 0, 0, 0, 0],
            [a, 0, 0, 0, 0],
            [b, 0, -c - d, 0, e],
            [0, 0, c, 0, 0],
            [0, 0, d, 0, -e],
        ]
    )
