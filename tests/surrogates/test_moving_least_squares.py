"""MovingLeastSquares: against lstsq point by point, polynomials, inverse distances."""

import itertools
import warnings

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.utils.estimator_checks import parametrize_with_checks

from surrogo.surrogates.moving_least_squares import MovingLeastSquares
from surrogo.surrogates.moving_model import MovingModel
from tests.reference.differences import gradient
from tests.surrogates.cases import data, new_points, smooth, user_data


def monomials(Z, degree):
    """Return all monomials (m, p) of Z (m, d) up to a degree."""
    powers = itertools.product(range(degree + 1), repeat=Z.shape[1])
    columns = [np.prod(Z**p, axis=1) for p in map(np.array, powers) if sum(p) <= degree]
    return np.column_stack(columns)


def naive(Z, y, z, degree, n_near, power):
    """Fit one polynomial by least squares, with square roots of weights; mean, std."""
    r = np.sqrt(np.sum((Z - z) ** 2, axis=1))
    near = np.argsort(r)[: n_near + 1]
    R = r[near[-1]] if len(near) > n_near else np.inf
    near = near[:n_near]
    w = ((1.0 - r[near] / R) / r[near]) ** power
    P, root = monomials(Z[near] - z, degree), np.sqrt(w)
    b = np.linalg.lstsq(root[:, None] * P, root * y[near])[0]
    residual = y[near] - P @ b
    square = np.sum(w * residual**2) / np.sum(w)
    return b[0], np.sqrt(square * len(near) / (len(near) - P.shape[1]))


def model(degree=1, n=60, n_near=15, power=2.0):
    return MovingModel.of(*data(n), degree, n_near, power)


@parametrize_with_checks(
    [
        MovingLeastSquares(),
        MovingLeastSquares(degree=0, n_neighbours=1, power=1),
        MovingLeastSquares(degree=2, power=4.0),
    ]
)
def test_scikit_learn_accepts_it(estimator, check):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        check(estimator)


@pytest.mark.parametrize("degree", [0, 1, 2])
@pytest.mark.parametrize("n_near", [15, 100])
@pytest.mark.parametrize("power", [1.0, 2.0, 4.0])
def test_predictions_are_those_of_one_fit_for_each_point(degree, n_near, power, rng):
    new = rng.random((20, 3))
    mean, std = model(degree, 60, n_near, power).mean_std(new)
    for row, z in enumerate(new):
        expected = naive(*data(60), z, degree, n_near, power)
        np.testing.assert_allclose((mean[row], std[row]), expected, rtol=1e-7)


def test_degree_zero_is_inverse_distance_weighting(rng):
    X, y = user_data(40)
    box = [[-5.0, 25.0], [100.0, 100.2]]
    shepard = MovingLeastSquares(0, n_neighbours=40, bounds=box).fit(X, y)
    r = np.linalg.norm((X[:, None] - new_points()) / [30.0, 0.2], axis=2)
    np.testing.assert_allclose(
        shepard.predict(new_points()), y @ r**-2 / np.sum(r**-2, axis=0), rtol=1e-12
    )


@pytest.mark.parametrize("degree", [0, 1, 2, 3])
@pytest.mark.parametrize("power", [2.0, 4.0])
def test_polynomials_of_its_degree_are_exact(degree, power, rng):
    Z, new = rng.random((120, 2)), rng.uniform(-0.2, 1.2, (50, 2))
    for column in range(monomials(Z, degree).shape[1]):
        y, truth = (monomials(A, degree)[:, column] for A in (Z, new))
        mls = MovingLeastSquares(degree, power=power, bounds=[[0, 1], [0, 1]])
        mean, std = mls.fit(Z, y).predict(new, return_std=True)
        np.testing.assert_allclose(mean, truth, atol=1e-8)
        assert np.all(std < 1e-8)
    y, truth = Z[:, 0] ** (degree + 1), new[:, 0] ** (degree + 1)
    assert np.max(np.abs(mls.fit(Z, y).predict(new) - truth)) > 1e-4


@pytest.mark.parametrize("degree", [None, 0, 1, 2])
def test_it_interpolates_without_doubt_at_the_data(degree):
    X, y = user_data(80)
    mean, std = MovingLeastSquares(degree).fit(X, y).predict(X, return_std=True)
    np.testing.assert_allclose(mean, y, rtol=1e-12)
    assert np.all(std < 1e-8 * np.std(y))


@pytest.mark.parametrize("n_near", [12, 200])
def test_predictions_are_continuous(n_near):
    mls, jump = model(n_near=n_near), []
    a, b = np.random.default_rng(3).random((2, 3))
    for steps in (2000, 20000):
        t = np.linspace(0.0, 1.0, steps)[:, None]
        values = mls.mean_std(a + t * (b - a))
        jump.append([np.max(np.abs(np.diff(v))) for v in values])
    assert np.all(np.array(jump[1]) < 0.2 * np.array(jump[0]))  # a jump would stay


@pytest.mark.parametrize("degree", [0, 1, 2])
@pytest.mark.parametrize("n_near", [15, 100])
@pytest.mark.parametrize("power", [1.5, 2.0, 4.0])
def test_gradients_equal_central_differences(degree, n_near, power, rng):
    mls, new = model(degree, 60, n_near, power), rng.random((8, 3))
    mean, std, *slopes = mls.mean_std_gradients(new)
    for part, (value, slope) in enumerate(zip((mean, std), slopes, strict=True)):
        np.testing.assert_array_equal(value, mls.mean_std(new)[part])
        for row, z in enumerate(new):
            differences = gradient(
                lambda z, part=part: mls.mean_std(z[None])[part][0], z, 1e-5
            )
            np.testing.assert_allclose(slope[row], differences, rtol=1e-5, atol=1e-6)


def test_degree_zero_is_flat_at_the_data_and_degree_one_is_not():
    X, y = user_data(60)
    flat, sloped = (MovingLeastSquares(j).fit(X, y).predict_gradient(X) for j in (0, 1))
    assert np.max(np.abs(flat * [30.0, 0.2])) < 1e-6
    assert np.min(np.linalg.norm(sloped * [30.0, 0.2], axis=1)) > 0.1


@pytest.mark.parametrize("n_near", [15, 100])
def test_leave_one_out_equals_leaving_it_out(n_near):
    Z, y = data(60)
    mls = model(n_near=n_near)
    mean, std = mls.leave_one_out()
    for i in range(0, 60, 7):
        rest = np.arange(60) != i
        left = MovingModel.of(Z[rest], y[rest], 1, n_near, 2.0)
        expected = left.mean_std(Z[i : i + 1])
        np.testing.assert_allclose((mean[i], std[i]), np.ravel(expected), rtol=1e-9)
    assert mls.error_without(np.arange(60)) == pytest.approx(np.mean((mean - y) ** 2))


def test_degree_is_the_one_of_the_least_leave_one_out_error():
    X, y = user_data(200)
    rough = np.random.default_rng(0).normal(size=200)
    assert MovingLeastSquares().fit(X, y).degree_ == 3
    assert MovingLeastSquares().fit(X, rough).degree_ == 0
    for values in (y, rough):
        errors = []
        for degree in range(4):
            loo, _ = MovingLeastSquares(degree).fit(X, values).leave_one_out()
            errors.append(np.mean((loo - values) ** 2))
        assert MovingLeastSquares().fit(X, values).degree_ == np.argmin(errors)


def test_more_points_than_judges_give_a_reproducible_choice():
    X, y = user_data(2000)
    first, second = (MovingLeastSquares(random_state=0).fit(X, y) for _ in range(2))
    assert first.degree_ == second.degree_ == 3
    np.testing.assert_array_equal(first.predict(X + 0.01), second.predict(X + 0.01))


@pytest.mark.parametrize(("degree", "order"), [(0, 1), (1, 2), (2, 3)])
def test_errors_fall_with_the_power_of_the_spacing_that_theory_says(degree, order):
    # h^(degree + 1), Wendland 2005, theorem 4.7; a shifted grid has one spacing
    errors, sides = [], (20, 40, 80)
    new = np.random.default_rng(0).uniform(0.2, 0.8, (2000, 2))
    for side in sides:
        t = (np.arange(side) + 0.5) / side
        Z = np.array([(a, b) for a in t for b in t])
        mls = MovingModel.of(Z, smooth(Z), degree, 3 * max(3, (degree + 1) ** 2), 2.0)
        errors.append(np.sqrt(np.mean((mls.mean_std(new)[0] - smooth(new)) ** 2)))
    slopes = np.diff(np.log(errors)) / np.diff(np.log(1.0 / np.array(sides)))
    assert slopes[-1] > order - 0.3


def test_std_is_of_the_size_of_the_error():
    rng = np.random.default_rng(0)
    for n in (200, 2000):
        Z, new = rng.random((n, 2)), rng.random((1000, 2))
        mls = MovingLeastSquares(2).fit(Z, smooth(Z))
        mean, std = mls.predict(new, return_std=True)
        size = np.sqrt(np.mean(std**2) / np.mean((mean - smooth(new)) ** 2))
        assert 0.5 < size < 3.0


def test_points_that_coincide_count_as_their_mean():
    X, y = user_data(60)
    twice = MovingLeastSquares(2).fit(np.vstack([X, X[:5]]), np.append(y, y[:5] + 2.0))
    once = MovingLeastSquares(2).fit(X, np.append(y[:5] + 1.0, y[5:]))
    np.testing.assert_allclose(
        twice.predict(new_points()), once.predict(new_points()), rtol=1e-9
    )
    mean, std = twice.leave_one_out()
    np.testing.assert_allclose(mean[:5], y[:5] + 2.0)
    assert np.all(std[:5] == 0.0)
    assert np.all(std[5:-5] > 0.0)


def test_several_outputs_at_once_equal_each_alone():
    X, y = user_data()
    Y = np.column_stack([y, 100.0 * np.cos(y)])
    together, alone = (MovingLeastSquares(2).fit(X, t) for t in (Y, y))
    second = MovingLeastSquares(2).fit(X, Y[:, 1])
    for j, single in enumerate((alone, second)):
        for method, arguments in (
            ("predict", (new_points(), True)),
            ("predict_gradient", (new_points(), True)),
            ("leave_one_out", ()),
        ):
            ours, theirs = (getattr(m, method)(*arguments) for m in (together, single))
            for a, b in zip(ours, theirs, strict=True):
                np.testing.assert_allclose(a[:, j], b, rtol=1e-8)


def test_update_equals_a_fresh_fit_of_the_same_degree():
    X, y = user_data(60)
    box = np.column_stack([X.min(axis=0), X.max(axis=0)])
    grown = MovingLeastSquares(2, bounds=box).fit(X[:40], y[:40]).update(X[40:], y[40:])
    fresh = MovingLeastSquares(2, bounds=box).fit(X, y)
    for ours, theirs in zip(
        grown.predict(new_points(), True),
        fresh.predict(new_points(), True),
        strict=True,
    ):
        np.testing.assert_allclose(ours, theirs, rtol=1e-9)


def test_neighbours_all_equally_far_share():
    corners = np.array(list(itertools.product([0.0, 1.0], repeat=4)))
    y = np.arange(16.0)
    for n_neighbours in (3, 15):  # the next one is as far away as they are
        mls = MovingLeastSquares(0, n_neighbours=n_neighbours).fit(corners, y)
        mean = mls.predict(np.full((1, 4), 0.5))
        assert any(
            np.isclose(mean[0], np.mean(some))
            for some in itertools.combinations(y, n_neighbours)
        )
        assert np.all(np.isfinite(mls.predict_gradient(np.full((1, 4), 0.5), True)))


def test_points_on_a_line_give_what_the_line_says():
    t = np.linspace(0.0, 1.0, 30)
    X = np.column_stack([t, 1.0 - 2.0 * t, np.full(30, 7.0)])
    mls = MovingLeastSquares(2).fit(X, t**2)
    new = np.array([[0.33, 0.34, 7.0]])
    assert mls.predict(new)[0] == pytest.approx(0.33**2, abs=1e-10)
    assert np.isfinite(mls.predict(new + np.array([0.0, 1.0, 5.0]))[0])


@given(st.integers(0, 10**6), st.integers(2, 30), st.integers(1, 4), st.integers(0, 3))
def test_whatever_the_points_predictions_lie_near_the_data(seed, n, d, degree):
    rng = np.random.default_rng(seed)
    X = np.floor(rng.choice([2.0, 1e9]) * rng.random((n, d)))  # ties or none
    y = rng.normal(size=n)
    mls = MovingLeastSquares(degree).fit(X, y)
    mean, std = mls.predict(np.vstack([X, X.mean(axis=0)]), return_std=True)
    assert np.all(np.isfinite(mean) & np.isfinite(std) & (std >= 0.0))
    sites = np.unique(X, axis=0, return_inverse=True)[1].ravel()
    at = np.array([np.mean(y[sites == s]) for s in sites])
    np.testing.assert_allclose(mean[:-1], at, atol=1e-9)
    assert np.all(np.isfinite(mls.predict_gradient(X, return_std=True)))
    if degree == 0:  # a weighted mean
        assert y.min() - 1e-9 <= mean[-1] <= y.max() + 1e-9


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"degree": -1}, "degree must be an integer of at least 0, got -1"),
        ({"n_neighbours": 0}, "n_neighbours must be an integer of at least 1, got 0"),
        ({"power": 0.0}, "power must be above 0, got 0.0"),
        ({"bounds": [[0, 1]]}, r"bounds must have shape \(2, 2\)"),
    ],
)
def test_senseless_parameters_are_refused(parameters, message):
    with pytest.raises(ValueError, match=message):
        MovingLeastSquares(**parameters).fit(*user_data())
