import numpy as np
import pytest

from surrogo.surrogates import kernels
from surrogo.surrogates.posterior import Posterior
from surrogo.surrogates.trends import Trend
from tests.reference.differences import gradient
from tests.reference.naive_gp import NaiveGP
from tests.surrogates.cases import (
    LENGTHS,
    NUGGET,
    data,
    every_kernel,
    every_trend,
    posterior,
    smooth,
)


@every_kernel
@every_trend
def test_mean_and_std_equal_the_augmented_system(kernel, trend, rng):
    gp = posterior(kernel, trend, n=25)
    naive = NaiveGP(kernel, trend, LENGTHS, NUGGET, gp.Z, gp.y)
    Z = rng.random((10, 3))
    expected = np.array([naive.predict(z) for z in Z])
    mean, std = gp.mean_std(Z)
    np.testing.assert_allclose(mean, expected[:, 0], rtol=1e-9, atol=1e-10)
    np.testing.assert_allclose(std**2, expected[:, 1], rtol=1e-8)
    assert gp.factors.s2 == pytest.approx(naive.variance, rel=1e-10)


@pytest.mark.parametrize("trend", ["constant", "linear", "quadratic"])
def test_trend_is_the_limit_of_a_wide_prior(trend, rng):
    gp = posterior("matern52", trend)
    Z, tau2 = rng.random((6, 3)), 1e8  # of the order of sqrt(1 / rounding error)
    F, f = gp.trend.basis(gp.Z), gp.trend.basis(Z)
    R = gp.factors.L @ gp.factors.L.T + tau2 * F @ F.T
    k = gp.kernel.correlations(Z, gp.Z, gp.theta) + tau2 * f @ F.T
    prior = 1.0 + tau2 * np.sum(f**2, axis=1)
    mean, std = gp.mean_std(Z)
    np.testing.assert_allclose(mean, k @ np.linalg.solve(R, gp.y), atol=1e-5)
    var = gp.factors.s2 * (prior - np.sum(k * np.linalg.solve(R, k.T).T, axis=1))
    np.testing.assert_allclose(std**2, var, rtol=1e-3)


@every_kernel
@every_trend
def test_gradients_equal_central_differences(kernel, trend, rng):
    gp = posterior(kernel, trend)
    Z = rng.random((5, 3))
    mean, std, mean_slope, std_slope = gp.mean_std_gradients(Z)
    np.testing.assert_allclose((mean, std), gp.mean_std(Z), rtol=1e-12)
    for row, z in enumerate(Z):
        # a hundredth of the distance to the next kink, where a data point is
        h = 0.01 * np.min(np.linalg.norm(gp.Z - z, axis=1))
        expected = gradient(lambda z: gp.mean_std(z[None])[0][0], z, h)
        np.testing.assert_allclose(mean_slope[row], expected, rtol=1e-6, atol=1e-7)
        expected = gradient(lambda z: gp.mean_std(z[None])[1][0], z, h)
        np.testing.assert_allclose(std_slope[row], expected, rtol=1e-6, atol=1e-7)


def test_many_points_are_predicted_as_one_by_one(rng):
    gp = posterior()
    Z = rng.random((600, 3))  # more than two panels
    together = np.array(gp.mean_std(Z))
    alone = np.hstack([gp.mean_std(z[None]) for z in Z])
    np.testing.assert_allclose(together, alone, rtol=1e-10, atol=1e-12)


def test_no_points_are_no_problem():
    gp = posterior()
    assert [part.shape for part in gp.mean_std(np.empty((0, 3)))] == [(0,), (0,)]
    shapes = [part.shape for part in gp.mean_std_gradients(np.empty((0, 3)))]
    assert shapes == [(0,), (0,), (0, 3), (0, 3)]
    assert len(gp.append(np.empty((0, 3)), np.empty(0)).y) == 40


@every_kernel
def test_std_is_zero_or_tiny_and_its_gradient_finite_at_the_data(kernel):
    gp = posterior(kernel, nugget=0.0, n=10)
    mean, std, mean_slope, std_slope = gp.mean_std_gradients(gp.Z)
    np.testing.assert_allclose(mean, gp.y, atol=1e-8)
    assert np.all(std < 1e-6)
    assert np.isfinite(mean_slope).all()
    assert np.isfinite(std_slope).all()
    assert not std_slope[std == 0.0].any()


@every_trend
def test_far_from_the_data_the_trend_and_its_error_remain(trend):
    gp = posterior("matern52", trend, nugget=1e-8)
    z = np.array([[300.0, -200.0, 500.0]])
    f = gp.trend.basis(z)[0]
    mean, std = gp.mean_std(z)
    assert mean[0] == pytest.approx(f @ gp.factors.beta, abs=1e-9)
    G = gp.factors.LG @ gp.factors.LG.T
    inflated = f @ np.linalg.solve(G, f) if len(f) else 0.0
    expected = gp.factors.s2 * (1.0 + inflated)
    assert std[0] ** 2 == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize("trend", ["constant", "linear", "quadratic"])
def test_polynomials_of_the_trend_are_reproduced(trend, rng):
    made = Trend.of(trend, 2)
    Z, c = rng.random((12, 2)), rng.normal(size=made.p)
    y = made.basis(Z) @ c
    fixed = kernels.get("matern52"), made, np.log([0.3, 0.5]), 1e-6
    gp = Posterior.of(*fixed, Z, y)
    new = 3.0 * rng.random((20, 2)) - 1.0
    mean, std = gp.mean_std(new)
    np.testing.assert_allclose(mean, made.basis(new) @ c, atol=1e-11)
    assert np.all(std < 1e-12)


@every_trend
def test_covariance_has_the_variances_and_is_that_of_the_naive_predictor(trend, rng):
    gp = posterior("matern32", trend, n=25)
    Z = rng.random((7, 3))
    C = gp.covariance(Z)
    np.testing.assert_allclose(np.diag(C), gp.mean_std(Z)[1] ** 2, rtol=1e-9)
    np.testing.assert_allclose(C, C.T, atol=1e-12)
    # conditioning on one of the points more: var(a | b) = C_aa - C_ab^2 / C_bb
    more = gp.append(Z[:1], gp.mean_std(Z[:1])[0])
    noisy = C[0, 0] + gp.factors.s2 * gp.nugget
    expected = np.diag(C)[1:] - C[0, 1:] ** 2 / noisy
    shrunk = more.mean_std(Z[1:])[1] ** 2 * gp.factors.s2 / more.factors.s2
    np.testing.assert_allclose(shrunk, expected, rtol=1e-7)


@every_kernel
@every_trend
def test_leave_one_out_equals_refits(kernel, trend):
    gp = posterior(kernel, trend, n=18)
    naive = NaiveGP(kernel, trend, LENGTHS, NUGGET, gp.Z, gp.y)
    mean, std = gp.leave_one_out()
    expected, variance = naive.leave_one_out()
    np.testing.assert_allclose(mean, expected, rtol=1e-8, atol=1e-9)
    np.testing.assert_allclose(std**2, variance, rtol=1e-8)


@every_kernel
@every_trend
def test_appending_equals_a_fresh_posterior(kernel, trend, rng):
    grown = posterior(kernel, trend, n=25)
    Z, y = grown.Z, grown.y
    for q in (1, 3, 1, 5):  # several times in a row
        new = rng.random((q, 3))
        grown = grown.append(new, smooth(new))
        Z, y = np.vstack([Z, new]), np.concatenate([y, smooth(new)])
    fresh = Posterior.of(grown.kernel, grown.trend, grown.log_l, NUGGET, Z, y)
    same(grown, fresh, rng, 1e-9)


def same(a, b, rng, tolerance):
    Z = rng.random((20, 3))
    size = np.ptp(b.y)
    for one, other in zip(a.mean_std(Z), b.mean_std(Z), strict=True):
        np.testing.assert_allclose(one, other, rtol=tolerance, atol=tolerance * size)
    assert a.factors.s2 == pytest.approx(b.factors.s2, rel=tolerance)
    assert a.log_likelihood() == pytest.approx(b.log_likelihood(), rel=tolerance)
    assert a.factors.jitter == b.factors.jitter


@pytest.mark.parametrize("distance", [0.0, 1e-12, 1e-7])
@pytest.mark.parametrize("nugget", [0.0, 1e-15, 1e-10, 1e-6])
def test_appending_near_duplicates_equals_a_fresh_posterior(nugget, distance, rng):
    few = posterior("squared_exponential", n=12, nugget=nugget)
    Z, y = few.Z[:4] + distance, few.y[:4]
    grown = few.append(Z, y)
    everything = np.vstack([few.Z, Z]), np.concatenate([few.y, y])
    fresh = Posterior.of(few.kernel, few.trend, few.log_l, nugget, *everything)
    same(grown, fresh, rng, 1e-6 if 0.0 < nugget < 1e-8 else 1e-8)


def test_appending_where_there_is_jitter_equals_a_fresh_posterior(rng):
    Z, y = data(10)
    fixed = kernels.get("matern52"), Trend.of("constant", 3), np.log(LENGTHS), 0.0
    doubled = Posterior.of(*fixed, np.vstack([Z, Z]), np.append(y, y))
    assert doubled.factors.jitter > 0.0
    new = rng.random((2, 3))
    grown = doubled.append(new, smooth(new))
    fresh = Posterior.of(*fixed, grown.Z, grown.y)
    same(grown, fresh, rng, 1e-12)


def test_appending_leaves_the_old_posterior_alone(rng):
    gp = posterior()
    before = gp.mean_std(gp.Z[:3] + 0.1)
    gp.append(rng.random((2, 3)), np.zeros(2))
    np.testing.assert_array_equal(gp.mean_std(gp.Z[:3] + 0.1), before)


def test_order_of_the_data_does_not_matter(rng):
    gp = posterior(n=30)
    order = rng.permutation(30)
    other = Posterior.of(
        gp.kernel, gp.trend, gp.log_l, gp.nugget, gp.Z[order], gp.y[order]
    )
    same(gp, other, rng, 1e-9)


def test_likelihood_does_not_depend_on_how_the_trend_is_written_down():
    gp = posterior("matern52", "quadratic")
    moved = Posterior.of(
        gp.kernel,
        gp.trend,
        gp.log_l + np.log(7.0),
        gp.nugget,
        7.0 * gp.Z - 3.0,
        gp.y,
    )
    assert moved.log_likelihood() == pytest.approx(gp.log_likelihood(), rel=1e-9)
