"""LocalGP: an exact Gaussian process on the nearest points, one by one."""

import warnings

import numpy as np
import pytest
from sklearn.utils.estimator_checks import parametrize_with_checks

from surrogo.surrogates import LocalGP, VecchiaGP, kernel_registry
from surrogo.surrogates.local_gp import NearestModel
from surrogo.surrogates.local_model import Process
from surrogo.surrogates.posterior import Posterior
from surrogo.surrogates.trends import Trend
from tests.surrogates.cases import (
    LENGTHS,
    NUGGET,
    data,
    every_trend,
    smooth,
    user_data,
)
from tests.surrogates.test_vecchia import draws, every_scalable_kernel


def model(kernel="matern52", trend="constant", n=100, n_near=20):
    process = Process(
        kernel_registry.find(kernel), Trend.of(trend, 3), np.log(LENGTHS), NUGGET
    )
    return NearestModel.of(process, *data(n), n_near)


def exact(local, rows):
    """Return the ordinary posterior on some of the points."""
    p = local.process
    parts = p.kernel, p.trend, p.log_l, p.nugget
    return Posterior.of(*parts, local.Z[rows], local.y[rows])


def near(local, z, m):
    """Return the m points nearest to z, by computing all distances."""
    return np.argsort(np.sum(((local.Z - z) / LENGTHS) ** 2, axis=1))[:m]


def kept(**changes):
    given = {"length_scale": [12.0, 0.1], "nugget": 1e-6, "n_starts": 0}
    return LocalGP(**(given | changes))


@parametrize_with_checks(
    [
        LocalGP(),
        LocalGP("matern32", trend="zero", nugget="estimate", n_neighbours=5),
        LocalGP("matern12", n_starts=0, length_scale=2.0),
    ]
)
def test_scikit_learn_accepts_it(estimator, check):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        check(estimator)


@every_scalable_kernel
@every_trend
def test_predictions_are_those_of_the_exact_gp_on_the_nearest(kernel, trend, rng):
    local = model(kernel, trend)
    new = rng.random((10, 3))
    ours = local.mean_std_gradients(new)
    for row, z in enumerate(new):
        theirs = exact(local, near(local, z, 20)).mean_std_gradients(z[None])
        for a, b in zip(ours, theirs, strict=True):
            np.testing.assert_allclose(a[row], b[0], rtol=1e-6, atol=1e-8)


def test_few_points_make_it_the_exact_gp(rng):
    local, new = model(n=30, n_near=50), rng.random((10, 3))
    everything = exact(local, np.arange(30)).mean_std(new)
    np.testing.assert_allclose(local.mean_std(new), everything, rtol=1e-8)


@pytest.mark.parametrize("n", [15, 100])
def test_leaving_one_out_equals_leaving_it_out(n):
    local = model(n=n)
    mean, std = local.leave_one_out()
    for i in range(0, n, 7):
        others = np.delete(near(local, local.Z[i], 21), 0)
        rest = exact(local, others)
        m, s = rest.mean_std(local.Z[i : i + 1])
        assert mean[i] == pytest.approx(m[0], abs=1e-9)
        noisy = np.sqrt(s[0] ** 2 + NUGGET * rest.factors.s2)
        assert std[i] == pytest.approx(noisy, rel=1e-6)


def test_leaving_one_out_leaves_the_others_at_the_same_place():
    X, y = user_data(20)
    many = np.repeat(X, 4, axis=0)  # more at each place than there are neighbours
    gp = kept(n_neighbours=2).fit(many, np.repeat(y, 4))
    np.testing.assert_allclose(gp.leave_one_out()[0], np.repeat(y, 4), atol=1e-4)


def test_leaving_one_out_needs_enough_others():
    gp = kept().fit(*user_data(2))
    with pytest.raises(ValueError, match="more than 2 points for a trend of 1 coeff"):
        gp.leave_one_out()


def test_std_covers_functions_drawn_from_the_model():
    lengths = np.array([0.5, 0.8])
    X, functions = draws(40, 400, 50, lengths)
    inside = []
    for y in functions:
        gp = kept(n_neighbours=100, length_scale=lengths, nugget=1e-8)
        mean, std = gp.fit(X[:400], y[:400]).predict(X[400:], return_std=True)
        inside.append(np.mean(np.abs(mean - y[400:]) < 1.66 * std))  # t with 99 dof
    error = np.std(inside, ddof=1) / np.sqrt(40)
    assert abs(np.mean(inside) - 0.9) < 3.5 * error
    assert error < 0.01


def test_std_follows_the_size_of_the_function():
    X = np.random.default_rng(0).random((600, 2))
    y = np.where(X[:, 0] < 0.5, 0.01, 1.0) * np.sin(20 * X[:, 0]) * np.cos(9 * X[:, 1])
    quiet = np.random.default_rng(1).random((50, 2)) * [0.3, 1.0] + [0.1, 0.0]
    loud = quiet + np.array([0.5, 0.0])
    settings = {"length_scale": 0.3, "n_starts": 0}

    def ratio(gp):
        gp.fit(X, y)
        std = [np.median(gp.predict(new, True)[1]) for new in (quiet, loud)]
        return std[0] / std[1]

    assert 0.003 < ratio(LocalGP(n_neighbours=20, **settings)) < 0.03  # truth: 0.01
    assert ratio(VecchiaGP(**settings)) > 0.5  # one variance serves all


def test_more_neighbours_predict_better(rng):
    Z, new = data(1500)[0], rng.random((200, 3))
    truth = (smooth(new) - smooth(Z).mean()) / smooth(Z).std()
    local = [model(n=1500, n_near=m).mean_std(new)[0] for m in (5, 15, 60)]
    errors = [np.sqrt(np.mean((mean - truth) ** 2)) for mean in local]
    assert errors[0] > 2 * errors[1] > 4 * errors[2]


def test_length_scales_are_those_of_the_vecchia_likelihood():
    X, y = data(1200)
    settings = {"n_starts": 1, "random_state": 0}
    local = LocalGP(n_neighbours=50, **settings).fit(X, y)
    vecchia = VecchiaGP(n_predict=50, **settings).fit(X, y)
    np.testing.assert_array_equal(local.length_scale_, vecchia.length_scale_)


def test_update_equals_a_fresh_fit():
    X, y = user_data(200)
    box = np.column_stack([X.min(0), X.max(0)])
    grown = kept(bounds=box).fit(X[:150], y[:150]).update(X[150:], y[150:])
    fresh = kept(bounds=box).fit(X, y)
    new = user_data(20, seed=7)[0]
    ours, theirs = (g.predict(new, return_std=True) for g in (grown, fresh))
    np.testing.assert_allclose(ours, theirs, rtol=1e-6, atol=1e-9)


@pytest.mark.parametrize("nugget", [0.0, 1e-10])
def test_duplicates_interpolate_or_average(nugget):
    X, y = user_data(100)
    twice = np.vstack([X, X[:40]])
    same = kept(nugget=nugget).fit(twice, np.concatenate([y, y[:40]]))
    np.testing.assert_allclose(same.predict(X), y, atol=1e-5)
    differ = kept(nugget=nugget).fit(twice, np.concatenate([y, y[:40] + 0.1]))
    np.testing.assert_allclose(differ.predict(X[:40]), y[:40] + 0.05, atol=1e-3)


def test_constants_are_predicted_without_doubt():
    X, _ = user_data(60)
    gp = LocalGP(random_state=0).fit(X, np.full(60, 3.0))
    mean, std = gp.predict(X + 0.01, return_std=True)
    np.testing.assert_array_equal(mean, 3.0)
    assert np.all(std < 1e-10)


def test_trend_that_the_neighbours_do_not_determine_is_left_out():
    # 10 neighbours in a column of the grid say nothing of the other variable
    X = np.array([(i, j) for i in range(5) for j in range(20)], float)
    gp = LocalGP(trend="linear", n_neighbours=10, n_starts=0, length_scale=[0.01, 9])
    y = 2.0 * X[:, 1] + X[:, 0]
    mean, std = gp.fit(X, y).predict(X + np.array([0.0, 0.5]), return_std=True)
    np.testing.assert_allclose(mean, y + 1.0, atol=1e-6)
    assert np.all(np.isfinite(std))


def test_neighbours_must_outnumber_the_coefficients_of_the_trend():
    with pytest.raises(ValueError, match="n_neighbours must be above 3, the number"):
        LocalGP(trend="linear", n_neighbours=3).fit(*user_data())
    with pytest.raises(ValueError, match="n_neighbours must be an integer"):
        LocalGP(n_neighbours=0).fit(*user_data())
