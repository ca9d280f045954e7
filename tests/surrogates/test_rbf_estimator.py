"""RBF and GreedyRBF as estimators: scikit-learn's contract, units, awkward data."""

import pickle
import warnings

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.utils.estimator_checks import parametrize_with_checks

from surrogo.surrogates.greedy_rbf import GreedyRBF
from surrogo.surrogates.radial import RADIAL, Power
from surrogo.surrogates.rbf import RBF
from tests.reference.differences import gradient
from tests.reference.naive_rbf import monomials
from tests.surrogates.cases import new_points, smooth, user_data

MODELS = [RBF(), GreedyRBF()]


@parametrize_with_checks(
    [
        RBF(),
        RBF("gaussian", degree=-1, shape=3.0),
        RBF("multiquadric", smoothing="gcv"),
        RBF("matern52", shape="gcv", smoothing=1e-3),
        RBF(Power(1.5), smoothing="loo"),
        GreedyRBF(n_centres=20),
        GreedyRBF("inverse_multiquadric", rule="P", random_state=0),
    ]
)
def test_scikit_learn_accepts_it(estimator, check):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        check(estimator)


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"kernel": "quartic"}, "kernel must be one of 'cubic', 'gaussian'"),
        ({"degree": 0}, r"degree must be at least 1 for Power\(beta=3.0\).*, got 0"),
        ({"kernel": "linear", "degree": -1}, "degree must be at least 0 for Power"),
        ({"degree": 1.5}, "degree must be an integer of at least -1, got 1.5"),
        ({"degree": 9}, r"needs at least 55 distinct points.* determine degree 6"),
        ({"shape": 0.0}, "shape must be above 0, got 0.0"),
        ({"shape": "wide"}, "shape, where it is no number, must be one of 'gcv', 'lo"),
        ({"smoothing": -1.0}, "smoothing must be at least 0, got -1.0"),
        ({"smoothing": "much"}, "smoothing, where it is no number, must be one of"),
        ({"smoothing": np.nan}, "smoothing must be a finite number"),
        ({"bounds": [[0, 1]]}, r"bounds must have shape \(2, 2\)"),
    ],
)
def test_senseless_parameters_of_an_rbf_are_refused(parameters, message):
    with pytest.raises(ValueError, match=message):
        RBF(**parameters).fit(*user_data())


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"n_centres": 0}, "n_centres must be an integer of at least 1, got 0"),
        ({"rule": "best"}, "rule must be one of 'P', 'f', 'f/P', got 'best'"),
        ({"tolerance": "small"}, "tolerance must be a finite number"),
        ({"kernel": "quintic", "degree": 1}, "degree must be at least 2"),
    ],
)
def test_senseless_parameters_of_a_greedy_rbf_are_refused(parameters, message):
    with pytest.raises(ValueError, match=message):
        GreedyRBF(**parameters).fit(*user_data())


def test_a_degree_asked_for_must_be_determined_by_the_points():
    t = np.linspace(0, 1, 9)
    X = np.column_stack([t, 1 - 2 * t])
    for model in (RBF(degree=1), GreedyRBF(degree=1)):
        with pytest.raises(
            ValueError, match=r"degree 1 in 2 variables.*degree 0; take"
        ):
            model.fit(X, t)


def test_points_on_a_line_get_a_kernel_that_needs_no_more_than_they_determine():
    t = np.linspace(0, 1, 9)
    X = np.column_stack([t, 1 - 2 * t])
    model = RBF().fit(X, np.sin(t))
    assert (model.kernel_, model.degree_) == (Power(1.0), 0)
    np.testing.assert_allclose(model.predict(X), np.sin(t), atol=1e-12)
    _, std = model.predict(X + np.array([2.0, 1.0]), return_std=True)
    assert np.all(std > 0.1)  # off the line nothing is known
    assert RBF("quintic").fit(X, t).kernel_ == Power(1.0)


def test_a_model_of_few_points_gets_its_usual_tail_once_there_are_enough():
    X, y = user_data()
    model = RBF().fit(X[:2], y[:2])
    assert model.degree_ == 0
    model.update(X[2:], y[2:])
    assert (model.kernel_, model.degree_) == (Power(3.0), 1)
    fresh = RBF(bounds=np.column_stack([model._low, model._low + model._range]))
    expected = fresh.fit(X, y).predict(new_points())
    np.testing.assert_allclose(model.predict(new_points()), expected, rtol=1e-8)


@pytest.mark.parametrize("kernel", sorted(RADIAL))
def test_update_equals_a_fresh_fit(kernel):
    X, y = user_data(40)
    bounds = [[-5.0, 25.0], [100.0, 100.2]]
    shape = 8.0 if kernel == "gaussian" else 4.0
    model = RBF(kernel, shape=shape, bounds=bounds).fit(X[:25], y[:25])
    for row in range(25, 30):
        model.update(X[[row]], y[[row]])
    model.update(X[30:], y[30:])
    fresh = clone(model).fit(X, y)
    for got, expected in zip(
        model.predict(new_points(), return_std=True),
        fresh.predict(new_points(), return_std=True),
        strict=True,
    ):
        np.testing.assert_allclose(got, expected, rtol=1e-8, atol=1e-8)
    assert model.norm_ == pytest.approx(fresh.norm_, rel=1e-7)
    for got, expected in zip(model.leave_one_out(), fresh.leave_one_out(), strict=True):
        np.testing.assert_allclose(got, expected, rtol=1e-7, atol=1e-8)


@pytest.mark.parametrize("scale", [1e-150, 1e150])
@pytest.mark.parametrize("model", MODELS)
def test_values_of_any_size(model, scale):
    X, y = user_data()
    plain, scaled = clone(model).fit(X, y), clone(model).fit(X, scale * y)
    np.testing.assert_allclose(
        scaled.predict(new_points()) / scale, plain.predict(new_points()), rtol=1e-9
    )


@pytest.mark.parametrize("kernel", ["cubic", "gaussian", "thin_plate", "matern32"])
@pytest.mark.parametrize("smoothing", [0.0, "loo", "gcv"])
@pytest.mark.parametrize(
    "X",
    [
        np.zeros((1, 1)),
        np.zeros((1, 4)),
        np.array([[0.0, 1.0], [1.0, 0.0]]),
        np.eye(6)[:3],
        np.zeros((5, 2)),
        np.linspace(0, 1, 6)[:, None] * [1.0, 0.0],
        1e12 + np.arange(6.0)[:, None],
        np.repeat(np.random.default_rng(0).random((6, 2)), 2, axis=0),
        np.random.default_rng(0).random((8, 2)) * [1e-140, 1e140],
        np.array([[0.0], [1.0], [1.0 + 1e-15], [0.5]]),
    ],
)
def test_awkward_points_give_finite_predictions(kernel, smoothing, X):
    rng = np.random.default_rng(1)
    for y in (rng.normal(size=len(X)), np.full(len(X), 3.0), 1e9 + X[:, 0]):
        model = RBF(kernel, smoothing=smoothing).fit(X, y)
        mean, std = model.predict(X, return_std=True)
        assert np.all(np.isfinite(mean))
        assert np.all(np.isfinite(std) & (std >= 0.0))
        slopes = model.predict_gradient(X, return_std=True)
        assert np.all(np.isfinite(slopes[0]))
        assert np.all(np.isfinite(slopes[1]))
        loo, loo_std = model.leave_one_out()
        assert np.all(np.isfinite(loo))
        assert not np.any(np.isnan(loo_std))
        greedy = GreedyRBF(kernel).fit(X, y).predict(X, return_std=True)
        assert np.all(np.isfinite(greedy))


@pytest.mark.parametrize("model", MODELS)
def test_points_that_coincide_count_as_their_mean(model):
    X, y = user_data()
    twice = clone(model).fit(np.vstack([X, X[:5]]), np.append(y, y[:5] + 2.0))
    once = clone(model).fit(X, np.append(y[:5] + 1.0, y[5:]))
    np.testing.assert_allclose(
        twice.predict(new_points()), once.predict(new_points()), rtol=1e-9
    )


def test_leave_one_out_of_points_that_coincide_is_what_their_twins_say():
    X, y = user_data()
    twins = y[:2] + np.array([1.0, 2.0])
    model = RBF().fit(np.vstack([X, X[:2]]), np.append(y, twins))
    mean, std = model.leave_one_out()
    np.testing.assert_allclose(mean[:2], twins)
    np.testing.assert_allclose(mean[-2:], y[:2])
    assert np.all(std[[0, 1, -2, -1]] == 0.0)
    assert np.all(std[2:-2] > 0.0)


@pytest.mark.parametrize("model", [*MODELS, RBF("gaussian", degree=-1, shape=5.0)])
def test_several_outputs_at_once_equal_each_alone(model):
    X, y = user_data()
    Y = np.column_stack([y, 100.0 * np.cos(y)])
    together = clone(model)
    alone = [clone(model).fit(X, column) for column in Y.T]
    if isinstance(model, GreedyRBF):  # chooses centres for all outputs: take all
        together.set_params(n_centres=30)
    together.fit(X, Y)
    mean, std = together.predict(new_points(), return_std=True)
    slopes = together.predict_gradient(new_points(), return_std=True)
    for j, single in enumerate(alone):
        expected = single.predict(new_points(), return_std=True)
        np.testing.assert_allclose(mean[:, j], expected[0], rtol=1e-7)
        np.testing.assert_allclose(std[:, j], expected[1], rtol=1e-7)
        expected = single.predict_gradient(new_points(), return_std=True)
        np.testing.assert_allclose(slopes[0][:, j], expected[0], rtol=1e-6)
        np.testing.assert_allclose(slopes[1][:, j], expected[1], rtol=1e-6)
    draws = together.sample_y(new_points(3), 4000, random_state=0)
    assert draws.shape == (3, 2, 4000)
    np.testing.assert_allclose(draws.mean(axis=2), mean[:3], atol=0.1 * std.max())


def test_leave_one_out_of_several_outputs_equals_each_alone():
    X, y = user_data()
    mean, std = RBF().fit(X, np.column_stack([y, 2.0 - y**2])).leave_one_out()
    for j, column in enumerate([y, 2.0 - y**2]):
        expected = RBF().fit(X, column).leave_one_out()
        np.testing.assert_allclose(mean[:, j], expected[0], rtol=1e-9)
        np.testing.assert_allclose(std[:, j], expected[1], rtol=1e-9)


@pytest.mark.parametrize("kernel", sorted(RADIAL))
def test_gradients_equal_central_differences(kernel):
    X, y = user_data(20)
    shape = 6.0 if kernel == "gaussian" else 2.0
    model = RBF(kernel, shape=shape).fit(X, y)
    width = np.ptp(X, axis=0)
    slopes = model.predict_gradient(new_points(4), return_std=True)
    for part, slope in enumerate(slopes):
        for x, got in zip(new_points(4), slope, strict=True):
            expected = gradient(
                lambda z, x=x, part=part: model.predict(
                    [x + z * width], return_std=True
                )[part][0],
                np.zeros(2),
                1e-4,
            )
            np.testing.assert_allclose(got * width, expected, rtol=2e-5, atol=1e-6)


def test_sample_y_has_the_covariance_of_the_model():
    X, y = user_data(10)
    model = RBF(random_state=0).fit(X, y)
    new = new_points(4)
    draws = model.sample_y(new, 20000)
    mean, std = model.predict(new, return_std=True)
    np.testing.assert_allclose(draws.mean(axis=1), mean, atol=0.05 * std.max())
    np.testing.assert_allclose(draws.std(axis=1), std, rtol=0.03)


def test_the_shape_in_use_is_the_best_by_leave_one_out():
    X, y = user_data(30)
    model = RBF("multiquadric").fit(X, y)
    assert model.n_shapes_ > 13

    def error(shape):
        mean, _ = RBF("multiquadric", shape=shape).fit(X, y).leave_one_out()
        return np.mean((mean - y) ** 2)

    for factor in (0.7, 0.9, 1.1, 1.4):
        assert error(model.shape_) < error(factor * model.shape_)


def test_noise_is_smoothed_away():
    rng = np.random.default_rng(0)
    X = rng.random((200, 2))
    y = smooth(X) + 0.2 * rng.normal(size=200)
    new = rng.random((500, 2))
    for criterion in ("loo", "gcv"):
        model = RBF(smoothing=criterion).fit(X, y)
        error = np.sqrt(np.mean((model.predict(new) - smooth(new)) ** 2))
        rough = np.sqrt(np.mean((RBF().fit(X, y).predict(new) - smooth(new)) ** 2))
        assert error < 0.08 < 0.15 < rough
        assert model.smoothing_ > 1e-3


@pytest.mark.parametrize("model", MODELS)
def test_nothing_works_before_fit(model):
    for use in (model.predict, model.predict_gradient, model.sample_y):
        with pytest.raises(NotFittedError, match="not fitted yet"):
            use(new_points())


def test_greedy_centres_are_indices_of_the_data_and_interpolated():
    X, y = user_data(60)
    model = GreedyRBF(n_centres=25).fit(X, y)
    assert len(set(model.centres_)) == 25
    np.testing.assert_allclose(model.predict(X[model.centres_]), y[model.centres_])
    worst = np.max(np.abs(model.predict(X) - y))
    assert model.residual_ == pytest.approx(worst, rel=1e-6)
    small = 10.0 * model.residual_
    fewer = clone(model).set_params(tolerance=small / model.y_scale_).fit(X, y)
    assert len(fewer.centres_) < 25
    assert fewer.residual_ <= small


def test_greedy_shape_depends_on_the_random_state_alone():
    rng = np.random.default_rng(0)
    X = rng.random((300, 2))
    model = GreedyRBF("gaussian", n_centres=20, random_state=3)
    shapes = [clone(model).fit(X, smooth(X)).shape_ for _ in range(2)]
    assert shapes[0] == shapes[1]
    other = clone(model).set_params(random_state=4).fit(X, smooth(X))
    assert other.shape_ != shapes[0]


def test_a_copy_by_pickle_predicts_the_same():
    X, y = user_data()
    model = RBF("gaussian").fit(X, y)
    copy = pickle.loads(pickle.dumps(model))
    np.testing.assert_array_equal(copy.predict(X), model.predict(X))


@given(
    kernel=st.sampled_from(sorted(RADIAL)),
    n=st.integers(2, 25),
    d=st.integers(1, 4),
    seed=st.integers(0, 2**32 - 1),
    size=st.floats(0.01, 100.0),
    shift=st.floats(-100.0, 100.0),
)
def test_units_and_the_order_of_the_points_do_not_matter(
    kernel, n, d, seed, size, shift
):
    """Shifted and stretched points and values, in any order: the same model."""
    rng = np.random.default_rng(seed)
    X, y, new = rng.random((n, d)), rng.normal(size=n), rng.random((5, d))
    order = rng.permutation(n)
    model = RBF(kernel, shape=8.0, smoothing=1e-4)  # well conditioned
    plain = clone(model).fit(X, y).predict(new, return_std=True)
    moved = clone(model).fit(shift + size * X[order], shift - size * y[order])
    mean, std = moved.predict(shift + size * new, return_std=True)
    tolerance = {"rtol": 1e-5, "atol": 1e-5 * (1.0 + np.max(np.abs(plain)))}
    np.testing.assert_allclose((shift - mean) / size, plain[0], **tolerance)
    np.testing.assert_allclose(std / size, plain[1], **tolerance)


@given(
    kernel=st.sampled_from(sorted(RADIAL)),
    degree=st.integers(2, 3),
    seed=st.integers(0, 2**32 - 1),
)
def test_adding_a_polynomial_adds_it_to_the_prediction(kernel, degree, seed):
    rng = np.random.default_rng(seed)
    X, y, new = rng.random((40, 2)), rng.normal(size=40), rng.random((5, 2))
    b = rng.normal(size=10 if degree == 3 else 6)
    model = RBF(kernel, degree=degree, shape=8.0, smoothing=1e-3)
    plain, more = (
        clone(model).fit(X, values).predict(new)
        for values in (y, y + monomials(X, degree) @ b)
    )
    np.testing.assert_allclose(more - plain, monomials(new, degree) @ b, atol=1e-7)
