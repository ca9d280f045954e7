import numpy as np
import pytest

from surrogo.surrogates import functionals, hermite_model
from surrogo.surrogates.functionals import Functionals
from surrogo.surrogates.gradient_posterior import GradientPosterior
from surrogo.surrogates.kernels import get
from surrogo.surrogates.posterior import Posterior
from surrogo.surrogates.slopes import Slopes
from surrogo.surrogates.trends import TRENDS, Trend
from tests.reference.differences import gradient
from tests.reference.naive_hermite import NaiveSlopes
from tests.surrogates.slope_cases import (
    LENGTHS,
    SMOOTH,
    likelihood,
    points,
    posterior,
    slopes,
    wavy,
    wavy_gradient,
)

every = pytest.mark.parametrize("kernel", SMOOTH)
every_trend = pytest.mark.parametrize("trend", sorted(TRENDS))
completeness = pytest.mark.parametrize("complete", [True, False])


@every
@every_trend
@completeness
def test_values_and_slopes_are_reproduced(kernel, trend, complete):
    """Gradient-enhanced Kriging elsewhere missed its own data for years."""
    gp = posterior(kernel=kernel, trend=trend, complete=complete, n=12)
    data = gp.data
    mean, std, slope, _ = gp.mean_std_gradients(data.Z)
    seen, slopes_seen = ~np.isnan(data.y), ~np.isnan(data.G)
    assert np.abs(mean - data.y)[seen].max() < 1e-8
    assert np.abs(slope - data.G)[slopes_seen].max() < 1e-8
    assert std[seen].max() < 1e-6
    # The mean itself has these slopes; that of matern32 is once differentiable.
    h = 1e-6 if kernel == "matern32" else 1e-3
    for z, seen_here, expected in zip(data.Z, slopes_seen, data.G, strict=True):
        differences = gradient(lambda z: gp.mean(z[None])[0], z, h)
        np.testing.assert_allclose(
            differences[seen_here], expected[seen_here], atol=1e-4
        )


def test_long_length_scales_need_jitter_that_is_as_small_as_can_be():
    data = slopes(n=40)
    gp = GradientPosterior.of(
        get("squared_exponential"), Trend.of("constant", 3), np.log([1.5] * 3),
        (0.0, None), data,
    )  # fmt: skip
    assert 0 < gp.factors.jitter < 1e-12
    mean, _, slope, _ = gp.mean_std_gradients(data.Z)
    np.testing.assert_allclose(mean, data.y, atol=1e-5)  # with 1e-10 it were 1e-4
    np.testing.assert_allclose(slope, data.G, atol=1e-5)


@every
@every_trend
def test_predictions_equal_the_naive_ones(kernel, trend):
    """The variance holds the trend term."""
    data, f = slopes(), Trend.of(trend, 3)
    naive = NaiveSlopes(get(kernel), f, LENGTHS, 1e-4, data.Z, data.y, data.G)
    gp = posterior(kernel=kernel, trend=trend, nugget=1e-4)
    new = 1.5 * points(10, seed=5) - 0.25
    mean, std, slope, _ = gp.mean_std_gradients(new)
    for i, z in enumerate(new):
        expected, variance = naive.predict(z)
        np.testing.assert_allclose([mean[i], *slope[i]], expected, rtol=1e-6)
        assert std[i] ** 2 == pytest.approx(variance[0], rel=1e-6)


def test_trend_term_counts_far_from_the_data():
    gp = posterior(trend="linear")
    far = gp.mean_std(np.full((1, 3), 40.0))[1][0]
    assert far > 10 * np.sqrt(gp.factors.s2)


@every
@every_trend
@completeness
def test_gradients_equal_central_differences(kernel, trend, complete):
    gp = posterior(kernel=kernel, trend=trend, complete=complete, nugget=1e-6)
    new = points(4, seed=7)
    _, _, *found = gp.mean_std_gradients(new)
    for part in (0, 1):
        for z, slope in zip(new, found[part], strict=True):
            expected = gradient(lambda z, i=part: gp.mean_std(z[None])[i][0], z)
            np.testing.assert_allclose(slope, expected, rtol=1e-5, atol=1e-7)


@every
@every_trend
def test_values_alone_give_the_posterior_of_values(kernel, trend):
    Z, f = points(25), Trend.of(trend, 3)
    parts = get(kernel), f, np.log(LENGTHS)
    ours = GradientPosterior.of(*parts, (1e-6, None), Slopes.of(Z, wavy(Z)))
    plain = Posterior.of(*parts, 1e-6, Z, wavy(Z))
    new = points(20, seed=3)
    for one, other in zip(
        ours.mean_std_gradients(new), plain.mean_std_gradients(new), strict=True
    ):
        np.testing.assert_allclose(one, other, rtol=1e-6, atol=1e-7)
    np.testing.assert_allclose(
        ours.covariance(new), plain.covariance(new), rtol=1e-5, atol=1e-10
    )
    np.testing.assert_allclose(ours.leave_one_out(), plain.leave_one_out(), rtol=1e-6)
    assert ours.log_likelihood() == pytest.approx(plain.log_likelihood(), rel=1e-9)


def test_slopes_at_one_point_give_a_linear_function():
    """The trend's rows of slopes: with rows of values a slope would be a value."""
    Z = np.array([[0.3, 0.7]])
    data = Slopes(Z, np.array([1.0]), np.array([[2.0, -3.0]]))
    gp = GradientPosterior.of(
        get("matern52"), Trend.of("linear", 2), np.zeros(2), (0.0, None), data
    )
    new = points(10, 2, seed=1) * 5.0
    expected = 1.0 + (new - Z) @ [2.0, -3.0]
    np.testing.assert_allclose(gp.mean_std(new)[0], expected, rtol=1e-12)


def test_a_constant_trend_has_no_slope():
    """With 1 in the rows of slopes a common slope would look like a constant."""
    gp = posterior(trend="constant", n=12)
    F = functionals.basis(3, 0, gp.given)
    np.testing.assert_array_equal(F[:, 0], np.arange(len(gp.y)) < 12)
    assert np.sum(gp.factors.a[:12]) == pytest.approx(0.0, abs=1e-10)


def test_data_that_contradict_each_other_leave_a_smooth_mean():
    data = slopes(n=12)
    twice = data.and_more(Slopes(data.Z[:1], data.y[:1] + 1.0, data.G[:1]))
    gp = GradientPosterior.of(
        get("matern52"), Trend.of("constant", 3), np.log(LENGTHS), (0.0, None), twice
    )
    mean, std = gp.mean_std(twice.Z)
    assert mean[0] == pytest.approx(data.y[0] + 0.5, abs=1e-5)
    np.testing.assert_allclose(mean[1:12], data.y[1:], atol=1e-5)
    assert np.isfinite(std).all()


@every
@every_trend
@completeness
def test_leaving_a_point_out_equals_a_fit_without_it(kernel, trend, complete):
    gp = posterior(kernel=kernel, trend=trend, complete=complete, nugget=1e-4, n=14)
    mean, std = gp.leave_one_out()
    Z, y, G = gp.data.Z, gp.data.y, gp.data.G
    with_value = np.flatnonzero(~np.isnan(y))
    assert mean.shape == std.shape == with_value.shape
    for row, i in enumerate(with_value):
        rest = np.arange(len(y)) != i
        data = Slopes(Z[rest], y[rest], G[rest])
        other = GradientPosterior.of(gp.profile, gp.trend, gp.log_l, gp.nuggets, data)
        expected, spread = other.mean_std(Z[[i]])
        variance = spread[0] ** 2 / other.factors.s2 + 1e-4  # that of an observation
        assert mean[row] == pytest.approx(expected[0], rel=1e-6, abs=1e-9)
        assert std[row] ** 2 == pytest.approx(gp.factors.s2 * variance, rel=1e-6)


def test_a_point_that_the_trend_needs_is_uncertain_when_left_out():
    Z = np.array([[0.2, 0.3], [0.7, 0.6]])
    data = Slopes(Z, np.array([1.0, 2.0]), np.array([[np.nan] * 2, [1.0, -1.0]]))
    gp = GradientPosterior.of(
        get("matern52"), Trend.of("linear", 2), np.zeros(2), (1e-10, None), data
    )
    mean, std = gp.leave_one_out()
    assert np.isfinite([mean[0], std[0]]).all()
    assert (mean[1], std[1]) == (0.0, np.inf)


@completeness
def test_appending_equals_a_fit_to_everything(complete):
    whole = slopes(n=12, complete=complete)
    Z, y, G = whole.Z, whole.y, whole.G
    parts = get("matern52"), Trend.of("linear", 3), np.log(LENGTHS), (1e-8, 1e-6)
    first = GradientPosterior.of(*parts, Slopes(Z[:8], y[:8], G[:8]))
    values = first.append(Z[8:10], y[8:10])
    grown = values.append(Z[10:], y[10:], G[10:])
    G = G.copy()
    G[8:10] = np.nan
    expected = GradientPosterior.of(*parts, Slopes(Z, y, G))
    new = points(6, seed=9)
    np.testing.assert_allclose(grown.mean_std(new), expected.mean_std(new), rtol=1e-9)
    assert np.isnan(first.data.y).sum() == np.isnan(whole.y).sum()


def test_noise_of_slopes_is_apart_from_that_of_values():
    exact, noisy = (
        likelihood(n=12, slope_nugget=s).posterior(np.log(LENGTHS), 0.0)
        for s in (0.0, 0.1)
    )
    Z = exact.data.Z
    np.testing.assert_allclose(noisy.mean_std(Z)[0], wavy(Z), atol=1e-10)
    assert np.abs(noisy.mean_std_gradients(Z)[2] - wavy_gradient(Z)).max() > 1e-2
    assert np.abs(exact.mean_std_gradients(Z)[2] - wavy_gradient(Z)).max() < 1e-10


def test_matrix_has_the_diagonal_one():
    """The preconditioning of Marchildon & Zingg 2023."""
    gp = posterior(kernel="squared_exponential")
    np.testing.assert_allclose(np.diag(gp.factors.A), 1.0, rtol=1e-14)


def test_covariance_is_joint_and_predicts_slopes_too():
    gp = posterior(nugget=1e-6)
    new = points(5, seed=4)
    wanted = [Functionals.values(new), Functionals.slopes(new, 1)]
    joint = gp.joint(wanted)
    mean, std = gp.apply(wanted)
    np.testing.assert_allclose(np.diag(joint), std**2, rtol=1e-8)
    np.testing.assert_allclose(gp.covariance(new), joint[:5, :5], rtol=1e-10)
    assert np.linalg.eigvalsh(joint).min() > -1e-12
    np.testing.assert_allclose(mean[5:], gp.mean_std_gradients(new)[2][:, 1])
    h = 1e-3  # the variance of a difference quotient tends to that of the slope
    step = h * np.eye(3)[1]
    pair = gp.covariance(np.vstack([new[:1] + step, new[:1] - step]))
    quotient = (pair[0, 0] + pair[1, 1] - 2.0 * pair[0, 1]) / (4.0 * h * h)
    assert std[5] ** 2 == pytest.approx(quotient, rel=1e-3)


def test_many_points_are_predicted_in_panels(monkeypatch):
    gp, new = posterior(), points(50, seed=2)
    expected = gp.mean_std_gradients(new)
    monkeypatch.setattr(hermite_model, "_PANEL", 1000)
    for one, other in zip(gp.mean_std_gradients(new), expected, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(gp.mean(new), gp.mean_std(new)[0], rtol=1e-12)


def test_arguments_stay_as_they_are():
    data = slopes(complete=False)
    before = [x.copy() for x in (data.Z, data.y, data.G)]
    GradientPosterior.of(
        get("matern52"), Trend.of("linear", 3), np.log(LENGTHS), (0.0, None), data
    ).append(data.Z + 0.01, data.y, data.G).leave_one_out()
    for now, then in zip((data.Z, data.y, data.G), before, strict=True):
        np.testing.assert_array_equal(now, then)
