"""The integrator where all goes well: right where a solution is known."""

from __future__ import annotations

import math
import threading
import time

import numpy as np
import pytest

from surrogo.ode import METHODS, IntegrationError, integrate

IMPLICIT = [name for name, takes_jacobian in METHODS.items() if takes_jacobian]
TIMES = np.linspace(0, 3, 7)


def decay(t, y):
    return -y


def oscillator(t, y):
    return [y[1], -y[0]]


def robertson(t, y):
    """Test Set for IVP Solvers: three reactions, rates over nine decades."""
    slow, fast, middle = 0.04 * y[0], 3e7 * y[1] ** 2, 1e4 * y[1] * y[2]
    return [-slow + middle, slow - middle - fast, fast]


def robertson_jacobian(t, y):
    return [
        [-0.04, 1e4 * y[2], 1e4 * y[1]],
        [0.04, -1e4 * y[2] - 6e7 * y[1], -1e4 * y[1]],
        [0.0, 6e7 * y[1], 0.0],
    ]


@pytest.mark.parametrize("method", METHODS)
def test_exponential(method):
    y = integrate(decay, TIMES, [1.0, 2.0], method=method)
    assert y.shape == (7, 2)
    np.testing.assert_allclose(y, np.exp(-TIMES)[:, None] * [1, 2], rtol=2e-6)


@pytest.mark.parametrize("method", METHODS)
def test_harmonic_oscillator(method):
    y = integrate(oscillator, TIMES, [0.0, 1.0], method=method)
    solution = np.column_stack([np.sin(TIMES), np.cos(TIMES)])
    np.testing.assert_allclose(y, solution, atol=1e-5)


@pytest.mark.parametrize("jac", [None, robertson_jacobian])
@pytest.mark.parametrize("method", IMPLICIT)
def test_stiff_robertson(method, jac):
    y = integrate(robertson, [0, 40], [1, 0, 0], method=method, jac=jac)
    np.testing.assert_allclose(y[-1], [0.715827, 9.18553e-6, 0.284164], rtol=2e-6)


@pytest.mark.parametrize("method", METHODS)
def test_asked_times_do_not_change_the_steps(method):
    coarse = integrate(oscillator, [0, 1.5, 3], [0.0, 1.0], method=method)
    fine = integrate(oscillator, np.linspace(0, 3, 301), [0.0, 1.0], method=method)
    np.testing.assert_allclose(coarse, fine[[0, 150, 300]], rtol=1e-14, atol=1e-15)


def test_one_time_gives_the_start():
    np.testing.assert_array_equal(integrate(decay, [2.0], [5.0, 6.0]), [[5.0, 6.0]])


def test_args_reach_the_right_hand_side_and_the_jacobian():
    def rhs(t, y, k, shift):
        return -k * (y - shift)

    def jac(t, y, k, shift):
        return [[-k]]

    y = integrate(rhs, [0, 1], [3.0], args=(2.0, 1.0), jac=jac)
    assert y[1, 0] == pytest.approx(1 + 2 * math.exp(-2), rel=1e-7)


def test_explicit_method_leaves_the_jacobian_aside():
    y = integrate(decay, [0, 1], [1.0], method="RK45", jac=lambda t, y: 1 / 0)
    assert y[1, 0] == pytest.approx(math.exp(-1), rel=1e-6)


def test_absolute_tolerance_per_state():
    y = integrate(decay, [0, 1], [1.0, 2.0], atol=[1e-10, 1e-8])
    np.testing.assert_allclose(y[1], [math.exp(-1), 2 * math.exp(-1)], rtol=1e-6)


@pytest.mark.parametrize("method", METHODS)
def test_model_may_clip_in_place_and_return_its_own_buffer(method):
    buffer = np.empty(2)

    def careless(t, y):
        buffer[:] = oscillator(t, y)
        y[:] = 0.0
        return buffer

    careful = integrate(oscillator, TIMES, [0.0, 1.0], method=method)
    result = integrate(careless, TIMES, [0.0, 1.0], method=method)
    np.testing.assert_array_equal(result, careful)


def test_arguments_are_not_changed():
    times, y0 = np.array([0.0, 1.0]), np.array([1.0])
    out = integrate(decay, times, y0)
    out[:] = 7.0
    assert times.tolist() == [0.0, 1.0]
    assert y0.tolist() == [1.0]


@pytest.mark.parametrize("method", ["LSODA", "DOP853", "RK45", "RK23"])
def test_trial_step_into_nan_is_shortened(method):
    def rhs(t, y):  # flat until t = 1, so the solver overshoots with a long step
        if t < 1:
            return [0.0]
        return -300 * y if y[0] >= 0 else [math.nan]

    y = integrate(rhs, [0, 1.01, 4], [1.0], method=method, rtol=1e-5)
    assert y[1, 0] == pytest.approx(math.exp(-3), rel=1e-2)
    assert abs(y[2, 0]) < 1e-9


def test_threads_do_not_disturb_each_other():
    rates = np.linspace(0.5, 2, 8)

    def end(rate):
        def rhs(t, y):
            time.sleep(0)  # let another thread in
            return -rate * y

        return integrate(rhs, [0, 1], [1.0])[1, 0]

    alone = [end(rate) for rate in rates]
    together = [math.nan] * len(rates)

    def work(i):
        together[i] = end(rates[i])

    threads = [threading.Thread(target=work, args=(i,)) for i in range(len(rates))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert together == alone


# Bad input


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"times": [0, 2, 1]}, r"times must increase.*got \[0, 2, 1\]; sort"),
        ({"times": [0, 0]}, "times must increase"),
        ({"times": []}, r"times must be finite.*shape \(0,\)"),
        (
            {"times": 3.0},
            r"times must be finite, of shape \(n_times,\), got shape \(\)",
        ),
        ({"times": [0, math.inf]}, "times must be finite"),
        ({"y0": [math.nan]}, r"y0 must be finite.*nan"),
        ({"y0": 1.0}, r"y0 must be finite, of shape \(n_states,\), got shape \(\)"),
        ({"y0": []}, r"y0 must be finite.*\(0,\)"),
        ({"method": "Euler"}, r"method must be one of 'BDF'.*got 'Euler'"),
        ({"rtol": 0.0}, r"rtol must lie between 2\.2e-14 and 1, got 0\.0"),
        ({"atol": -1.0}, "atol must be one number, or one per state"),
        ({"atol": [1.0, 1.0]}, r"one per state \(1\)"),
        (
            {"rhs": lambda t, y: [1.0, 2.0]},
            r"rhs must return.*\(1,\).*got shape \(2,\)",
        ),
        ({"rhs": lambda t, y: 1.0}, r"rhs must return.*got shape \(\); return one"),
        ({"jac": lambda t, y: [1.0]}, r"jac must return an array of shape \(1, 1\)"),
    ],
)
def test_bad_input(change, text):
    good = {"rhs": decay, "times": [0, 1], "y0": [1.0]}
    with pytest.raises(ValueError, match=text):
        integrate(**good | change)


@pytest.mark.parametrize("method", METHODS)
def test_shape_that_changes_on_the_way(method):
    def rhs(t, y):
        return [-y[0]] if t < 0.5 else -y[0]

    with pytest.raises(IntegrationError, match="rhs must return an array of shape"):
        integrate(rhs, TIMES, [1.0], method=method)
