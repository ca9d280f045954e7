"""The functions of the benchmarks against what is published or provable about them."""

import math

import numpy as np
import pytest
from scipy.stats import qmc

from benchmarks import surrogate_functions as functions
from surrogo import problems
from surrogo.problems import pinene


def points(d, m=2**13):
    return qmc.Sobol(d, seed=0).random(m)


@pytest.mark.parametrize("name", functions.FUNCTIONS)
def test_values_are_finite_and_a_row_at_a_time_gives_the_same(name):
    function = functions.FUNCTIONS[name]
    U = points(function.d, 8)
    y = function(U)
    assert y.shape == (8,)
    assert np.all(np.isfinite(y))
    alone = [function(u[None, :])[0] for u in U]
    np.testing.assert_allclose(y, alone, rtol=1e-12)


def test_borehole_lies_below_flow_without_resistance_and_is_linear_in_the_head():
    # Without leakage and resistance the flow is 2 pi Tu (Hu - Hl) / log(r / rw).
    U = points(8, 64)
    rw, r = 0.05 + 0.1 * U[:, 0], 100 + 49_900 * U[:, 1]
    Tu, head = 63_070 + 52_530 * U[:, 2], 990 + 120 * U[:, 3] - 700 - 120 * U[:, 5]
    assert np.all(functions.borehole(U) < 2 * np.pi * Tu * head / np.log(r / rw))
    # in proportion to the difference of the heads
    low, high = U.copy(), U.copy()
    low[:, [3, 5]], high[:, [3, 5]] = (0.0, 1.0), (1.0, 0.0)
    ratio = functions.borehole(high) / functions.borehole(low)
    np.testing.assert_allclose(ratio, 410 / 170, rtol=1e-12)


def test_wing_weight_has_the_exponents_of_the_formula():
    U = points(10, 32)
    U[:, 9] = 0.0
    paint = 0.025 * (150 + 50 * U[:, 0])
    light, heavy = U.copy(), U.copy()
    light[:, 7], heavy[:, 7] = 0.0, 1.0
    ratio = (functions.wing_weight(heavy) - paint) / (
        functions.wing_weight(light) - paint
    )
    np.testing.assert_allclose(ratio, (6 / 2.5) ** 0.49, rtol=1e-12)


def test_piston_is_a_spring_where_the_gas_weighs_nothing():
    # Periods lie below those of the spring alone, 2 pi sqrt(M / k).
    U = points(7)
    M, k = 30 + 30 * U[:, 0], 1000 + 4000 * U[:, 3]
    period = functions.piston(U)
    assert np.all(period < 2 * np.pi * np.sqrt(M / k))
    assert np.all((period > 0.1) & (period < 1.2))


def test_otl_circuit_is_monotone_as_the_paper_says():
    # Ben-Ari & Steinberg 2007: the divider Rb1, Rb2 sets the voltage.
    U = points(6, 256)
    for column, sign in [(0, -1), (1, 1), (2, 1), (3, -1)]:
        low, high = U.copy(), U.copy()
        low[:, column], high[:, column] = 0.2, 0.8
        rise = functions.otl_circuit(high) - functions.otl_circuit(low)
        assert np.all(sign * rise > 0)


def test_ishigami_has_the_published_moments():
    # mean a / 2, variance a^2 / 8 + b pi^4 / 5 + b^2 pi^8 / 18 + 1 / 2
    y = functions.ishigami(points(3, 2**16))
    variance = 49 / 8 + 0.1 * math.pi**4 / 5 + 0.01 * math.pi**8 / 18 + 0.5
    assert np.mean(y) == pytest.approx(3.5, abs=1e-3)
    assert np.var(y) == pytest.approx(variance, rel=1e-3)


def test_hartmann6_has_its_minimum():
    problem = problems.get("hartmann6")
    assert functions.hartmann6(problem.x_opt)[0] == pytest.approx(-3.32237, abs=5e-6)


def test_pinene_is_what_was_measured_and_what_the_problem_computes():
    centre = np.full((1, 5), 0.5)
    here = functions.pinene(centre)[0]
    assert here == pytest.approx(6.0, abs=0.6)  # Box et al. 1973: 6.0 per cent
    # the third of five species, the fourth of eight times
    residuals = pinene.residuals(np.array(functions.PINENE_RATES))
    assert here == pytest.approx(residuals.reshape(8, 5)[3, 2] + 6.0, abs=1e-8)


def test_genz_step_has_its_exact_integral():
    # product of the integrals of exp over [0, 1/2] (twice) and [0, 1] (twice)
    exact = (math.exp(0.5) - 1) ** 2 * (math.e - 1) ** 2
    y = functions.genz_discontinuous(points(4, 2**16))
    assert np.mean(y) == pytest.approx(exact, rel=1e-3)


def test_friedman_has_its_mean_and_idle_variables():
    U = points(10)
    # 10 Cin(pi) / pi + 20 / 12 + 5 + 5 / 2, Cin(pi) = 1.6483...
    assert np.mean(functions.friedman(U)) == pytest.approx(14.4133, abs=5e-3)
    moved = np.hstack([U[:, :5], 1 - U[:, 5:]])
    np.testing.assert_array_equal(functions.friedman(moved), functions.friedman(U))


def test_bratley_has_its_exact_mean():
    exact = -(1 - (-0.5) ** 50) / 3
    assert np.mean(functions.bratley(points(50))) == pytest.approx(exact, abs=2e-3)


def test_data_are_the_same_for_a_seed_and_noise_is_only_in_training():
    function = functions.FUNCTIONS["Friedman noisy"]
    one, two = functions.data(function, 40, 3), functions.data(function, 40, 3)
    np.testing.assert_array_equal(one.y, two.y)
    np.testing.assert_array_equal(one.f, function(one.V))
    assert 0.5 < np.std(one.y - function(one.U)) < 1.5
    cells = np.sort(np.floor(one.U * 40), axis=0)
    np.testing.assert_array_equal(cells, np.arange(40)[:, None] + np.zeros((1, 10)))
