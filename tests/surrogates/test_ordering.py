"""Max-min ordering and nearest predecessors, against slow obvious versions."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from surrogo.surrogates.ordering import maxmin_order, previous_neighbours
from surrogo.surrogates.profiles import squared_distances


def slow_maxmin(Z):
    """Always the point that is farthest from those chosen, from the middle on."""
    middle = Z.mean(axis=0)
    order = [min(range(len(Z)), key=lambda i: np.linalg.norm(Z[i] - middle))]
    while len(order) < len(Z):
        rest = [i for i in range(len(Z)) if i not in order]
        away = [np.linalg.norm(Z[order] - Z[i], axis=1).min() for i in rest]
        order.append(rest[int(np.argmax(away))])
    return order


def insertion_distances(Z):
    """Distance of each row, except the first, to the nearest before it."""
    r2 = squared_distances(Z, Z)
    return np.sqrt([r2[i, :i].min() for i in range(1, len(Z))])


def points(n, d, seed=0):
    return np.random.default_rng(seed).random((n, d))


@pytest.mark.parametrize("d", [1, 2, 5, 20])
def test_order_is_the_slow_one(d, rng):
    Z = points(200, d) * np.geomspace(1, 0.1, d)
    np.testing.assert_array_equal(maxmin_order(Z, rng), slow_maxmin(Z))


@pytest.mark.parametrize("d", [1, 2, 5])
def test_many_points_are_nearly_as_far_apart_as_can_be(d, rng):
    Z = points(3000, d)
    away = insertion_distances(Z[maxmin_order(Z, rng)])
    best = np.minimum.accumulate(insertion_distances(Z[slow_but_vectorised(Z)]))
    random = np.minimum.accumulate(insertion_distances(Z))
    reached = np.minimum.accumulate(away)
    # d = 1 is the hardest: there the best order halves gaps, one level at a time
    assert np.all(reached[1000:2500] > 0.4 * best[1000:2500])
    assert np.all(reached[1000:2500] > 3 * random[1000:2500])


def slow_but_vectorised(Z):
    away, order = np.sum((Z - Z.mean(axis=0)) ** 2, axis=1), []
    order.append(int(np.argmin(away)))
    away = np.full(len(Z), np.inf)
    while len(order) < len(Z):
        away = np.minimum(away, np.sum((Z - Z[order[-1]]) ** 2, axis=1))
        order.append(int(np.argmax(away)))
    return order


@given(
    n=st.integers(1, 60),
    d=st.integers(1, 3),
    levels=st.integers(1, 5),
    seed=st.integers(0, 1000),
)
def test_every_point_comes_once_duplicates_too(n, d, levels, seed):
    rng = np.random.default_rng(seed)
    Z = rng.integers(0, levels, (n, d)).astype(float)
    assert sorted(maxmin_order(Z, rng)) == list(range(n))


def test_every_one_of_many_points_comes_once(rng):
    Z = np.repeat(points(400, 2), 4, axis=0)
    assert sorted(maxmin_order(Z, rng)) == list(range(1600))


def slow_neighbours(Z, m):
    out = np.full((len(Z), m), -1)
    for i in range(len(Z)):
        near = np.argsort(np.sum((Z[:i] - Z[i]) ** 2, axis=1), kind="stable")[:m]
        out[i, : len(near)] = near
    return out


@pytest.mark.parametrize("n", [2, 30, 300, 1500])
@pytest.mark.parametrize(("d", "m"), [(1, 1), (2, 7), (6, 30)])
def test_neighbours_are_the_nearest_before(n, d, m):
    Z = points(n, d)
    np.testing.assert_array_equal(previous_neighbours(Z, m), slow_neighbours(Z, m))


def test_neighbours_are_found_where_they_come_in_the_worst_order():
    # all that is near a late point comes after it: the search has to go far
    Z = np.sort(points(2000, 1), axis=0)[::-1]
    Z = np.concatenate([Z[:1000:2], Z[1000:], Z[1:1000:2]])
    np.testing.assert_array_equal(previous_neighbours(Z, 5), slow_neighbours(Z, 5))


def test_some_rows_have_the_neighbours_they_have_among_all():
    Z, rows = points(900, 3), np.array([0, 2, 40, 300, 301, 899])
    some = previous_neighbours(Z, 6, rows)
    np.testing.assert_array_equal(some, previous_neighbours(Z, 6)[rows])
    assert previous_neighbours(Z, 6, rows[:0]).shape == (0, 6)


def test_duplicates_are_as_near_as_possible():
    Z = np.repeat(points(300, 2), 3, axis=0)
    found = previous_neighbours(Z, 4)
    slow = slow_neighbours(Z, 4)
    for i in range(4, len(Z)):
        far, true = (np.linalg.norm(Z[j] - Z[i], axis=1) for j in (found[i], slow[i]))
        np.testing.assert_allclose(np.sort(far), np.sort(true), atol=1e-15)
        assert len(set(found[i])) == 4
        assert np.all(found[i] < i)
