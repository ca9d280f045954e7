"""The chance of success: values, gradients, what the barrier does to a search."""

import numpy as np
import pytest
from scipy.optimize import approx_fprime

from benchmarks import calibration
from surrogo import Space
from surrogo.acquisition import LogEI, maximise
from surrogo.acquisition.bonus import WithBonus
from surrogo.acquisition.viability import Viability
from surrogo.surrogates import kernels
from surrogo.surrogates.posterior import Posterior
from surrogo.surrogates.trends import Trend


def viability(U, labels, **more):
    labels = np.asarray(labels, float)
    return Viability.fitted(kernels.get("matern52"), U, labels, **more)


@pytest.fixture
def mixed(rng):
    U = rng.random((30, 3))
    return viability(U, U[:, 0] < 0.6)


def test_the_chance_is_the_mean_of_a_process_of_the_labels(mixed, rng):
    V = rng.random((20, 3))
    k = mixed.kernel.correlations(V, mixed.U, mixed.theta)
    mean = mixed.rate + k @ mixed.weights
    assert mixed.rate == pytest.approx((np.sum(mixed.labels) + 1.0) / 32.0)
    assert np.allclose(mixed.chance(V), np.clip(mean, 0.01, 0.99))
    assert np.allclose(mixed.mean_and_gradient(V)[0], mean)


def test_the_chance_is_between_0_and_1_and_the_same_everywhere_without_failures(
    mixed, rng
):
    V = rng.random((50, 3))
    always = viability(mixed.U, np.ones(30))
    assert np.allclose(always.chance(V), 31.0 / 32.0)
    assert not always.depends_on_place
    assert mixed.depends_on_place
    p = mixed.chance(V)
    assert np.all((p > 0.0) & (p < 1.0))


@pytest.mark.parametrize("method", ["mean_and_gradient", "bonus_and_gradient"])
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
    labels = np.repeat([1.0, 0.0], [6, 3])
    chance = viability(np.vstack([U, failed]), labels, evidence=0.0)
    criterion = WithBonus(LogEI(float(np.min(model.y[:6]))), chance)
    space = Space.of([(0, 1)])
    best = maximise(criterion, model, space, U, np.random.default_rng(0))[0][0]
    assert chance.chance(best[None])[0] >= 0.24
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


def test_what_the_others_predict_is_what_they_do(mixed):
    noise = _noise_of(mixed)
    for i in (0, 7, 29):
        others = np.arange(30) != i
        k = mixed.kernel.correlations(mixed.U, mixed.U, mixed.theta)
        K = k[np.ix_(others, others)] + noise * np.eye(29)
        mean = mixed.rate + k[i, others] @ np.linalg.solve(
            K, mixed.labels[others] - mixed.rate
        )
        assert mixed.predicted[i] == pytest.approx(np.clip(mean, 0.01, 0.99))


def _noise_of(known):
    """Return the noise, from (K + noise I) weights = labels - rate."""
    k = known.kernel.correlations(known.U, known.U, known.theta)
    i = int(np.argmax(np.abs(known.weights)))
    rest = known.labels[i] - known.rate - k[i] @ known.weights
    return rest / known.weights[i]


def test_the_border_is_seen_and_chance_is_not_taken_for_one(rng):
    U = rng.random((60, 2))
    border = viability(U, U[:, 0] < 0.5)
    inside = border.chance(np.array([[0.2, 0.5], [0.8, 0.5]]))
    assert inside[0] > 0.9
    assert inside[1] < 0.1
    by_chance = viability(U, rng.permutation(np.arange(60) % 3 > 0))
    assert np.std(by_chance.predicted) < 0.15


def test_many_labels_are_cheap_and_all_of_them_count(rng):
    U = rng.random((400, 2))
    known = viability(U, np.sum(U, axis=1) < 1.0)
    assert len(known.weights) == 400
    V = rng.random((300, 2))
    right = (known.chance(V) > 0.5) == (np.sum(V, axis=1) < 1.0)
    assert np.mean(right) > 0.95


@pytest.mark.parametrize("kind", list(calibration.KINDS))
def test_the_chance_is_calibrated(kind):
    runs = [calibration.predicted(kind, 2, 100, seed) for seed in range(20, 30)]
    p, true, rate = np.hstack(runs)
    for low, high in ((0.0, 0.3), (0.3, 0.7), (0.7, 1.0)):
        inside = (p >= low) & (p < high)
        if np.mean(inside) > 0.05:
            assert np.mean(true[inside]) == pytest.approx(np.mean(p[inside]), abs=0.12)
    best = calibration.brier(true, true)
    lost = calibration.brier(p, true) - best
    assert lost < max(0.6 * (calibration.brier(rate, true) - best), 0.02)
