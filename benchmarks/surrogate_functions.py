"""Ten functions to be learned by surrogates, each on the unit cube, with its source.

All take points U (n, d) of the unit cube, map them to the published ranges and return
values (n,). ``tests/benchmarks/test_surrogate_functions.py`` compares them with what
is published about them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.linalg import expm
from scipy.stats import qmc

from surrogo import problems


@dataclass(frozen=True)
class Function:
    """A function on the unit cube; `noise` is the standard deviation of its errors."""

    name: str
    d: int
    call: Callable[[np.ndarray], np.ndarray]
    source: str
    noise: float = 0.0

    def __call__(self, U: np.ndarray) -> np.ndarray:
        """Return the values (n,), without noise, at U (n, d)."""
        return self.call(U)


def scaled(U: np.ndarray, ranges: list[tuple[float, float]]) -> np.ndarray:
    """Return the columns (d, n) of U (n, d), each in its range."""
    low, high = np.array(ranges).T
    return np.asarray(low + (high - low) * U).T


def borehole(U: np.ndarray) -> np.ndarray:
    """Return the flow of water through a borehole, in cubic metres a year."""
    rw, r, Tu, Hu, Tl, Hl, L, Kw = scaled(
        U,
        [
            (0.05, 0.15),
            (100, 50_000),
            (63_070, 115_600),
            (990, 1110),
            (63.1, 116),
            (700, 820),
            (1120, 1680),
            (9855, 12_045),
        ],
    )
    log_ratio = np.log(r / rw)
    resistance = 1 + 2 * L * Tu / (log_ratio * rw**2 * Kw) + Tu / Tl
    return 2 * np.pi * Tu * (Hu - Hl) / (log_ratio * resistance)


def wing_weight(U: np.ndarray) -> np.ndarray:
    """Return the weight of the wing of a light aircraft, in pounds."""
    Sw, Wfw, A, sweep, q, taper, tc, Nz, Wdg, Wp = scaled(
        U,
        [
            (150, 200),
            (220, 300),
            (6, 10),
            (-10, 10),
            (16, 45),
            (0.5, 1),
            (0.08, 0.18),
            (2.5, 6),
            (1700, 2500),
            (0.025, 0.08),
        ],
    )
    cosine = np.cos(np.deg2rad(sweep))
    shape = (A / cosine**2) ** 0.6 * (100 * tc / cosine) ** -0.3
    load = q**0.006 * taper**0.04 * (Nz * Wdg) ** 0.49
    return 0.036 * Sw**0.758 * Wfw**0.0035 * shape * load + Sw * Wp


def piston(U: np.ndarray) -> np.ndarray:
    """Return the time of one cycle of a piston, in seconds."""
    M, S, V0, k, P0, Ta, T0 = scaled(
        U,
        [
            (30, 60),
            (0.005, 0.020),
            (0.002, 0.010),
            (1000, 5000),
            (90_000, 110_000),
            (290, 296),
            (340, 360),
        ],
    )
    A = P0 * S + 19.62 * M - k * V0 / S
    gas = P0 * V0 * Ta / T0
    V = S / (2 * k) * (np.sqrt(A**2 + 4 * k * gas) - A)
    return 2 * np.pi * np.sqrt(M / (k + S**2 * gas / V**2))


def otl_circuit(U: np.ndarray) -> np.ndarray:
    """Return the midpoint voltage of a push-pull circuit without transformer."""
    Rb1, Rb2, Rf, Rc1, Rc2, gain = scaled(
        U, [(50, 150), (25, 70), (0.5, 3), (1.2, 2.5), (0.25, 1.2), (50, 300)]
    )
    Vb1 = 12 * Rb2 / (Rb1 + Rb2)
    load = gain * (Rc2 + 9)
    return ((Vb1 + 0.74) * load + 11.35 * Rf + 0.74 * Rf * load / Rc1) / (load + Rf)


def ishigami(U: np.ndarray) -> np.ndarray:
    """Return Ishigami and Homma's function with a = 7, b = 0.1."""
    x, y, z = scaled(U, [(-np.pi, np.pi)] * 3)
    return np.sin(x) * (1 + 0.1 * z**4) + 7 * np.sin(y) ** 2


def hartmann6(U: np.ndarray) -> np.ndarray:
    """Return Hartmann's function of six variables."""
    problem = problems.get("hartmann6")
    return np.array([problem(u) for u in U])


# Published rates of the alpha-pinene reactions per minute (surrogo.problems).
PINENE_RATES = (5.926e-5, 2.963e-5, 2.047e-5, 2.745e-4, 3.998e-5)


def pinene(U: np.ndarray) -> np.ndarray:
    """Return allo-ocimene after 7800 minutes, in per cent: output of a linear ODE.

    Five rates between a tenth and ten times the published ones, on a log scale.
    """
    a, b, c, d, e = np.array(PINENE_RATES)[:, None] * 10 ** (2 * U.T - 1)
    K = np.zeros((len(U), 5, 5))
    K[:, 0, 0], K[:, 1, 0], K[:, 2, 0] = -a - b, a, b
    K[:, 2, 2], K[:, 3, 2], K[:, 4, 2] = -c - d, c, d
    K[:, 2, 4], K[:, 4, 4] = e, -e
    return 100.0 * expm(7800.0 * K)[:, 2, 0]


def genz_discontinuous(U: np.ndarray) -> np.ndarray:
    """Return Genz's discontinuous function with a_i = 1, u_1 = u_2 = 1/2."""
    inside = np.all(U[:, :2] <= 0.5, axis=1)
    return np.where(inside, np.exp(U.sum(axis=1)), 0.0)


def friedman(U: np.ndarray) -> np.ndarray:
    """Return Friedman's function of ten variables, five of them idle."""
    main = 10 * np.sin(np.pi * U[:, 0] * U[:, 1]) + 20 * (U[:, 2] - 0.5) ** 2
    return main + 10 * U[:, 3] + 5 * U[:, 4]


def bratley(U: np.ndarray) -> np.ndarray:
    """Return the alternating sum of the products of the first i variables."""
    signs = (-1.0) ** np.arange(1, U.shape[1] + 1)
    return np.asarray(np.cumprod(U, axis=1) @ signs)


FUNCTIONS = {
    function.name: function
    for function in [
        Function(
            "borehole",
            8,
            borehole,
            "Harper & Gupta (1983), BMI/ONWI-516; box of Morris, Mitchell & Ylvisaker "
            "(1993), Technometrics 35, 243",
        ),
        Function(
            "wing weight",
            10,
            wing_weight,
            "Forrester, Sobester & Keane (2008), Engineering Design via Surrogate "
            "Modelling",
        ),
        Function(
            "piston", 7, piston, "Kenett & Zacks (1998), Modern Industrial Statistics"
        ),
        Function(
            "OTL circuit",
            6,
            otl_circuit,
            "Ben-Ari & Steinberg (2007), Quality Engineering 19, 327",
        ),
        Function(
            "Ishigami",
            3,
            ishigami,
            "Ishigami & Homma (1990), ISUMA, 398; a = 7, b = .1",
        ),
        Function(
            "Hartmann 6",
            6,
            hartmann6,
            "Dixon & Szego (1978), Towards Global Optimisation 2",
        ),
        Function("pinene ODE", 5, pinene, "Box et al. (1973), Technometrics 15, 33"),
        Function(
            "Genz step",
            4,
            genz_discontinuous,
            "discontinuous integrand of Genz (1984), Testing multidimensional "
            "integration routines",
        ),
        Function(
            "Friedman noisy",
            10,
            friedman,
            "Friedman (1991), Annals of Statistics 19, 1; noise of variance 1",
            noise=1.0,
        ),
        Function(
            "Bratley 50",
            50,
            bratley,
            "Bratley, Fox & Niederreiter (1992), ACM TOMACS 2, 195",
        ),
    ]
}


@dataclass(frozen=True)
class Data:
    """Training points U (n, d), values y (n,); test points V (m, d), true values f."""

    U: np.ndarray
    y: np.ndarray
    V: np.ndarray
    f: np.ndarray


def data(function: Function, n: int, seed: int, m: int = 2000) -> Data:
    """Return n points of a random Latin hypercube, and m random points to test on."""
    rng = np.random.default_rng([seed, n])
    U = qmc.LatinHypercube(function.d, rng=rng).random(n)
    y = function(U) + function.noise * rng.normal(size=n)
    V = np.random.default_rng(12345).random((m, function.d))
    return Data(U, y, V, function(V))
