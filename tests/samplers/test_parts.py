"""Samplers made of samplers: sections and distinct points."""

import numpy as np
import pytest

from surrogo import Categorical, Integer, Real, Space
from surrogo.samplers import (
    SAMPLERS,
    Constrained,
    Distinct,
    Grid,
    LatinHypercube,
    Section,
    Sobol,
    Uniform,
)

MIXED = Space.of(
    {
        "rate": Real(1e-5, 1.0, scale="log"),
        "solver": Categorical(["euler", "rk4"]),
        "order": Integer(1, 3, active_if={"solver": "rk4"}),
        "load": Real(0, 100),
    }
)


# ---- sections -------------------------------------------------------------------


@pytest.mark.parametrize("name", sorted(SAMPLERS))
def test_fixed_variables_have_exactly_the_value_and_the_others_the_design(name):
    make = SAMPLERS[name]
    bounds = [(-1, 1), (0, 0.7), (10, 20)]
    X = Section(make(), {1: 0.1}).sample(20, bounds, rng=3)
    np.testing.assert_array_equal(X[:, 1], 0.1)
    expected = make().sample(20, [bounds[0], bounds[2]], rng=3)
    np.testing.assert_array_equal(X[:, [0, 2]], expected)


def test_variables_are_named_and_values_are_the_users():
    X = Section(Uniform(), {"solver": "rk4", "rate": 1e-3}).sample(50, MIXED, rng=0)
    assert np.all(MIXED.contains(X))
    np.testing.assert_array_equal(X[:, :2], [[1e-3, 1.0]] * 50)
    assert set(X[:, 2]) == {1.0, 2.0, 3.0}


def test_a_variable_that_does_not_exist_at_a_point_is_not_fixed_there():
    X = Section(Uniform(), {"order": 3}).sample(50, MIXED, rng=0)
    with_order = X[:, 1] == 1
    np.testing.assert_array_equal(X[with_order, 2], 3)
    np.testing.assert_array_equal(X[~with_order, 2], 2)  # where all such points lie


def test_values_of_free_discrete_variables_are_balanced():
    space = [(0, 1), Integer(1, 3), Integer(1, 4)]
    X = Section(LatinHypercube(), {0: 0.5}).sample(12, space, rng=0)
    for j, k in ((1, 3), (2, 4)):
        np.testing.assert_array_equal(
            np.unique(X[:, j], return_counts=True)[1], 12 // k
        )
    grid = Section(Grid(), {0: 0.5}).sample(12, space)
    assert len(np.unique(grid, axis=0)) == 12


def test_sections_of_the_cube():
    U = Section(LatinHypercube(), {0: 0.25, 2: 1}).sample_unit(5, 4, rng=0)
    np.testing.assert_array_equal(U[:, [0, 2]], [[0.25, 1]] * 5)
    strata = np.sort(np.floor(5 * U[:, [1, 3]]), axis=0)
    np.testing.assert_array_equal(strata, [[k, k] for k in range(5)])


@pytest.mark.parametrize(
    ("fixed", "message"),
    [
        ({"speed": 1}, r"a variable must be one of \['rate', .* below 4, got 'speed'"),
        ({4: 1}, "a variable must be one of .* index below 4, got 4"),
        ({-1: 1}, "a variable must be one of .* got -1"),
        ({"rate": 2.0}, r"value of 'rate' must be a number in \[1e-05, 1.0\], got 2.0"),
        ({"solver": "rk5"}, r"'solver' must be one of \['euler', 'rk4'\], got 'rk5'"),
        ({0: 1e-3, 1: "rk4", 2: 1, 3: 5}, "must leave at least one of the 4 variables"),
    ],
)
def test_sections_that_do_not_exist_are_refused(fixed, message):
    with pytest.raises(ValueError, match=message):
        Section(Uniform(), fixed).sample(3, MIXED)


@pytest.mark.parametrize("make", [Section, Constrained])
def test_something_else_than_a_sampler_is_refused(make):
    with pytest.raises(
        ValueError, match=r"must be a sampler such as Sobol\(\), got <cla"
    ):
        make(Sobol, {})
    with pytest.raises(ValueError, match=r"sampler such as Sobol\(\), got 'sobol'"):
        Distinct("sobol")


# ---- distinct points ------------------------------------------------------------


@pytest.mark.parametrize("name", sorted(SAMPLERS))
@pytest.mark.parametrize("n", [1, 7, 12])
def test_no_point_comes_twice(name, n):
    space = [Integer(1, 3), Categorical([0, 1]), Categorical([0, 1])]
    X = Distinct(SAMPLERS[name]()).sample(n, space, rng=1)
    assert X.shape == (n, 3)
    assert len(np.unique(X, axis=0)) == n


def test_a_design_without_repeats_stays_as_it_is():
    np.testing.assert_array_equal(
        Distinct(Sobol()).sample(9, [(0, 1), (0, 1)], 3),
        Sobol().sample(9, [(0, 1), (0, 1)], 3),
    )
    np.testing.assert_array_equal(
        Distinct(Sobol()).sample_unit(9, 2, 3), Sobol().sample_unit(9, 2, 3)
    )


def test_distinct_points_of_a_section_stay_in_it():
    space = [Integer(1, 3), Integer(1, 4)]
    X = Distinct(Section(Uniform(), {0: 2})).sample(4, space, rng=0)
    assert sorted(map(tuple, X)) == [(2, 1), (2, 2), (2, 3), (2, 4)]


def test_more_points_than_there_are_cannot_be_distinct():
    message = "number of different points, got n=7 and found 6 among .* ask for fewer"
    with pytest.raises(ValueError, match=message):
        Distinct(Grid()).sample(7, [Integer(1, 2), Integer(1, 3)])
