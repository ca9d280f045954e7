"""The integrator where something goes wrong: it stops, says why, and warns nobody."""

from __future__ import annotations

import math
import pickle
import time
import warnings

import numpy as np
import pytest

from surrogo.ode import METHODS, IntegrationError, Limits, integrate
from surrogo.ode_guard import Guard

IMPLICIT = [name for name, takes_jacobian in METHODS.items() if takes_jacobian]
TIMES = np.linspace(0, 3, 7)


def decay(t, y):
    return -y


def oscillator(t, y):
    return [y[1], -y[0]]


def explosion(t, y):
    return y**2


# Limits


@pytest.mark.parametrize("method", METHODS)
def test_limit_of_steps(method):
    with pytest.raises(IntegrationError, match=r"met the limit max_steps = 3; raise"):
        integrate(decay, [0, 9], [1.0], method=method, limits=Limits(max_steps=3))


@pytest.mark.parametrize("method", METHODS)
def test_limit_of_calls(method):
    with pytest.raises(IntegrationError, match=r"after 40 calls.*max_calls = 40"):
        integrate(
            oscillator, [0, 99], [0.0, 1.0], method=method, limits=Limits(max_calls=40)
        )


@pytest.mark.parametrize("method", METHODS)
def test_limit_of_time(method):
    def slow(t, y):
        time.sleep(0.02)
        return -y

    with pytest.raises(IntegrationError, match=r"met the limit max_seconds = 0\.1"):
        integrate(slow, [0, 9], [1.0], method=method, limits=Limits(max_seconds=0.1))


@pytest.mark.parametrize("method", METHODS)
def test_noise_instead_of_a_function_stops(method):
    def noise(t, y):
        return [1e5 * math.sin(1e12 * t)]

    limits = Limits(max_calls=2000)
    with pytest.raises(IntegrationError, match="max_calls = 2000"):
        integrate(noise, [0, 2], [1.0], method=method, limits=limits)


def test_limits_are_checked():
    with pytest.raises(ValueError, match="max_steps must be an integer of at least 1"):
        Limits(max_steps=0)
    with pytest.raises(ValueError, match="max_calls must be an integer of at least 1"):
        Limits(max_calls=-1)
    with pytest.raises(ValueError, match="max_seconds must be above 0"):
        Limits(max_seconds=0)


# Failures


@pytest.mark.parametrize("method", METHODS)
def test_explosion_in_finite_time(method):
    with pytest.raises(IntegrationError, match=r"stopped at t = (1|0\.99999).* of 2"):
        integrate(explosion, [0, 2], [1.0], method=method)


@pytest.mark.parametrize("method", METHODS)
def test_nan_on_the_way(method):
    def rhs(t, y):
        return -y if t < 0.5 else y * math.nan

    with pytest.raises(IntegrationError, match=r"rhs was not finite at t = 0\.5"):
        integrate(rhs, TIMES, [1.0], method=method)


@pytest.mark.parametrize("bad", [math.nan, math.inf])
@pytest.mark.parametrize("method", METHODS)
def test_nan_at_the_start(method, bad):
    with pytest.raises(IntegrationError, match="after 1 calls: it cannot start"):
        integrate(lambda t, y: [bad], TIMES, [1.0], method=method)


@pytest.mark.parametrize("method", ["LSODA", "BDF", "RK45", "RK23"])
def test_state_beyond_the_largest_number(method):
    with pytest.raises(IntegrationError, match=r"the state is not finite: array.*inf"):
        integrate(lambda t, y: [1e308], [0, 2], [1e308], method=method)


def test_endless_loop_on_nan_stops():
    guard = Guard(lambda t, y: [math.nan], (), Limits(), t_end=1.0)
    for _ in range(999):
        guard(0.5, np.ones(1))
    with pytest.raises(IntegrationError, match="1000 values in a row were not finite"):
        guard(0.5, np.ones(1))


@pytest.mark.parametrize("method", METHODS)
def test_raising(method):
    def rhs(t, y):
        return [math.log(0.5 - t)]

    with pytest.raises(IntegrationError, match=r"rhs raised ValueError") as caught:
        integrate(rhs, TIMES, [1.0], method=method)
    assert isinstance(caught.value.__cause__, ValueError)


@pytest.mark.parametrize("method", METHODS)
def test_interrupt_passes(method):
    def rhs(t, y):
        if t > 0.5:
            raise KeyboardInterrupt
        return -y

    with pytest.raises(KeyboardInterrupt):
        integrate(rhs, TIMES, [1.0], method=method)


@pytest.mark.parametrize("method", METHODS)
def test_overflow_warns_nobody(method):
    def rhs(t, y):
        return np.exp(1e3 * y) / (y - y)

    with pytest.raises(IntegrationError, match="cannot start"):
        integrate(rhs, TIMES, [1.0], method=method)


@pytest.mark.parametrize("method", IMPLICIT)
def test_jacobian_of_nan(method):
    def jac(t, y):
        return [[math.nan]]

    # LSODA may never ask for it; whoever does, must say so and not hang.
    try:
        y = integrate(decay, [0, 1], [1.0], method=method, jac=jac)
    except IntegrationError as error:
        assert method in str(error)
    else:
        assert y[1, 0] == pytest.approx(math.exp(-1), rel=1e-6)


def test_message_of_lsoda_is_in_the_error():
    # Without any tolerance at y = 0 LSODA gives up, with a warning of its own.
    with pytest.raises(IntegrationError, match="LSODA gave up: Illegal input"):
        integrate(lambda t, y: [1.0, 0.0], [0, 1], [1.0, 0.0], atol=0.0)


def test_filter_of_warnings_is_gone_afterwards():
    before = list(warnings.filters)
    integrate(decay, TIMES, [1.0])
    with pytest.raises(IntegrationError):
        integrate(explosion, [0, 2], [1.0])
    assert list(warnings.filters) == before


def test_filter_of_warnings_swapped_under_way():
    # A thread of the user leaves catch_warnings while we integrate.
    before = list(warnings.filters)

    def rhs(t, y):
        warnings.resetwarnings()
        return -y

    with warnings.catch_warnings():
        integrate(rhs, TIMES, [1.0])
    assert list(warnings.filters) == before


def test_error_survives_pickling():
    error = IntegrationError("stopped at t = 1")
    assert str(pickle.loads(pickle.dumps(error))) == "stopped at t = 1"
    assert isinstance(error, RuntimeError)
