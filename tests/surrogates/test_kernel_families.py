"""Kernels with shape parameters, sums, products, additive, cyclic and mixed ones."""

import math
import pickle
from itertools import combinations

import numpy as np
import pytest
from sklearn.gaussian_process.kernels import ExpSineSquared
from sklearn.gaussian_process.kernels import RationalQuadratic as TheirQuadratic

from surrogo import Categorical, GaussianProcess, Integer, Real, Space
from surrogo.surrogates.kernel_additive import Additive
from surrogo.surrogates.kernel_anova import AnovaMatern52
from surrogo.surrogates.kernel_base import Product, Sum, over_pairs, symmetric
from surrogo.surrogates.kernel_embeddings import Mixed, Periodic
from surrogo.surrogates.kernel_registry import ALL_KERNELS, find
from surrogo.surrogates.kernel_shapes import ExponentialPower, RationalQuadratic
from surrogo.surrogates.kernel_tensor import TensorMatern52
from surrogo.surrogates.kernels import (
    Matern12,
    Matern32,
    Matern52,
    SquaredExponential,
)
from surrogo.surrogates.likelihood import Likelihood
from surrogo.surrogates.posterior import Posterior
from surrogo.surrogates.trends import Trend
from tests.reference.differences import gradient

D = 3
COMPOSED = {
    "sum": Matern52() + SquaredExponential(),
    "product": Matern32() * RationalQuadratic(),
    "additive + full": Additive() + Matern52(),
    "trend times season": Matern52() * Periodic(SquaredExponential(), period=0.4),
    "nested": (Matern12() + Periodic()) * (Additive(Matern32()) + Matern52()),
    "mixed": Mixed(levels=(math.inf, 4.0, -3.0)),
    "mixed plus": Mixed(levels=(math.inf, math.inf, -3.0)) + Additive(),
}
EVERY = {**ALL_KERNELS, **COMPOSED}
SMOOTH_IN_X = sorted(set(EVERY) - {"mixed", "mixed plus"})

every = pytest.mark.parametrize("name", sorted(EVERY))


def points(n=12, seed=0):
    return np.random.default_rng(seed).random((n, D))


def some_theta(kernel, seed=0):
    """Hyper-parameters inside their bounds, near their prior means."""
    box = kernel.parameters(D)
    rng = np.random.default_rng(seed)
    mean = kernel.at_lengths(np.log([0.5, 0.9, 0.7]))
    away = 0.1 * rng.normal(size=len(box))
    low, high = [p.low for p in box], [p.high for p in box]
    return np.clip(mean + away, low, np.array(high) - 0.1)


@every
def test_matrix_is_a_correlation(name):
    kernel = EVERY[name]
    theta = some_theta(kernel)
    assert len(theta) == len(kernel.parameters(D))
    R = kernel.correlations(points(), points(), theta)
    np.testing.assert_allclose(np.diag(R), 1.0, atol=1e-14)
    np.testing.assert_allclose(R, R.T, atol=1e-14)
    lower, _ = kernel.lower_and_pull(points(), theta)
    np.testing.assert_allclose(np.tril(lower), np.tril(R), atol=1e-13)
    again, _ = kernel.correlations_and_pull(points(), points(), theta)
    np.testing.assert_array_equal(again, R)
    assert kernel.log_lengths(theta, D).shape == (D,)


@every
def test_positive_definite_on_a_hundred_random_sets(name):
    kernel = EVERY[name]
    for seed in range(100):
        Z, theta = points(20, seed), some_theta(kernel, seed)
        R = kernel.correlations(Z, Z, theta)
        assert np.linalg.eigvalsh(R).min() >= -1e-12


@every
def test_pull_to_theta_equals_central_differences(name, rng):
    kernel, Z = EVERY[name], points()
    theta, W = some_theta(kernel), rng.normal(size=(12, 12))

    def weighted(theta):
        return over_pairs(W, kernel.correlations(Z, Z, theta))

    expected = gradient(weighted, theta)
    found = kernel.lower_and_pull(Z, theta)[1](np.asfortranarray(np.tril(W)))
    np.testing.assert_allclose(found, expected, rtol=1e-6, atol=1e-7)


@pytest.mark.parametrize("name", SMOOTH_IN_X)
def test_pull_to_the_points_equals_central_differences(name, rng):
    kernel, B = EVERY[name], points()
    A, C = rng.random((4, D)), rng.normal(size=(4, 12))
    theta = some_theta(kernel)
    found = kernel.correlations_and_pull(A, B, theta)[1](C)
    for i in range(4):
        expected = gradient(
            lambda a, i=i: float(C[i] @ kernel.correlations(a[None], B, theta)[0]),
            A[i],
            1e-4,
        )
        np.testing.assert_allclose(found[i], expected, rtol=1e-6, atol=1e-6)


@every
def test_likelihood_has_the_right_gradient(name):
    kernel, Z = EVERY[name], points(25)
    y = np.sin(5 * Z[:, 0]) + Z[:, 1] * Z[:, 2]
    part = Likelihood(kernel, Z, np.ones((25, 1)), y)
    theta = some_theta(kernel)
    expected = gradient(lambda t: part.value_and_gradient(t, 1e-3)[0], theta)
    found = part.value_and_gradient(theta, 1e-3)[1]
    size = np.abs(expected).max()
    np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-7 * size)


@every
def test_process_with_this_kernel_interpolates(name):
    X = points(25)
    if name.startswith("mixed"):
        levels = 4.0 if name == "mixed" else 1e3
        X[:, 1] = (np.floor(levels * X[:, 1]) + 0.5) / levels
        X[:, 2] = (np.floor(3 * X[:, 2]) + 0.5) / 3
    y = np.sin(3 * X[:, 0]) + X[:, 1]
    box = [[0, 1]] * D
    gp = GaussianProcess(EVERY[name], n_starts=1, bounds=box).fit(X, y)
    mean, std = gp.predict(X, return_std=True)
    np.testing.assert_allclose(mean, y, atol=1e-4)
    assert np.all(std < 1e-2)
    assert len(gp.theta_) == len(EVERY[name].parameters(D))
    np.testing.assert_array_equal(pickle.loads(pickle.dumps(gp)).predict(X), mean)


def test_names_and_kernels_are_found():
    assert find("additive") == Additive()
    assert find(Matern12() + Matern52()) == Sum(Matern12(), Matern52())
    assert Matern12() * Matern52() == Product(Matern12(), Matern52())
    with pytest.raises(ValueError, match="kernel must be one of"):
        find("cubic")


def test_rational_quadratic_is_that_of_scikit_learn():
    Z = points()
    ours = RationalQuadratic().correlations(Z, Z, np.log([0.6] * D + [1.7]))
    np.testing.assert_allclose(ours, TheirQuadratic(0.6, 1.7)(Z), rtol=1e-13)


def test_exponential_power_is_the_squared_exponential_at_two():
    Z = points()
    theta = np.append(np.log([0.4, 0.9, 2.0]), 2.0)
    expected = SquaredExponential().correlations(
        Z, Z, theta[:-1] - 0.5 * np.log(2.0) * np.ones(D)
    )
    found = ExponentialPower().correlations(Z, Z, theta)
    np.testing.assert_allclose(found, expected, rtol=1e-12)
    one = ExponentialPower().correlations(Z[:, :1], Z[:, :1], np.array([0.3, 1.0]))
    exponential = Matern12().correlations(Z[:, :1], Z[:, :1], np.array([0.3]))
    np.testing.assert_allclose(one, exponential, rtol=1e-12)


def test_tensor_product_is_the_product_of_its_factors():
    Z, theta = points(), np.log([0.4, 0.9, 2.0])
    factors = [
        Matern52().correlations(Z[:, [j]], Z[:, [j]], theta[[j]]) for j in range(D)
    ]
    found = TensorMatern52().correlations(Z, Z, theta)
    np.testing.assert_allclose(found, np.prod(factors, axis=0), rtol=1e-13)


def test_anova_is_the_sum_over_all_sets_of_variables():
    Z, log_l, w = points(), np.log([0.4, 0.9, 2.0]), 0.7
    factors = [
        Matern52().correlations(Z[:, [j]], Z[:, [j]], log_l[[j]]) for j in range(D)
    ]
    expected = sum(
        w ** len(chosen) * np.prod([factors[j] for j in chosen], axis=0)
        for size in range(D + 1)
        for chosen in combinations(range(D), size)
    )
    found = AnovaMatern52().correlations(Z, Z, np.append(log_l, np.log(w)))
    np.testing.assert_allclose(found, expected / (1 + w) ** D, rtol=1e-12)
    tensor = TensorMatern52().correlations(Z, Z, log_l)
    near = AnovaMatern52().correlations(Z, Z, np.append(log_l, np.log(1e9)))
    np.testing.assert_allclose(near, tensor, rtol=1e-6)


def test_periodic_squared_exponential_is_that_of_mackay():
    Z, period, length = points()[:, :1], 0.35, 0.2
    ours = Periodic(SquaredExponential(), period).correlations(
        Z, Z, np.log([length * period / math.pi / 2.0 * 2.0])
    )
    # theirs: exp(-2 sin^2(pi r / p) / l^2); ours: exp(-(p / pi)^2 sin^2 / (2 l^2))
    theirs = ExpSineSquared(length_scale=2.0 * length, periodicity=period)(Z)
    np.testing.assert_allclose(ours, theirs, rtol=1e-10)


def test_angles_close_to_circles_and_have_no_preferred_origin():
    X = points(30)
    y = np.sin(2 * np.pi * X[:, 0]) + np.cos(2 * np.pi * X[:, 1])
    box = [[0, 1]] * D
    gp = GaussianProcess("periodic", bounds=box, random_state=0).fit(X, y)
    zero, one = np.zeros((4, D)), np.ones((4, D))
    zero[:, 1] = one[:, 1] = [0.1, 0.2, 0.5, 0.9]
    np.testing.assert_allclose(gp.predict(zero), gp.predict(one), atol=1e-9)
    shift = 0.37
    moved = GaussianProcess(
        "periodic", bounds=box, n_starts=0, length_scale=gp.length_scale_
    ).fit(np.mod(X + shift, 1.0), y)
    new = points(6, seed=3)
    np.testing.assert_allclose(
        moved.predict(np.mod(new + shift, 1.0)), gp.predict(new), atol=1e-6
    )
    with pytest.raises(ValueError, match="period must be"):
        Periodic(period=0.0)


def test_an_additive_process_has_no_interactions():
    rng = np.random.default_rng(0)
    Z = rng.random((20, D))
    y = Z[:, 0] ** 2 + np.sin(4 * Z[:, 1])
    theta = Additive().at_lengths(np.log([0.5] * D))
    model = Posterior.of(
        Additive(), Trend.of("constant", D), theta, 1e-6, Z, y - y.mean()
    )
    a, b = rng.random((2, 5, D))
    swapped = b.copy()
    swapped[:, 0] = a[:, 0]
    back = a.copy()
    back[:, 0] = b[:, 0]
    parts = [model.mean_std(z)[0] for z in (a, b, swapped, back)]
    np.testing.assert_allclose(parts[0] + parts[1], parts[2] + parts[3], atol=1e-9)


def test_additive_structure_is_found_and_pays():
    d, rng = 8, np.random.default_rng(1)
    X, new = rng.random((40, d)), rng.random((500, d))

    def f(X):
        return np.sum(np.sin(np.arange(1, d + 1) * X), axis=1)

    box = [[0, 1]] * d
    error = {
        name: np.std(
            GaussianProcess(kernel, bounds=box, random_state=0)
            .fit(X, f(X))
            .predict(new)
            - f(new)
        )
        for name, kernel in [("full", Matern52()), ("both", Additive() + Matern52())]
    }
    assert error["both"] < 0.5 * error["full"]


def mixed_data(n=40, seed=0):
    rng = np.random.default_rng(seed)
    colours = Categorical(["red", "green", "blue"])
    space = Space.of({"x": Real(0, 1), "k": Integer(1, 4), "c": colours})
    return space, space.to_unit(space.from_unit(rng.random((n, 3))))


def test_categories_are_exchangeable():
    space, U = mixed_data()
    kernel = Mixed.of(space.kinds, space.levels)
    assert kernel.levels == (math.inf, 4.0, -3.0)
    code = np.floor(3 * U[:, 2]).astype(int)
    y = np.sin(4 * U[:, 0]) + np.array([0.0, 5.0, 1.0])[code] + U[:, 1]
    box = [[0, 1]] * 3
    gp = GaussianProcess(kernel, bounds=box, random_state=0).fit(U, y)
    relabelled = U.copy()
    relabelled[:, 2] = (np.array([2, 0, 1])[code] + 0.5) / 3
    other = GaussianProcess(kernel, bounds=box, random_state=0).fit(relabelled, y)
    np.testing.assert_allclose(
        other.predict(relabelled[:9] * [0.9, 1, 1]),
        gp.predict(U[:9] * [0.9, 1, 1]),
        atol=1e-6,
    )


def test_integers_are_rounded_inside_the_kernel():
    kernel = Mixed(levels=(4.0,))
    Z = (np.arange(4)[:, None] + 0.5) / 4
    theta = np.log([0.7])
    gp = Posterior.of(
        kernel, Trend.of("zero", 1), theta, 1e-10, Z, np.array([1.0, -1, 0, 2])
    )
    inside = np.linspace(0.26, 0.49, 7)[:, None]
    np.testing.assert_allclose(gp.mean_std(inside)[0], -1.0, atol=1e-7)
    assert np.all(gp.mean_std_gradients(inside)[2] == 0.0)
    # among themselves integers are as real numbers are
    np.testing.assert_allclose(
        kernel.correlations(Z, Z, theta), Matern52().correlations(Z, Z, theta)
    )


def test_mixed_kernel_must_know_every_variable():
    with pytest.raises(ValueError, match="one entry of levels for each of the 3"):
        Mixed(levels=(3.0,)).correlations(points(), points(), np.zeros(3))


def test_pairs_are_those_below_the_diagonal():
    W, K = np.arange(9.0).reshape(3, 3), np.full((3, 3), 2.0)
    K[np.triu_indices(3)] = np.nan  # never read
    assert over_pairs(W, K) == 2.0 * (3 + 6 + 7)
    np.testing.assert_array_equal(symmetric(W), [[0, 3, 6], [3, 0, 7], [6, 7, 0]])


@pytest.mark.parametrize("exponent", [1.0, 1.5, 1.9])
def test_the_exponent_of_a_sampled_process_is_recovered(exponent):
    theta = np.array([np.log(0.3), exponent])
    found = []
    for seed in range(8):
        rng = np.random.default_rng(seed)
        Z = np.sort(rng.random((80, 1)), axis=0)
        R = ExponentialPower().correlations(Z, Z, theta) + 1e-10 * np.eye(80)
        y = np.linalg.cholesky(R) @ rng.normal(size=80)
        gp = GaussianProcess("exponential_power", n_starts=1, bounds=[[0, 1]])
        found.append(gp.fit(Z, y).theta_[-1])
    error = np.std(found) / np.sqrt(8)
    assert abs(np.mean(found) - exponent) < 3 * error + 0.02
