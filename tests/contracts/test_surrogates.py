"""What every registered surrogate and kernel must do. Adding one adds it here."""

import inspect
import pickle

import numpy as np
import pytest
from sklearn.base import clone

from surrogo.surrogates import SURROGATES
from surrogo.surrogates.kernels import KERNELS, Kernel, get, squared_distances
from tests.reference.differences import gradient


@pytest.fixture(params=sorted(SURROGATES))
def surrogate(request):
    """An instance with its default settings, and a fixed random state."""
    return SURROGATES[request.param](random_state=0)


def data(n=40, d=3, seed=0):
    X = np.random.default_rng(seed).random((n, d)) * [10.0, 1.0, 0.1][:d]
    return X, np.sin(X[:, 0] / 2) + X[:, 1] ** 2 - 5.0 * X[:, -1]


def grid(m=15, seed=1):
    return data(m, seed=seed)[0]


def needs(surrogate, method):
    """Skip the test if the surrogate does not offer the method."""
    if not hasattr(surrogate, method):
        pytest.skip(f"it has no {method}")


def test_fit_returns_itself_and_predictions_have_shape_and_sense(surrogate):
    X, y = data()
    assert surrogate.fit(X, y) is surrogate
    new, truth = data(100, seed=5)
    mean, std = surrogate.predict(new, return_std=True)
    assert mean.shape == std.shape == (100,)
    assert np.all(std >= 0)
    # of 40 points in 3 variables a Gaussian process explains 99 %, a cubic spline 97 %,
    # a function of compact support 96 %
    assert np.mean((mean - truth) ** 2) < 0.05 * np.var(truth)
    np.testing.assert_array_equal(surrogate.predict(new), mean)


def test_intervals_are_those_of_a_normal_prediction(surrogate):
    surrogate.fit(*data())
    mean, std = surrogate.predict(grid(), return_std=True)
    low, high = surrogate.predict_interval(grid(), 0.9)
    np.testing.assert_allclose(low, mean - 1.6448536 * std, rtol=1e-6, atol=1e-9)
    np.testing.assert_allclose(high, mean + 1.6448536 * std, rtol=1e-6, atol=1e-9)


def test_predicting_changes_nothing(surrogate):
    surrogate.fit(*data())
    before = pickle.dumps(surrogate)
    surrogate.predict(grid(), return_std=True)
    surrogate.predict_gradient(grid(), return_std=True)
    if hasattr(surrogate, "sample_y"):
        surrogate.sample_y(grid(), 2)
    if hasattr(surrogate, "leave_one_out"):
        surrogate.leave_one_out()
    assert pickle.dumps(surrogate) == before


def test_arguments_stay_as_they_are(surrogate):
    X, y = data()
    X.setflags(write=False)
    y.setflags(write=False)
    surrogate.fit(X, y).predict(X)
    if hasattr(surrogate, "update"):
        surrogate.update(X[:1] + 0.01, y[:1])


def test_gradients_equal_central_differences(surrogate):
    X, y = data()
    surrogate.fit(X, y)
    slopes = surrogate.predict_gradient(grid(4), return_std=True)
    width = np.ptp(X, axis=0)
    for part, slope in enumerate(slopes):
        assert slope.shape == (4, 3)
        for row, x in enumerate(grid(4)):
            scaled = gradient(
                lambda z, x=x, part=part: surrogate.predict(
                    [x + z * width], return_std=True
                )[part][0],
                np.zeros(3),
                1e-3,
            )
            # the default model interpolates: its rounding errors show in differences
            size = np.abs(slope * width).max()
            np.testing.assert_allclose(slope[row] * width, scaled, atol=1e-4 * size)


def test_update_equals_a_fit_at_the_same_hyper_parameters(surrogate):
    needs(surrogate, "update")
    X, y = data()
    surrogate.fit(X[:30], y[:30])
    all_at_once = pickle.loads(pickle.dumps(surrogate)).update(X[30:], y[30:])
    one_by_one = pickle.loads(pickle.dumps(surrogate))
    for x, value in zip(X[30:], y[30:], strict=True):
        one_by_one.update([x], [value])
    new = grid()
    np.testing.assert_allclose(
        one_by_one.predict(new), all_at_once.predict(new), atol=1e-5
    )
    assert np.max(np.abs(all_at_once.predict(X) - y)) < 1e-3


def test_random_state_decides_samples(surrogate):
    needs(surrogate, "sample_y")
    surrogate.fit(*data())
    draws = [surrogate.sample_y(grid(), 3, random_state=s) for s in (1, 1, 2)]
    assert draws[0].shape == (15, 3)
    np.testing.assert_array_equal(draws[0], draws[1])
    assert np.any(draws[0] != draws[2])


def test_leave_one_out_has_a_mean_and_a_std_for_each_point(surrogate):
    needs(surrogate, "leave_one_out")
    X, y = data()
    mean, std = surrogate.fit(X, y).leave_one_out()
    assert mean.shape == std.shape == (40,)
    assert np.all(std > 0)
    assert np.mean((mean - y) ** 2) < 0.05 * np.var(y)


def test_clones_and_copies_predict_the_same(surrogate):
    X, y = data()
    mean = surrogate.fit(X, y).predict(grid())
    np.testing.assert_array_equal(clone(surrogate).fit(X, y).predict(grid()), mean)
    copy = pickle.loads(pickle.dumps(surrogate))
    np.testing.assert_array_equal(copy.predict(grid()), mean)


def test_values_of_any_scale_and_constant_ones(surrogate):
    X, y = data()
    for scale in (1e-150, 1e150):
        mean = clone(surrogate).fit(X, scale * y).predict(X)
        np.testing.assert_allclose(mean / scale, y, atol=1e-2)
    np.testing.assert_allclose(surrogate.fit(X, np.ones(40)).predict(X), 1.0)


def test_docstring_shows_how_to_use_it(surrogate):
    doc = inspect.getdoc(type(surrogate))
    for section in ("Parameters\n---", "Attributes\n---", "Examples\n---", ">>> "):
        assert section in doc


@pytest.fixture(params=sorted(KERNELS))
def kernel(request):
    return KERNELS[request.param]


def test_kernel_is_a_value_found_by_its_name(request, kernel):
    name = request.node.callspec.params["kernel"]
    assert isinstance(kernel, Kernel)
    assert get(name) is kernel
    assert pickle.loads(pickle.dumps(kernel)) == kernel == type(kernel)()
    assert hash(kernel) == hash(type(kernel)())
    assert inspect.getdoc(type(kernel))


def test_kernel_falls_from_one_to_zero(kernel):
    r2 = np.linspace(0, 10, 200) ** 2
    value, slope = kernel.value_and_slope(r2)
    assert value[0] == 1.0
    assert np.all(np.diff(value) < 0)
    assert np.all(slope[1:] < 0)
    assert kernel.value(np.array([1e8]))[0] < 1e-12
    np.testing.assert_array_equal(kernel.value(r2), value)


def test_kernel_is_positive_definite(kernel):
    for seed in range(20):
        rng = np.random.default_rng(seed)
        Z = rng.random((30, rng.integers(1, 7))) * rng.choice([0.3, 3.0, 30.0])
        R = kernel.value(squared_distances(Z, Z))
        assert np.linalg.eigvalsh(R).min() > -1e-13
