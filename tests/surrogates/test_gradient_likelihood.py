import math

import numpy as np
import pytest

from surrogo.surrogates.gradient_likelihood import GradientLikelihood, fitted
from surrogo.surrogates.kernels import get
from surrogo.surrogates.likelihood import Likelihood
from surrogo.surrogates.plan import Plan
from surrogo.surrogates.slopes import Slopes
from surrogo.surrogates.trends import TRENDS, Trend
from tests.reference.differences import gradient
from tests.reference.naive_hermite import NaiveSlopes
from tests.surrogates.slope_cases import (
    LENGTHS,
    SMOOTH,
    likelihood,
    points,
    rosenbrock,
    rosenbrock_gradient,
    slopes,
    wavy,
)

NUGGET = 1e-4


@pytest.mark.parametrize("kernel", SMOOTH)
@pytest.mark.parametrize("trend", sorted(TRENDS))
@pytest.mark.parametrize("complete", [True, False])
@pytest.mark.parametrize("slope_nugget", [None, 1e-3])
def test_gradient_equals_central_differences(kernel, trend, complete, slope_nugget):
    part = likelihood(kernel, trend, complete=complete, slope_nugget=slope_nugget)
    phi = np.append(np.log(LENGTHS), math.log(NUGGET))

    def value(phi):
        return part.value_and_gradient(phi[:-1], math.exp(phi[-1]))[0]

    expected = gradient(value, phi)
    _, in_log_l, in_nugget = part.value_and_gradient(phi[:-1], NUGGET)
    size = np.abs(expected).max()
    found = np.append(in_log_l, in_nugget)
    np.testing.assert_allclose(found, expected, rtol=1e-6, atol=1e-8 * size)


@pytest.mark.parametrize("kernel", SMOOTH)
@pytest.mark.parametrize("trend", sorted(TRENDS))
def test_likelihood_equals_the_naive_one(kernel, trend):
    data, f = slopes(), Trend.of(trend, 3)
    naive = NaiveSlopes(get(kernel), f, LENGTHS, NUGGET, data.Z, data.y, data.G)
    part = GradientLikelihood(get(kernel), f, data)
    found = part.posterior(np.log(LENGTHS), NUGGET)
    assert found.log_likelihood() == pytest.approx(naive.log_likelihood(), rel=1e-8)
    assert found.factors.s2 == pytest.approx(naive.s2, rel=1e-8)
    np.testing.assert_allclose(found.factors.beta, naive.beta, rtol=1e-6, atol=1e-9)


@pytest.mark.parametrize("kernel", SMOOTH)
@pytest.mark.parametrize("trend", sorted(TRENDS))
def test_values_alone_give_the_likelihood_of_values(kernel, trend):
    Z, f = points(25), Trend.of(trend, 3)
    ours = GradientLikelihood(get(kernel), f, Slopes.of(Z, wavy(Z)))
    plain = Likelihood(get(kernel), Z, f.basis(Z), wavy(Z))
    log_l = np.log(LENGTHS)
    for one, other in zip(
        ours.value_and_gradient(log_l, NUGGET),
        plain.value_and_gradient(log_l, NUGGET),
        strict=True,
    ):
        np.testing.assert_allclose(one, other, rtol=1e-6)


def test_value_differs_from_the_log_likelihood_by_a_constant():
    part = likelihood("matern52", "linear", complete=False)
    constants = [
        part.value_and_gradient(log_l, NUGGET)[0]
        + part.posterior(log_l, NUGGET).log_likelihood()
        for log_l in (np.log(LENGTHS), np.zeros(3))
    ]
    assert constants[0] == pytest.approx(constants[1], rel=1e-9)


def test_search_finds_length_scales_that_predict_rosenbrock(rng):
    """Gradients of n points do better than twice as many values."""
    X = rng.random((60, 4)) * 4.0 - 2.0
    Z, y, G = X / 4.0 + 0.5, rosenbrock(X), 4.0 * rosenbrock_gradient(X)
    scale = y.std()
    t, G = (y - y.mean()) / scale, G / scale
    new = rng.random((300, 4))
    truth = (rosenbrock(4.0 * new - 2.0) - y.mean()) / scale
    errors = []
    for data in (Slopes(Z[:30], t[:30], G[:30]), Slopes.of(Z, t)):
        part = GradientLikelihood(get("matern52"), Trend.of("constant", 4), data)
        model, _ = fitted(Plan(1, None, True, 0), part, 1e-10)
        np.testing.assert_allclose(model.mean(data.Z), data.y, atol=1e-8)
        errors.append(np.sqrt(np.mean((model.mean(new) - truth) ** 2)))
    assert errors[0] < 0.7 * errors[1]


def test_estimated_nugget_is_that_of_the_noise(rng):
    exact = slopes(n=30)
    noise = 0.05 * np.std(exact.y)
    y, G = (x + noise * rng.normal(size=x.shape) for x in (exact.y, 3.0 * exact.G))
    data = Slopes(exact.Z, y, G / 3.0)
    part = GradientLikelihood(get("squared_exponential"), Trend.of("constant", 3), data)
    model, fit = fitted(Plan(2, None, False, 0), part, None)
    assert fit.nugget == model.nugget > 0
    found = np.sqrt(fit.nugget * model.factors.s2)
    assert 0.3 * noise < found < 3.0 * noise


def test_kernels_without_length_scales_are_refused():
    with pytest.raises(ValueError, match=r"stationary kernel .* got Sum"):
        GradientLikelihood(
            get("matern52") + get("matern32"), Trend.of("zero", 3), slopes()
        )


def test_rough_kernels_are_refused():
    with pytest.raises(ValueError, match=r"order 1 .* got Matern12"):
        likelihood("matern12").value_and_gradient(np.zeros(3), NUGGET)
