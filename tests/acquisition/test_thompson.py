import numpy as np
import pytest

from surrogo import GaussianProcess, Integer, Space
from surrogo.acquisition import draw_path, minimise_path, thompson
from surrogo.acquisition.thompson import minimise_draw
from surrogo.surrogates.kernel_registry import ALL_KERNELS
from surrogo.surrogates.laplace import Mixture
from surrogo.surrogates.posterior import Posterior
from surrogo.surrogates.transformed import Transformed
from surrogo.surrogates.transforms import YeoJohnson
from surrogo.surrogates.trends import Trend
from tests.surrogates.cases import data, posterior

LENGTHS = np.array([0.3, 0.5])
BOX = Space.of([(0, 1), (0, 1)])
GRID = np.linspace(0.0, 1.0, 101)[:, None]


def square_grid():
    steps = np.linspace(0.0, 1.0, 61)
    return np.stack(np.meshgrid(steps, steps), axis=-1).reshape(-1, 2)


def periodic():
    kernel = ALL_KERNELS["periodic"]
    theta = np.array([p.mean for p in kernel.parameters(2)])
    return Posterior.of(kernel, Trend.of("constant", 2), theta, 1e-6, *data(12, 2))


@pytest.mark.parametrize("kernel", ["matern32", "matern52", "squared_exponential"])
def test_the_minimiser_of_a_path_is_as_low_as_a_dense_grid(kernel, rng):
    model = posterior(kernel, n=10, lengths=LENGTHS)
    path = draw_path(model, rng)
    u, low = minimise_path(path, BOX, model.Z[:3], rng)
    assert low == pytest.approx(path.value(u[None])[0], rel=1e-12)
    assert low <= path.value(square_grid()).min() + 1e-9


def test_minimisers_are_distributed_as_those_of_exact_draws(rng):
    """Two wells: each is chosen with the probability that the minimum lies there."""
    Z = np.array([[0.0], [0.1], [0.35], [0.6], [0.9], [1.0]])
    y = np.array([1.0, 0.05, 1.0, 1.0, 0.0, 1.0])
    m = posterior(n=6, lengths=np.array([0.2]), nugget=1e-8)
    model = Posterior.of(m.kernel, m.trend, m.theta, m.nugget, Z, y)
    count = 1000
    exact = model.draws(GRID, rng.normal(size=(101, count))).argmin(axis=0)
    paths = [draw_path(model, rng, 128).value(GRID).argmin() for _ in range(count)]
    for low, high in ((0, 33), (34, 75), (76, 100)):
        shares = [np.mean((low <= np.array(i)) & (np.array(i) <= high))
                  for i in (exact, paths)]  # fmt: skip
        error = np.sqrt(np.sum([s * (1 - s) for s in shares]) / count)
        assert abs(shares[0] - shares[1]) < 4 * error + 1e-9
    assert 0.05 < np.mean(exact < 50) < 0.95


def test_points_and_minima_differ_from_draw_to_draw(rng):
    model = posterior(n=6, nugget=1e-8, lengths=LENGTHS)
    points, minima = zip(
        *(thompson(model, BOX, model.Z[:2], rng) for _ in range(4)), strict=True
    )
    assert len(np.unique(np.round(points, 6), axis=0)) == 4
    assert np.ptp(minima) > 0.0
    assert np.max(minima) < model.y.min() + 1e-3


def test_kernels_without_frequencies_are_drawn_at_points(rng):
    model = periodic()
    u, low = thompson(model, BOX, model.Z[:2], rng)
    assert u.shape == (2,)
    mean, std = model.mean_std(u[None])
    assert abs(low - mean[0]) < 6.0 * std[0]


def test_the_lowest_of_joint_draws_is_taken(rng):
    model = posterior(n=30, nugget=1e-8, lengths=LENGTHS)  # hardly a doubt left
    u, low = minimise_draw(model, BOX, model.Z[:0], rng)
    mean, std = model.mean_std(square_grid())
    assert low < mean.min() + 0.2
    assert low > (mean - 6.0 * std).min()
    assert low == pytest.approx(model.mean_std(u[None])[0][0], abs=0.2)


def test_minima_of_transformed_models_are_values():
    """Those of v = T(t) would be something else."""
    inner = posterior(n=30, nugget=1e-8, lengths=LENGTHS)
    transform = YeoJohnson(lam=0.2, centre=5.0, scale=2.0)
    model = Transformed(inner, transform)
    (u, v), (same, low) = (
        thompson(m, BOX, inner.Z[:2], np.random.default_rng(0)) for m in (inner, model)
    )
    np.testing.assert_array_equal(u, same)
    assert low == transform.inverse(np.array(v)) != v


def test_a_mixture_is_drawn_from_all_its_parts():
    low, high = (posterior(n=10, nugget=1e-8, lengths=LENGTHS) for _ in range(2))
    high = Posterior.of(
        high.kernel, high.trend, high.theta, high.nugget, high.Z, high.y + 100.0
    )
    rng, mixture = np.random.default_rng(0), Mixture((low, high))
    minima = [thompson(mixture, BOX, low.Z[:2], rng)[1] for _ in range(8)]
    assert np.min(minima) < 10.0
    assert np.max(minima) > 90.0


def test_what_the_estimator_has_fitted_can_be_taken(rng):
    X = rng.random((12, 2))
    gp = GaussianProcess(bounds=[(0, 1), (0, 1)], n_starts=1, hyper="laplace")
    model = gp.fit(X, np.exp(3.0 * X[:, 0]) + X[:, 1]).model_
    u, low = thompson(model, BOX, X[:2], rng)
    assert np.all((u >= 0.0) & (u <= 1.0))
    assert np.isfinite(low)


@pytest.mark.parametrize("model", [periodic, lambda: posterior(n=9, lengths=LENGTHS)])
def test_discrete_variables_keep_their_values(model, rng):
    space = Space.of({"x": (0.0, 1.0), "k": Integer(1, 4)})
    u, _ = thompson(model(), space, np.empty((0, 2)), rng)
    np.testing.assert_allclose(space.to_unit(space.from_unit(u[None]))[0], u)
