"""CompactRBF and what it stands on: sparse matrices, iterations, the preconditioner."""

import pickle

import numpy as np
import pytest
from scipy.sparse.linalg import spsolve
from scipy.spatial import cKDTree
from sklearn.utils.estimator_checks import parametrize_with_checks

from surrogo.surrogates import sparse
from surrogo.surrogates.compact_model import radius_for
from surrogo.surrogates.compact_rbf import CompactRBF
from surrogo.surrogates.linalg import NotPositiveDefinite
from surrogo.surrogates.profiles import squared_distances
from surrogo.surrogates.wendland import Wendland
from tests.surrogates.cases import new_points, smooth, user_data

BOX = [[0.0, 1.0]] * 2


@parametrize_with_checks([CompactRBF()])
def test_scikit_learn_checks(estimator, check):
    check(estimator)


def points(n, d=2, seed=0):
    return np.random.default_rng(seed).random((n, d))


def dense(profile, Z, radius):
    return profile.value(squared_distances(Z / radius, Z / radius))


# ---- sparse matrices and iterations --------------------------------------------------


@pytest.mark.parametrize("d", [1, 2, 3])
def test_entries_are_the_pairs_within_the_radius(d):
    Z, radius = points(400, d), 0.15
    A = sparse.gram(Wendland(d), Z / radius)
    counts = cKDTree(Z).query_ball_point(Z, radius, return_length=True)
    np.testing.assert_array_equal(np.diff(A.indptr), counts)
    np.testing.assert_allclose(A.toarray(), dense(Wendland(d), Z, radius), atol=1e-14)


def test_memory_is_in_proportion_to_the_entries():
    Z = points(2000)
    A = sparse.gram(Wendland(2), Z / 0.05)
    stored = A.data.nbytes + A.indices.nbytes + A.indptr.nbytes
    assert A.nnz < 0.02 * len(Z) ** 2
    assert stored == 12 * A.nnz + 4 * (len(Z) + 1)


def test_values_between_two_sets_of_points():
    Z, new = points(100), points(30, seed=1)
    near = sparse.Near.of(new / 0.3, cKDTree(Z / 0.3))
    k = near.matrix(Wendland(2).value(near.distances**2)).toarray()
    truth = Wendland(2).value(squared_distances(new / 0.3, Z / 0.3))
    np.testing.assert_allclose(k, truth, atol=1e-14)
    assert near.rows.tolist() == np.repeat(np.arange(30), np.diff(near.ends)).tolist()


def iterations(n, k=1, neighbours=30):
    """Iterations for n points in two variables with 50 neighbours each."""
    Z = points(n) / np.sqrt(50 / (np.pi * n))
    A = sparse.gram(Wendland(2, k), Z)
    factor = sparse.inverse_factor(Wendland(2, k), Z, neighbours)
    B = np.random.default_rng(1).normal(size=(n, 1))
    return sparse.conjugate_gradients(A, factor, B, 1e-10, 500).iterations


@pytest.mark.parametrize("k", [0, 1, 2])
def test_iterations_hardly_depend_on_the_number_of_points(k):
    few, many = iterations(500, k), iterations(8000, k)
    assert many <= few + 5
    assert many <= 25


def test_preconditioner_saves_most_iterations():
    assert iterations(2000) < 0.15 * iterations(2000, neighbours=0)


@pytest.mark.parametrize("k", range(4))
def test_iterations_agree_with_a_direct_solution(k):
    Z, rng = points(2000) / 0.12, np.random.default_rng(1)
    B = rng.normal(size=(2000, 2))
    A = sparse.gram(Wendland(2, k), Z) + 1e-6 * sparse.eye_array(2000)
    factor = sparse.inverse_factor(Wendland(2, k), Z, 30, 1e-6)
    found = sparse.conjugate_gradients(A, factor, B, 1e-12, 500)
    direct = spsolve(A.tocsc(), B)
    np.testing.assert_allclose(found.X, direct, atol=1e-8 * np.abs(direct).max())
    assert found.residual < 1e-11


def test_factor_of_all_neighbours_is_exact_and_needs_one_iteration():
    Z = points(40) / 0.5
    A, factor = sparse.gram(Wendland(2), Z), sparse.inverse_factor(Wendland(2), Z, 99)
    inverse = (factor.T @ factor).toarray()
    np.testing.assert_allclose(A @ inverse, np.eye(40), atol=1e-9)
    found = sparse.conjugate_gradients(A, factor, np.ones((40, 1)), 1e-9, 50)
    assert found.iterations == 1


def test_iterations_stop_at_the_limit_and_say_how_far_they_came():
    A = sparse.gram(Wendland(2), points(500) / 0.3)
    one = sparse.eye_array(500, format="csr")
    found = sparse.conjugate_gradients(A, one, np.ones((500, 1)), 1e-10, 3)
    assert found.iterations == 3
    truth = np.linalg.norm(1.0 - A @ found.X) / np.sqrt(500)
    assert found.residual == pytest.approx(truth)
    assert truth > 0.01


def test_a_right_side_of_zeros_is_solved_at_once():
    A = sparse.gram(Wendland(2), points(20))
    B = np.zeros((20, 1))
    found = sparse.conjugate_gradients(A, sparse.eye_array(20), B, 1e-10, 9)
    assert found.iterations == 0
    assert found.residual == 0.0


# ---- radius --------------------------------------------------------------------------


@pytest.mark.parametrize("d", [1, 2, 3])
def test_radius_holds_about_as_many_points_as_asked(d):
    Z = points(3000, d)
    found = cKDTree(Z).query_ball_point(Z, radius_for(Z, 40), return_length=True)
    assert 35 < np.median(found) < 45


def test_radius_of_few_points_grows_beyond_them():
    Z = points(10)
    assert radius_for(Z, 90) > 1.5 * np.ptp(Z, axis=0).max()
    assert radius_for(Z[:1], 90) == 1.0


def test_radius_does_not_fill_the_matrix_where_points_crowd():
    Z = np.vstack([points(3000) * 1e-2, points(3100, seed=1)])
    found = cKDTree(Z).query_ball_point(Z, radius_for(Z, 40), return_length=True)
    assert np.mean(found) < 200


# ---- the estimator -------------------------------------------------------------------


def solved_densely(Z, y, profile, radius, trend, smoothing=0.0):
    """Weights c and beta by one dense system."""
    F = np.column_stack([np.ones(len(Z)), Z - 0.5])[:, :trend]
    A = dense(profile, Z, radius) + smoothing * np.eye(len(Z))
    block = np.block([[A, F], [F.T, np.zeros((trend, trend))]])
    solution = np.linalg.solve(block, np.append(y, np.zeros(trend)))
    return solution[: len(Z)], solution[len(Z) :]


@pytest.mark.parametrize(("trend", "p"), [("zero", 0), ("constant", 1), ("linear", 3)])
@pytest.mark.parametrize("smoothing", [0.0, 0.01])
def test_predictions_equal_those_of_the_dense_system(trend, p, smoothing):
    Z, new = points(2000), points(50, seed=3)
    y, profile = smooth(Z), Wendland(2)
    c, beta = solved_densely(Z, y, profile, 0.2, p, smoothing)
    F = np.column_stack([np.ones(50), new - 0.5])[:, :p]
    truth = profile.value(squared_distances(new / 0.2, Z / 0.2)) @ c + F @ beta
    model = CompactRBF(radius=0.2, trend=trend, bounds=BOX, smoothing=smoothing)
    np.testing.assert_allclose(model.fit(Z, y).predict(new), truth, atol=1e-8)


@pytest.mark.parametrize("smoothness", [0, 2, 4, 6])
def test_interpolates(smoothness):
    X, y = user_data(300)
    model = CompactRBF(smoothness).fit(X, y)
    assert np.max(np.abs(model.predict(X) - y)) < 1e-7
    assert np.max(model.predict(X, return_std=True)[1]) < 1e-6


def test_smoothing_does_not_interpolate_but_averages_duplicates():
    X, y = user_data(60)
    twice = np.vstack([X, X]), np.append(y + 0.1, y - 0.1)
    model = CompactRBF(smoothing=1e-6).fit(*twice)
    np.testing.assert_allclose(model.predict(X), y, atol=1e-3)
    merged = CompactRBF().fit(*twice).predict(X)
    np.testing.assert_allclose(merged, y, atol=1e-8)
    far = CompactRBF(smoothing=1e6).fit(X, y).predict(X)
    np.testing.assert_allclose(far, y.mean(), atol=1e-3)


def test_std_is_exact_while_all_points_are_near():
    Z, new = points(40), points(20, seed=3)
    y = smooth(Z)
    model = CompactRBF(radius=0.7, bounds=BOX).fit(Z, y)
    A, F = dense(Wendland(2), Z, 0.7), np.ones(40)
    k = Wendland(2).value(squared_distances(new / 0.7, Z / 0.7)).T
    H, w = np.linalg.solve(A, F), np.linalg.solve(A, k)
    u = 1.0 - F @ w
    P2 = 1.0 - np.sum(k * w, axis=0) + u**2 / (F @ H)
    c = np.linalg.solve(A, y) - H * (F @ np.linalg.solve(A, y)) / (F @ H)
    std = np.sqrt(y @ c / 39 * P2)
    np.testing.assert_allclose(model.predict(new, return_std=True)[1], std, rtol=1e-6)


def test_std_of_the_nearest_is_not_below_that_of_all():
    Z, new = points(600), points(50, seed=3)
    model = CompactRBF(radius=0.3, bounds=BOX, trend="zero").fit(Z, smooth(Z))
    A = dense(Wendland(2), Z, 0.3)
    k = Wendland(2).value(squared_distances(new / 0.3, Z / 0.3)).T
    P2 = 1.0 - np.sum(k * np.linalg.solve(A, k), axis=0)
    full = model.y_scale_ * np.sqrt(model.model_.s2 * P2)
    std = model.predict(new, return_std=True)[1]
    assert np.all(std > full * (1.0 - 1e-6))
    assert np.median(std / full) < 1.1


@pytest.mark.parametrize("trend", ["constant", "linear", "quadratic"])
def test_reproduces_its_trend(trend):
    X, new = points(200), 3.0 * points(20, seed=1) - 1.0
    degree = ["constant", "linear", "quadratic"].index(trend)

    def f(X):
        return 1.0 + degree * (X @ [2.0, -1.0]) + (degree == 2) * X[:, 0] * X[:, 1]

    found = CompactRBF(trend=trend).fit(X, f(X)).predict(new)
    np.testing.assert_allclose(found, f(new), atol=1e-8)


def test_stationary_scheme_saturates():
    # with as many points in every support, the error soon stops to fall; with a
    # support that stays, it goes on (Schaback & Wendland 2006, section 8)
    new = 0.2 + 0.6 * points(500, seed=9)

    def error(n, radius):
        steps = (np.arange(n) + 0.5) / n
        Z = np.stack(np.meshgrid(steps, steps), axis=-1).reshape(-1, 2)
        model = CompactRBF(radius=radius, bounds=BOX).fit(Z, smooth(Z))
        return np.sqrt(np.mean((model.predict(new) - smooth(new)) ** 2))

    stationary = [error(n, 3.0 / n) for n in (20, 40, 80)]
    assert stationary[2] > 0.4 * stationary[1]
    fixed = [error(n, 0.3) for n in (20, 40)]
    assert fixed[1] < 0.3 * fixed[0]


def test_far_away_only_the_trend_is_left():
    X, y = user_data()
    model = CompactRBF().fit(X, y)
    mean, std = model.predict([[1e9, -1e9]], return_std=True)
    assert mean[0] == pytest.approx(model.y_mean_ + model.y_scale_ * model.model_.beta)
    assert np.isfinite(std[0])
    assert np.all(model.predict_gradient([[1e9, -1e9]]) == 0.0)


def test_attributes_say_what_the_fit_took():
    X, y = user_data(200)
    model = CompactRBF(radius=0.25).fit(X, y)
    assert model.radius_ == 0.25
    assert model.jitter_ == 0.0
    assert 1 < model.n_iterations_ < 30
    unit = (X - X.min(axis=0)) / np.ptp(X, axis=0)
    assert model.nnz_ == np.sum(squared_distances(unit, unit) <= 0.25**2)


def test_points_that_nearly_coincide_get_jitter():
    X, y = user_data(100)
    close = np.vstack([X, X + 1e-13 * np.ptp(X, axis=0)])
    model = CompactRBF(6).fit(close, np.append(y, y + 1.0))
    assert model.jitter_ > 0.0
    assert np.all(np.isfinite(model.predict(new_points())))


def test_equations_that_do_not_converge_are_an_error(monkeypatch):
    monkeypatch.setattr("surrogo.surrogates.compact_model._LIMIT", 1)
    with pytest.raises(NotPositiveDefinite, match="raise the smoothing, or take a sma"):
        CompactRBF().fit(points(500), smooth(points(500)))


@pytest.mark.parametrize(
    ("settings", "text"),
    [
        ({"smoothness": 3}, "smoothness must be 0, 2, 4 or 6, got 3"),
        ({"radius": 0.0}, "radius must be above 0, got 0.0"),
        ({"smoothing": -1.0}, "smoothing must be at least 0, got -1.0"),
        ({"trend": "cubic"}, "trend must be one of 'constant', 'linear'"),
    ],
)
def test_parameters_are_checked(settings, text):
    with pytest.raises(ValueError, match=text):
        CompactRBF(**settings).fit(*user_data())


def test_points_that_do_not_determine_the_trend_are_an_error():
    line = np.linspace(0, 1, 20)
    with pytest.raises(ValueError, match="take a simpler trend"):
        CompactRBF(trend="linear").fit(np.column_stack([line, line]), line)
    with pytest.raises(ValueError, match="needs as many distinct points, got n_sam"):
        CompactRBF(trend="linear").fit(points(2), [1.0, 2.0])


def test_many_points_pickle_and_predict_the_same():
    X = points(5000)
    model = CompactRBF().fit(X, smooth(X))
    again = pickle.loads(pickle.dumps(model))
    new = points(4200, seed=1)  # more than one panel
    np.testing.assert_array_equal(again.predict(new), model.predict(new))
    assert np.sqrt(np.mean((model.predict(new) - smooth(new)) ** 2)) < 0.01
