"""Counting results by the ids of trials: late ones, batches, failures."""

import numpy as np
import pytest

from surrogo import Evaluation, Space, Trials
from surrogo.optimizers import View
from surrogo.optimizers.rounds import Round, count, depth, members

SIZE = 2  # of the design


@pytest.fixture
def trials():
    return Trials(Space.of([(0, 1)] * 2))


def ask(trials, *rows):
    return [trial.id for trial in trials.ask(np.array(rows, dtype=float))]


def look(trials, memory, decrease=0.0):
    return count(View.of(trials, effort=1), memory, SIZE, decrease)


def counters(memory):
    return memory.seen, memory.successes, memory.failures


def test_design_results_are_not_counted_and_later_ones_once(trials):
    ids = ask(trials, [0, 0], [1, 1], [0.2, 0.2])
    trials.end(ids[0], Evaluation(5.0))
    trials.end(ids[1], Evaluation(4.0))
    memory = look(trials, Round())
    assert (memory.best, *counters(memory)) == (4.0, 0, 0, 0)
    trials.end(ids[2], Evaluation(3.0))
    memory = look(trials, memory)
    assert (memory.best, *counters(memory)) == (3.0, 1, 1, 0)
    assert look(trials, memory) == memory


def test_a_batch_is_one_success_or_as_many_failures_as_results(trials):
    ids = ask(trials, *np.linspace(0, 1, 16).reshape(8, 2))
    for id in ids[:2]:
        trials.end(id, Evaluation(5.0))
    memory = look(trials, Round())
    for id in ids[2:5]:
        trials.end(id, Evaluation(6.0))
    trials.fail(ids[5], "diverged")
    memory = look(trials, memory)
    assert counters(memory) == (4, 0, 4)
    trials.end(ids[7], Evaluation(1.0))
    trials.end(ids[6], Evaluation(2.0))
    assert counters(look(trials, memory)) == (6, 1, 0)


def test_a_gain_below_the_least_decrease_is_a_failure(trials):
    ids = ask(trials, [0, 0], [1, 1], [0.2, 0.2])
    for id in ids[:2]:
        trials.end(id, Evaluation(5.0))
    memory = look(trials, Round())
    trials.end(ids[2], Evaluation(4.9))
    small = look(trials, memory, decrease=0.2)
    assert (small.best, *counters(small)) == (4.9, 1, 0, 1)


def test_late_results_of_an_earlier_round_do_not_count(trials):
    ids = ask(trials, *np.linspace(0, 1, 10).reshape(5, 2))
    memory = Round(first=4)
    trials.end(ids[0], Evaluation(1.0))
    trials.end(ids[4], Evaluation(3.0))
    view = View.of(trials, effort=1)
    assert members(view, memory).tolist() == [False, True]
    memory = look(trials, memory)
    assert (memory.best, *counters(memory)) == (3.0, 0, 0, 0)


def test_the_depth_is_infinite_rather_than_a_warning(trials):
    for id, value in zip(
        ask(trials, [0, 0], [1, 1], [0.1, 1]), (-1.7e308, 1.7e308, 1.7e308), strict=True
    ):
        trials.end(id, Evaluation(value))
    view = View.of(trials, effort=1)
    assert depth(view, Round()) == np.inf
    assert depth(view, Round(first=9)) == 0.0
