"""Quadratics of many outputs, against what they must reproduce."""

import numpy as np
import pytest

from surrogo.surrogates.shared_quadratic import LINEAR, SharedQuadratic


def quadratics(d, r, rng, bend=0.1):
    G = rng.normal(size=(r, d))
    H = bend * rng.normal(size=(r, d, d))
    H = H + np.swapaxes(H, 1, 2)
    return lambda Z: Z @ G.T + 0.5 * np.einsum("ni,rij,nj->nr", Z, H, Z)


@pytest.mark.parametrize("d", [1, 2, 5])
def test_full_quadratics_are_reproduced(d):
    rng = np.random.default_rng(d)
    f = quadratics(d, 3, rng)
    n = d + d * (d + 1) // 2
    Z = rng.uniform(-1, 1, (n + 2, d))
    model = SharedQuadratic.fit(Z, f(Z), np.ones(n + 2))
    new = rng.uniform(-1, 1, (20, d))
    mean = np.array([model.mean(z) for z in new])
    assert np.allclose(mean, f(new), atol=1e-4 * np.ptp(f(new)))


def test_with_d_points_slopes_are_nearly_those_of_the_linear_interpolant():
    rng = np.random.default_rng(0)
    G = rng.normal(size=(4, 3))
    Z = np.diag([0.5, -0.8, 1.0])
    model = SharedQuadratic.fit(Z, Z @ G.T, np.ones(3))
    assert np.allclose(model.jacobian(np.zeros(3)), G, rtol=2e-3, atol=2e-3)


def test_the_jacobian_is_that_of_the_mean():
    rng = np.random.default_rng(1)
    Z = rng.uniform(-1, 1, (7, 3))
    model = SharedQuadratic.fit(Z, np.sin(Z @ rng.normal(size=(3, 5))), np.ones(7))
    z, h = np.array([0.3, -0.2, 0.6]), 1e-6
    steps = h * np.eye(3)
    slopes = [(model.mean(z + e) - model.mean(z - e)) / (2 * h) for e in steps]
    assert np.allclose(model.jacobian(z), np.transpose(slopes), atol=1e-7)


def test_variance_is_that_of_the_prior_away_and_nothing_at_the_data():
    rng = np.random.default_rng(2)
    Z = rng.uniform(-1, 1, (4, 2))
    model = SharedQuadratic.fit(Z, rng.normal(size=(4, 1)), np.ones(4))
    assert np.all(model.variance(Z) < 1e-3)
    one = SharedQuadratic.fit(np.array([[1.0, 0.0]]), np.ones((1, 1)), np.ones(1))
    square = 2.0 * one.tau**2 * 0.25
    assert one.variance(np.array([[0.0, 1.0]])) == pytest.approx([LINEAR + square])


def test_bent_outputs_get_the_larger_curvature():
    rng = np.random.default_rng(3)
    Z = rng.uniform(-1, 1, (9, 2))
    models = [
        SharedQuadratic.fit(Z, quadratics(2, 6, rng, bend)(Z), np.ones(9))
        for bend in (0.01, 10.0)
    ]
    assert models[0].tau < models[1].tau
