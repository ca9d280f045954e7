"""VecchiaGP: exact with all neighbours, and what it promises with few."""

import warnings

import numpy as np
import pytest
from sklearn.exceptions import NotFittedError
from sklearn.utils.estimator_checks import parametrize_with_checks

from surrogo import GaussianProcess
from surrogo.surrogates import VecchiaGP, kernel_registry, kernels
from surrogo.surrogates.kernels import Matern32
from surrogo.surrogates.local_model import Process
from surrogo.surrogates.posterior import Posterior
from surrogo.surrogates.profiles import squared_distances
from surrogo.surrogates.trends import Trend
from surrogo.surrogates.vecchia_model import VecchiaModel
from tests.reference.differences import gradient
from tests.reference.naive_gp import NaiveGP
from tests.surrogates.cases import (
    LENGTHS,
    NUGGET,
    data,
    every_trend,
    smooth,
    user_data,
)

every_scalable_kernel = pytest.mark.parametrize(
    "kernel", [*sorted(kernels.KERNELS), "tensor_matern52"]
)


def model(kernel="matern52", trend="constant", n=40, numbers=(39, 40), nugget=NUGGET):
    process = Process(
        kernel_registry.find(kernel), Trend.of(trend, 3), np.log(LENGTHS), nugget
    )
    return VecchiaModel.of(process, *data(n), numbers, np.random.default_rng(0))


def kept(n_neighbours=10, **changes):
    given = {"length_scale": [12.0, 0.1], "nugget": 1e-6, "n_starts": 0}
    return VecchiaGP(n_neighbours=n_neighbours, random_state=0, **(given | changes))


def draws(k, n, m, lengths, seed=0, nugget=1e-8):
    """Points X (n + m, d) and k functions (k, n + m) drawn from a Matern 5/2 GP."""
    rng = np.random.default_rng(seed)
    X = rng.random((n + m, len(lengths)))
    scaled = X / lengths
    R = kernels.get("matern52").value(squared_distances(scaled, scaled))
    L = np.linalg.cholesky(R + nugget * np.eye(n + m))
    return X, (L @ rng.normal(size=(n + m, k))).T


@parametrize_with_checks(
    [
        VecchiaGP(),
        VecchiaGP("matern32", trend="zero", nugget="estimate", n_neighbours=3),
        VecchiaGP(Matern32(), n_starts=0, length_scale=2.0, n_predict=5),
    ]
)
def test_scikit_learn_accepts_it(estimator, check):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        check(estimator)


@every_scalable_kernel
@every_trend
def test_all_neighbours_give_the_exact_posterior(kernel, trend, rng):
    parts = kernel_registry.find(kernel), Trend.of(trend, 3), np.log(LENGTHS), NUGGET
    exact = Posterior.of(*parts, *data())
    fast, new = model(kernel, trend), rng.random((12, 3))
    for ours, theirs in zip(
        fast.mean_std_gradients(new), exact.mean_std_gradients(new), strict=True
    ):
        np.testing.assert_allclose(ours, theirs, rtol=1e-8, atol=1e-8)
    assert fast.log_likelihood() == pytest.approx(exact.log_likelihood(), abs=1e-8)


def test_all_neighbours_give_the_slow_predictions(rng):
    naive = NaiveGP("matern52", "linear", LENGTHS, NUGGET, *data())
    fast, new = model(trend="linear"), rng.random((6, 3))
    mean, std = fast.mean_std(new)
    theirs = np.array([naive.predict(x) for x in new]).T
    np.testing.assert_allclose([mean, std**2], theirs, atol=1e-8)
    assert fast.log_likelihood() == pytest.approx(naive.log_likelihood(), abs=1e-8)


def test_few_points_make_it_the_exact_gp():
    X, y = user_data()
    settings = {"nugget": 1e-6, "n_starts": 1, "random_state": 0}
    ours = VecchiaGP(n_neighbours=29, **settings).fit(X, y)
    theirs = GaussianProcess(**settings).fit(X, y)
    np.testing.assert_allclose(ours.length_scale_, theirs.length_scale_, rtol=1e-3)
    assert ours.log_likelihood_ == pytest.approx(theirs.log_likelihood_, abs=1e-5)
    assert ours.process_std_ == pytest.approx(theirs.process_std_, rel=1e-3)
    assert ours.n_evaluations_ > 0


@pytest.mark.parametrize("kernel", ["matern52", "tensor_matern52"])
@every_trend
def test_gradients_equal_central_differences(kernel, trend, rng):
    near = model(kernel, trend, n=300, numbers=(10, 25))
    new = rng.random((5, 3))
    slopes = near.mean_std_gradients(new)[2:]
    for row, z in enumerate(new):
        for part in (0, 1):
            # steps so short that the neighbours stay the same
            slow = gradient(
                lambda z, part=part: near.mean_std(z[None])[part][0], z, 1e-5
            )
            np.testing.assert_allclose(slopes[part][row], slow, atol=1e-6, rtol=1e-5)


def test_more_neighbours_predict_better(rng):
    Z = data(2000)[0]
    new = rng.random((200, 3))
    truth = (smooth(new) - smooth(Z).mean()) / smooth(Z).std()
    settings = [(5, 5), (10, 15), (20, 60)]
    means = [model(n=2000, numbers=m, nugget=1e-10).mean_std(new)[0] for m in settings]
    errors = [np.sqrt(np.mean((mean - truth) ** 2)) for mean in means]
    assert errors[0] > 2 * errors[1] > 4 * errors[2]


def test_std_covers_functions_drawn_from_the_model():
    lengths = np.array([0.5, 0.8])
    X, functions = draws(40, 400, 50, lengths)
    inside = []
    for y in functions:
        gp = kept(15, n_predict=30, length_scale=lengths, nugget=1e-8)
        mean, std = gp.fit(X[:400], y[:400]).predict(X[400:], return_std=True)
        inside.append(np.mean(np.abs(mean - y[400:]) < 1.645 * std))
    # 40 independent functions: the error of their mean from their own spread
    error = np.std(inside, ddof=1) / np.sqrt(40)
    assert abs(np.mean(inside) - 0.9) < 3.5 * error
    assert error < 0.01


def test_fit_finds_the_length_scales_that_made_the_data():
    lengths = np.array([0.3, 0.6, 2.0])
    X, (y,) = draws(1, 1500, 0, lengths)
    gp = VecchiaGP(random_state=0, n_starts=1).fit(X, y)
    np.testing.assert_allclose(gp.length_scale_, lengths, rtol=0.25)
    assert gp.process_std_ == pytest.approx(1.0, rel=0.5)


def test_estimated_nugget_is_that_of_the_noise(rng):
    X = rng.random((1500, 2))
    y = smooth(X) + rng.normal(0, 0.1, 1500)
    gp = VecchiaGP(nugget="estimate", random_state=0, n_starts=1).fit(X, y)
    assert np.sqrt(gp.nugget_) * gp.process_std_ == pytest.approx(0.1, rel=0.1)
    new = rng.random((200, 2))
    mean, std = gp.predict(new, return_std=True)
    assert np.sqrt(np.mean((mean - smooth(new)) ** 2)) < 0.03
    assert np.mean(np.abs(mean - smooth(new)) < 1.645 * std) > 0.75


def test_automatic_kernel_is_the_likelier_for_the_exact_gp():
    Z = np.random.default_rng(0).random((60, 3))
    chosen = set()
    for y in (np.sin(9 * Z[:, 0]) + Z[:, 1] ** 2, np.linalg.norm(Z - 0.5, axis=1)):
        kernel = VecchiaGP(random_state=0).fit(Z, y).model_.process.kernel
        fits = {
            name: GaussianProcess(name, n_starts=2, random_state=0).fit(Z, y)
            for name in ("matern52", "tensor_matern52")
        }
        best = max(fits, key=lambda name: fits[name].log_likelihood_)
        assert kernel == kernel_registry.find(best)
        chosen.add(best)
    assert len(chosen) == 2


def test_random_state_decides_everything():
    X, y = data(1300)
    fits = [
        VecchiaGP(random_state=s, n_starts=1, n_neighbours=5).fit(X, y)
        for s in (1, 1, 2)
    ]
    means = [gp.predict(X[:20] + 0.01) for gp in fits]
    np.testing.assert_array_equal(means[0], means[1])
    assert np.any(means[0] != means[2])
    np.testing.assert_allclose(means[0], means[2], atol=1e-2)


def test_update_of_few_points_equals_a_fresh_fit():
    X, y = user_data()
    new = user_data(10, seed=7)[0]
    gp = kept(40).fit(X[:20], y[:20])
    fresh = kept(40, bounds=np.column_stack([X[:20].min(0), X[:20].max(0)])).fit(X, y)
    assert gp.update(X[20:], y[20:]) is gp
    ours, theirs = (g.predict(new, return_std=True) for g in (gp, fresh))
    np.testing.assert_allclose(ours, theirs, rtol=1e-7)
    assert gp.log_likelihood_ == pytest.approx(fresh.log_likelihood_, abs=1e-6)


def test_update_of_many_points_nearly_equals_a_fresh_fit():
    X, y = user_data(500)
    box = np.column_stack([X.min(0), X.max(0)])
    grown = kept(bounds=box).fit(X[:450], y[:450]).update(X[450:], y[450:])
    fresh = kept(bounds=box).fit(X, y)
    new = user_data(50, seed=7)[0]
    (mean, std), (m, s) = (g.predict(new, return_std=True) for g in (grown, fresh))
    assert np.all(np.abs(mean - m) < 0.1 * s)
    np.testing.assert_allclose(std, s, rtol=0.1)
    np.testing.assert_allclose(grown.predict(X[450:]), y[450:], atol=1e-4)


@pytest.mark.parametrize("nugget", [0.0, 1e-10])
def test_duplicates_interpolate_or_average(nugget):
    X, y = user_data(100)
    twice = np.vstack([X, X[:40]])
    same = kept(nugget=nugget).fit(twice, np.concatenate([y, y[:40]]))
    np.testing.assert_allclose(same.predict(X), y, atol=1e-5)
    differ = kept(nugget=nugget).fit(twice, np.concatenate([y, y[:40] + 0.1]))
    mean, std = differ.predict(X[:40], return_std=True)
    np.testing.assert_allclose(mean, y[:40] + 0.05, atol=1e-3)
    assert np.all(np.isfinite(std))


def test_constants_and_points_all_at_one_place():
    X, _ = user_data(60)
    mean, std = (
        VecchiaGP(random_state=0)
        .fit(X, np.full(60, 3.0))
        .predict(X + 0.01, return_std=True)
    )
    np.testing.assert_array_equal(mean, 3.0)
    assert np.all(std < 1e-10)
    gp = VecchiaGP(random_state=0, n_starts=1).fit(np.ones((50, 2)), np.arange(50.0))
    assert gp.predict([[1.0, 1.0]])[0] == pytest.approx(24.5, abs=1.0)
    assert np.isfinite(gp.predict([[2.0, 1.0]], return_std=True)).all()


def test_far_points_get_the_trend_and_its_uncertainty():
    gp = kept().fit(*user_data(100))
    mean, std = gp.predict([[1e7, 0], [-1e200, 1e200]], return_std=True)
    assert mean[0] == mean[1]
    assert std[0] == std[1] >= gp.process_std_
    assert np.all(gp.predict_gradient([[1e200, 0.0]]) == 0.0)


def test_data_outside_the_bounds_work():
    X, y = user_data(60)
    gp = VecchiaGP(bounds=[[0, 1], [0, 1]], random_state=0, n_starts=1).fit(X, y)
    np.testing.assert_allclose(gp.predict(X), y, atol=1e-4)


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"kernel": "cubic"}, "kernel must be one of"),
        ({"kernel": "periodic"}, "kernel must be radial .* or TensorMatern52"),
        ({"trend": "cubic"}, "trend must be one of"),
        ({"nugget": -1e-9}, "nugget must be at least 0, got -1e-09"),
        ({"nugget": "guess"}, "nugget.* must be one of 'estimate', got 'guess'"),
        ({"n_neighbours": 0}, "n_neighbours must be an integer of at least 1, got 0"),
        ({"n_predict": 0}, "n_predict must be an integer of at least 1, got 0"),
        ({"n_starts": -1}, "n_starts must be an integer of at least 0, got -1"),
        ({"n_starts": 0}, "n_starts=0 keeps the hyper-parameters: give length_scale"),
        (
            {"n_starts": 0, "length_scale": 1.0, "nugget": "estimate"},
            "give length_scale and a numeric nugget",
        ),
        ({"length_scale": [1.0, 2.0, 3.0]}, r"length_scale must .* shape \(2,\)"),
        ({"length_scale": "long"}, r"length_scale must be a number or"),
        ({"length_scale": [1.0, 0.0]}, "length_scale must be above 0"),
        ({"bounds": [[0, 1]]}, r"bounds must have shape \(2, 2\)"),
    ],
)
def test_senseless_parameters_are_refused(parameters, message):
    with pytest.raises(ValueError, match=message):
        VecchiaGP(**parameters).fit(*user_data())


def test_a_trend_must_be_determined():
    X, y = user_data(6)
    with pytest.raises(ValueError, match="quadratic trend in 2 variables needs more "):
        VecchiaGP(trend="quadratic").fit(X, y)
    t = np.linspace(0, 1, 9)
    with pytest.raises(ValueError, match="do not determine the 3 coefficients"):
        VecchiaGP(trend="linear").fit(np.column_stack([t, 1 - 2 * t]), t)


@pytest.mark.parametrize(
    "use", [VecchiaGP.predict, VecchiaGP.predict_gradient, lambda g, X: g.update(X, X)]
)
def test_nothing_works_before_fit(use):
    with pytest.raises(NotFittedError, match="not fitted yet"):
        use(VecchiaGP(), [[0.0, 0.0]])
