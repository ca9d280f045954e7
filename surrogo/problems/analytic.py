"""Closed-form test functions of global optimisation, with their published minima."""

from __future__ import annotations

import math
from functools import partial

import numpy as np

from surrogo import checks
from surrogo.checks import FloatArray
from surrogo.problems.base import Problem, from_residuals, read_only
from surrogo.space import Space

_DIXON = "Dixon & Szego (1978), Towards Global Optimisation 2"


def branin() -> Problem:
    """Return Branin's function: two variables, three global minima.

    Notes
    -----
    Dixon & Szego (1978). Where the square vanishes and the cosine is -1, the value is
    ``10 - 10 (1 - 1 / (8 pi)) = 5 / (4 pi)``.

    Examples
    --------
    >>> round(branin()([np.pi, 2.275]), 6)
    0.397887
    """
    return Problem(
        "branin",
        Space.of([(-5, 10), (0, 15)]),
        _branin,
        f_opt=5 / (4 * np.pi),
        x_opt=read_only([[-np.pi, 12.275], [np.pi, 2.275], [3 * np.pi, 2.475]]),
        summary="two variables, three global minima",
        source=_DIXON,
    )


def _branin(x: FloatArray) -> float:
    u, v = x.tolist()
    valley = v - 5.1 / (4 * math.pi**2) * u**2 + 5 / math.pi * u - 6
    return float(valley**2) + 10 * (1 - 1 / (8 * math.pi)) * math.cos(u) + 10


def goldstein_price() -> Problem:
    """Return the function of Goldstein and Price: two variables, range 3 to 10^6.

    Notes
    -----
    Goldstein & Price (1971), Mathematics of Computation 25:569; box of Dixon & Szego.

    Examples
    --------
    >>> goldstein_price()([0.0, -1.0])
    3.0
    """
    return Problem(
        "goldstein_price",
        Space.of([(-2, 2), (-2, 2)]),
        _goldstein_price,
        f_opt=3.0,
        x_opt=read_only([[0.0, -1.0]]),
        summary="two variables, four local minima, values over six decades",
        source="Goldstein & Price (1971), Mathematics of Computation 25:569",
    )


def _goldstein_price(x: FloatArray) -> float:
    u, v = x.tolist()
    inner = 19 - 14 * u + 3 * u**2 - 14 * v + 6 * u * v + 3 * v**2
    outer = 18 - 32 * u + 12 * u**2 + 48 * v - 36 * u * v + 27 * v**2
    first = 1 + (u + v + 1) ** 2 * inner
    second = 30 + (2 * u - 3 * v) ** 2 * outer
    return float(first * second)


# Dixon & Szego (1978), tables for Hartman's family: rows are the four wells.
_WEIGHTS = read_only([1.0, 1.2, 3.0, 3.2])
_A3 = read_only(
    [[3.0, 10.0, 30.0], [0.1, 10.0, 35.0], [3.0, 10.0, 30.0], [0.1, 10.0, 35.0]]
)
_P3 = read_only(
    1e-4
    * np.array(
        [[3689, 1170, 2673], [4699, 4387, 7470], [1091, 8732, 5547], [381, 5743, 8828]]
    )
)
_A6 = read_only(
    [
        [10, 3, 17, 3.5, 1.7, 8],
        [0.05, 10, 17, 0.1, 8, 14],
        [3, 3.5, 1.7, 10, 17, 8],
        [17, 8, 0.05, 10, 0.1, 14],
    ]
)
_P6 = read_only(
    1e-4
    * np.array(
        [
            [1312, 1696, 5569, 124, 8283, 5886],
            [2329, 4135, 8307, 3736, 1004, 9991],
            [2348, 1451, 3522, 2883, 3047, 6650],
            [4047, 8828, 8732, 5743, 1091, 381],
        ]
    )
)


def hartmann3() -> Problem:
    """Return Hartmann's function of three variables, minimum -3.86278.

    Notes
    -----
    Hartman (1973), tables in Dixon & Szego (1978). The minimiser was refined here by
    Newton steps to the last digit; the published one is (.114614, .555649, .852547).

    Examples
    --------
    >>> round(hartmann3()([0.114614, 0.555649, 0.852547]), 5)
    -3.86278
    """
    return Problem(
        "hartmann3",
        Space.of([(0, 1)] * 3),
        partial(_hartmann, _A3, _P3),
        f_opt=-3.862779787332663,
        x_opt=read_only(
            [[0.11458887665506896, 0.5556488946169301, 0.8525469846866774]]
        ),
        summary="three variables, four wells",
        source=_DIXON,
    )


def hartmann6() -> Problem:
    """Return Hartmann's function of six variables, minimum -3.32237.

    A third of the local searches from random starts end in the basin of -3.2032.

    Notes
    -----
    Hartman (1973), tables in Dixon & Szego (1978). The minimiser was refined here by
    Newton steps to the last digit; the published one is (.20169, .150011, .476874,
    .275332, .311652, .6573).

    Examples
    --------
    >>> round(hartmann6()([0.20169, 0.150011, 0.476874, 0.275332, 0.311652, 0.6573]), 5)
    -3.32237
    """
    return Problem(
        "hartmann6",
        Space.of([(0, 1)] * 6),
        partial(_hartmann, _A6, _P6),
        f_opt=-3.322368011415515,
        x_opt=read_only(
            [
                [
                    0.20168951100670543,
                    0.15001069182345797,
                    0.47687397422189703,
                    0.2753324304940561,
                    0.31165161660011326,
                    0.6573005340656204,
                ]
            ]
        ),
        summary="six variables, two deep basins",
        source=_DIXON,
    )


def _hartmann(A: FloatArray, P: FloatArray, x: FloatArray) -> float:
    return -float(_WEIGHTS @ np.exp(-np.sum(A * (x - P) ** 2, axis=1)))


def rosenbrock(d: int = 4) -> Problem:
    """Return Rosenbrock's curved valley in `d` variables, minimum 0 at (1, ..., 1).

    Parameters
    ----------
    d : int
        Number of variables, at least 2.

    Raises
    ------
    ValueError
        If `d` is not an integer of at least 2.

    Notes
    -----
    Rosenbrock (1960), The Computer Journal 3:175, in the form of a sum of squares: the
    residuals are ``10 (x_{i+1} - x_i^2)`` and ``1 - x_i``.

    Examples
    --------
    >>> rosenbrock(3)([0.0, 0.0, 0.0])
    2.0
    """
    d = checks.integer(d, "d", 2)
    return from_residuals(
        "rosenbrock",
        Space.of([(-5, 10)] * d),
        _rosenbrock,
        0.0,
        np.ones((1, d)),
        summary="a curved valley, hardly sloped along its floor",
        source="Rosenbrock (1960), The Computer Journal 3:175",
    )


def _rosenbrock(x: FloatArray) -> FloatArray:
    return np.concatenate([10 * (x[1:] - x[:-1] ** 2), 1 - x[:-1]])


def ackley(d: int = 10) -> Problem:
    """Return Ackley's function in `d` variables: ripples on a funnel, minimum 0 at 0.

    Parameters
    ----------
    d : int
        Number of variables, at least 1.

    Raises
    ------
    ValueError
        If `d` is not an integer of at least 1.

    Notes
    -----
    Ackley (1987), A Connectionist Machine for Genetic Hillclimbing. The box is that of
    Eriksson et al. (2019), NeurIPS: the centre of the usual one, [-32.768, 32.768], is
    the minimiser, a gift to every method that starts there.

    Examples
    --------
    >>> round(ackley(2)([1.0, 1.0]), 4)
    3.6254
    """
    d = checks.integer(d, "d", 1)
    return Problem(
        "ackley",
        Space.of([(-5, 10)] * d),
        _ackley,
        f_opt=0.0,
        x_opt=np.zeros((1, d)),
        summary="ripples on a funnel with a kink at the minimum",
        source="Ackley (1987), A Connectionist Machine for Genetic Hillclimbing",
    )


def _ackley(x: FloatArray) -> float:
    funnel = 20 * math.exp(-0.2 * math.sqrt(np.mean(x**2)))
    ripples = math.exp(np.mean(np.cos(2 * np.pi * x)))
    return 20 + math.e - funnel - ripples


def six_hump_camel() -> Problem:
    """Return the six-hump camel back: two variables, six minima, two of them global.

    Notes
    -----
    Dixon & Szego (1978). The minimiser was refined here by Newton steps to the last
    digit; the published one is (.0898, -.7126), with the value -1.0316.

    Examples
    --------
    >>> round(six_hump_camel()([0.0898, -0.7126]), 4)
    -1.0316
    """
    u, v = 0.08984201310031806, -0.7126564030207396
    return Problem(
        "six_hump_camel",
        Space.of([(-3, 3), (-2, 2)]),
        _six_hump_camel,
        f_opt=-1.0316284534898774,
        x_opt=read_only([[u, v], [-u, -v]]),
        summary="two variables, six minima",
        source=_DIXON,
    )


def _six_hump_camel(x: FloatArray) -> float:
    u, v = x.tolist()
    hump = (4 - 2.1 * u**2 + u**4 / 3) * u**2
    return float(hump + u * v + (-4 + 4 * v**2) * v**2)


def levy(d: int = 8) -> Problem:
    """Return Levy's function in `d` variables: waves on a bowl, minimum 0 at 1.

    Parameters
    ----------
    d : int
        Number of variables, at least 1.

    Raises
    ------
    ValueError
        If `d` is not an integer of at least 1.

    Notes
    -----
    Levy & Montalvo (1985), SIAM Journal on Scientific and Statistical Computing 6:15,
    in the form and on the box [-10, 10]^d of Laguna & Marti (2005), Journal of Global
    Optimization 33:235.

    Examples
    --------
    >>> round(levy(2)([0.0, 0.0]), 6)
    0.715845
    """
    d = checks.integer(d, "d", 1)
    return Problem(
        "levy",
        Space.of([(-10, 10)] * d),
        _levy,
        f_opt=0.0,
        x_opt=np.ones((1, d)),
        summary="waves on a bowl",
        source="Levy & Montalvo (1985), SIAM J. Sci. Stat. Comput. 6:15",
    )


def _levy(x: FloatArray) -> float:
    w = 1 + (x - 1) / 4
    first = math.sin(math.pi * w[0]) ** 2
    middle = (w[:-1] - 1) ** 2 @ (1 + 10 * np.sin(np.pi * w[:-1] + 1) ** 2)
    last = (w[-1] - 1) ** 2 * (1 + math.sin(2 * math.pi * w[-1]) ** 2)
    return float(first + middle + last)
