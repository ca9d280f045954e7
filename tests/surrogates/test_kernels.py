import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from surrogo.surrogates.kernels import (
    KERNELS,
    Kernel,
    Matern12,
    Matern52,
    Stationary,
    fill_lower,
    get,
    squared_distances,
)
from tests.reference import naive_gp
from tests.surrogates.cases import every_kernel


@every_kernel
def test_value_equals_the_formula_of_the_book(kernel):
    r = np.array([0.0, 1e-9, 1e-3, 0.1, 0.7, 1.0, 3.0, 20.0])
    expected = [naive_gp.correlation(kernel, x) for x in r]
    np.testing.assert_allclose(get(kernel).value(r**2), expected, rtol=1e-13)


@every_kernel
def test_slope_equals_central_differences(kernel):
    r2 = np.array([1e-2, 0.1, 1.0, 4.0])
    h = 1e-4 * r2
    g = get(kernel).value
    near, far = g(r2 + h) - g(r2 - h), g(r2 + 2 * h) - g(r2 - 2 * h)
    slope = get(kernel).value_and_slope(r2)[1]
    np.testing.assert_allclose(slope, (8 * near - far) / (12 * h), rtol=1e-8)


@every_kernel
def test_value_is_one_and_slope_finite_where_points_coincide(kernel):
    value, slope = get(kernel).value_and_slope(np.zeros(3))
    np.testing.assert_array_equal(value, 1.0)
    assert np.all(np.isfinite(slope))


@every_kernel
def test_value_does_not_change_its_argument(kernel):
    r2 = np.array([0.0, 0.5])
    get(kernel).value_and_slope(r2)
    np.testing.assert_array_equal(r2, [0.0, 0.5])


@every_kernel
@given(
    Z=arrays(np.float64, st.tuples(st.integers(1, 8), st.integers(1, 3)),
             elements=st.floats(0, 1)),
    scale=st.floats(0.05, 50.0),
)  # fmt: skip
def test_gram_matrices_have_no_negative_eigenvalue(kernel, Z, scale):
    R = get(kernel).value(squared_distances(Z / scale, Z / scale))
    assert np.linalg.eigvalsh(R).min() > -1e-14 * len(Z)


def test_rough_kernels_are_in_the_limit_of_the_smooth_one():
    r2 = np.linspace(0, 2, 30)
    names = ["matern12", "matern32", "matern52", "squared_exponential"]
    values = np.array([get(name).value(r2) for name in names])
    gaps = np.abs(values[:-1] - values[-1]).max(axis=1)
    assert np.all(np.diff(gaps) < 0)  # smoother and smoother
    assert gaps[-1] < 0.1


def test_exponential_slope_is_zero_only_at_zero_distance():
    _, slope = Matern12().value_and_slope(np.array([0.0, 1e-200, 1e-12]))
    assert slope[0] == 0.0
    assert slope[1] == pytest.approx(-0.5e100)
    assert slope[2] == pytest.approx(-0.5e6)


def test_distances_of_near_points_keep_their_digits():
    A = np.array([[0.3, 0.7]])
    near = squared_distances(A, A + np.array([1e-12, 0.0]))
    assert near[0, 0] == pytest.approx(((A[0, 0] + 1e-12) - A[0, 0]) ** 2, rel=1e-12)


@pytest.mark.parametrize("n", [1, 2, 63, 64, 65, 130])
def test_lower_triangles_are_those_of_the_full_matrices(n, rng):
    Z = rng.random((n, 3))
    full = Matern52().value_and_slope(squared_distances(Z, Z))
    for order in ("F", "C"):
        value, slope = (np.full((n, n), np.nan, order=order) for _ in range(2))
        fill_lower(Matern52(), Z, value, slope)
        np.testing.assert_array_equal(np.tril(value), np.tril(full[0]))
        np.testing.assert_array_equal(np.tril(slope), np.tril(full[1]))


def test_get_takes_names_and_kernels():
    assert get("matern52") is KERNELS["matern52"]
    assert get(Matern12()) == Matern12()
    with pytest.raises(ValueError, match=r"kernel must be one of .* got 'matern99'"):
        get("matern99")


def test_a_kernel_must_say_what_it_is():
    with pytest.raises(NotImplementedError):
        Stationary().value(np.zeros(1))
    with pytest.raises(NotImplementedError):
        Kernel().correlations(np.zeros((1, 1)), np.zeros((1, 1)), np.zeros(1))
    with pytest.raises(NotImplementedError):
        Kernel().lower_and_pull(np.zeros((1, 1)), np.zeros(1))
    with pytest.raises(NotImplementedError):
        Kernel().parameters(1)


@every_kernel
@pytest.mark.parametrize("order", [1, 2, 3, 4])
def test_derivatives_equal_central_differences_of_the_one_below(kernel, order):
    if kernel == "matern12" and order == 4:
        with pytest.raises(NotImplementedError, match="derivatives of Matern kernels"):
            get(kernel).derivatives(np.ones(1), 6)
    r2 = np.array([0.05, 0.3, 1.0, 4.0])
    h = 1e-4 * r2

    def below(r2):
        return get(kernel).derivatives(r2, order - 1)[-1]

    near, far = below(r2 + h) - below(r2 - h), below(r2 + 2 * h) - below(r2 - 2 * h)
    found = get(kernel).derivatives(r2, order)
    assert len(found) == order + 1
    np.testing.assert_allclose(found[-1], (8 * near - far) / (12 * h), rtol=1e-7)
    value, slope = get(kernel).value_and_slope(r2)
    np.testing.assert_allclose(found[0], value, rtol=1e-12)
    np.testing.assert_allclose(found[1], slope, rtol=1e-12)
    assert all(np.isfinite(g).all() for g in get(kernel).derivatives(r2 * 0, order))


def test_a_profile_offers_no_more_than_it_writes():
    class Plain(Stationary):
        def value_and_slope(self, r2):
            return np.exp(-r2), -np.exp(-r2)

    assert len(Plain().derivatives(np.ones(2), 1)) == 2
    with pytest.raises(
        NotImplementedError, match="Plain has no derivatives of order 2"
    ):
        Plain().derivatives(np.ones(2), 2)
