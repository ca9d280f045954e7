"""Basins of the test problems, slow versions, and how they refuse bad input."""

from __future__ import annotations

import itertools
import subprocess
import sys

import numpy as np
import pytest
from scipy.integrate import solve_ivp
from scipy.optimize import least_squares, minimize

from surrogo import problems
from surrogo.ode import IntegrationError
from surrogo.problems import gas_oil, hare_lynx, pinene
from surrogo.problems.base import Problem
from surrogo.space import Space


def test_second_basin_of_hartmann6():
    problem = problems.get("hartmann6")
    start = [0.40, 0.88, 0.85, 0.57, 0.14, 0.04]
    result = minimize(problem.fun, start, bounds=[(0, 1)] * 6, tol=1e-12)
    assert result.fun == pytest.approx(-3.2032, abs=5e-5)
    assert np.linalg.norm(result.x - start) < 0.05


# Dixon & Szego (1978): the six minima of the camel back come in pairs (x, -x).
@pytest.mark.parametrize(
    ("start", "value"),
    [([0.1, -0.7], -1.0316), ([1.7, -0.8], -0.2155), ([1.6, 0.6], 2.1043)],
)
def test_minima_of_the_camel_back(start, value):
    fun = problems.get("six_hump_camel").fun
    result = minimize(fun, start, tol=1e-10)
    assert result.fun == pytest.approx(value, abs=5e-5)
    assert fun(-result.x) == pytest.approx(result.fun, abs=1e-12)


def test_levy_against_its_formula():
    x = [2.5, -3.0, 0.5]
    a, b, c = (1 + (each - 1) / 4 for each in x)
    pi = np.pi
    expected = (
        np.sin(pi * a) ** 2
        + (a - 1) ** 2 * (1 + 10 * np.sin(pi * a + 1) ** 2)
        + (b - 1) ** 2 * (1 + 10 * np.sin(pi * b + 1) ** 2)
        + (c - 1) ** 2 * (1 + np.sin(2 * pi * c) ** 2)
    )
    assert problems.levy(3)(x) == pytest.approx(expected, rel=1e-13)


def local_search(problem, u):
    """Return the end of a local search from a point of the unit cube, and its value."""

    def residuals(u):
        return problem.residuals(problem.space.from_unit([u])[0])

    result = least_squares(residuals, u, bounds=(0, 1), xtol=1e-12)
    return problem.space.from_unit([result.x])[0], 2 * result.cost


def test_local_minimum_of_hare_lynx_from_the_centre():
    # The centre of the box leads to the minimum that most searches end in.
    x, value = local_search(problems.get("hare_lynx"), np.full(6, 0.5))
    assert value == pytest.approx(17.268658, abs=1e-6)
    assert x[0] == pytest.approx(0.01, rel=1e-6)  # at its lower bound


def test_third_local_minimum_of_hare_lynx():
    problem = problems.get("hare_lynx")
    start = problem.space.to_unit([[0.73, 0.044, 1.65, 0.058, 22, 11]])[0]
    assert local_search(problem, start)[1] == pytest.approx(16.149227, abs=1e-6)


def test_local_minimum_of_hare_lynx_plain():
    centre = np.full(6, 0.5)
    value = local_search(problems.get("hare_lynx_plain"), centre)[1]
    assert 1.0e4 < value < 1.4e4


# Against slow obvious versions


def test_pinene_against_an_integrator():
    x = np.array([6e-5, 3e-5, 2e-5, 3e-4, 4e-5])

    def rhs(t, y):
        a, b, c, d, e = x
        back, forth = e * y[4], d * y[2]
        return [
            -(a + b) * y[0],
            a * y[0],
            b * y[0] - (c + d) * y[2] + back,
            c * y[2],
            forth - back,
        ]

    solution = solve_ivp(
        rhs,
        (0, 36420),
        [100, 0, 0, 0, 0],
        t_eval=pinene._TIMES,
        method="Radau",
        rtol=1e-9,
        atol=1e-9,
    )
    expected = np.ravel(solution.y.T - pinene._DATA)
    np.testing.assert_allclose(pinene.residuals(x), expected, atol=1e-5)


def test_gas_oil_against_the_formula_of_its_first_state():
    x = np.array([10.0, 7.0, 2.0])
    # y1' = -(a + c) y1^2 from y1 = 1
    gas = gas_oil.residuals(x).reshape(-1, 2)[:, 0] + gas_oil._DATA[:, 0]
    np.testing.assert_allclose(gas, 1 / (1 + 12 * gas_oil._TIMES), rtol=1e-9)


def test_hare_lynx_against_the_plain_equations():
    x = [0.54, 0.027, 0.8, 0.024, 34.0, 6.0]
    a, b, c, d, u0, v0 = x

    def rhs(t, y):
        return [(a - b * y[1]) * y[0], (d * y[0] - c) * y[1]]

    times = np.linspace(1900, 1920, 41)
    span = (times[0], times[-1])
    expected = solve_ivp(
        rhs, span, [u0, v0], t_eval=times, method="DOP853", rtol=1e-10, atol=1e-10
    )
    np.testing.assert_allclose(hare_lynx.simulate(x, times), expected.y.T, rtol=1e-7)


def test_hare_lynx_keeps_its_invariant():
    x = problems.get("hare_lynx").x_opt[0]
    a, b, c, d = x[:4]
    u, v = hare_lynx.simulate(x, np.linspace(1900, 1940, 81)).T
    energy = d * u - c * np.log(u) + b * v - a * np.log(v)
    np.testing.assert_allclose(energy, energy[0], rtol=1e-8)


# Simulating hares


def test_residuals_are_those_of_the_simulation():
    x = problems.get("hare_lynx_plain").x_opt[0]
    data = np.column_stack([hare_lynx.HARE, hare_lynx.LYNX])
    residuals = np.ravel(hare_lynx.simulate(x) - data)
    np.testing.assert_array_equal(hare_lynx.plain_residuals(x), residuals)
    logs = np.ravel(np.log(hare_lynx.simulate(x) / data))
    np.testing.assert_allclose(hare_lynx.log_residuals(x), logs, atol=1e-14)


def test_simulation_may_begin_later():
    x = problems.get("hare_lynx").x_opt[0]
    later = hare_lynx.simulate(x, [1905.5, 1920])
    whole = hare_lynx.simulate(x, [1900, 1905.5, 1920])
    np.testing.assert_array_equal(later, whole[1:])


def test_extreme_hares_answer():
    box = hare_lynx.hare_lynx().space
    corners = box.from_unit(list(itertools.product((0, 1), repeat=6)))
    assert np.all(np.isfinite([hare_lynx.simulate(x) for x in corners]))


def test_exploding_hares_are_a_failure():
    with pytest.raises(IntegrationError, match="step size fell to nothing"):
        hare_lynx.simulate([1, -1, 1, 1, 100, 50])


@pytest.mark.parametrize("times", [[1899, 1900], [], 1900.0])
def test_times_before_the_data_are_refused(times):
    with pytest.raises(ValueError, match=r"times must be years .* from 1900 on"):
        hare_lynx.simulate([0.5, 0.03, 0.8, 0.02, 30, 6], times)


def test_data_cannot_be_changed():
    with pytest.raises(ValueError, match="read-only"):
        hare_lynx.HARE[0] = 0


# Registry and base


def test_unknown_name_lists_the_known_ones():
    with pytest.raises(ValueError, match=r"one of 'ackley', 'barnes'.* got 'brannin'"):
        problems.get("brannin")


@pytest.mark.parametrize("d", [2, 3, 20])
def test_any_number_of_variables(d):
    for factory in (problems.rosenbrock, problems.ackley, problems.levy):
        problem = factory(d)
        assert problem.space.d == d
        assert problem(problem.x_opt[0]) == pytest.approx(0, abs=1e-14)


@pytest.mark.parametrize(
    ("factory", "d"),
    [(problems.rosenbrock, 1), (problems.ackley, 0), (problems.levy, 0)],
)
def test_too_few_variables(factory, d):
    with pytest.raises(ValueError, match=rf"d must be an integer .* got {d}"):
        factory(d)


def bowl(x):
    return float(x @ x)


def test_parameters_default_to_those_of_the_space():
    problem = Problem("bowl", Space.of([(-1, 1)] * 2), bowl, 0.0, [[0, 0]])
    assert problem.parameters == ("x0", "x1")
    assert problem.residuals is None


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"x_opt": [[0, 3]]}, "x_opt of bowl must lie inside its space"),
        ({"x_opt": [0, 0]}, r"x_opt must have shape \(n, 2\)"),
        ({"parameters": ("a",)}, r"parameters of bowl must be 2 names, got \('a',\)"),
    ],
)
def test_problem_checks_itself(change, text):
    good = {"x_opt": [[0, 0]], "parameters": ("a", "b")}
    with pytest.raises(ValueError, match=text):
        Problem("bowl", Space.of([(-1, 1)] * 2), bowl, 0.0, **good | change)


def test_point_of_the_wrong_length_is_refused():
    with pytest.raises(
        ValueError, match=r"one point of shape \(2,\), got shape \(3,\)"
    ):
        problems.get("branin")([1.0, 2.0, 3.0])


def test_import_is_cheap():
    code = "import sys, surrogo.problems; sys.exit('scipy.integrate' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
