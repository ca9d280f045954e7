"""PartitionOfUnityRBF: a cover, weights that sum to 1, and one RBF for comparison."""

import pickle
import warnings

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.utils.estimator_checks import parametrize_with_checks

from surrogo.surrogates.cells import Cells
from surrogo.surrogates.partition import PartitionOfUnityRBF
from surrogo.surrogates.rbf import RBF
from tests.reference.differences import gradient
from tests.surrogates.cases import new_points, smooth, user_data


def franke(Z):
    """Franke 1982, Math. Comp. 38, 181-200: four hills and a hollow."""
    x, y = 9.0 * Z.T
    hills = 0.75 * np.exp(-((x - 2) ** 2 + (y - 2) ** 2) / 4)
    hills += 0.75 * np.exp(-((x + 1) ** 2) / 49 - (y + 1) / 10)
    hills += 0.5 * np.exp(-((x - 7) ** 2 + (y - 3) ** 2) / 4)
    return hills - 0.2 * np.exp(-((x - 4) ** 2) - (y - 7) ** 2)


def many_cells(**changes):
    """A model that divides the few points of a test."""
    return PartitionOfUnityRBF(**({"n_local": 12} | changes))


def weights(cells, Z):
    """Return the weights (m, n_cells) as one table."""
    out = np.zeros((len(Z), cells.n_cells))
    for part in cells.parts(Z):
        out[part.rows, part.leaf] = part.w
    return out


@parametrize_with_checks(
    [
        PartitionOfUnityRBF(),
        PartitionOfUnityRBF("gaussian", shape=4.0, n_local=15, overlap=0.5),
        PartitionOfUnityRBF("multiquadric", n_local=15, smoothing="gcv"),
    ]
)
def test_scikit_learn_accepts_it(estimator, check):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        check(estimator)


@given(
    st.integers(0, 10**6),
    st.integers(1, 80),
    st.integers(1, 4),
    st.integers(1, 20),
    st.floats(0.01, 0.5),
)
def test_weights_sum_to_one_everywhere(seed, n, d, n_local, overlap):
    rng = np.random.default_rng(seed)
    Z = np.floor(rng.choice([3.0, 1e9]) * rng.random((n, d))) / 3.0  # ties or none
    cells = Cells.around(Z, n_local, overlap)
    w = weights(cells, np.vstack([Z, rng.normal(0.0, 1e3, (50, d))]))
    np.testing.assert_allclose(w.sum(axis=1), 1.0, rtol=1e-12)
    assert np.all(w >= 0.0)
    assert np.all(np.any(w[:n] > 0.0, axis=0))  # no cell without points
    numbers = [part.leaf for part in cells.parts(Z)]
    assert numbers == list(range(cells.n_cells))


@pytest.mark.parametrize("overlap", [0.1, 0.5])
def test_cells_hold_no_more_points_than_asked(overlap):
    Z = np.random.default_rng(0).random((1000, 3))
    w = weights(Cells.around(Z, 40, overlap), Z)
    assert np.max(np.sum(w > 0.0, axis=0)) <= 40
    assert np.median(np.sum(w > 0.0, axis=0)) > 15


def test_weights_have_two_continuous_derivatives():
    Z = np.random.default_rng(0).random((60, 1))
    cells = Cells.around(Z, 10, 0.3)
    t, h = np.linspace(-0.1, 1.1, 40001, retstep=True)
    w = weights(cells, t[:, None])
    second = np.diff(w, 2, axis=0) / h**2
    jumps = np.abs(np.diff(second, axis=0)).max(axis=0)
    assert np.all(jumps < 0.02 * np.abs(second).max(axis=0))


def test_slopes_of_weights_equal_differences_and_sum_to_zero():
    rng = np.random.default_rng(0)
    cells = Cells.around(rng.random((200, 2)), 30, 0.3)
    Z = rng.random((40, 2))
    dw = np.zeros((40, cells.n_cells, 2))
    for part in cells.parts(Z):
        dw[part.rows, part.leaf] = part.dw
    np.testing.assert_allclose(dw.sum(axis=1), 0.0, atol=1e-10)
    for i in range(40):
        for j in np.flatnonzero(weights(cells, Z[i : i + 1])[0])[:2]:
            slope = gradient(lambda z, j=j: weights(cells, z[None])[0, j], Z[i], 1e-5)
            np.testing.assert_allclose(dw[i, j], slope, atol=1e-5)


@pytest.mark.parametrize("kernel", ["cubic", "thin_plate", "matern52", "gaussian"])
def test_it_interpolates(kernel):
    X, y = user_data(150)
    model = many_cells(kernel=kernel, shape=6.0).fit(X, y)
    assert model.n_cells_ > 10
    mean, std = model.predict(X, return_std=True)
    np.testing.assert_allclose(mean, y, atol=1e-8)
    assert np.max(std) < 1e-4 * np.std(y)


def test_few_points_make_it_one_rbf():
    X, y = user_data(60)
    model, whole = PartitionOfUnityRBF().fit(X, y), RBF().fit(X, y)
    assert model.n_cells_ == 1
    for ours, theirs in zip(
        (*model.predict(new_points(), True), *model.leave_one_out()),
        (*whole.predict(new_points(), True), *whole.leave_one_out()),
        strict=True,
    ):
        np.testing.assert_array_equal(ours, theirs)


@pytest.mark.parametrize("kernel", ["cubic", "thin_plate", "matern52"])
def test_errors_are_within_twice_those_of_one_rbf_of_all_points(kernel):
    rng = np.random.default_rng(0)
    X, new = rng.random((1000, 2)), rng.random((2000, 2))
    settings = {"shape": 2.0}
    cells = PartitionOfUnityRBF(kernel, **settings).fit(X, franke(X))
    whole = RBF(kernel, **settings).fit(X, franke(X))
    ours, theirs = (m.predict(new) - franke(new) for m in (cells, whole))
    assert np.linalg.norm(ours) < 2 * np.linalg.norm(theirs)
    assert np.max(np.abs(ours)) < 2 * np.max(np.abs(theirs))
    assert cells.n_cells_ > 10


def test_shapes_follow_the_function_from_cell_to_cell():
    X = np.random.default_rng(0).random((400, 2))
    y = np.where(X[:, 0] < 0.5, 0.0, np.sin(60 * (X[:, 0] - 0.5))) + X[:, 1]
    model = PartitionOfUnityRBF("inverse_multiquadric", n_local=60).fit(X, y)
    shapes = [m.recipe.shape for m in model.model_.models]
    assert max(shapes) > 3 * min(shapes)


def test_polynomials_of_the_degree_of_the_tail_are_exact():
    X, _ = user_data(200)
    for degree in (1, 2):
        model = many_cells(n_local=40, degree=degree)
        for power in range(degree + 1):
            y, truth = (((Z @ [1.0, 50.0]) / 100.0) ** power for Z in (X, new_points()))
            mean = model.fit(X, y).predict(new_points())
            np.testing.assert_allclose(mean, truth, rtol=1e-9)


def test_gradients_equal_central_differences():
    X, y = user_data(150)
    model, width = many_cells(overlap=0.4).fit(X, y), np.array([30.0, 0.2])
    slopes = model.predict_gradient(new_points(), return_std=True)
    for part, slope in enumerate(slopes):
        for row, x in enumerate(new_points()):
            differences = gradient(
                lambda z, x=x, part=part: model.predict([x + z * width], True)[part][0],
                np.zeros(2),
                1e-5,
            )
            np.testing.assert_allclose(slope[row] * width, differences, atol=1e-4)


def test_leave_one_out_equals_leaving_it_out_of_the_same_cells():
    X, y = user_data(60)
    model = many_cells().fit(X, y)
    mean, std = model.leave_one_out()
    cells, fitted = model.model_.cells, model.model_
    for i in range(0, 60, 6):
        rest = np.arange(60) != i
        out = np.zeros(2)
        for part, local in zip(cells.parts(fitted.Z), fitted.models, strict=True):
            others = part.rows[rest[part.rows]]
            left = type(local).of(local.asked, fitted.Z[others], fitted.y[others])
            w = np.sum(part.w[part.rows == i])
            if w > 0.0:
                m, s = left.mean_std(fitted.Z[i : i + 1])
                size = np.sqrt(local.s2 / left.s2)  # leave-one-out keeps the variance
                out += w * np.array([m[0], s[0] * size])
        expected = model.y_mean_ * np.array([1.0, 0.0]) + model.y_scale_ * out
        np.testing.assert_allclose([mean[i], std[i]], expected, rtol=1e-6)


def test_update_keeps_the_cells_and_equals_a_fit_with_them():
    X, y = user_data(150)
    box = np.column_stack([X.min(axis=0), X.max(axis=0)])
    model = many_cells(bounds=box).fit(X[:100], y[:100])
    cells, fitted = model.model_.cells, model.model_
    for row in range(100, 110):
        model.update(X[[row]], y[[row]])
    model.update(X[110:], y[110:])
    Z, t = model._to_unit(X), model._standardised(y)
    fresh = type(fitted).of(
        cells,
        lambda Z, t: type(fitted.models[0]).of(fitted.models[0].asked, Z, t),
        Z,
        t,
    )
    new = model._to_unit(new_points())
    assert model.model_.cells is cells
    for ours, theirs in zip(
        model.model_.mean_std(new), fresh.mean_std(new), strict=True
    ):
        np.testing.assert_allclose(ours, theirs, atol=1e-8)


def test_several_outputs_at_once_equal_each_alone():
    X, y = user_data(80)
    Y = np.column_stack([y, 100.0 * np.cos(y)])
    together, alone = many_cells().fit(X, Y), [many_cells().fit(X, t) for t in Y.T]
    mean, std = together.predict(new_points(), return_std=True)
    slopes = together.predict_gradient(new_points(), return_std=True)
    loo = together.leave_one_out()
    for j, single in enumerate(alone):
        expected = single.predict(new_points(), return_std=True)
        np.testing.assert_allclose(mean[:, j], expected[0], rtol=1e-9)
        np.testing.assert_allclose(std[:, j], expected[1], rtol=1e-9)
        for ours, theirs in zip(
            slopes, single.predict_gradient(new_points(), True), strict=True
        ):
            np.testing.assert_allclose(ours[:, j], theirs, rtol=1e-8)
        for ours, theirs in zip(loo, single.leave_one_out(), strict=True):
            np.testing.assert_allclose(ours[:, j], theirs, rtol=1e-8)


@pytest.mark.parametrize("n_local", [1, 4, 200])
@pytest.mark.parametrize(
    "X",
    [
        np.zeros((1, 1)),
        np.array([[0.0, 1.0], [1.0, 0.0]]),
        np.zeros((9, 2)),
        np.linspace(0, 1, 12)[:, None] * [1.0, 0.0],
        1e12 + np.arange(9.0)[:, None],
        np.repeat(np.random.default_rng(0).random((6, 2)), 3, axis=0),
        np.random.default_rng(0).random((12, 2)) * [1e-140, 1e140],
        np.round(3 * np.random.default_rng(0).random((60, 3))),
    ],
)
def test_awkward_points_give_finite_predictions(n_local, X):
    rng = np.random.default_rng(1)
    for y in (rng.normal(size=len(X)), np.full(len(X), 3.0), 1e9 + X[:, 0]):
        model = PartitionOfUnityRBF(n_local=n_local).fit(X, y)
        new = np.vstack([X, X + 3.0 * np.ptp(X, axis=0)])
        mean, std = model.predict(new, return_std=True)
        assert np.all(np.isfinite(mean))
        assert np.all(np.isfinite(std) & (std >= 0.0))
        sites = np.unique(X, axis=0, return_inverse=True)[1].ravel()
        at = np.array([np.mean(y[sites == s]) for s in sites])
        np.testing.assert_allclose(mean[: len(X)], at, rtol=1e-9, atol=1e-6)
        assert np.all(np.isfinite(model.predict_gradient(new, return_std=True)))
        assert not np.any(np.isnan(model.leave_one_out()))


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"n_local": 0}, "n_local must be an integer of at least 1, got 0"),
        ({"overlap": 0.0}, "overlap must be above 0, got 0.0"),
        ({"overlap": 0.6}, "overlap must be at most 0.5, got 0.6"),
        ({"kernel": "quartic"}, "kernel must be one of"),
        ({"n_local": 5, "degree": 2}, "a tail of degree 2 in 2 variables needs"),
    ],
)
def test_senseless_parameters_are_refused(parameters, message):
    with pytest.raises(ValueError, match=message):
        PartitionOfUnityRBF(**parameters).fit(*user_data())


def test_memory_grows_in_proportion_to_the_points():
    size = []
    for n in (1000, 4000):
        X = np.random.default_rng(0).random((n, 2))
        size.append(len(pickle.dumps(many_cells(n_local=50).fit(X, smooth(X)))))
    assert size[1] < 6 * size[0]  # 16 times for a dense matrix
