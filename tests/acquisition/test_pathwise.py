import numpy as np
import pytest

from surrogo.acquisition import draw_path
from surrogo.surrogates import kernels
from surrogo.surrogates.kernel_registry import ALL_KERNELS
from surrogo.surrogates.likelihood import Noise
from surrogo.surrogates.posterior import Posterior
from surrogo.surrogates.trends import Trend
from tests.reference.differences import gradient
from tests.surrogates.cases import data, posterior

LENGTHS = np.array([0.3, 0.5])
PATHS, WAVES = 3000, 64


def noisy():
    Z, y = data(10, 2)
    noise = Noise.of(np.linspace(0.01, 0.2, 10))
    return Posterior.of(
        kernels.get("matern52"), Trend.of("constant", 2), np.log(LENGTHS), 0.1, Z, y,
        noise,
    )  # fmt: skip


def of_kernel(name):
    kernel = ALL_KERNELS[name]
    Z, y = data(10, 2)
    theta = kernel.at_lengths(np.log(LENGTHS))
    return Posterior.of(kernel, Trend.of("constant", 2), theta, 1e-6, Z, y)


MODELS = {
    "matern52": lambda: posterior(n=10, nugget=1e-6, lengths=LENGTHS),
    "smooth": lambda: posterior("squared_exponential", n=10, lengths=LENGTHS),
    "no trend": lambda: posterior("matern32", "zero", n=10, lengths=LENGTHS),
    "linear trend": lambda: posterior(trend="linear", n=6, lengths=LENGTHS),
    "nugget": lambda: posterior(n=10, nugget=0.3, lengths=LENGTHS),
    "known noise": noisy,
    "anova": lambda: of_kernel("anova"),
    "tensor": lambda: of_kernel("tensor_matern52"),
}


@pytest.mark.parametrize("name", sorted(MODELS))
def test_paths_have_the_mean_and_the_covariance_of_the_posterior(name, rng):
    """To five standard errors, with the kurtosis that a few waves leave."""
    model = MODELS[name]()
    U = rng.random((5, 2))
    values = np.array([draw_path(model, rng, WAVES).value(U) for _ in range(PATHS)])
    mean, std = model.mean_std(U)
    assert np.max(np.abs(values.mean(axis=0) - mean) / std) < 5.0 / np.sqrt(PATHS)
    away = (values - mean) / std
    products = away[:, :, None] * away[:, None, :]
    expected = model.covariance(U) / np.multiply.outer(std, std)
    error = products.std(axis=0) / np.sqrt(PATHS)
    assert np.max(np.abs(products.mean(axis=0) - expected) / error) < 5.0


@pytest.mark.parametrize("kernel", ["matern12", "matern52", "squared_exponential"])
def test_paths_go_through_the_data(kernel, rng):
    model = posterior(kernel, n=15, nugget=1e-10, lengths=LENGTHS)
    for _ in range(3):
        path = draw_path(model, rng)
        np.testing.assert_allclose(path.value(model.Z), model.y, atol=2e-4)


def test_paths_of_noisy_data_do_not(rng):
    model = posterior(n=15, nugget=0.1, lengths=LENGTHS)
    assert np.std(draw_path(model, rng).value(model.Z) - model.y) > 0.05


@pytest.mark.parametrize("trend", ["constant", "quadratic"])
@pytest.mark.parametrize("kernel", ["matern32", "squared_exponential"])
def test_gradients_equal_central_differences(kernel, trend, rng):
    path = draw_path(posterior(kernel, trend, n=20, lengths=LENGTHS), rng)
    U = rng.random((8, 2))
    value, slope = path.value_and_gradient(U)
    np.testing.assert_allclose(value, path.value(U), rtol=1e-10)
    for row, u in enumerate(U):
        # waves of a rough kernel are short
        expected = gradient(lambda u: path.value(u[None])[0], u, 1e-6)
        size = np.abs(expected).max()
        np.testing.assert_allclose(slope[row], expected, rtol=1e-5, atol=1e-5 * size)


def test_to_a_search_a_path_is_a_model_without_doubt(rng):
    path, U = draw_path(posterior(n=20, lengths=LENGTHS), rng), rng.random((200, 2))
    value, gradient_ = path.value_and_gradient(U)
    mean, std, in_mean, in_std = path.mean_std_gradients(U)
    np.testing.assert_array_equal(mean, value)
    np.testing.assert_array_equal(in_mean, gradient_)
    assert not std.any()
    assert not in_std.any()
    np.testing.assert_allclose(path.mean_std(U)[0], value, rtol=1e-10)
    assert path.value(U[:0]).shape == (0,)
    assert path.value_and_gradient(U[:0])[1].shape == (0, 2)


def test_the_same_seed_draws_the_same_path_and_another_one_another():
    model, U = posterior(n=20, lengths=LENGTHS), np.full((1, 2), 0.4)
    one, same, other = (
        draw_path(model, np.random.default_rng(seed)).value(U)[0] for seed in (0, 0, 1)
    )
    assert one == same != other


def test_several_outputs_are_refused(rng):
    m = posterior(n=10, lengths=LENGTHS)
    y = np.column_stack([m.y, m.y**2])
    two = Posterior.of(m.kernel, m.trend, m.theta, m.nugget, m.Z, y)
    with pytest.raises(ValueError, match="a path has one output, the model has 2"):
        draw_path(two, rng)
