"""Extending any design."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from surrogo import Categorical, Integer, Real, Space
from surrogo.samplers import (
    LatinHypercube,
    Uniform,
    discrepancy,
    extend,
    min_distance,
)
from surrogo.samplers.extension import farthest
from tests.strategies import points, spaces


@given(data=st.data(), n=st.integers(1, 5), seed=st.integers(0, 99))
def test_new_points_of_any_space_belong_to_it(data, n, seed):
    space = data.draw(spaces(max_d=4))
    X = data.draw(points(space))
    new = extend(X, n, space, seed)
    assert new.shape == (n, space.d)
    assert np.all(space.contains(new))


@pytest.mark.parametrize(("n0", "n", "d"), [(20, 20, 2), (50, 30, 3), (40, 10, 6)])
def test_new_points_keep_away_from_all_others_and_lower_the_discrepancy(n0, n, d):
    """Against points drawn by the generator, medians over 11 designs."""
    bounds = [(0, 1)] * d
    ours, theirs = [], []
    for seed in range(11):
        X = LatinHypercube().sample(n0, bounds, seed)
        rng = np.random.default_rng(seed)
        for rows, out in (
            (extend(X, n, bounds, rng), ours),
            (rng.random((n, d)), theirs),
        ):
            both = np.vstack([X, rows])
            gaps = np.linalg.norm(both[:, None] - rows, axis=2)
            gaps[n0 + np.arange(n), np.arange(n)] = np.inf
            out.append((gaps.min(), discrepancy(both)))
    (distance, spread), (random, random_spread) = np.median([ours, theirs], axis=1)
    assert distance > 1.5 * random
    assert spread < random_spread


def slow_farthest(pool, U, n, walls):
    """The definition, one candidate at a time."""
    chosen = []
    for _ in range(n):
        best, most = None, -1.0
        for k, u in enumerate(pool):
            others = [np.sum((u - v) ** 2) for v in [*U, *pool[chosen]]]
            edges = [
                2 * min(x, 1 - x) for x, wall in zip(u, walls, strict=True) if wall
            ]
            edges = [2 * len(edges) * min(edges) ** 2] if edges else []
            nearest = min([*others, *edges], default=np.inf)
            if nearest > most:
                best, most = k, nearest
        chosen.append(best)
    return chosen


@given(
    n0=st.integers(0, 4),
    n=st.integers(1, 5),
    walls=st.lists(st.booleans(), min_size=1, max_size=3),
    seed=st.integers(0, 99),
)
def test_choice_agrees_with_the_slow_one(n0, n, walls, seed):
    pool, U = (Uniform().sample_unit(k, len(walls), seed + k) for k in (30, n0 + 1))
    chosen = farthest(pool, U[:n0], n, np.array(walls))
    assert chosen == slow_farthest(pool, U[:n0], n, walls)


def test_a_design_of_no_points_is_extended_too():
    new = extend(np.empty((0, 2)), 8, [(0, 1), (5, 6)], rng=0)
    assert min_distance(new, [(0, 1), (5, 6)]) > 0.2


def test_no_point_of_a_discrete_space_comes_twice_before_all_are_taken():
    space = Space.of([Integer(1, 3), Categorical([0, 1, 2])])
    X = [[1, 0], [3, 2], [2, 2]]
    rest = extend(X, 6, space, rng=0)
    assert len(np.unique(np.vstack([X, rest]), axis=0)) == 9
    more = extend(np.vstack([X, rest]), 18, space, rng=0)
    np.testing.assert_array_equal(np.unique(more, axis=0, return_counts=True)[1], 2)


def test_the_same_seed_gives_the_same_points_and_the_design_stays():
    X = np.array([[0.2, 3.0], [0.9, 5.0]])
    before = X.copy()
    bounds = {"rate": Real(0.1, 1, scale="log"), "load": (2, 6)}
    first, again, other = (extend(X, 3, bounds, seed) for seed in (1, 1, 2))
    np.testing.assert_array_equal(first, again)
    assert not np.any(first == other)
    np.testing.assert_array_equal(X, before)


def test_designs_that_do_not_fit_are_refused():
    with pytest.raises(
        ValueError, match=r"X must have shape \(n, 2\), got shape \(1, 3"
    ):
        extend([[1, 2, 3]], 1, [(0, 1), (0, 1)])
    with pytest.raises(ValueError, match="n, the number of points, must be an integer"):
        extend([[0.5]], 0, [(0, 1)])
