"""The fast process of values and slopes against the general one."""

import tracemalloc

import numpy as np
import pytest

from surrogo.surrogates.gradient_posterior import GradientPosterior
from surrogo.surrogates.kernels import get
from surrogo.surrogates.slope_process import NUGGET, SlopeProcess
from surrogo.surrogates.slopes import Slopes
from surrogo.surrogates.trends import Trend
from tests.reference.differences import gradient


def data(rng, d=3, with_slopes=5, without=3):
    """Points, values of a bent function, and the slopes at some of them."""
    n = with_slopes + without
    Z = rng.uniform(-1, 1, (n, d))
    y = np.sin(2 * Z[:, 0]) + np.sum(Z**3, axis=1)
    G = 3 * Z**2
    G[:, 0] += 2 * np.cos(2 * Z[:, 0])
    G[with_slopes:] = np.nan
    return Z, y, G


def reference(Z, y, G, length):
    log_l = np.full(Z.shape[1], np.log(length))
    kernel, constant = get("squared_exponential"), Trend.of("constant", Z.shape[1])
    return GradientPosterior.of(
        kernel, constant, log_l, (NUGGET, NUGGET), Slopes(Z, y, G)
    )


@pytest.mark.parametrize("d", [1, 2, 5])
@pytest.mark.parametrize("length", [0.5, 2.0])
def test_the_mean_is_the_one_of_the_general_model(rng, d, length):
    Z, y, G = data(rng, d)
    fast, slow = SlopeProcess.of(Z, y, G, length), reference(Z, y, G, length)
    new = rng.uniform(-1, 1, (6, d))
    ours = [fast.mean_gradient(z)[0] for z in new]
    np.testing.assert_allclose(ours, slow.mean(new), rtol=1e-4, atol=1e-5)


def test_the_loss_is_the_one_of_the_general_model_but_for_a_constant(rng):
    Z, y, G = data(rng)
    lengths = [0.5, 1.0, 2.0]
    ours = [SlopeProcess.of(Z, y, G, length).loss for length in lengths]
    theirs = [-reference(Z, y, G, length).log_likelihood() for length in lengths]
    np.testing.assert_allclose(np.diff(ours), np.diff(theirs), rtol=1e-4)


def test_slopes_of_the_mean_are_its_differences_and_the_data_are_met(rng):
    Z, y, G = data(rng)
    process = SlopeProcess.fit(Z, y, G)
    for z, value, slopes in zip(Z, y, G, strict=True):
        mean, along = process.mean_gradient(z)
        assert mean == pytest.approx(value, abs=1e-5)
        if not np.isnan(slopes[0]):
            assert along == pytest.approx(slopes, abs=1e-4)
    z = rng.uniform(-1, 1, 3)
    differences = gradient(lambda z: process.mean_gradient(z)[0], z, 1e-4)
    assert process.mean_gradient(z)[1] == pytest.approx(differences, rel=1e-4, abs=1e-5)


@pytest.mark.parametrize("scale", [1e-150, 1e150])
def test_the_size_of_values_does_not_matter(rng, scale):
    Z, y, G = data(rng)
    small, large = SlopeProcess.fit(Z, y, G), SlopeProcess.fit(Z, scale * y, scale * G)
    assert large.length == small.length
    z = rng.uniform(-1, 1, 3)
    expected = scale * small.mean_gradient(z)[0]
    assert large.mean_gradient(z)[0] == pytest.approx(expected, rel=1e-9)


def test_smoother_functions_have_longer_scales(rng):
    Z = rng.uniform(-1, 1, (8, 2))
    wave = 12.0 * Z[:, 0]
    rough = np.sin(wave), np.column_stack([12.0 * np.cos(wave), np.zeros(8)])
    smooth = np.sin(Z[:, 0]), np.column_stack([np.cos(Z[:, 0]), np.zeros(8)])
    lengths = [SlopeProcess.fit(Z, *both).length for both in (rough, smooth)]
    assert lengths[0] < lengths[1]


def test_slopes_that_are_not_known_take_no_room(rng):
    """With room for all of them the covariance would take 2 GB."""
    Z = rng.uniform(-1, 1, (80, 200))
    G = 2 * Z
    G[2:] = np.nan
    tracemalloc.start()
    SlopeProcess.of(Z, np.sum(Z**2, axis=1), G, 8.0)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 1e8


def test_nothing_to_learn_gives_no_process(rng):
    Z, _, G = data(rng)
    with np.errstate(all="ignore"):
        assert SlopeProcess.fit(Z, np.zeros(8), np.zeros((8, 3))) is None
        assert SlopeProcess.fit(Z, np.full(8, np.inf), G) is None
