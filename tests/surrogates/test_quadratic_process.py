import math

import numpy as np
import pytest

from surrogo.surrogates import quadratic_fit
from surrogo.surrogates import quadratic_kernel as kernel
from surrogo.surrogates.quadratic_fit import Found, search
from surrogo.surrogates.quadratic_likelihood import QuadraticLikelihood
from surrogo.surrogates.quadratic_process import QuadraticProcess, blur
from tests.reference.differences import gradient

PHI = np.array([0.3, -0.2, 0.5, -1.0, 0.2, 0.1, -5.0])
# Everything but the quadratic and the nugget is negligible.
ALMOST_QUADRATIC = np.array([0.0, 0.0, 0.0, 0.0, -25.0, 1.0, math.log(1e-16)])


def wavy(rng, n=20, d=3):
    Z = rng.uniform(-2, 2, (n, d))
    return Z, np.sum(Z**2, axis=1) + Z[:, 0] + 0.3 * np.sin(3 * Z[:, 1])


def ellipsoid(rng, d, condition):
    V = np.linalg.qr(rng.normal(size=(d, d)))[0]
    return (V * condition ** np.linspace(0, 1, d)) @ V.T


def dense(Z, w, phi):
    return kernel.covariance(Z, Z, phi) + np.exp(phi[6]) * np.diag(w)


def test_features_have_the_covariance_of_the_polynomial(rng):
    Z = rng.normal(size=(9, 4))
    F = kernel.features(Z, PHI)
    rest = kernel.residual_covariance(Z, Z, PHI)
    assert F.shape == (9, 15)
    np.testing.assert_allclose(F @ F.T + rest, kernel.covariance(Z, Z, PHI), rtol=1e-12)


def test_covariance_is_the_formula(rng):
    z, other = rng.normal(size=(2, 3))
    a, l2 = np.exp(PHI[:5]), math.exp(2 * PHI[5])
    expected = a[0] + a[1] * (z @ other) + a[2] * (z @ other) ** 2
    expected += a[3] * np.sum(z**2 * other**2)
    expected += a[4] * math.exp(-0.5 * np.sum((z - other) ** 2) / l2)
    ours = kernel.covariance(z[None], other[None], PHI)
    assert ours[0, 0] == pytest.approx(expected, rel=1e-13)


@pytest.mark.parametrize("unit", [0.01, 0.5, 7.0])
def test_changed_units_do_not_change_covariances(unit, rng):
    Z, w = rng.normal(size=(8, 3)), np.ones(8)
    phi = kernel.in_units(PHI, unit, size=3.0)
    np.testing.assert_allclose(
        9 * dense(Z / unit, w, phi), dense(Z, w, PHI), rtol=1e-11
    )


def test_value_is_the_log_density(rng):
    Z, y = wavy(rng)
    w = blur(Z)
    C = dense(Z, w, PHI)
    mean, variance = kernel.prior(3)
    expected = 0.5 * (y @ np.linalg.solve(C, y) + np.linalg.slogdet(C)[1])
    expected += 0.5 * np.sum((PHI - mean) ** 2 / variance)
    assert QuadraticLikelihood(Z, y, w)(PHI).value == pytest.approx(expected, rel=1e-9)


def test_gradient_is_that_of_the_value(rng):
    Z, y = wavy(rng)
    objective = QuadraticLikelihood(Z, y, blur(Z))
    expected = gradient(lambda phi: objective(phi).value, PHI)
    np.testing.assert_allclose(objective(PHI).gradient, expected, rtol=1e-7, atol=1e-7)


def test_information_is_the_average_one(rng):
    Z, y = wavy(rng)
    w, h = blur(Z), 1e-5
    a = np.linalg.solve(dense(Z, w, PHI), y)
    change = [dense(Z, w, PHI + e) - dense(Z, w, PHI - e) for e in h * np.eye(7)]
    slopes = np.array([D @ a / (2 * h) for D in change])
    expected = 0.5 * slopes @ np.linalg.solve(dense(Z, w, PHI), slopes.T)
    expected += np.diag(1 / kernel.prior(3)[1])
    ours = QuadraticLikelihood(Z, y, w)(PHI).information
    np.testing.assert_allclose(ours, expected, rtol=1e-5, atol=1e-7)


def test_search_ends_where_the_gradient_is_small(rng):
    Z, y = wavy(rng)
    found = search(QuadraticLikelihood(Z, y / 4, blur(Z)), kernel.prior(3)[0], 1e-8)
    peak = found.peak
    inside = (peak.phi > kernel.LOWER) & (peak.phi < kernel.UPPER)
    assert np.sum(inside) >= 5
    np.testing.assert_allclose(peak.gradient[inside], 0, atol=1e-2)


def test_warm_search_needs_few_evaluations(rng):
    Z, y = wavy(rng, n=31, d=4)
    cold = QuadraticProcess.fit(Z[:-1], y[:-1], blur(Z[:-1]))
    again = QuadraticProcess.fit(Z[:-1], y[:-1], blur(Z[:-1]), warm=cold)
    more = QuadraticProcess.fit(Z / 2, y, blur(Z), warm=cold, unit=2.0)
    assert again.n_evaluations <= 2
    assert more.n_evaluations <= 12
    assert more.n_evaluations < cold.n_evaluations


def test_warm_start_in_other_units_has_the_same_covariances(rng, monkeypatch):
    Z, y = wavy(rng)
    cold = QuadraticProcess.fit(Z, y)
    stay = lambda objective, start: Found(objective(start), 1)  # noqa: E731
    monkeypatch.setattr(quadratic_fit, "search", stay)
    other = QuadraticProcess.fit(Z / 2, 5 * y, warm=cold, unit=2.0)
    X = rng.uniform(-1, 1, (5, 3))
    np.testing.assert_allclose(other.mean(X / 2), 5 * cold.mean(X), rtol=1e-8)
    np.testing.assert_allclose(other.variance(X / 2), cold.variance(X), rtol=1e-5)


@pytest.mark.parametrize("factor", [1e-60, 1e60, 0.0])
def test_values_of_another_size_start_afresh(factor, rng):
    Z, y = wavy(rng)
    warm = QuadraticProcess.fit(Z, y)
    afresh = QuadraticProcess.fit(Z, factor * y)
    assert np.array_equal(
        QuadraticProcess.fit(Z, factor * y, warm=warm).phi, afresh.phi
    )


def test_mean_and_variance_are_those_of_the_dense_formulas(rng):
    Z, y = wavy(rng)
    w = blur(Z)
    model = QuadraticProcess.of(Z, y, w, PHI, scale=2.5)
    X = rng.uniform(-2, 2, (6, 3))
    k = kernel.covariance(X, Z, PHI)
    C = dense(Z, w, PHI)
    prior = np.diag(kernel.covariance(X, X, PHI))
    variance = prior - np.sum(k * np.linalg.solve(C, k.T).T, axis=1)
    np.testing.assert_allclose(model.mean(X), k @ np.linalg.solve(C, y), rtol=1e-9)
    np.testing.assert_allclose(model.variance(X), 2.5**2 * variance, rtol=1e-7)


def test_mean_is_quadratic_part_and_rest(rng):
    Z, y = wavy(rng)
    m = QuadraticProcess.fit(Z, y)
    for z in rng.uniform(-2, 2, (5, 3)):
        r2 = np.sum((z - m.Z) ** 2, axis=1)
        rest = np.exp(-0.5 * r2 * np.exp(-2 * m.phi[5])) @ m.weights
        quadratic = m.constant + m.slope @ z + 0.5 * z @ m.curvature @ z
        assert m.mean(z[None])[0] == pytest.approx(quadratic + rest, rel=1e-10)


def test_gradient_of_the_mean(rng):
    Z, y = wavy(rng)
    m = QuadraticProcess.fit(Z, y)
    z = rng.uniform(-1, 1, 3)
    value, slope = m.mean_gradient(z)
    assert value == pytest.approx(m.mean(z[None])[0], rel=1e-12)
    expected = gradient(lambda z: m.mean(z[None])[0], z)
    np.testing.assert_allclose(slope, expected, rtol=1e-7, atol=1e-7)


@pytest.mark.parametrize("d", [1, 2, 5])
def test_a_quadratic_is_recovered_from_as_many_points_as_coefficients(d, rng):
    n = (d + 1) * (d + 2) // 2
    H, g = ellipsoid(rng, d, 10.0), rng.normal(size=d)
    Z = rng.uniform(-1, 1, (n, d))
    y = 3 + Z @ g + 0.5 * np.sum((Z @ H) * Z, axis=1)
    m = QuadraticProcess.of(Z, y, np.ones(n), ALMOST_QUADRATIC)
    size = np.max(np.abs(y))
    np.testing.assert_allclose(m.curvature, H, atol=1e-8 * size)
    np.testing.assert_allclose(m.slope, g, atol=1e-8 * size)
    assert m.constant == pytest.approx(3, abs=1e-8 * size)


@pytest.mark.parametrize("d", [2, 5])
def test_a_quadratic_is_recovered_with_estimated_hyper_parameters(d, rng):
    n = (d + 1) * (d + 2) // 2 + 2 * d
    H = ellipsoid(rng, d, 1e3)
    Z = rng.uniform(-1, 1, (n, d))
    y = 0.5 * np.sum((Z @ H) * Z, axis=1)
    m = QuadraticProcess.fit(Z, y)
    X = rng.uniform(-1, 1, (10, d))
    expected = 0.5 * np.sum((X @ H) * X, axis=1)
    np.testing.assert_allclose(m.mean(X), expected, atol=1e-8 * np.max(y))
    np.testing.assert_allclose(m.curvature, H, atol=1e-6 * np.max(H))


@pytest.mark.parametrize("reach", [4.0, 1e5])
def test_far_points_do_not_blur_near_ones(reach, rng):
    """Values in the region are up to 1e-10 of those far away."""
    d, n = 5, 31
    H, centre = ellipsoid(rng, d, 1e6), rng.uniform(-0.5, 0.5, d)
    Z = rng.uniform(-1, 1, (n, d))
    Z[8:] *= np.geomspace(1, reach, n - 8)[:, None]
    Z[0] = 0.0
    away = Z - centre
    y = 0.5 * np.sum((away @ H) * away, axis=1)
    m = QuadraticProcess.fit(Z, y - y[0], blur(Z))
    z = -np.linalg.solve(m.curvature, m.slope)
    assert 0.5 * (z - centre) @ H @ (z - centre) < 1e-8 * y[0]


def nothing_is_special(rng):
    return rng.normal(size=(12, 3)), rng.normal(size=12)


def one_point(rng):
    return np.zeros((1, 3)), np.zeros(1)


def one_point_away_from_0(rng):
    return np.ones((1, 3)), np.ones(1)


def fewer_points_than_variables(rng):
    return rng.normal(size=(4, 9)), rng.normal(size=4)


def one_variable(rng):
    return rng.normal(size=(9, 1)), rng.normal(size=9)


def duplicates(rng):
    Z = rng.normal(size=(6, 3))
    return np.vstack([Z, Z, Z + 1e-13]), np.tile(np.sum(Z**2, axis=1), 3)


def duplicates_that_disagree(rng):
    return np.tile(rng.normal(size=(6, 3)), (2, 1)), rng.normal(size=12)


def on_a_line(rng):
    Z = np.outer(rng.normal(size=15), [1.0, 2.0, -1.0])
    return Z, np.sum(Z**4, axis=1)


def constant(rng):
    return rng.normal(size=(15, 3)), np.full(15, 5.0)


def zero(rng):
    return rng.normal(size=(15, 3)), np.zeros(15)


def wide_range(rng):
    return rng.normal(size=(15, 3)), 10.0 ** rng.uniform(-12, 12, 15)


def one_huge(rng):
    Z, y = wavy(rng)
    return Z, np.where(np.arange(20) == 7, 1e12, y)


def tiny(rng):
    Z, y = wavy(rng)
    return Z, 1e-150 * y


def least(rng):
    return rng.normal(size=(15, 3)), 5e-324 * rng.integers(0, 3, 15)


def huge(rng):
    Z, y = wavy(rng)
    return Z, 1e150 * y


def far_away(rng):
    Z, y = wavy(rng)
    return Z * 10.0 ** rng.uniform(0, 8, (20, 1)), y


@pytest.mark.parametrize(
    "case",
    [
        nothing_is_special,
        one_point,
        one_point_away_from_0,
        fewer_points_than_variables,
        one_variable,
        duplicates,
        duplicates_that_disagree,
        on_a_line,
        constant,
        zero,
        wide_range,
        one_huge,
        tiny,
        least,
        huge,
        far_away,
    ],
)
@pytest.mark.parametrize("weighted", [False, True])
def test_nasty_data_give_a_finite_model_near_the_values(case, weighted, rng):
    Z, y = case(rng)
    w = blur(Z) if weighted else None
    m = QuadraticProcess.fit(Z, y, w)
    X = rng.uniform(-1, 1, (5, Z.shape[1]))
    assert np.all(np.isfinite(m.mean(X)))
    assert np.all(m.variance(X) >= 0)
    assert np.all(np.isfinite(m.mean_gradient(X[0])[1]))
    near = Z if w is None else Z[w < 1e6]
    assert np.max(np.abs(m.mean(near)), initial=0.0) <= 2 * np.max(np.abs(y))
    warm = QuadraticProcess.fit(Z / 1e-3, y, w, warm=m, unit=1e-3)
    assert np.all(np.isfinite(warm.mean(X)))


def test_it_interpolates_smooth_values(rng):
    Z, y = wavy(rng)
    m = QuadraticProcess.fit(Z, y)
    np.testing.assert_allclose(m.mean(Z), y, atol=1e-4)
    assert np.max(m.variance(Z)) < 1e-6 < np.min(m.variance(3 * Z + 5))


def test_a_blurred_point_counts_less(rng):
    Z = rng.uniform(-1, 1, (25, 2))
    y = np.sum(Z**2, axis=1)
    Z[0], y[0] = [3.0, 3.0], 30.0
    w = np.where(np.arange(25) == 0, 1e14, 1.0)
    X = rng.uniform(-1, 1, (20, 2))
    exact = np.sum(X**2, axis=1)
    blurred = np.max(np.abs(QuadraticProcess.fit(Z, y, w).mean(X) - exact))
    taken = np.max(np.abs(QuadraticProcess.fit(Z, y).mean(X) - exact))
    assert blurred < 1e-6 < taken


def test_blur_is_1_in_the_box_and_grows_outside():
    Z = np.array([[0.0, 0.0], [1.0, -1.0], [-2.0, 1.0]])
    np.testing.assert_allclose(blur(Z), [1.0, 1.0, 64.0])
    np.testing.assert_allclose(blur(Z, power=2.0), [1.0, 1.0, 4.0])
