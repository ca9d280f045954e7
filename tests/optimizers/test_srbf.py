"""SRBF: steps halve and double, searches start anew, failures repel."""

import numpy as np
import pytest

from surrogo import Optimizer
from surrogo.optimizers import SRBF
from tests.optimizers.told import (
    median_best,
    median_of_random,
    memories,
    run_on_a_ramp_that_fails,
)

D = 5
DESIGN = D + 1
FAILURES = 5  # max(d, 4)


def halvings(values, **settings):
    return [m.halvings for m in memories(SRBF(**settings), values, D)]


def test_the_step_halves_after_max_d_4_failures():
    seen = halvings(np.arange(DESIGN + 2 * FAILURES + 1))
    # the first proposal of the model comes after the design, and is judged one later
    assert seen[: DESIGN + FAILURES] == [0] * (DESIGN + FAILURES)
    assert seen[DESIGN + FAILURES :] == [1] * FAILURES + [2]
    seen = [m.halvings for m in memories("srbf", np.arange(13), 2)]
    assert seen == [0] * 7 + [1] * 4 + [2] * 2


def test_the_step_doubles_after_three_successes_up_to_its_first_size():
    worse, better = np.arange(DESIGN + 10), -np.arange(1.0, 10.0)
    seen = halvings([*worse, *better])[DESIGN + 10 :]
    assert seen == [2, 2, 2, 1, 1, 1, 0, 0, 0]


def test_one_success_ends_a_series_of_failures():
    worse = [9.0] * 4
    values = [*range(DESIGN), *worse, -1, *worse, -2, *worse]
    assert max(halvings(values)) == 0


def test_the_search_starts_anew_when_the_smallest_steps_fail():
    n = DESIGN + 7 * FAILURES
    seen = memories("srbf", np.arange(n + DESIGN + 2.0), D)
    assert seen[n - 1].halvings == 6
    assert seen[n - 1].first == 0
    anew = seen[n]
    assert (anew.first, anew.halvings, anew.proposed) == (n, 0, 0)
    assert anew.designed == 1
    assert anew.design_seed != seen[n - 1].design_seed
    assert seen[n + DESIGN].proposed == 1


def test_without_restarts_the_smallest_steps_go_on():
    seen = memories(SRBF(restarts=False), np.arange(DESIGN + 10 * FAILURES), D)
    assert seen[-1].halvings == 6
    assert seen[-1].first == 0


def test_proposals_are_steps_of_the_size_from_the_best_point():
    optimizer = Optimizer([(0, 1)] * D, strategy=SRBF(first_step=0.01), rng=1)
    for _ in range(DESIGN):
        trial = optimizer.ask()
        optimizer.tell(trial, float(np.sum((trial.x - 0.5) ** 2)))
    best = optimizer.trials.best.row
    for trial in optimizer.ask(6):
        assert 0.0 < np.linalg.norm(trial.row - best) < 0.01 * np.sqrt(D) * 2.5


def test_points_where_it_fails_are_left():
    asked, optimizer = run_on_a_ramp_that_fails("srbf")
    assert np.mean(asked[-20:, 0] < 0.4) < 0.6
    assert optimizer.result().fun < 0.46


@pytest.mark.parametrize("problem", ["branin", "hartmann3", "hartmann6"])
def test_it_beats_random_search(problem):
    assert median_best("srbf", problem, 40) < median_of_random(problem, 160)


def test_a_step_that_makes_no_sense_is_refused():
    with pytest.raises(ValueError, match="first_step must be above 0"):
        SRBF(first_step=0.0)
