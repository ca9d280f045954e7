import numpy as np
import pytest

from surrogo import Integer, Space
from surrogo.acquisition import many_targets
from surrogo.acquisition.many_targets import _evenly, _last_of_clusters
from tests.surrogates.cases import posterior

BOX = Space.of([(0, 1), (0, 1)])
LENGTHS = np.array([0.3, 0.5])


def model(n=9):
    return posterior(nugget=1e-8, n=n, lengths=LENGTHS)


def grid():
    steps = np.linspace(0.0, 1.0, 61)
    return np.stack(np.meshgrid(steps, steps), axis=-1).reshape(-1, 2)


@pytest.fixture(scope="module")
def batch():
    return many_targets(model(), BOX, np.random.default_rng(1))


def test_the_first_point_is_local_and_the_last_where_least_is_known(batch):
    """Jones 2001, enhanced method 4."""
    m = model()
    mean, std = m.mean_std(grid())
    nearest = grid()[np.argmin(mean)]
    away = np.linalg.norm((batch - nearest) / LENGTHS, axis=1)
    assert np.argmin(away) == 0
    assert away[0] < 0.3
    stds = m.mean_std(batch)[1]
    assert np.argmax(stds) == len(batch) - 1
    assert stds[-1] > 0.9 * std.max()


def test_the_points_are_distinct(batch):
    assert 2 < len(batch) <= 16
    i, j = np.triu_indices(len(batch), 1)
    assert np.linalg.norm(batch[i] - batch[j], axis=1).min() > 1e-2


def test_a_smaller_batch_has_the_ends_of_the_large_one(batch):
    two = many_targets(model(), BOX, np.random.default_rng(1), q=2)
    np.testing.assert_array_equal(two, batch[[0, -1]])
    with pytest.raises(ValueError, match="size of a batch"):
        many_targets(model(), BOX, np.random.default_rng(1), q=0)


def test_discrete_variables_keep_their_values(rng):
    space = Space.of({"x": (0.0, 1.0), "k": Integer(1, 4)})
    batch = many_targets(model(), space, rng, q=3)
    np.testing.assert_allclose(batch, space.to_unit(space.from_unit(batch)))


def test_clusters_keep_their_last_point():
    points = np.array([[0.0], [0.01], [1.0], [1.02], [0.02], [3.0]])
    np.testing.assert_array_equal(_last_of_clusters(points), [3, 4, 5])


def test_no_chain_of_points_becomes_one_cluster():
    chain = np.linspace(0.0, 2.0, 41)[:, None]
    assert len(_last_of_clusters(chain)) > 8


@pytest.mark.parametrize(("size", "most"), [(1, 1), (5, 1), (5, 2), (5, 5), (5, 9)])
def test_some_of_many(size, most):
    chosen = _evenly(size, most)
    assert len(set(chosen.tolist())) == min(size, most)
    assert chosen[0] == 0
    if most > 1:
        assert chosen[-1] == size - 1
