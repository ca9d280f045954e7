"""The initial design: it goes on where it stopped, and until there is enough."""

import numpy as np
import pytest

from surrogo import Evaluation, Space, Trials
from surrogo.optimizers import View
from surrogo.optimizers.design import Designed, missing, points


@pytest.fixture
def trials():
    return Trials(Space.of([(0, 1)] * 2))


def test_the_design_goes_on_where_it_stopped(trials):
    view, rng = View.of(trials, effort=1), np.random.default_rng(0)
    every, _ = points(view, Designed(), 5, np.random.default_rng(0))
    some, memory = points(view, Designed(), 2, rng)
    more, memory = points(view, memory, 3, rng)
    assert np.array_equal(np.vstack([some, more]), every)
    assert memory.designed == 5
    none, same = points(view, memory, 0, rng)
    assert none.shape == (0, 2)
    assert same == memory


def test_it_goes_on_until_two_values_are_known_and_there_are_enough_points(trials):
    ids = [trial.id for trial in trials.ask(np.linspace(0, 1, 10).reshape(5, 2))]
    trials.end(ids[0], Evaluation(1.0))
    assert missing(View.of(trials, 1), 7, 4) == 4
    trials.end(ids[1], Evaluation(1.0))
    assert missing(View.of(trials, 1), 7, 4) == 2
    assert missing(View.of(trials, 1), 4, 4) == 0
    assert missing(View.of(trials, 1), 7, 4, first=3) == 4


def test_failures_count_as_points_but_not_as_values(trials):
    ids = [trial.id for trial in trials.ask(np.linspace(0, 1, 10).reshape(5, 2))]
    for id in ids[2:]:
        trials.fail(id, "diverged")
    assert missing(View.of(trials, 1), 5, 3) == 3
    for id in ids[:2]:
        trials.end(id, Evaluation(1.0))
    assert missing(View.of(trials, 1), 6, 3) == 1
