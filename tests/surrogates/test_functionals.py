import itertools

import numpy as np
import pytest

from surrogo.surrogates import kernels, radial
from surrogo.surrogates.functional_covariances import (
    covariances,
    length_pull,
    require_smooth,
    variances,
)
from surrogo.surrogates.functionals import Functionals, basis
from surrogo.surrogates.trends import TRENDS, Trend
from tests.reference.naive_hermite import covariance, partial
from tests.surrogates.slope_cases import points

LENGTHS = np.array([0.7, 1.1])
LOG_L = np.log(LENGTHS)
ALPHAS = [(0, 0), (1, 0), (0, 1), (2, 0), (1, 1), (0, 2)]
PROFILES = ["squared_exponential", "matern52", "gaussian", "multiquadric",
            "inverse_multiquadric", "inverse_quadratic", "quintic"]  # fmt: skip


def profile(name):
    return kernels.KERNELS[name] if name in kernels.KERNELS else radial.get(name)


@pytest.mark.parametrize("name", PROFILES)
def test_all_covariances_equal_differences_of_the_kernel(name):
    A, B = points(3, 2), 2.0 + points(2, 2, seed=1)  # apart: no kink in between
    g = profile(name)
    for alpha, beta in itertools.product(ALPHAS, ALPHAS):
        left, right = Functionals.partial(A, alpha), Functionals.partial(B, beta)
        found = covariances(g, LOG_L, [left], [right])
        expected = [[covariance(g, LENGTHS, a, alpha, b, beta) for b in B] for a in A]
        size = np.abs(expected).max()
        np.testing.assert_allclose(found, expected, rtol=2e-5, atol=1e-6 * (1 + size))


@pytest.mark.parametrize("name", ["matern32", "matern52", "squared_exponential"])
def test_covariances_of_slopes_at_one_point_are_the_second_derivatives(name):
    """-2 g'(0) / l^2 on the diagonal, 0 between a value and its slopes."""
    here = points(1, 2)
    given = [Functionals.values(here), *(Functionals.slopes(here, k) for k in (0, 1))]
    g = profile(name)
    slope = g.value_and_slope(np.zeros(1))[1][0]
    expected = np.diag([1.0, *(-2.0 * slope / LENGTHS**2)])
    np.testing.assert_allclose(covariances(g, LOG_L, given, given), expected)


def everything(n=4):
    Z, other = points(n, 2), points(n + 1, 2, seed=3)
    directions = np.random.default_rng(0).normal(size=other.shape)
    return [
        Functionals.values(Z),
        Functionals.slopes(Z, 1),
        Functionals.laplacian(other),
        Functionals.directional(other, directions),
        Functionals.partial(Z, (1, 1)),
    ]


@pytest.mark.parametrize("name", ["matern52", "squared_exponential", "gaussian"])
def test_matrix_of_all_kinds_is_symmetric_and_positive_definite(name):
    given = everything()
    C = covariances(profile(name), LOG_L, given, given)
    np.testing.assert_allclose(C, C.T, rtol=1e-12)
    size = np.sqrt(np.diag(C))
    assert np.linalg.eigvalsh(C / np.outer(size, size)).min() > 1e-9
    np.testing.assert_allclose(variances(profile(name), LOG_L, given), np.diag(C))


def test_sums_of_derivatives_are_sums_of_covariances():
    Z, directions = points(4, 2), np.array([[1.0, 0], [0, 2.0], [3.0, -1], [0, 0]])
    g, right = profile("matern52"), [Functionals.values(points(3, 2, seed=1))]
    found = covariances(g, LOG_L, [Functionals.directional(Z, directions)], right)
    parts = [covariances(g, LOG_L, [Functionals.slopes(Z, k)], right) for k in (0, 1)]
    expected = directions[:, :1] * parts[0] + directions[:, 1:] * parts[1]
    np.testing.assert_allclose(found, expected)
    second = [[Functionals.partial(Z, alpha)] for alpha in [(2, 0), (0, 2)]]
    twice = [covariances(g, LOG_L, one, right) for one in second]
    laplacian = covariances(g, LOG_L, [Functionals.laplacian(Z)], right)
    np.testing.assert_allclose(laplacian, sum(twice))


@pytest.mark.parametrize("name", ["matern32", "matern52", "squared_exponential"])
def test_pull_to_lengths_equals_central_differences(name, rng):
    given = everything()[:2] if name == "matern32" else everything()
    g, n = profile(name), sum(map(len, given))
    W = rng.normal(size=(n, n))

    def total(log_l):
        return np.sum(W * covariances(g, log_l, given, given))

    expected = [partial(total, LOG_L, alpha, 1e-3) for alpha in np.eye(2, dtype=int)]
    np.testing.assert_allclose(length_pull(g, LOG_L, given, W), expected, rtol=1e-8)


@pytest.mark.parametrize(
    ("name", "order"),
    [
        ("matern12", 0), ("matern32", 1), ("matern52", 2), ("linear", 0),
        ("thin_plate", 0), ("cubic", 1), ("quintic", 2),
    ],
)  # fmt: skip
def test_profiles_serve_derivatives_just_as_far_as_they_are_smooth(name, order):
    Z = points(1, 2)
    require_smooth(profile(name), [Functionals.partial(Z, (order, 0))])
    with pytest.raises(ValueError, match="take a smoother one"):
        require_smooth(profile(name), [Functionals.partial(Z, (order + 1, 0))])


@pytest.mark.parametrize("name", ["squared_exponential", "gaussian", "multiquadric"])
def test_analytic_profiles_serve_all_derivatives(name):
    require_smooth(profile(name), [Functionals.partial(points(1, 2), (3, 1))])


@pytest.mark.parametrize("trend", sorted(TRENDS))
def test_basis_of_derivatives_equals_differences_of_the_trend(trend):
    Z, f = points(5), Trend.of(trend, 3)
    np.testing.assert_allclose(
        basis(3, f.degree, [Functionals.values(Z)]), f.basis(Z), atol=1e-15
    )
    for alpha in [(1, 0, 0), (0, 0, 1), (2, 0, 0), (1, 1, 0), (1, 1, 1)]:
        found = basis(3, f.degree, [Functionals.partial(Z, alpha)])
        expected = [partial(lambda z: f.basis(z[None])[0], z, alpha) for z in Z]
        np.testing.assert_allclose(found, expected, atol=1e-9)
    sums = basis(3, f.degree, [Functionals.laplacian(Z)])
    each = [basis(3, f.degree, [Functionals.partial(Z, a)])
            for a in 2 * np.eye(3, dtype=int)]  # fmt: skip
    np.testing.assert_array_equal(sums, sum(each))


def test_points_that_nearly_coincide_give_no_infinities():
    Z = np.array([[0.0, 0.0], [1e-170, 0.0], [1e-90, 1e-90]])
    given = [Functionals.values(Z), Functionals.laplacian(Z)]
    with np.errstate(all="raise", under="ignore"):
        C = covariances(profile("matern52"), LOG_L, given, given)
    assert np.isfinite(C).all()


@pytest.mark.parametrize("alpha", [(1,), (1, -1), (0.5, 1)])
def test_multi_indices_must_fit(alpha):
    with pytest.raises(ValueError, match="alpha"):
        Functionals.partial(points(2, 2), alpha)
