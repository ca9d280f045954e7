"""Discrepancies and least distances: published values, slow versions, errors."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from surrogo import Categorical, Real
from surrogo.samplers import Uniform, discrepancy, min_distance

# The two designs of the documentation of scipy.stats.qmc.discrepancy, after Fang, Li &
# Sudjianto 2006, "Design and Modeling for Computer Experiments".
SPACE_1 = [[1, 3], [2, 6], [3, 2], [4, 5], [5, 1], [6, 4]]
SPACE_2 = [[1, 5], [2, 4], [3, 3], [4, 2], [5, 1], [6, 6]]
BOUNDS = [(0.5, 6.5), (0.5, 6.5)]


@pytest.mark.parametrize(
    ("X", "expected"),
    [(SPACE_1, 0.008142039609053464), (SPACE_2, 0.010456854423869011)],
)
def test_centred_discrepancy_has_the_published_values(X, expected):
    assert discrepancy(X, BOUNDS) == pytest.approx(expected, rel=1e-12)
    U = (np.array(X) - 0.5) / 6
    assert discrepancy(U) == pytest.approx(expected, rel=1e-12)


def test_mixture_discrepancy_has_the_published_value():
    """Zhou, Fang & Ning 2013, example 1, as in the tests of SciPy."""
    X = [[2, 1, 1, 2, 2, 2], [1, 2, 2, 2, 2, 2], [2, 1, 1, 1, 1, 1]]
    X += [
        [1, 1, 1, 1, 2, 2],
        [1, 2, 2, 2, 1, 1],
        [2, 2, 2, 2, 1, 1],
        [2, 2, 2, 1, 2, 2],
    ]
    bounds = [(0.5, 2.5)] * 6
    assert discrepancy(X, bounds, method="MD") == pytest.approx(2.5000, abs=1e-4)
    assert discrepancy(X, bounds, method="WD") == pytest.approx(1.3680, abs=1e-4)
    assert discrepancy(X, bounds, method="CD") == pytest.approx(0.3172, abs=1e-4)


def slow_centred(U):
    """Hickernell 1998, equation 5, term by term."""
    n, d = U.shape
    Z = np.abs(U - 0.5)
    one = sum(np.prod(1 + z / 2 - z * z / 2) for z in Z)
    two = sum(
        np.prod(1 + Z[i] / 2 + Z[j] / 2 - np.abs(U[i] - U[j]) / 2)
        for i, j in itertools.product(range(n), repeat=2)
    )
    return (13 / 12) ** d - 2 * one / n + two / n**2


@given(n=st.integers(1, 8), d=st.integers(1, 4), seed=st.integers(0, 99))
def test_centred_discrepancy_agrees_with_its_formula(n, d, seed):
    U = Uniform().sample_unit(n, d, seed)
    assert discrepancy(U) == pytest.approx(slow_centred(U), rel=1e-9, abs=1e-12)


def test_star_discrepancy_of_one_point_in_the_middle():
    """The integral of (1[x > 1/2] - x)**2 over [0, 1] is 1/12; its root is the norm."""
    assert discrepancy([[0.5]], method="L2-star") == pytest.approx(np.sqrt(1 / 12))


@given(n=st.integers(2, 20), d=st.integers(1, 6), seed=st.integers(0, 99))
def test_least_distance_agrees_with_all_pairs(n, d, seed):
    U = Uniform().sample_unit(n, d, seed)
    pairs = itertools.combinations(U, 2)
    expected = min(np.linalg.norm(u - v) for u, v in pairs)
    assert min_distance(U) == pytest.approx(expected, rel=1e-12)


def test_points_that_coincide_are_no_distance_apart():
    assert min_distance([[0.1, 0.2], [0.5, 0.5], [0.1, 0.2]]) == 0.0


def test_distances_are_those_of_the_scaled_space():
    space = {"rate": Real(1e-4, 1, scale="log"), "kind": Categorical(["a", "b"])}
    assert min_distance([[1e-4, 0], [1e-3, 0], [1e-2, 1]], space) == pytest.approx(0.25)


def test_a_method_that_is_none_is_refused():
    with pytest.raises(ValueError, match="method must be one of 'CD', 'L2-star', 'MD'"):
        discrepancy(SPACE_1, BOUNDS, method="best")


@pytest.mark.parametrize("measure", [discrepancy, min_distance])
@pytest.mark.parametrize(
    ("X", "message"),
    [
        (
            SPACE_1,
            "without a space X must lie in the unit cube, got values from 1 to 6",
        ),
        ([0.1, 0.2], r"X must have shape \(n, d\), got shape \(2,\); one point is a"),
        (np.empty((0, 2)), r"X must have shape \(n, d\), got shape \(0, 2\)"),
        ([[0.5, np.nan]], r"X must be finite, got nan at \[0, 1\]"),
        ([["a"]], "X must hold real numbers"),
    ],
)
def test_points_that_are_none_are_refused(measure, X, message):
    with pytest.raises(ValueError, match=message):
        measure(X)


def test_one_point_has_no_least_distance():
    with pytest.raises(ValueError, match="closest two points needs 2 points, got 1"):
        min_distance([[0.5]])
