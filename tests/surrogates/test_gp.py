import numpy as np
import pytest
from sklearn.base import clone

from surrogo import GaussianProcess
from tests.reference.differences import gradient
from tests.surrogates.cases import fixed, new_points, user_data


def test_parameters_are_stored_untouched():
    length_scale, bounds = [1.0, 2.0], [[0, 1], [0, 1]]
    gp = GaussianProcess(length_scale=length_scale, bounds=bounds, nugget=1e-4)
    gp.fit(np.random.default_rng(0).random((9, 2)), np.arange(9.0))
    assert gp.length_scale is length_scale
    assert gp.bounds is bounds
    assert (gp.nugget, gp.kernel, gp.n_starts) == (1e-4, "auto", 4)
    assert clone(gp).get_params() == gp.get_params()


def test_fit_beats_the_mean_by_far():
    X, y = user_data(60)
    gp = GaussianProcess(random_state=0).fit(X, y)
    new, truth = user_data(200, seed=9)
    assert gp.score(new, truth) > 0.999
    assert gp.n_evaluations_ > 4


def test_predict_gradient_equals_differences():
    gp = fixed().fit(*user_data())
    X = new_points(3)
    mean_slope, std_slope = gp.predict_gradient(X, return_std=True)
    np.testing.assert_array_equal(gp.predict_gradient(X), mean_slope)
    for row, x in enumerate(X):
        for slope, part in ((mean_slope, 0), (std_slope, 1)):
            scaled = gradient(
                lambda z, x=x, part=part: gp.predict(
                    [x + z * [30.0, 0.2]], return_std=True
                )[part][0],
                np.zeros(2),
                1e-4,
            )
            np.testing.assert_allclose(
                slope[row], scaled / [30.0, 0.2], rtol=1e-6, atol=1e-9
            )


@pytest.mark.parametrize("nugget", [1e-10, 1e-4])
def test_interpolates_up_to_the_nugget(nugget):
    X, y = user_data()
    gp = fixed(nugget=nugget).fit(X, y)
    mean, std = gp.predict(X, return_std=True)
    # residuals are nugget * a, and the variance at a point at most that of its noise
    np.testing.assert_allclose(mean, y, atol=30 * np.sqrt(nugget) * np.std(y))
    assert np.all(std <= 1.001 * np.sqrt(nugget) * gp.process_std_)


def test_leave_one_out_in_the_units_of_y():
    X, y = user_data(12)
    gp = fixed(nugget=1e-3).fit(X, y)
    mean, std = gp.leave_one_out()
    for i in range(12):
        rest = np.arange(12) != i
        other = fixed(nugget=1e-3).fit(X[rest], y[rest])
        m, s = other.predict(X[i : i + 1], return_std=True)
        assert mean[i] == pytest.approx(m[0], rel=1e-8)
        # the variance of the process is that of the fit to all
        latent = (s[0] / other.process_std_ * gp.process_std_) ** 2
        noise = 1e-3 * gp.process_std_**2
        assert std[i] ** 2 == pytest.approx(latent + noise, rel=1e-7)


@pytest.mark.parametrize("trend", ["zero", "constant", "linear", "quadratic"])
@pytest.mark.parametrize("boxed", [True, False])
def test_update_equals_a_fresh_fit(trend, boxed):
    X, y = user_data(50)
    bounds = [[-5.0, 25.0], [100.0, 100.2]] if boxed else None
    gp = fixed(trend=trend, bounds=bounds).fit(X[:40], y[:40])
    for part in (slice(40, 41), slice(41, 46), slice(46, 50)):
        assert gp.update(X[part], y[part]) is gp
    fresh = fixed(trend=trend, bounds=bounds).fit(X, y)
    new = new_points()
    for one, other in zip(
        gp.predict(new, return_std=True), fresh.predict(new, return_std=True),
        strict=True,
    ):  # fmt: skip
        np.testing.assert_allclose(one, other, rtol=1e-8)
    assert gp.log_likelihood_ == pytest.approx(fresh.log_likelihood_, rel=1e-8)
    assert gp.process_std_ == pytest.approx(fresh.process_std_, rel=1e-8)
    np.testing.assert_allclose(gp.leave_one_out(), fresh.leave_one_out(), rtol=1e-6)


def test_update_after_a_search_equals_a_fresh_fit_at_what_it_found():
    X, y = user_data(40)
    gp = GaussianProcess(nugget="estimate", random_state=0).fit(X[:30], y[:30])
    gp.update(X[30:], y[30:])
    found = {"length_scale": gp.length_scale_, "nugget": gp.nugget_}
    fresh = GaussianProcess(n_starts=0, **found).fit(X, y)
    new = new_points()
    np.testing.assert_allclose(gp.predict(new), fresh.predict(new), rtol=1e-8)


def test_sampled_functions_have_the_mean_and_covariance_of_the_posterior():
    X, y = user_data(8)
    gp = fixed().fit(X, y)
    new = new_points(5)
    count = 20_000
    draws = gp.sample_y(new, count, random_state=0)
    assert draws.shape == (5, count)
    mean, std = gp.predict(new, return_std=True)
    assert np.all(np.abs(draws.mean(axis=1) - mean) < 4.5 * std / np.sqrt(count))
    Z = gp._to_unit(new)
    C = gp.model_.covariance(Z) * gp.y_scale_**2
    # the variance of a sample covariance is (C_ij^2 + C_ii C_jj) / N
    spread = np.sqrt((C**2 + np.outer(np.diag(C), np.diag(C))) / count)
    assert np.all(np.abs(np.cov(draws) - C) < 4.5 * spread)


def test_sampling_repeats_with_the_same_random_state():
    gp = fixed(random_state=5).fit(*user_data(8))
    X = new_points(4)
    assert gp.sample_y(X).shape == (4, 1)
    np.testing.assert_array_equal(gp.sample_y(X, 2), gp.sample_y(X, 2))
    np.testing.assert_array_equal(gp.sample_y(X, 2), gp.sample_y(X, 2, random_state=5))
    assert np.any(gp.sample_y(X, 2) != gp.sample_y(X, 2, random_state=6))
    generator = np.random.RandomState(0)
    assert np.any(gp.sample_y(X, 2, generator) != gp.sample_y(X, 2, generator))


def test_sampling_at_the_data_gives_the_data():
    X, y = user_data(8)
    gp = fixed(nugget=1e-10).fit(X, y)
    np.testing.assert_allclose(gp.sample_y(X, 3, 0), np.tile(y, (3, 1)).T, atol=1e-3)


def test_the_first_start_is_the_given_length_scale():
    X, y = user_data()
    best = GaussianProcess(random_state=0).fit(X, y)
    warm = GaussianProcess(length_scale=best.length_scale_, n_starts=1).fit(X, y)
    assert warm.n_evaluations_ < best.n_evaluations_ / 2
    np.testing.assert_allclose(warm.length_scale_, best.length_scale_, rtol=0.05)


def test_one_length_scale_stands_for_all():
    X, y = user_data()
    gp = fixed(length_scale=2.0).fit(X, y)
    np.testing.assert_allclose(gp.length_scale_, [2.0, 2.0])
    assert gp.n_evaluations_ == 0


def test_bounds_are_the_unit_of_the_prior():
    X, y = user_data()
    tight = GaussianProcess(random_state=0).fit(X, y)
    box = np.column_stack([X.min(axis=0), X.max(axis=0)])
    same = GaussianProcess(random_state=0, bounds=box).fit(X, y)
    np.testing.assert_array_equal(same.length_scale_, tight.length_scale_)
    wide = GaussianProcess(random_state=0, bounds=[[-500, 500], [0, 200]]).fit(X, y)
    assert np.all(wide.length_scale_ > tight.length_scale_)


def test_the_same_random_state_gives_the_same_fit():
    X, y = user_data()
    fits = [GaussianProcess(n_starts=7, random_state=4).fit(X, y) for _ in range(2)]
    np.testing.assert_array_equal(fits[0].length_scale_, fits[1].length_scale_)


@pytest.mark.parametrize("n", [30, 320])
def test_auto_takes_the_likelier_kernel(n):
    chosen = set()
    functions = (
        lambda X: np.prod(np.sin(3 * X + 1), axis=1),
        lambda X: np.exp(-4 * np.sum((X - 0.5) ** 2, axis=1) ** 0.7),
    )
    for f in functions:
        X = np.random.default_rng(n).random((n, 3))
        gp = GaussianProcess(random_state=0).fit(X, f(X))
        each = {
            kernel: GaussianProcess(kernel, random_state=0).fit(X, f(X))
            for kernel in ("matern52", "anova")
        }
        best = max(each.values(), key=lambda one: one.log_likelihood_)
        assert gp.log_likelihood_ == pytest.approx(best.log_likelihood_, abs=2.0)
        if n < 300:
            assert gp.n_evaluations_ == sum(one.n_evaluations_ for one in each.values())
        chosen.add(type(gp.kernel_).__name__)
    if n > 300:  # fewer do not tell
        assert chosen == {"Matern52", "AnovaMatern52"}
