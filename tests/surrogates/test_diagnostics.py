"""Diagnostics of models by what they say of values left out."""

import numpy as np
import pytest
from scipy.special import ndtri
from sklearn.dummy import DummyRegressor
from sklearn.gaussian_process import GaussianProcessRegressor
from sklearn.linear_model import BayesianRidge, LinearRegression
from sklearn.neighbors import KNeighborsRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from surrogo import RBF
from surrogo.surrogates import SURROGATES, diagnose, kernels
from surrogo.surrogates.diagnostics import LEVELS, Diagnostics
from tests.surrogates.cases import LENGTHS, fixed, new_points, user_data

BOX = [[-5.0, 25.0], [100.0, 100.2]]
every_surrogate = pytest.mark.parametrize("name", sorted(SURROGATES))


def normal(n, seed=0):
    return np.random.default_rng(seed).normal(size=n)


# --- predictions of values left out


def test_leave_one_out_equals_refits_at_the_same_hyper_parameters():
    X, y = user_data(15)
    model = fixed(bounds=BOX, kernel="matern52")
    closed = diagnose(model, X, y)
    refits = diagnose(model, X, y, folds=15)
    assert closed.how == refits.how == "leave-one-out"
    np.testing.assert_allclose(closed.predicted, refits.predicted, atol=1e-6)
    np.testing.assert_allclose(closed.baseline, refits.baseline)
    for i in range(15):
        rest = np.arange(15) != i
        alone = model.fit(X[rest], y[rest]).predict(X[i : i + 1])[0]
        assert refits.predicted[i] == pytest.approx(alone, abs=1e-12)
        assert refits.baseline[i] == pytest.approx(np.mean(y[rest]))


def test_standard_deviations_left_out_hold_the_noise():
    X, y = user_data(30)
    model = fixed(bounds=BOX, kernel="matern52", nugget=0.5)
    rest = np.arange(30) != 4
    alone = model.fit(X[rest], y[rest])
    of_function = alone.predict(X[4:5], return_std=True)[1][0]
    expected = np.hypot(of_function, np.sqrt(0.5) * alone.process_std_)
    assert diagnose(model, X, y, folds=30).std[4] == pytest.approx(expected)
    # the closed form has the process variance of all points, hence only about the same
    assert diagnose(model, X, y).std[4] == pytest.approx(expected, rel=0.1)


def test_smoothing_counts_as_noise():
    X, y = user_data(20)
    model = RBF("gaussian", shape=2.0, smoothing=0.3, bounds=BOX)
    closed, refits = diagnose(model, X, y), diagnose(model, X, y, folds=20)
    np.testing.assert_allclose(closed.predicted, refits.predicted, atol=1e-6)
    np.testing.assert_allclose(closed.std, refits.std, rtol=0.3)


def test_under_a_transform_the_standard_deviation_is_that_of_the_prediction():
    X, y = user_data(20)
    model = fixed(bounds=BOX, nugget=0.1, y_transform="log")
    of = diagnose(model, X, np.exp(y), folds=20)
    rest = np.arange(20) != 3
    mean, std = model.fit(X[rest], np.exp(y[rest])).predict(X[3:4], return_std=True)
    assert (of.predicted[3], of.std[3]) == pytest.approx((mean[0], std[0]))


def test_folds_are_dealt_by_the_random_state_and_differ_by_one_point_at_most():
    X, y = user_data(23)
    deals = [
        diagnose(DummyRegressor(), X, y, folds=4.0, random_state=s) for s in (0, 0, 1)
    ]
    np.testing.assert_array_equal(deals[0].predicted, deals[1].predicted)
    assert np.any(deals[0].predicted != deals[2].predicted)
    _, sizes = np.unique(deals[0].predicted, return_counts=True)
    assert sorted(sizes) == [5, 6, 6, 6]
    assert deals[0].how == "4-fold"


@every_surrogate
@pytest.mark.parametrize("folds", [None, 4])
def test_every_surrogate_is_diagnosed(name, folds):
    X, y = user_data(30)
    of = diagnose(SURROGATES[name](random_state=0), X, y, folds=folds, random_state=0)
    assert of.predicted.shape == of.std.shape == of.standardised.shape == (30,)
    assert of.q2 > 0.9
    assert "of the variance" in of.verdict
    assert len(str(of).splitlines()) <= 12


def test_the_estimator_is_not_touched():
    X, y = user_data(12)
    model = fixed().fit(X, y)
    before = model.predict(new_points())
    diagnose(model, X, 2.0 * y[::-1])
    diagnose(model, X, 2.0 * y[::-1], folds=3)
    np.testing.assert_array_equal(model.predict(new_points()), before)


# --- other regressors


def test_a_regressor_without_standard_deviations_has_no_intervals():
    X, y = user_data(40)
    of = diagnose(LinearRegression(), X, X @ [1.0, 50.0] + 0.5 * y)
    assert of.std is of.standardised is of.coverage is of.beyond is None
    assert of.log_density is None
    assert of.verdict == (
        "good: explains more than 99.9 % of the variance; it gives no intervals"
    )
    assert len(str(of).splitlines()) == 3


def test_other_regressors_with_standard_deviations_are_judged_by_them():
    X, y = user_data(40)
    line = X @ [1.0, 50.0] + normal(40)
    alone = diagnose(BayesianRidge(), X, line, folds=5, random_state=0)
    scaled = make_pipeline(StandardScaler(), BayesianRidge())
    piped = diagnose(scaled, X, line, folds=5, random_state=0)
    assert alone.std is not None
    np.testing.assert_allclose(piped.std, alone.std, rtol=0.1)
    assert piped.verdict.startswith("good: explains 99.1 % of the variance; its")
    assert diagnose(GaussianProcessRegressor(optimizer=None), X, y).std is not None
    assert diagnose(make_pipeline(KNeighborsRegressor()), X, y).std is None


class Broken(LinearRegression):
    def predict(self, X):
        return np.where(X[:, 0] > 0, np.nan, super().predict(X))


def test_predictions_that_are_no_numbers_are_named():
    X = np.linspace(-1, 0.1, 12)[:, None]
    of = diagnose(Broken(), X, X.ravel() + normal(12))
    assert of.verdict == "its predictions are not finite at points [11]"
    assert "nan" in str(of)


# --- numbers


def test_numbers_equal_their_definitions():
    X, y = user_data(25)
    of = diagnose(fixed(nugget=1e-3), X, y)
    away = y - of.predicted
    others = (np.sum(y) - y) / 24
    np.testing.assert_allclose(of.baseline, others)
    assert of.rmse == pytest.approx(np.sqrt(np.mean(away**2)))
    q2 = 1 - np.sum(away**2) / np.sum((y - others) ** 2)
    assert of.q2 == pytest.approx(q2)
    np.testing.assert_allclose(of.standardised, away / of.std, rtol=1e-6)
    density = -0.5 * (away / of.std) ** 2 - np.log(of.std) - 0.5 * np.log(2 * np.pi)
    assert of.log_density == pytest.approx(np.mean(density))
    for level, share in of.coverage.items():
        half = ndtri(0.5 + level / 2) * of.std
        assert share == np.mean(np.abs(away) <= half)
    assert list(of.coverage) == [0.5, 0.8, 0.9, 0.95]


def test_shares_beyond_three_are_counted():
    z = np.array([0.0, -3.5, 3.01, 2.9, 0.1])
    y = np.arange(5.0)
    of = Diagnostics(y, y - 0.1 * z, np.full(5, 0.1), np.zeros(5), "10-fold")
    assert of.beyond == pytest.approx(0.4)


def test_values_of_any_scale_have_the_same_diagnostics():
    X, y = user_data(25)
    plain = diagnose(fixed(), X, y)
    for scale in (1e-150, 1e150, 1e200):
        scaled = diagnose(fixed(), X, scale * y)
        assert scaled.q2 == pytest.approx(plain.q2)
        assert scaled.rmse / scale == pytest.approx(plain.rmse)
        assert scaled.verdict == plain.verdict
        expected = plain.log_density - np.log(scale)
        assert scaled.log_density == pytest.approx(expected)


def draws(n, count, nugget):
    """Values (count, n) of a Gaussian process, observed at points of the unit cube."""
    rng = np.random.default_rng(3)
    Z = rng.random((n, 3))
    r2 = kernels.squared_distances(Z / LENGTHS, Z / LENGTHS)
    R = kernels.get("matern52").value(r2) + nugget * np.eye(n)
    return Z, (np.linalg.cholesky(R) @ rng.normal(size=(n, count))).T


@pytest.mark.parametrize("folds", [None, 5])
def test_intervals_of_the_true_model_hold_what_they_promise(folds):
    n, count = 40, 60
    Z, functions = draws(n, count, 0.01)
    model = fixed(
        kernel="matern52", nugget=0.01, length_scale=LENGTHS, bounds=[[0.0, 1.0]] * 3
    )
    every = [diagnose(model, Z, y, folds=folds, random_state=0) for y in functions]
    for level in LEVELS:
        held = np.mean([of.coverage[level] for of in every])
        error = np.sqrt(level * (1 - level) / (n * count))
        # values of one draw are dependent, and share an estimated process variance
        assert abs(held - level) < 4 * error + 0.01
    blamed = [of for of in every if of.verdict.startswith(("over", "under", "resid"))]
    assert len(blamed) <= 5


# --- what is refused


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"y": np.ones((12, 2))}, r"y must have shape \(n,\), one output, got \(12, 2"),
        ({"y": np.ones(11)}, "inconsistent numbers of samples"),
        ({"y": np.append(np.ones(11), np.nan)}, "Input y contains NaN"),
        ({"X": np.ones((12, 1)) * np.inf}, "Input X contains infinity"),
        ({"folds": 1}, "folds must be an integer of at least 2, got 1"),
        ({"folds": 13}, "folds must be at most 12, the number of points, got 13"),
    ],
)
def test_what_makes_no_sense_is_refused(change, message):
    X, y = user_data(12)
    given = {"X": X, "y": y} | change
    with pytest.raises(ValueError, match=message):
        diagnose(fixed(), **given)


def test_what_is_no_estimator_is_refused():
    with pytest.raises(TypeError, match="must be a scikit-learn regressor, got <func"):
        diagnose(test_a_column_is_one_output, *user_data(12), folds=3)
    with pytest.raises(TypeError, match="should provide an instance"):
        diagnose(LinearRegression, *user_data(12), folds=3)


def test_a_column_is_one_output():
    X, y = user_data(12)
    column = diagnose(fixed(), X, y[:, None])
    np.testing.assert_array_equal(column.predicted, diagnose(fixed(), X, y).predicted)
