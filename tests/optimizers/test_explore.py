"""The exploring arm: who moves, where to, and which candidate is taken."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from surrogo.optimizers.explore import (
    _distinct,
    _most_promising,
    _perturbed,
    _unit,
    explore,
)


@pytest.mark.parametrize("turns", [0, 1, 2, 3])
def test_a_run_that_is_nearly_over_is_explored(turns, rng):
    U, y = rng.random((9, 4)), rng.random(9)
    for turn in range(6):
        u = explore(U, y, U, turn, turns, rng)
        assert np.all((u >= 0.0) & (u <= 1.0))
        assert np.any(u != U[np.argmin(y)])


def test_candidates_are_in_the_cube_and_differ_from_the_best_point(rng):
    centre = np.array([0.0, 1.0, 0.5, 0.9])
    C = _perturbed(centre, 0.25, rng)
    assert C.shape == (400, 4)
    assert np.all((C >= 0.0) & (C <= 1.0))
    inside = _perturbed(np.full(4, 0.5), 0.25, rng) != 0.5
    assert np.all(np.any(inside, axis=1))
    # One for certain, each of the others with the chance: 1.75 on average.
    assert np.mean(np.sum(inside, axis=1)) == pytest.approx(1.75, abs=0.15)


def test_at_a_weight_of_one_the_lowest_prediction_wins(rng):
    U = rng.random((40, 2))
    y = np.sum((U - 0.3) ** 2, axis=1)
    C = np.array([[0.31, 0.29], [0.1, 0.1], [0.9, 0.9], [0.3, 0.6]])
    assert _most_promising(C, U, y, U, 1.0).tolist() == [0.31, 0.29]


def test_at_a_weight_of_zero_the_farthest_candidate_wins(rng):
    U = 0.5 * rng.random((20, 2))
    y = np.sum((U - 0.3) ** 2, axis=1)
    C = np.vstack([rng.random((30, 2)) * 0.8, [[1.0, 1.0]]])
    assert _most_promising(C, U, y, U, 0.0).tolist() == [1.0, 1.0]
    # Points that are only running or failed count, too.
    taken = np.vstack([U, [[0.99, 0.99], [0.9, 0.9]]])
    assert _most_promising(C, U, y, taken, 0.0).tolist() != [1.0, 1.0]


def test_weights_change_from_turn_to_turn():
    """The larger the weight of the prediction, the closer to the minimum."""
    U = np.random.default_rng(0).random((30, 2))
    y = np.sum((U - 0.3) ** 2, axis=1)
    mean = []
    for turn in range(4):
        points = [
            explore(U, y, U, turn, 1000, np.random.default_rng(s)) for s in range(12)
        ]
        mean.append(np.mean(np.linalg.norm(np.array(points) - 0.3, axis=1)))
    assert mean[3] < mean[2] < mean[1]
    assert mean[3] < 0.5 * mean[0]


def test_it_predicts_a_minimum_that_no_point_is_near():
    U = np.random.default_rng(1).random((60, 2))
    y = np.sum((U - [0.7, 0.4]) ** 2, axis=1)
    far = np.linalg.norm(U - [0.7, 0.4], axis=1) > 0.15
    U, y = U[far], y[far]
    u = explore(U, y, U, 3, 10_000, np.random.default_rng(0))
    assert u == pytest.approx([0.7, 0.4], abs=0.1)


def test_of_points_that_are_one_the_best_is_kept():
    U = np.array([[0.5, 0.5], [0.50001, 0.5], [0.2, 0.2]])
    kept, y = _distinct(U, np.array([2.0, 1.0, 3.0]))
    assert kept.tolist() == [[0.50001, 0.5], [0.2, 0.2]]
    assert y.tolist() == [1.0, 3.0]


def test_the_model_sees_the_500_best(rng):
    U, y = rng.random((700, 3)), rng.random(700)
    kept, values = _distinct(U, y)
    assert len(kept) == 500
    assert np.array_equal(values, np.sort(y)[:500])


@pytest.mark.parametrize("v", [[-1.7e308, 0.0, 1.7e308], [1e-300, 2e-300, 3e-300]])
def test_values_of_any_size_are_scaled(v):
    assert _unit(np.array(v)) == pytest.approx([0.0, 0.5, 1.0])
    assert _unit(np.full(3, v[0])).tolist() == [0.0] * 3


@given(
    st.integers(1, 4),
    st.integers(1, 12),
    st.integers(0, 10**6),
    st.sampled_from([0.0, 1.0, 1e-300, 1e308]),
    st.integers(0, 50),
)
def test_a_point_of_the_cube_whatever_the_values(d, n, seed, scale, turn):
    rng = np.random.default_rng(seed)
    U = np.round(rng.random((n, d)), 1)  # points come twice
    y = scale * rng.uniform(-1.0, 1.0, n)
    u = explore(U, y, U, turn, 20, rng)
    assert u.shape == (d,)
    assert np.all((u >= 0.0) & (u <= 1.0))
