import numpy as np
import pytest

from surrogo.surrogates import linalg


@pytest.fixture
def R(rng):
    A = rng.normal(size=(7, 7))
    return A @ A.T + np.eye(7)


def test_cholesky_needs_no_jitter_for_a_good_matrix(R):
    before = R.copy()
    L, jitter = linalg.cholesky(R)
    assert jitter == 0.0
    np.testing.assert_allclose(L, np.linalg.cholesky(R), rtol=1e-12)
    np.testing.assert_array_equal(R, before)


def test_cholesky_reads_only_the_lower_triangle(R):
    half = np.tril(R) + np.triu(np.full((7, 7), np.nan), 1)
    np.testing.assert_array_equal(linalg.cholesky(half)[0], linalg.cholesky(R)[0])


@pytest.mark.parametrize("deficit", [0.5e-10, 0.5e-8, 0.5e-6])
def test_cholesky_takes_the_least_jitter_that_does(deficit):
    R = np.ones((3, 3)) - deficit * np.eye(3)
    L, jitter = linalg.cholesky(R)
    assert jitter == pytest.approx(2 * deficit)
    np.testing.assert_allclose(L @ L.T, R + jitter * np.eye(3), atol=1e-15)


def test_cholesky_gives_up_with_advice():
    with pytest.raises(linalg.NotPositiveDefinite, match=r"2 points.*raise the nugget"):
        linalg.cholesky(np.array([[1.0, 2.0], [2.0, 1.0]]))


def test_triangular_solves_and_inverse(R, rng):
    L, _ = linalg.cholesky(R)
    for B in (rng.normal(size=7), rng.normal(size=(7, 3))):
        np.testing.assert_allclose(L @ linalg.solve_lower(L, B), B, atol=1e-12)
        np.testing.assert_allclose(L.T @ linalg.solve_lower_t(L, B), B, atol=1e-12)
    inverse = linalg.inverse_lower(L)
    np.testing.assert_allclose(inverse, np.tril(np.linalg.inv(R)), atol=1e-12)


def test_results_go_where_they_are_asked_to_go(R):
    memory = np.full((2, 7, 7), np.nan).transpose(0, 2, 1)
    L, _ = linalg.cholesky(R, out=memory[0])
    inverse = linalg.inverse_lower(L, out=memory[1])
    assert np.shares_memory(L, memory[0])
    assert np.shares_memory(inverse, memory[1])
    np.testing.assert_array_equal(L, linalg.cholesky(R)[0])
    np.testing.assert_array_equal(inverse, linalg.inverse_lower(L))


@pytest.mark.parametrize("shape", [(0, 4), (0,), (7, 0)])
def test_triangular_solves_without_rows_or_columns(R, shape):
    L = linalg.cholesky(R)[0] if shape[0] else np.zeros((0, 0))
    assert linalg.solve_lower(L, np.zeros(shape)).shape == shape
    assert linalg.solve_lower_t(L, np.zeros(shape)).shape == shape


def test_upper_of_qr_has_the_gram_matrix_of_its_argument(rng):
    A = rng.normal(size=(9, 4))
    T = linalg.upper_of_qr(A)
    np.testing.assert_array_equal(T, np.triu(T))
    np.testing.assert_allclose(T.T @ T, A.T @ A, rtol=1e-12, atol=1e-13)


@pytest.mark.parametrize("q", [1, 3])
def test_appended_factor_is_that_of_the_whole_matrix(R, q):
    n = 7 - q
    L, _ = linalg.cholesky(R[:n, :n])
    grown = linalg.append(L, R[:n, n:], R[n:, n:])
    np.testing.assert_allclose(grown, linalg.cholesky(R)[0], rtol=1e-12, atol=1e-14)


def test_appending_a_point_twice_is_refused():
    L, _ = linalg.cholesky(np.eye(2))
    k = np.array([[1.0], [0.0]])
    with pytest.raises(linalg.NotPositiveDefinite, match="cannot append 1 points"):
        linalg.append(L, k, np.array([[1.0]]))
