"""DYCORS: the chance to move a coordinate falls as published."""

import math

import numpy as np
import pytest

from surrogo import Optimizer
from surrogo.optimizers import DYCORS, View
from surrogo.optimizers.srbf import SRBFMemory
from tests.optimizers.told import median_best, median_of_random, memories


def chance(d, proposed, budget_left):
    optimizer = Optimizer([(0, 1)] * d, strategy="dycors", rng=0)
    optimizer.budget(budget_left)
    view = View.of(optimizer.trials, effort=1)
    return DYCORS()._chance(view, SRBFMemory(proposed=proposed))


@pytest.mark.parametrize("d", [5, 20, 50])
def test_the_chance_is_the_published_one_floored_at_one_coordinate(d):
    k_max = 400
    for k in (0, 1, 10, 200, 399):
        published = min(20 / d, 1) * (1 - math.log(k + 1) / math.log(k_max))
        assert chance(d, k, k_max - k) == pytest.approx(max(published, 1 / d))


def test_it_begins_at_20_coordinates_and_ends_at_one():
    assert chance(10, 0, 300) == 1.0
    assert chance(80, 0, 300) == 0.25
    assert chance(80, 299, 1) == 1 / 80


def test_without_a_budget_it_falls_over_50_evaluations_a_variable():
    d = 10
    k_max = 50 * d - (d + 1)
    assert chance(d, 30, None) == pytest.approx(1 - math.log(31) / math.log(k_max))
    assert chance(d, k_max, None) == chance(d, 10 * k_max, None) == 0.1


def test_late_proposals_change_few_coordinates():
    d, n = 12, 60
    optimizer = Optimizer([(0, 1)] * d, strategy="dycors", rng=0)
    optimizer.budget(n)
    changed = []
    for _ in range(n):
        best = optimizer.trials.best
        trial = optimizer.ask()
        if best is not None:
            changed.append(int(np.sum(trial.row != best.row)))
        optimizer.tell(trial, float(np.sum((trial.x - 0.3) ** 2)))
    assert changed[d] == d
    assert np.mean(changed[-5:]) < 0.35 * d


def test_it_goes_on_with_the_smallest_steps():
    last = memories("dycors", np.arange(60.0), 2)[-1]
    assert last.halvings == 6
    assert last.first == 0


@pytest.mark.parametrize("problem", ["hartmann3", "hartmann6", "ackley"])
def test_it_beats_random_search(problem):
    assert median_best("dycors", problem, 40) < median_of_random(problem, 160)
