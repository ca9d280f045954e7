"""Profile likelihoods against slow ones, and ends of all kinds."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import least_squares

from surrogo.calibration.profiles import profiles
from surrogo.calibration.simulations import Simulations
from surrogo.calibration.uncertainty import local_uncertainty
from surrogo.problems import hare_lynx as lynx
from surrogo.space import Real
from tests.calibration import models

RISE = 0.5 * 1.959964**2


@pytest.mark.parametrize("scalar", [False, True])
def test_of_a_linear_model_they_are_exact(scalar):
    target, covariance = models.line(scalar=scalar)
    found = profiles(target)
    half = 1.959964 * np.sqrt(np.diag(covariance))
    for one, x, h in zip(found, target.x_best, half, strict=True):
        assert one.closed
        np.testing.assert_allclose(one.interval, [x - h, x + h], rtol=2e-4)
    assert scalar or found.n_simulations <= 7


@pytest.mark.parametrize("scalar", [False, True])
@pytest.mark.parametrize("sd", [0.05, 0.3])
def test_ends_of_a_decay_are_where_the_slow_profile_says(sd, scalar):
    target, residuals = models.decay(sd=sd, scalar=scalar)
    bounds = [(0.1, 10.0), (0.01, 5.0)]
    found = profiles(target)
    for j, one in enumerate(found):
        assert one.closed
        for end in one.interval:
            rise = models.slow_profile(residuals, target.x_best, j, end, bounds)
            np.testing.assert_allclose(rise, RISE, rtol=0.06)


def test_hare_and_lynx_cost_few_simulations():
    target = models.hare_lynx()
    found = profiles(target)
    assert found.n_simulations <= 50
    bounds = [(v.low, v.high) for v in target.space.variables]

    def residuals(x):
        return lynx.log_residuals(x) / models.LYNX_SD

    for j in (0, 3):
        for end in found[j].interval:
            rise = models.slow_profile(residuals, target.x_best, j, end, bounds)
            np.testing.assert_allclose(rise, RISE, rtol=0.06)


def test_what_is_paid_for_is_free_the_second_time():
    simulations = Simulations(models.decay()[0])
    first = profiles(simulations)
    assert first.n_simulations > 0
    again = profiles(simulations)
    assert again.n_simulations <= 4
    np.testing.assert_allclose(again["k"].interval, first["k"].interval, rtol=0.01)


def test_one_by_name():
    found = profiles(models.decay()[0], ["k"])
    assert [one.name for one in found] == ["k"]
    with pytest.raises(ValueError, match="names must be"):
        profiles(models.decay()[0], ["q"])


def test_an_end_at_a_bound_is_open():
    # rates far below saturation determine v_max / K, not both
    residuals = models.michaelis_residuals(highest=0.15, sd=0.02)
    bounds = [(0.01, 20.0), (0.01, 20.0)]
    logs = [Real(*pair, scale="log") for pair in bounds]
    x = least_squares(residuals, [1.0, 0.5], bounds=np.transpose(bounds)).x
    target = models.of_residuals({"v_max": logs[0], "K": logs[1]}, residuals, x)
    found = profiles(target)
    assert found["K"].upper_state == "open" or found["v_max"].upper_state == "open"
    for j, one in enumerate(found):
        for state, end in zip(
            [one.lower_state, one.upper_state], one.interval, strict=True
        ):
            rise = models.slow_profile(residuals, found.x_best, j, end, bounds)
            if state == "found":
                np.testing.assert_allclose(rise, RISE, rtol=0.06)
            else:
                assert state == "open"
                assert end in bounds[j]
                assert rise < RISE
    assert "end open" in str(found)


def test_a_parameter_that_does_nothing_is_open_on_both_sides_and_cheap():
    target = models.of_residuals(
        {"k": (0, 2), "idle": (0, 2)}, lambda x: (x[:1] - 1.0) / 0.1, [1.0, 0.5]
    )
    found = profiles(target)["idle"]
    assert (found.lower_state, found.upper_state) == ("open", "open")
    assert found.interval == (0.0, 2.0)
    assert found.highest < 1e-6
    assert found.n_simulations <= 4


def test_a_region_that_fails_ends_the_walk_with_a_word():
    def residuals(x):
        if x[0] > 1.05:
            raise RuntimeError("diverged")
        return np.array([(x[0] - 1.0) / 0.1, x[1]])

    target = models.of_residuals([(0.0, 3.0), (-5, 5)], residuals, [1.0, 0.0])
    found = profiles(target)
    assert found[0].upper_state == "failed"
    assert 1.0 <= found[0].upper <= 1.05
    assert found[0].lower_state == "found"
    assert found[1].closed


def test_failures_along_the_way_do_not_end_it():
    calls = []

    def residuals(x):
        calls.append(x)
        if len(calls) % 3 == 0:
            raise RuntimeError("sometimes")
        return np.array([(x[0] - 1.0) / 0.1, (x[1] - x[0]) / 0.3])

    found = profiles(models.of_residuals([(-5, 5), (-5, 5)], residuals, [1.0, 1.0]))
    sd = np.hypot(0.1, 0.3)
    np.testing.assert_allclose(found[1].upper - 1.0, 1.959964 * sd, rtol=0.03)


def test_a_better_estimate_on_the_way_is_taken():
    def residuals(x):
        return np.array([(x[0] - 1.0) / 0.1, (x[1] - 2.0) / 0.2])

    found = profiles(models.of_residuals([(0, 3), (0, 4)], residuals, [1.08, 1.9]))
    assert found.improvement > 0.3
    np.testing.assert_allclose(found[0].interval, [0.804, 1.196], atol=0.01)
    np.testing.assert_allclose(found.x_best, [1.0, 2.0], atol=0.03)
    assert "a value lower by" in str(found)


def test_noise_that_is_estimated_gives_the_interval_of_student_t():
    simulations = Simulations(models.line()[0])
    local = local_uncertainty(simulations, noise="estimated")
    found = profiles(simulations, noise="estimated")
    np.testing.assert_allclose([one.lower for one in found], local.lower, rtol=1e-3)


def test_the_limit_of_simulations_holds():
    def residuals(x):  # nothing that a smooth surrogate could follow
        return np.array([4.0 * np.sin(1e4 * x[0]) + x[0]])

    found = profiles(
        models.of_residuals([(-5, 5)], residuals, [0.0]), max_simulations=6
    )
    assert found.n_simulations <= 4 * (2 * 6 + 8)


def test_the_curve_runs_from_end_to_end_through_the_estimate():
    found = profiles(models.decay()[0])["k"]
    c = found.x[:, found.index]
    assert np.all(np.diff(c) > 0)
    np.testing.assert_allclose(c[[0, -1]], found.interval)
    np.testing.assert_allclose(found.values[[0, -1]], RISE, rtol=0.02)
    assert len(c) >= 7
    assert np.min(found.values) == pytest.approx(0.0, abs=1e-6)
