"""Thinking is bounded by the clock, and what the clock chose is on record."""

import json
from dataclasses import replace

import numpy as np
import pytest

from surrogo import Optimizer
from surrogo.optimizers import optimizer as module
from surrogo.optimizers.effort import HASTY, USUAL, Pace
from surrogo.optimizers.global_model import Hyper, fit_global
from tests.optimizers.test_basins import view_of


def paced(*seconds, level=USUAL):
    pace = Pace()
    for each in seconds:
        pace.thought(each, level)
    return pace


@pytest.mark.parametrize(
    ("thinking", "evaluations", "level"),
    [
        ((3.0, 3.0), [0.1], USUAL),  # two asks may have been disturbed
        ((3.0, 3.0, 3.0), [0.1], HASTY),
        ((3.0, 0.1, 3.0), [0.1], USUAL),
        ((3.0, 3.0, 3.0), [0.1, 20.0, 20.0], USUAL),  # a fifth of 20 s is 4 s
        ((3.0, 3.0, 3.0), [], USUAL),  # nothing is known of evaluations
        ((6.0, 6.0, 6.0), [], HASTY),
        ((6.0, 6.0, 6.0, 0.1), [0.1], USUAL),
    ],
)
def test_long_thinking_beside_short_evaluations_makes_hasty(
    thinking, evaluations, level
):
    assert paced(*thinking).level(evaluations) == level


def test_what_asks_in_haste_took_says_nothing_and_the_last_level_stays():
    assert paced(0.1, 0.1, 0.1, level=HASTY).level([0.1], last=HASTY) == HASTY


class Clock:
    """A clock by which every ask takes three seconds."""

    def __init__(self):
        self.now = 0.0

    def perf_counter(self):
        self.now += 3.0
        return self.now


def test_the_level_is_on_record_and_survives_a_resume(monkeypatch):
    monkeypatch.setattr(module, "time", Clock())
    optimizer = Optimizer([(0, 1)], strategy="ego", rng=0)
    for _ in range(5):
        trial = optimizer.ask()
        optimizer.tell(trial, float((trial.x[0] - 0.4) ** 2), seconds=0.1)
    asks = [event for event in optimizer.trials.events if event["event"] == "ask"]
    assert [event["effort"] for event in asks] == [USUAL] * 3 + [HASTY] * 2
    again = Optimizer.from_dict(json.loads(json.dumps(optimizer.to_dict())))
    assert again.trials.effort == HASTY
    assert np.array_equal(again.ask().x, optimizer.ask().x)
    assert again.trials.effort == HASTY


def test_in_haste_the_global_model_sees_the_best_and_the_last(rng):
    U = rng.random((700, 2))
    y = np.sum((U - 0.3) ** 2, axis=1)
    view = view_of(U, y)
    hyper = Hyper("plain", {"plain": [0.0, 0.0]}, 700, 700)
    hasty, kept = fit_global(replace(view, effort=HASTY), hyper, "matern52", False, rng)
    assert kept == hyper
    assert len(hasty.y) == 300
    seen = {tuple(u) for u in hasty.Z}
    assert {tuple(U[i]) for i in np.argsort(y)[:150]} <= seen
    assert {tuple(u) for u in U[-100:]} <= seen
    full, _ = fit_global(replace(view, effort=USUAL), hyper, "matern52", False, rng)
    assert len(full.y) == 700


def test_a_point_of_the_users_own_does_not_change_the_level():
    optimizer = Optimizer([(0, 1)], rng=0)
    optimizer.trials.ask([[0.3]], effort=HASTY)
    optimizer.ask_at([0.5])
    assert optimizer.trials.effort == HASTY
