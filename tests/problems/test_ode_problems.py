"""Models of the ODE problems: published states, slow versions, corners of the boxes."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.integrate import solve_ivp

from surrogo import problems
from surrogo.ode import IntegrationError, integrate
from surrogo.problems import (
    fitzhugh_nagumo,
    goodwin,
    heat,
    hires,
    lorenz,
    lotka_volterra,
    mackey_glass,
    oregonator,
    robertson,
    three_step,
)


def truth(problem):
    return problems.get(problem).x_opt[0]


# Published states


def test_states_of_lorenz():
    y = lorenz.simulate(truth("lorenz"))  # without the start, at steps of 0.01
    np.testing.assert_allclose(y[99], [-9.408451, -9.096199, 28.581628], atol=1e-6)
    np.testing.assert_allclose(y[299], [-8.143999, -6.942060, 28.120427], atol=1e-6)


def test_states_of_fitzhugh_nagumo():
    y = fitzhugh_nagumo.simulate_noisy(np.array([0.2, 0.2, 3.0]))
    np.testing.assert_allclose(y[100], [0.919479, -0.890481], atol=1e-6)
    np.testing.assert_allclose(y[400], [1.896942, 0.304481], atol=1e-6)


def test_noise_of_fitzhugh_nagumo():
    r = fitzhugh_nagumo.residuals_noisy(np.array([0.2, 0.2, 3.0]))
    assert np.mean(r) == pytest.approx(0, abs=3 * 0.5 / np.sqrt(802))
    assert np.std(r) == pytest.approx(0.5, abs=3 * 0.5 / np.sqrt(2 * 802))


def test_states_of_hires():
    published = [
        *(7.37131e-4, 1.442486e-4, 5.88873e-5, 1.175651e-3),
        *(2.386356e-3, 6.238968e-3, 2.85e-3, 2.85e-3),
    ]
    end = hires.simulate(truth("hires"))[-1]
    np.testing.assert_allclose(end, published, rtol=1e-6)


def test_states_of_robertson():
    times, x = [0, 40, 1e5], (0.04, 3e7, 1e4)
    y = integrate(robertson._rhs, times, [1, 0, 0], args=x, rtol=1e-10, atol=1e-14)
    np.testing.assert_allclose(y[1], [0.715827, 9.18553e-6, 0.284164], rtol=1e-6)
    np.testing.assert_allclose(y[2], [0.0178659, 7.2748e-8, 0.982134], rtol=1e-5)
    np.testing.assert_allclose(robertson.simulate(np.array(x))[-1], y[2], rtol=1e-7)


def test_states_of_the_oregonator():
    end = np.exp(oregonator.simulate(truth("oregonator"))[-1])
    np.testing.assert_allclose(end, [1.000815, 1228.1785, 132.0555], rtol=1e-6)


def test_states_of_the_three_step_pathway():
    # The last experiment has S = 10 and P = 1; the last row is t = 120.
    end = three_step.simulate(truth("three_step"))[-1].reshape(8, 16)[:, -1]
    published = [0.49751, 0.49030, 0.46060, 0.33223, 0.32896, 0.31523, 5.02991, 2.41823]
    np.testing.assert_allclose(end, published, atol=6e-6)


# Against slow obvious versions


def test_pathway_against_its_formulas():
    rng = np.random.default_rng(3)
    x = truth("three_step") * np.exp(0.2 * rng.standard_normal(36))
    V, K, n, A, a, k, W, C, h, f, R, Q = x.reshape(12, 3)
    experiment = 6
    S, P = three_step._S[experiment], three_step._P[experiment]

    def rhs(t, y):
        G, E, made = y[:3], y[3:6], [S, y[6], y[7], P]
        out = []
        for i in range(3):
            hill = (P / K[i]) ** n[i] + (A[i] / made[i]) ** a[i]
            out.append(V[i] / (1 + hill) - k[i] * G[i])
        for i in range(3):
            out.append(W[i] * G[i] / (C[i] + G[i]) - h[i] * E[i])
        flow = [
            f[i]
            * E[i]
            * (made[i] - made[i + 1])
            / R[i]
            / (1 + made[i] / R[i] + made[i + 1] / Q[i])
            for i in range(3)
        ]
        return [*out, flow[0] - flow[1], flow[1] - flow[2]]

    slow = solve_ivp(
        rhs,
        (0, 120),
        three_step._START,
        t_eval=three_step._TIMES[1:],
        method="Radau",
        rtol=1e-9,
        atol=1e-11,
    )
    ours = three_step.simulate(x).reshape(20, 8, 16)[:, :, experiment]
    np.testing.assert_allclose(ours, slow.y.T, rtol=1e-6)


def test_jacobian_of_the_pathway():
    x = truth("three_step").reshape(12, 3, 1)
    y = np.repeat(three_step._START, 16) * (1 + 0.1 * np.sin(np.arange(128)))
    J = three_step._jacobian(0.0, y, x)
    h = 1e-6
    for j in (0, 37, 100, 127):
        step = h * np.eye(128)[j]
        ahead, behind = three_step._rhs(0, y + step, x), three_step._rhs(0, y - step, x)
        np.testing.assert_allclose(J[:, j], (ahead - behind) / (2 * h), atol=1e-6)


def test_predators_against_the_plain_equations():
    x = np.array([1.2, 0.7, 2.5, 1.4])
    a, b, c, d = x

    def rhs(t, y):
        return [a * y[0] - b * y[0] * y[1], d * y[0] * y[1] - c * y[1]]

    times = lotka_volterra._TIMES
    y = integrate(rhs, times, [1, 1], method="DOP853", rtol=1e-11, atol=1e-12)
    np.testing.assert_allclose(lotka_volterra.simulate(x), y[1:], rtol=1e-7)


def test_heat_against_an_integrator():
    x = np.array([0.5, 2.0, 0.1, 5.0, 1.0])
    diagonal, off = heat.matrix(x)
    A = np.diag(diagonal) + np.diag(off, 1) + np.diag(off, -1)
    b = np.zeros(len(A))
    b[0] = 2 * x[0] * len(A) ** 2  # the hot end, half a cell away, at u = 1
    times = [0, *heat._TIMES]

    def rhs(t, u):
        return b - A @ u

    u = integrate(
        rhs, times, np.zeros(len(A)), jac=lambda t, u: -A, method="BDF", rtol=1e-8
    )
    expected = u[1:, list(heat._SENSORS)]
    np.testing.assert_allclose(heat.simulate(x), expected, atol=1e-6)


def test_heat_of_a_uniform_rod_against_fourier_series():
    # u = 1 - sum of 2 / m sin(m x) exp(-k m^2 t), m = (j + 1/2) pi
    k, t = 0.5, heat._TIMES[:, None, None]
    x = (np.array(heat._SENSORS)[:, None] + 0.5) / heat._CELLS
    m = (np.arange(200) + 0.5) * np.pi
    exact = 1 - np.sum(2 / m * np.sin(m * x) * np.exp(-k * m**2 * t), axis=-1)
    np.testing.assert_allclose(heat.simulate(np.full(5, k)), exact, atol=1e-3)


def test_first_delay_of_mackey_glass_against_its_formula():
    # Up to t = tau the feed is constant: y = feed / g + (1.2 - feed / g) exp(-g t).
    b, g, n, tau = 0.3, 0.05, 4.0, 29.0
    times = mackey_glass._TIMES[tau >= mackey_glass._TIMES]
    level = b * 1.2 / (1 + 1.2**n) / g
    exact = level + (1.2 - level) * np.exp(-g * times)
    ours = mackey_glass.simulate(np.array([b, g, n, tau]))[: len(times), 0]
    np.testing.assert_allclose(ours, exact, rtol=1e-9)


@pytest.mark.parametrize(
    "x", [[0.2, 0.1, 10, 17], [0.5, 0.3, 15, 5], [0.4, 0.1, 8, 30]]
)
def test_mackey_glass_converges(x, monkeypatch):
    coarse = mackey_glass.simulate(np.array(x))
    monkeypatch.setattr(mackey_glass, "_STEPS", 20 * mackey_glass._STEPS)
    np.testing.assert_allclose(coarse, mackey_glass.simulate(np.array(x)), atol=2e-5)


def test_mackey_glass_against_euler():
    b, g, n, tau = 0.2, 0.1, 10.0, 17.0
    per_delay = 17_000
    h, y = tau / per_delay, [1.2] * (per_delay + 1)
    for _ in range(30_000):
        late = y[-per_delay - 1]
        y.append(y[-1] + h * (b * late / (1 + late**n) - g * y[-1]))
    ours = mackey_glass.simulate(np.array([b, g, n, tau]))[9, 0]  # t = 30
    assert ours == pytest.approx(y[-1], abs=1e-4)


# Failures and limits


def test_predators_without_prey_to_limit_them_explode():
    problem = problems.get("lotka_volterra")
    with pytest.raises(IntegrationError, match="math range error"):
        problem.fun(np.array([5.0, 0.0, 0.0, 5.0]))


def test_population_that_overflows_when_squared_is_a_failure():
    with pytest.raises(IntegrationError, match=r"a population grew to exp\(350\)"):
        lotka_volterra.simulate(np.array([35.0, 0.0, 1.0, 0.0]))


def test_goodwin_without_repression_is_linear():
    # a2 = 0: x tends to a1 / alpha, and so on down the chain.
    end = goodwin.simulate(np.array([1.0, 0.0, 0.5, 2.0, 1.0, 3.0]))[-1]
    np.testing.assert_allclose(end, [2, 8, 16], rtol=1e-8)
