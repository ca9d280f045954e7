"""The contract of scikit-learn, and what is refused."""

import warnings

import numpy as np
import pytest
from sklearn.exceptions import NotFittedError
from sklearn.utils.estimator_checks import parametrize_with_checks

from surrogo import GaussianProcess
from surrogo.surrogates.kernels import Matern32
from tests.surrogates.cases import fixed, new_points, user_data


# Trends in many variables refuse the small data sets of some checks, as they should.
@parametrize_with_checks(
    [
        GaussianProcess(),
        GaussianProcess("squared_exponential", trend="zero", n_starts=1),
        GaussianProcess("matern12", n_starts=1),
        GaussianProcess(Matern32(), nugget="estimate", n_starts=1),
        GaussianProcess("matern32", prior=False, n_starts=2, random_state=3),
        GaussianProcess(n_starts=0, length_scale=2.0, nugget=1e-3),
        GaussianProcess(nugget="auto", n_starts=1),
        GaussianProcess("rational_quadratic", n_starts=1),
        GaussianProcess("exponential_power", n_starts=1),
        GaussianProcess("additive", n_starts=1),
        GaussianProcess("matern52", y_transform="auto", n_starts=1),
        GaussianProcess("matern52", y_transform="yeo_johnson", n_starts=1),
        GaussianProcess("matern52", warp=True, n_starts=1),
        GaussianProcess("matern52", hyper="laplace", n_starts=1),
    ]
)
def test_scikit_learn_accepts_it(estimator, check):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        check(estimator)


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"kernel": "cubic"}, "kernel must be one of"),
        ({"trend": "cubic"}, "trend must be one of"),
        ({"nugget": -1e-9}, "nugget must be at least 0, got -1e-09"),
        ({"nugget": np.nan}, "nugget must be a finite number"),
        (
            {"nugget": "guess"},
            "nugget.* must be one of 'auto', 'estimate', got 'guess'",
        ),
        ({"n_starts": -1}, "n_starts must be an integer of at least 0, got -1"),
        ({"n_starts": 0}, "n_starts=0 keeps the hyper-parameters: give length_scale"),
        (
            {"n_starts": 0, "length_scale": 1.0, "nugget": "estimate"},
            "give length_scale and a numeric nugget",
        ),
        ({"length_scale": [1.0, 2.0, 3.0]}, r"length_scale must .* shape \(2,\)"),
        ({"length_scale": "long"}, r"length_scale must be a number or"),
        ({"length_scale": [1.0, 0.0]}, "length_scale must be above 0"),
        ({"length_scale": [1.0, np.inf]}, "length_scale must be above 0"),
        ({"bounds": [[0, 1]]}, r"bounds must have shape \(2, 2\)"),
        ({"bounds": [[0, 1], [1, 0]]}, "lower below upper"),
        ({"bounds": [[0, 1], [0, np.inf]]}, "finite and lower below upper"),
        ({"bounds": [0, 1]}, r"bounds must have shape \(n, 2\)"),
        ({"bounds": "wide"}, "bounds must hold real numbers"),
    ],
)
def test_senseless_parameters_are_refused(parameters, message):
    with pytest.raises(ValueError, match=message):
        GaussianProcess(**parameters).fit(*user_data())


def test_a_trend_needs_more_points_than_coefficients():
    X, y = user_data(6)
    with pytest.raises(ValueError, match="quadratic trend in 2 variables needs more "):
        GaussianProcess(trend="quadratic").fit(X, y)


def test_points_on_a_line_do_not_determine_a_plane():
    t = np.linspace(0, 1, 9)
    with pytest.raises(ValueError, match="do not determine the 3 coefficients"):
        GaussianProcess(trend="linear").fit(np.column_stack([t, 1 - 2 * t]), t)


@pytest.mark.parametrize(
    "use",
    [
        lambda gp, X: gp.predict(X),
        lambda gp, X: gp.predict_gradient(X),
        lambda gp, X: gp.sample_y(X),
        lambda gp, X: gp.update(X, X[:, 0]),
        lambda gp, X: gp.leave_one_out(),
    ],
)
def test_nothing_works_before_fit(use):
    with pytest.raises(NotFittedError, match="not fitted yet"):
        use(GaussianProcess(), new_points())


def test_wrong_numbers_of_columns_and_samples_are_refused():
    gp = fixed().fit(*user_data())
    for use in (gp.predict, gp.predict_gradient, gp.sample_y):
        with pytest.raises(ValueError, match="X has 1 features, but"):
            use([[1.0]])
    with pytest.raises(ValueError, match="X has 1 features, but"):
        gp.update([[1.0]], [1.0])
    with pytest.raises(ValueError, match="n_samples must be an integer of at least 1"):
        gp.sample_y(new_points(), 0)
