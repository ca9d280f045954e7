"""The published minimum of every test problem."""

from __future__ import annotations

import numpy as np
import pytest

from surrogo import problems

# name, published minimiser, published minimum, half a unit of its last digit
PUBLISHED = [
    ("branin", [np.pi, 2.275], 0.397887, 5e-7),
    ("branin", [-np.pi, 12.275], 0.397887, 5e-7),
    ("branin", [9.42478, 2.475], 0.397887, 5e-7),
    ("goldstein_price", [0, -1], 3.0, 1e-12),
    ("hartmann3", [0.114614, 0.555649, 0.852547], -3.86278, 5e-6),
    (
        "hartmann6",
        [0.20169, 0.150011, 0.476874, 0.275332, 0.311652, 0.6573],
        -3.32237,
        5e-6,
    ),
    ("rosenbrock", [1, 1, 1, 1], 0.0, 1e-15),
    ("ackley", [0] * 10, 0.0, 1e-14),
    ("six_hump_camel", [0.0898, -0.7126], -1.0316, 5e-5),
    ("six_hump_camel", [-0.0898, 0.7126], -1.0316, 5e-5),
    ("levy", [1] * 8, 0.0, 1e-15),
    (
        "pinene",
        [5.92585e-5, 2.96340e-5, 2.04729e-5, 2.74469e-4, 3.99796e-5],
        19.872167,
        1e-6,
    ),
    ("gas_oil", [11.84676, 8.34454, 1.00142], 5.2365958e-3, 5e-10),
    (
        "hare_lynx",
        [0.540159, 0.0271654, 0.796386, 0.0236946, 34.6025, 5.84451],
        2.0186612,
        5e-8,
    ),
    (
        "hare_lynx_plain",
        [0.481199, 0.0248318, 0.926018, 0.0275330, 34.9143, 3.86187],
        594.74456,
        5e-5,
    ),
    ("influenza", [1.66923, 0.443454], 4121.9415, 2e-3),
    ("influenza_from_first", [1.699799, 0.446866], 3874.3573, 5e-5),
    ("barnes", [0.860941, 2.079029, 1.814944], 0.16446135, 5e-9),
    (
        "barnes_free",
        [0.818963, 2.298524, 2.008720, 0.993874, 0.216609],
        0.10167524,
        5e-9,
    ),
    ("lotka_volterra", [1.5, 1, 3, 1], 0.0, 1e-15),
    ("lotka_volterra_wide", [1.5, 1, 3, 1], 0.0, 1e-15),
    ("lorenz", [10, 28, 8 / 3], 0.0, 1e-15),
    ("lorenz_wide", [10, 28, 8 / 3], 0.0, 1e-15),
    ("fitzhugh_nagumo", [0.2065164, 0.2075988, 2.995761], 204.120527, 1e-6),  # ours
    ("fitzhugh_nagumo_unit", [0.7, 0.8, 0.08, 0.5], 0.0, 1e-15),
    ("fitzhugh_nagumo_wide", [0.7, 0.8, 0.08, 0.5], 0.0, 1e-15),
    ("goodwin", [1, 3, 0.5, 2, 1, 10], 0.0, 1e-15),
    (
        "hires",
        [1.71, 0.43, 8.32, 0.69, 0.035, 8.32, 280, 0.69, 0.69, 0.0007],
        0.0,
        1e-15,
    ),
    ("robertson", [0.04, 3e7, 1e4], 0.0, 1e-15),
    ("oregonator", [77.27, 8.375e-6, 0.161], 0.0, 1e-15),
    (
        "three_step",
        [1] * 6
        + [2] * 3
        + [1] * 3
        + [2] * 3
        + [1] * 3  # V, K, n, A, a, k
        + [0.1] * 3
        + [1] * 3
        + [0.1] * 3
        + [1] * 9,  # W, C, h, f, R, Q
        0.0,
        1e-15,
    ),
    (
        "boehm",  # the nominal parameters of the PEtab collection
        [
            *(0.026982514033029, 1.00067973851508e-5, 0.006170228086381),
            *(0.0163679184468, 97749.3794024716, 15766.5070195731),
            *(3.85261197844677, 6.59147818673419, 3.15271275648527),
        ],
        138.2219997,
        5e-5,
    ),
    ("mackey_glass", [0.2, 0.1, 10, 17], 0.0, 1e-15),
    ("heat", [1, 0.3, 2, 0.5, 1.2], 0.0, 1e-15),
]


@pytest.mark.parametrize(("name", "x", "value", "error"), PUBLISHED)
def test_published_minimum(name, x, value, error):
    problem = problems.get(name)
    assert problem(x) == pytest.approx(value, abs=error)
    assert problem.f_opt == pytest.approx(value, abs=error)


def test_published_minima_cover_the_registry():
    assert {row[0] for row in PUBLISHED} == set(problems.names())
