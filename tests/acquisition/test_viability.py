"""The chance of success: values, gradients, what the barrier does to a search."""

import numpy as np
import pytest
from scipy.optimize import approx_fprime

from surrogo import Space
from surrogo.acquisition import LogEI, maximise
from surrogo.acquisition.bonus import WithBonus
from surrogo.acquisition.viability import Viability
from surrogo.surrogates import kernels
from surrogo.surrogates.posterior import Posterior
from surrogo.surrogates.trends import Trend


def viability(U, labels, length=0.2):
    log_l = np.full(U.shape[1], np.log(length))
    return Viability(kernels.get("matern52"), log_l, U, np.asarray(labels, float))


@pytest.fixture
def mixed(rng):
    U = rng.random((30, 3))
    return viability(U, U[:, 0] < 0.6)


def test_the_chance_equals_the_obvious_sum(mixed, rng):
    v = rng.random(3)
    k = np.array(
        [mixed.kernel.value(np.array(np.sum(((v - u) / 0.2) ** 2))) for u in mixed.U]
    )
    p0 = np.mean(mixed.labels)
    expected = (0.2 * p0 + np.sum(k * mixed.labels)) / (0.2 + np.sum(k))
    assert mixed.chance_and_gradient(v[None])[0][0] == pytest.approx(expected)


def test_the_chance_is_one_without_failures_and_between_0_and_1(mixed, rng):
    V = rng.random((50, 3))
    assert np.allclose(viability(mixed.U, np.ones(30)).chance_and_gradient(V)[0], 1.0)
    p = mixed.chance_and_gradient(V)[0]
    assert np.all((p > 0.0) & (p < 1.0))


@pytest.mark.parametrize("method", ["chance_and_gradient", "bonus_and_gradient"])
def test_gradients_equal_differences(mixed, rng, method):
    for v in rng.random((10, 3)):
        value = getattr(mixed, method)
        numeric = approx_fprime(v, lambda x, f=value: f(x[None])[0][0], 1e-7)
        assert value(v[None])[1][0] == pytest.approx(numeric, rel=1e-3, abs=1e-3)


def test_a_search_stays_out_of_the_region_that_fails(rng):
    # The model promises the minimum at 1, where everything failed.
    U = np.linspace(0.0, 0.5, 6)[:, None]
    trend = Trend.of("constant", 1)
    log_l = np.log([0.3])
    model = Posterior.of(kernels.get("matern52"), trend, log_l, 1e-10, U, -np.ravel(U))
    failed = np.array([[0.9], [1.0], [0.8]])
    model = model.append(failed, model.mean_std(failed)[0])
    chance = viability(np.vstack([U, failed]), np.repeat([1.0, 0.0], [6, 3]), 0.1)
    criterion = WithBonus(LogEI(float(np.min(model.y[:6]))), chance)
    space = Space.of([(0, 1)])
    best = maximise(criterion, model, space, U, np.random.default_rng(0))[0][0]
    assert chance.chance_and_gradient(best[None])[0][0] >= 0.24
    free = maximise(LogEI(-0.5), model, space, U, np.random.default_rng(0))[0][0]
    assert free[0] > best[0]


def test_a_bonus_is_added_to_scores_and_gradients(mixed, rng):
    U = mixed.U
    trend = Trend.of("constant", 3)
    model = Posterior.of(
        kernels.get("matern52"), trend, mixed.theta, 1e-10, U, np.sin(U.sum(axis=1))
    )
    V, inner = rng.random((7, 3)), LogEI(0.0)
    both = WithBonus(inner, mixed)
    plain, slope = inner.score_and_gradient(model, V)
    bonus, bonus_slope = mixed.bonus_and_gradient(V)
    score, gradient = both.score_and_gradient(model, V)
    assert np.allclose(score, plain + bonus)
    assert np.allclose(gradient, slope + bonus_slope)
    assert np.allclose(both.score(model, V), score)


def test_leave_one_out_equals_predicting_each_label_without_it(mixed):
    p = mixed.leave_one_out()
    prior = 0.2 * np.mean(mixed.labels)
    for i in (0, 7, 29):
        others = np.arange(30) != i
        k = mixed.kernel.correlations(mixed.U[i : i + 1], mixed.U[others], mixed.theta)
        expected = (prior + k @ mixed.labels[others]) / (0.2 + np.sum(k))
        assert p[i] == pytest.approx(float(expected[0]))


def test_fitted_length_scales_follow_the_edge_of_success(rng):
    kernel, U = kernels.get("matern52"), rng.random((60, 2))
    log_l = np.log([3.0, 3.0])
    at_an_edge = Viability.fitted(kernel, log_l, U, (U[:, 0] < 0.5).astype(float))
    assert np.exp(at_an_edge.theta)[0] <= 0.25
    inside = at_an_edge.chance_and_gradient(np.array([[0.2, 0.5], [0.8, 0.5]]))[0]
    assert inside[0] > 0.8
    assert inside[1] < 0.2
    by_chance = Viability.fitted(
        kernel, log_l, U, rng.permutation(np.arange(60) % 3 > 0)
    )
    assert np.std(by_chance.leave_one_out()) < 0.15
    always = Viability.fitted(kernel, log_l, U, np.ones(60))
    assert np.array_equal(always.theta, [0.0, 0.0])  # the box
