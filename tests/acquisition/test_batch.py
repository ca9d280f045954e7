import numpy as np
import pytest

from surrogo import Integer, Space
from surrogo.acquisition import (
    LogEI,
    Search,
    batch_improvement,
    greedy_batch,
    maximise,
)
from tests.surrogates.cases import posterior

LENGTHS = np.array([0.3, 0.5])
BOX = Space.of([(0, 1), (0, 1)])
NOTHING = np.empty((0, 2))
QUICK = Search(raw=256, near=64, starts=4)


def model():
    return posterior(n=10, nugget=1e-6, lengths=LENGTHS)


def test_the_first_point_is_that_of_log_ei(rng):
    m = model()
    first = greedy_batch(m, BOX, NOTHING, rng, 1)
    best, _ = maximise(LogEI(float(m.y.min())), m, BOX, m.Z[:3], rng)
    np.testing.assert_allclose(first, best[:1], atol=1e-3)


def test_a_greedy_batch_is_worth_more_than_the_best_points_or_random_ones(rng):
    m = model()
    level, U = float(m.y.min()), rng.random((2000, 2))
    batch = greedy_batch(m, BOX, NOTHING, rng, 4, search=QUICK)
    worth = batch_improvement(m, level, batch, rng)
    top = U[np.argsort(-LogEI(level).score(m, U))[:4]]
    assert worth > 1.1 * batch_improvement(m, level, top, rng)
    for _ in range(10):
        some = rng.random((4, 2))
        assert worth > batch_improvement(m, level, some, rng)


def test_greedy_is_nearly_the_best_pair(rng):
    """Against all pairs of a grid."""
    m, steps = model(), np.linspace(0.0, 1.0, 9)
    level = float(m.y.min())
    grid = np.stack(np.meshgrid(steps, steps), axis=-1).reshape(-1, 2)
    grid = grid[np.argsort(-LogEI(level).score(m, grid))[:24]]
    pairs = np.stack(np.triu_indices(24, 1), axis=1)
    best = max(batch_improvement(m, level, grid[p], rng, draws=64) for p in pairs)
    batch = greedy_batch(m, BOX, NOTHING, rng, 2, search=QUICK)
    assert batch_improvement(m, level, batch, rng) > 0.95 * best


def test_points_stay_away_from_those_under_way_and_from_each_other(rng):
    m = model()
    pending = greedy_batch(m, BOX, NOTHING, rng, 1, search=QUICK)
    batch = greedy_batch(m, BOX, pending, rng, 2, search=QUICK)
    assert batch.shape == (2, 2)
    every = np.vstack([pending, batch])
    i, j = np.triu_indices(3, 1)
    assert np.linalg.norm((every[i] - every[j]) / LENGTHS, axis=1).min() > 0.05


def test_the_level_can_be_given(rng):
    """Far below the best value, points go where least is known."""
    m = model()
    near, far = (
        greedy_batch(m, BOX, NOTHING, rng, 1, best=level, search=QUICK)
        for level in (float(m.y.min()), float(m.y.min()) - 50.0)
    )
    assert m.mean_std(far)[1][0] > m.mean_std(near)[1][0]


def test_discrete_variables_keep_their_values(rng):
    space = Space.of({"x": (0.0, 1.0), "k": Integer(1, 4)})
    batch = greedy_batch(model(), space, NOTHING, rng, 2, search=QUICK)
    np.testing.assert_allclose(space.to_unit(space.from_unit(batch)), batch)


def test_an_empty_batch_is_refused(rng):
    with pytest.raises(ValueError, match="q, the size of a batch"):
        greedy_batch(model(), BOX, NOTHING, rng, 0)
