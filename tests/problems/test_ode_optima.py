"""Optima of the ODE problems are local minima, and their corners end."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from scipy.optimize import least_squares

from surrogo import problems
from surrogo.ode import IntegrationError

RECOVERIES = [
    *("lotka_volterra", "lorenz", "fitzhugh_nagumo_unit", "goodwin", "hires"),
    *("robertson", "oregonator", "mackey_glass", "heat"),
]
ALL = [*RECOVERIES, "lotka_volterra_wide", "lorenz_wide", "fitzhugh_nagumo_wide"]
ALL += ["barnes", "barnes_free", "fitzhugh_nagumo", "three_step", "boehm"]


SEARCHED = [
    *RECOVERIES,
    *("barnes", "barnes_free", "fitzhugh_nagumo"),
    pytest.param("three_step", marks=pytest.mark.slow),
]


@pytest.mark.parametrize("name", SEARCHED)
def test_local_search_returns_to_the_optimum(name):
    problem = problems.get(name)
    u = problem.space.to_unit(problem.x_opt)[0]
    rng = np.random.default_rng(7)
    start = (u + 2e-3 * rng.choice([-1, 1], size=len(u))).clip(0, 1)

    def residuals(u):
        return problem.residuals(problem.space.from_unit([u])[0])

    # Steps far above the error of the integrators.
    result = least_squares(residuals, start, bounds=(0, 1), diff_step=1e-5, max_nfev=10)
    first = problem.fun(problem.space.from_unit([start])[0])
    assert first > 1.001 * problem.f_opt
    found = pytest.approx(problem.f_opt, rel=1e-8, abs=1e-6 * (first - problem.f_opt))
    assert 2 * result.cost == found
    np.testing.assert_allclose(result.x, u, atol=1e-4)


def corners(problem):
    d = problem.space.d
    if d <= 6:
        U = list(itertools.product((0, 1), repeat=d))
    else:
        U = np.random.default_rng(8).integers(2, size=(64, d))
    return problem.space.from_unit(U)


@pytest.mark.parametrize("name", ALL)
def test_corners_end_by_a_value_or_a_failure(name):
    problem = problems.get(name)
    failures = 0
    for x in corners(problem):
        try:
            assert np.isfinite(problem.fun(x))
        except IntegrationError:
            failures += 1
    may_fail = {"lotka_volterra": 2, "lotka_volterra_wide": 2}
    assert failures <= may_fail.get(name, 0)
