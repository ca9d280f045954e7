"""The Vecchia likelihood: exact where it must be, and its gradients."""

from dataclasses import replace

import numpy as np
import pytest

from surrogo.surrogates import kernel_registry, kernels
from surrogo.surrogates.likelihood import Likelihood
from surrogo.surrogates.map_fit import Fit
from surrogo.surrogates.neighbourhoods import solve
from surrogo.surrogates.ordering import maxmin_order
from surrogo.surrogates.plan import Plan
from surrogo.surrogates.trends import Trend
from surrogo.surrogates.vecchia_fit import VecchiaSearch
from surrogo.surrogates.vecchia_likelihood import Regression, VecchiaLikelihood
from surrogo.surrogates.vecchia_model import sets_of
from tests.reference.differences import gradient
from tests.reference.naive_gp import NaiveGP, correlation
from tests.surrogates.cases import LENGTHS, NUGGET, data, every_kernel, every_trend
from tests.surrogates.test_vecchia import every_scalable_kernel


def vecchia(kernel, trend, m, n=40, order=None):
    Z, y = data(n)
    order = np.arange(n) if order is None else order
    Z, y = Z[order], y[order]
    sets = sets_of(Z / LENGTHS, m, np.arange(n))
    F = Trend.of(trend, 3).basis(Z)
    return VecchiaLikelihood(kernel_registry.find(kernel), Z, F, y, sets)


def slow_terms(kernel, Z, y, m):
    """Return e(y) and v of every point, one small inverse each."""
    terms = []
    for i in range(len(y)):
        near = np.argsort(np.sum(((Z[:i] - Z[i]) / LENGTHS) ** 2, axis=1))[:m]

        def R(a, b):
            r = [[np.linalg.norm((p - q) / LENGTHS) for q in Z[b]] for p in Z[a]]
            return np.array([[correlation(kernel, one) for one in row] for row in r])

        if not len(near):
            terms.append((y[i], 1 + NUGGET))
            continue
        k = R(near, [i])[:, 0]
        w = np.linalg.inv(R(near, near) + NUGGET * np.eye(len(near))) @ k
        terms.append((y[i] - w @ y[near], 1 + NUGGET - w @ k))
    return np.array(terms).T


@every_scalable_kernel
@every_trend
def test_all_neighbours_give_the_exact_likelihood(kernel, trend):
    fast = vecchia(kernel, trend, 39)
    exact = Likelihood(fast.kernel, fast.Z, fast.F, fast.y)
    value, in_l, in_nugget = fast.value_and_gradient(np.log(LENGTHS), NUGGET)
    other = exact.value_and_gradient(np.log(LENGTHS), NUGGET)
    assert value == pytest.approx(other[0], abs=1e-8)
    np.testing.assert_allclose(in_l, other[1], atol=1e-8)
    assert in_nugget == pytest.approx(other[2], abs=1e-8)


def test_all_neighbours_give_the_slow_likelihood():
    fast = vecchia("matern52", "linear", 39)
    naive = NaiveGP("matern52", "linear", LENGTHS, NUGGET, fast.Z, fast.y)
    value, in_l, in_nugget = fast.value_and_gradient(np.log(LENGTHS), NUGGET)
    contrasts = 0.5 * Trend.of("linear", 3).log_gram(fast.Z)
    # the naive trend is not centred, and its contrasts are orthonormal
    assert contrasts - value == pytest.approx(naive.log_likelihood(), abs=1e-8)
    slope = -naive.gradient()
    np.testing.assert_allclose([*in_l, in_nugget], slope, atol=1e-7)


@every_kernel
def test_terms_are_the_slow_ones(kernel):
    fast = vecchia(kernel, "zero", 6)
    terms = fast.terms(np.log(LENGTHS), NUGGET)
    e, v = slow_terms(kernel, fast.Z, fast.y, 6)
    np.testing.assert_allclose(terms.e[:, 0], e, atol=1e-10)
    np.testing.assert_allclose(terms.v, v, rtol=1e-9)


@every_scalable_kernel
@every_trend
def test_gradients_equal_central_differences(kernel, trend):
    fast = vecchia(kernel, trend, 5)

    def value(theta):
        terms = fast.terms(theta[:3], np.exp(theta[3]))
        return Regression.of(terms).negative_log_likelihood()

    theta = np.append(np.log(LENGTHS), np.log(NUGGET))
    exact, in_l, in_nugget = fast.value_and_gradient(theta[:3], NUGGET)
    assert exact == pytest.approx(value(theta), rel=1e-12)
    np.testing.assert_allclose(
        [*in_l, in_nugget], gradient(value, theta), rtol=1e-6, atol=1e-7
    )


def test_more_neighbours_never_hurt():
    # The Kullback-Leibler divergence from the exact density is half of
    # sum log v - log|R|; a larger set of conditions can only lower each v.
    theta = np.log(LENGTHS), NUGGET
    order = maxmin_order(data(120)[0] / LENGTHS, np.random.default_rng(0))
    logs = [
        np.sum(np.log(vecchia("matern52", "zero", m, 120, order).terms(*theta).v))
        for m in (1, 3, 10, 30, 119)
    ]
    divergence = 0.5 * (np.array(logs) - logs[-1])
    assert np.all(np.diff(divergence) < 0)
    assert divergence[0] > 50
    assert divergence[3] < 1


def test_maxmin_order_beats_others_with_few_neighbours(rng):
    Z, theta = data(500)[0], (np.log(LENGTHS), NUGGET)
    best, by_coordinate, at_random = (
        np.sum(np.log(vecchia("matern52", "zero", 5, 500, order).terms(*theta).v))
        for order in (
            maxmin_order(Z / LENGTHS, rng),
            np.argsort(Z[:, 0]),
            rng.permutation(500),
        )
    )
    assert best < min(by_coordinate, at_random) - 20


def test_singular_systems_get_jitter_each_for_itself():
    R = np.array([np.eye(2), np.ones((2, 2))])
    x = solve(R.copy(), np.array([[[1.0, 2.0]], [[1.0, 1.0]]]))
    np.testing.assert_array_equal(x[0], [[1.0, 2.0]])  # untouched by its neighbour
    np.testing.assert_allclose(x[1], [[0.5, 0.5]], rtol=1e-9)


def test_hopeless_systems_are_refused():
    with pytest.raises(np.linalg.LinAlgError, match="2 neighbours are not positive"):
        solve(np.array([[[1.0, 2.0], [2.0, 1.0]]]), np.ones((1, 1, 2)))


def test_search_sees_part_of_many_points_and_all_of_few(rng):
    parts = kernels.get("matern52"), Trend.of("constant", 2), 4, 9
    Z = rng.random((4500, 2))
    many = VecchiaSearch(*parts, Z, Z[:, 0]).likelihood(np.zeros(2), rng)
    assert 4000 <= len(many.sets) <= 4100
    assert set(range(100)) <= set(many.sets[:, -1])
    few = VecchiaSearch(*parts, Z[:50], Z[:50, 0]).likelihood(np.zeros(2), rng)
    assert list(few.sets[:, -1]) == list(range(50))


def found(lengths):
    return Fit(np.log(lengths), np.log(lengths), 1e-6, 0.0, 1)


def test_points_left_out_tell_good_length_scales_from_bad(rng):
    parts = kernels.get("matern52"), Trend.of("constant", 3), 10, 20
    search = VecchiaSearch(*parts, *data(800))
    good, short, long = (
        search.test(found(scale * LENGTHS), 0) for scale in (1.0, 0.1, 30.0)
    )
    assert good < short - 100
    assert good < long - 10


def test_points_left_out_have_the_density_of_each_given_the_others():
    Z, y = data(30)
    parts = kernels.get("matern52"), Trend.of("zero", 3), 10, 29
    fit = replace(found(LENGTHS), nugget=NUGGET)
    rows = [np.linalg.norm((Z - z) / LENGTHS, axis=1) for z in Z]
    R = np.array([[correlation("matern52", r) for r in row] for row in rows])
    R_inv = np.linalg.inv(R + NUGGET * np.eye(30))
    v = 1 / np.diag(R_inv)  # of each given all others (Dubrule 1983)
    e = R_inv @ y * v
    slow = 0.5 * (30 * (np.log(np.mean(e**2 / v)) + 1 + np.log(2 * np.pi)))
    slow += 0.5 * np.sum(np.log(v))
    assert VecchiaSearch(*parts, Z, y).test(fit, 0) == pytest.approx(slow, abs=1e-7)


def test_search_takes_only_what_predicts_better(rng):
    Z = rng.random((1100, 2))
    parts = kernels.get("matern52"), Trend.of("constant", 2), 5, 20
    search = VecchiaSearch(*parts, Z, np.sin(20 * Z[:, 0]) + Z[:, 1] ** 2)
    plan = Plan(1, None, True, 0)
    for lengths in ([0.4, 2.0], [0.05, 0.05]):
        start = found(np.array(lengths))
        end = search.refined(start, 1e-6, plan)
        assert search.test(end, 0) <= search.test(start, 0)
        assert end.n_evaluations > start.n_evaluations
    assert search.test(end, 0) < search.test(start, 0) - 100
