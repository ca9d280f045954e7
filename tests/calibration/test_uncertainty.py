"""Covariances and intervals from curvature."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import t as student

from surrogo.calibration.simulations import Simulations
from surrogo.calibration.target import Target
from surrogo.calibration.uncertainty import local_uncertainty
from surrogo.space import Real, Space
from surrogo.trials import Evaluation, Trials
from tests.calibration import models


@pytest.mark.parametrize("scalar", [False, True])
def test_of_a_linear_model_it_is_exact(scalar):
    target, covariance = models.line(scalar=scalar)
    found = local_uncertainty(target, level=0.9)
    np.testing.assert_allclose(found.covariance, covariance, rtol=1e-6)
    half = 1.6448536 * np.sqrt(np.diag(covariance))
    np.testing.assert_allclose(found.upper - found.x, half, rtol=1e-6)
    np.testing.assert_allclose(found.x - found.lower, half, rtol=1e-6)
    rho = covariance[0, 1] / np.sqrt(covariance[0, 0] * covariance[1, 1])
    np.testing.assert_allclose(found.correlation, [[1, rho], [rho, 1]], rtol=1e-6)


def test_residuals_cost_a_simulation_for_each_parameter():
    target, _ = models.line()
    assert local_uncertainty(target).n_simulations == 3
    simulations = Simulations(target)
    assert simulations.n_calls == 1
    assert local_uncertainty(simulations).n_simulations == 2
    assert local_uncertainty(simulations).n_simulations == 0


def test_known_trials_nearby_save_them_all():
    target, covariance = models.line()
    known = Trials(target.space)
    rng = np.random.default_rng(1)
    for x in target.x_best + 0.05 * rng.normal(size=(8, 2)):
        known.add(x, target.evaluate(x))
    known.add(target.x_best, target.evaluate(target.x_best))
    found = local_uncertainty(Target(target.space, None, target.x_best, known))
    assert found.n_simulations == 0
    np.testing.assert_allclose(found.covariance, covariance, rtol=1e-8)


def test_noise_is_estimated_with_student_t():
    target, covariance = models.line(sd=0.3)
    r = target.evaluate(target.x_best).residuals
    s2 = float(r @ r) / 7
    found = local_uncertainty(target, level=0.9, noise="estimated")
    np.testing.assert_allclose(found.covariance, s2 * covariance, rtol=1e-6)
    half = student.ppf(0.95, 7) * np.sqrt(s2 * np.diag(covariance))
    np.testing.assert_allclose(found.upper - found.x, half, rtol=1e-6)


def test_noise_cannot_be_estimated_from_values():
    target, _ = models.line(scalar=True)
    with pytest.raises(ValueError, match="noise='estimated' needs"):
        local_uncertainty(target, noise="estimated")


@pytest.mark.parametrize("scalar", [False, True])
def test_on_a_log_scale_intervals_are_those_of_the_logarithm(scalar):
    space = {"k": Real(0.01, 10.0, scale="log")}
    target = models.of_residuals(
        space, lambda x: np.log(x) / 0.2 - [0.0, 1.0], [np.exp(0.1)], scalar=scalar
    )
    found = local_uncertainty(target)
    np.testing.assert_allclose(found.std, 0.2 / np.sqrt(2), rtol=1e-5)
    ends = np.exp(0.1 + np.array([-1, 1]) * 1.959964 * 0.2 / np.sqrt(2))
    np.testing.assert_allclose([found.lower[0], found.upper[0]], ends, rtol=1e-5)


@pytest.mark.parametrize("scalar", [False, True])
def test_at_a_bound_the_variable_is_held(scalar):
    # the minimum (1, 2) lies outside; at x0 = 0.8 the other one is free: sd 0.2
    def residuals(x):
        return np.array([(x[0] - 1.0) / 0.1, (x[1] - 2.0) / 0.2])

    target = models.of_residuals(
        [(0.0, 0.8), (0.0, 3.0)], residuals, [0.8, 2.0], scalar=scalar
    )
    found = local_uncertainty(target)
    assert found.held.tolist() == [True, False]
    np.testing.assert_allclose(found.std, [0.0, 0.2], rtol=1e-5)
    assert "x0 = 0.8 [0.8, 0.8] (at its bound)" in str(found)


def test_a_minimum_near_a_bound_is_cut_there():
    target = models.of_residuals([(0.0, 3.0)], lambda x: (x - 0.1) / 0.2, [0.1])
    found = local_uncertainty(target)
    assert found.reaches_bound.tolist() == [True]
    np.testing.assert_allclose(
        [found.lower[0], found.upper[0]], [0.0, 0.491993], rtol=1e-5
    )


@pytest.mark.parametrize("scalar", [False, True])
def test_a_singular_model_names_the_combination(scalar):
    log = {"scale": "log"}
    space = {
        "keh": Real(0.1, 10.0, **log),
        "kio": Real(0.1, 10.0, **log),
        "c": Real(0, 2),
    }

    def residuals(x):  # only the product of the first two matters
        return np.array([np.log(x[0] * x[1]) / 0.1, (x[2] - 1.0) / 0.1])

    target = models.of_residuals(space, residuals, [1.0, 1.0, 1.0], scalar=scalar)
    found = local_uncertainty(Target(Space.of(space), target.evaluate, [1.0, 1.0, 1.0]))
    [combination] = found.undetermined
    assert set(combination.names) == {"keh", "kio"}
    np.testing.assert_allclose(combination.parts, [0.7071, -0.7071], atol=1e-3)
    assert "the data do not determine +0.71 log(k" in str(found)
    assert np.isinf(found.std[:2]).all()
    np.testing.assert_allclose(found.std[2], 0.1, rtol=1e-4)
    assert np.isnan(found.correlation[0, 1])


def test_a_parameter_that_does_nothing_is_named():
    target = models.of_residuals(
        {"k": (0, 2), "idle": (0, 2)}, lambda x: (x[:1] - 1.0) / 0.1, [1.0, 0.5]
    )
    found = local_uncertainty(target)
    assert str(found.undetermined[0]) == "+1.00 idle"


def test_a_whole_sum_of_squares_is_refused():
    def evaluate(x):
        return Evaluation(residuals=x - 1.0)

    with pytest.raises(ValueError, match="half the sum of squares"):
        local_uncertainty(Target(Space.of([(0, 3)]), evaluate, [0.5]))


def test_residuals_that_are_not_all_of_the_value():
    # an estimated noise: value = r^2 / 2 + n log sigma, curvature 2 n in log sigma
    y = np.array([0.5, -0.5, 1.5, -1.5])
    sigma = np.sqrt(np.mean(y**2))
    space = Space.of({"sigma": Real(0.1, 10, scale="log")})

    def evaluate(x):
        r = y / x[0]
        return Evaluation(0.5 * float(r @ r) + 4 * np.log(x[0]), residuals=r)

    found = local_uncertainty(Target(space, evaluate, [sigma]))
    np.testing.assert_allclose(found.std, 1 / np.sqrt(8), rtol=0.02)


def test_failures_nearby_are_tolerated():
    def residuals(x):
        if x[0] > 1.0:
            raise RuntimeError("no")
        return np.array([(x[0] - 1.0) / 0.1])

    found = local_uncertainty(models.of_residuals([(0.0, 3.0)], residuals, [1.0]))
    np.testing.assert_allclose(found.std, 0.1, rtol=1e-6)


def test_a_failure_at_the_estimate_is_an_error():
    target = Target(Space.of([(0, 3)]), lambda x: Evaluation(float("nan")), [1.0])
    with pytest.raises(ValueError, match="the simulation at x_best must give"):
        local_uncertainty(target)


@pytest.mark.parametrize("level", [0.0, 1.0, 95])
def test_levels_lie_between_0_and_1(level):
    with pytest.raises(ValueError, match="level must lie between 0 and 1"):
        local_uncertainty(models.line()[0], level=level)


def test_fixed_variables_are_left_alone():
    target = models.of_residuals(
        {"fixed": (2, 2), "k": (0, 3)}, lambda x: (x[:1] * x[1:] - 2) / 0.1, [2.0, 1.0]
    )
    found = local_uncertainty(target)
    assert found.names == ("k",)
    np.testing.assert_allclose(found.std, 0.05, rtol=1e-6)


def test_discrete_variables_are_refused():
    from surrogo.space import Integer

    with pytest.raises(ValueError, match="needs real variables"):
        Target(Space.of([Integer(1, 3)]), lambda x: Evaluation(0.0), [1])
