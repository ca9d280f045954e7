"""Grids and lattices."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from surrogo import Categorical, Integer, Space
from surrogo.samplers import Grid, Lattice
from surrogo.samplers.grid import grid_levels
from surrogo.samplers.lattice import korobov, lattice, worst_case


@pytest.mark.parametrize(("k", "d"), [(2, 1), (7, 1), (2, 3), (5, 2), (3, 5), (10, 3)])
def test_a_power_is_the_full_factorial_design(k, d):
    U = Grid().sample_unit(k**d, d, rng=0)
    lines = [(np.arange(k) + 0.5) / k] * d
    expected = np.stack(np.meshgrid(*lines, indexing="ij"), axis=-1).reshape(-1, d)
    np.testing.assert_allclose(U, expected, rtol=1e-15)


def test_ends_lie_on_the_bounds():
    X = Grid(ends=True).sample(9, [(-1, 3), (10, 20)])
    expected = [[x, y] for x in (-1, 1, 3) for y in (10, 15, 20)]
    np.testing.assert_array_equal(X, expected)


def test_a_single_level_lies_in_the_middle_even_with_ends():
    np.testing.assert_array_equal(Grid(ends=True).sample(1, [(2, 2), (0, 4)])[0][0], 2)


@given(
    n=st.integers(1, 2000),
    most=st.lists(st.integers(1, 5) | st.just(np.inf), min_size=1, max_size=8),
)
def test_levels_are_the_fewest_that_are_enough(n, most):
    most = np.array(most, dtype=float)
    levels = grid_levels(n, most)
    assert np.all((levels >= np.minimum(most, 2)) & (levels <= most))
    total = math.prod(levels.tolist())
    if total < n:
        np.testing.assert_array_equal(levels, most)
    free = levels[levels < most]
    assert len(free) == 0 or np.ptp(free) <= 1
    largest = np.argmax(np.where(most > 2, levels, 0))
    if levels[largest] > 2:
        assert total // levels[largest] * (levels[largest] - 1) < n


@given(n=st.integers(1, 300), d=st.integers(1, 70), seed=st.integers(0, 9))
def test_points_of_a_grid_lie_on_its_levels_and_differ(n, d, seed):
    U = Grid().sample_unit(n, d, seed)
    levels = grid_levels(n, np.full(d, np.inf))
    cells = U * levels - 0.5
    np.testing.assert_allclose(cells, np.rint(cells), atol=1e-9)
    assert len(np.unique(np.rint(cells), axis=0)) == n


def test_levels_of_discrete_variables_are_their_values():
    space = Space.of([Integer(1, 3), (0.0, 1.0), Categorical([0, 1])])
    X = Grid().sample(24, space)
    assert len(np.unique(X, axis=0)) == 24
    for j, count in enumerate([3, 4, 2]):
        values, times = np.unique(X[:, j], return_counts=True)
        assert len(values) == count
        assert np.ptp(times) == 0


def test_a_space_with_fewer_points_than_asked_for_is_repeated_evenly():
    X = Grid().sample(15, [Integer(1, 2), Integer(1, 3)], rng=0)
    counts = np.unique(X, axis=0, return_counts=True)[1]
    assert sorted(counts) == [2, 2, 2, 3, 3, 3]


def test_very_many_combinations_are_no_trouble():
    U = Grid().sample_unit(50, 300, rng=0)
    assert set(U.ravel()) == {0.25, 0.75}
    assert len(np.unique(U, axis=0)) == 50


# ---- lattices -------------------------------------------------------------------


def test_a_lattice_in_one_variable_is_equal_steps():
    U = Lattice(shift=False).sample_unit(5, 1)
    np.testing.assert_allclose(U.ravel(), [0, 0.2, 0.4, 0.6, 0.8])


@given(n=st.integers(1, 300), d=st.integers(1, 8), seed=st.integers(0, 9))
def test_every_variable_of_a_lattice_has_one_point_a_stratum(n, d, seed):
    U = Lattice().sample_unit(n, d, seed)
    # all in one variable share their place in the stratum, which may be near its edge
    place = (U[0] * n) % 1.0
    strata = np.sort(np.rint(U * n - place).astype(int) % n, axis=0)
    np.testing.assert_array_equal(strata, np.arange(n)[:, None].repeat(d, axis=1))


@given(n=st.integers(2, 200), d=st.integers(1, 5), seed=st.integers(0, 9))
def test_differences_of_a_lattice_are_points_of_it(n, d, seed):
    U = Lattice().sample_unit(n, d, seed)
    steps = np.rint((U - U[0]) * n).astype(int) % n
    known = set(map(tuple, steps))
    again = (steps - steps[n // 2]) % n
    assert set(map(tuple, again)) == known


@pytest.mark.parametrize(("n", "d"), [(5, 2), (13, 2), (21, 3), (64, 2), (97, 4)])
def test_the_generator_is_the_best_of_korobovs(n, d):
    units = [a for a in range(1, n) if math.gcd(a, n) == 1]
    errors = [worst_case(lattice(n, tuple(a**j % n for j in range(d)))) for a in units]
    assert worst_case(lattice(n, korobov(n, d))) == pytest.approx(min(errors), rel=1e-9)


def test_p2_in_one_variable_is_the_exact_sum():
    """Sum of h**-2 over the h that the lattice aliases: 2 zeta(2) / n**2, h = n k."""
    for n in (1, 4, 9):
        exact = np.pi**2 / 3 / n**2
        assert worst_case(lattice(n, (1,))) == pytest.approx(exact, rel=1e-10)


def test_p2_is_the_error_of_the_worst_function():
    """Against its definition: the Fourier sum over the dual lattice, cut off at 400."""
    n, z = 8, (1, 3)
    h = np.arange(-400, 401)
    decay = np.where(h == 0, 1.0, 0.5 / np.maximum(h * h, 1.0))  # weights 1/d = 1/2
    dual = (h[:, None] * z[0] + h * z[1]) % n == 0
    total = np.sum((decay[:, None] * decay)[dual]) - 1.0
    assert worst_case(lattice(n, z)) == pytest.approx(total, rel=1e-2)


def test_the_fibonacci_lattice_comes_from_its_generator():
    U = Lattice((1, 8), shift=False).sample_unit(13, 2)
    expected = [[i / 13, 8 * i % 13 / 13] for i in range(13)]
    np.testing.assert_allclose(U, expected, atol=1e-15)


def test_generators_that_do_not_fit_are_refused():
    message = "must hold one integer for each of the 2 variables, got 3; leave it out"
    with pytest.raises(ValueError, match=message):
        Lattice((1, 2, 3)).sample_unit(5, 2)
    with pytest.raises(
        ValueError, match="each entry of the generator of a lattice must"
    ):
        Lattice((1, 0.5))
