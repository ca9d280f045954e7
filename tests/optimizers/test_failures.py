"""Failures of a place count as bad values, bad luck does not."""

import numpy as np
import pytest

from surrogo import Optimizer
from surrogo.optimizers import View
from surrogo.optimizers.failures import (
    fit_beside_failures,
    of_the_place,
    promising_place,
    viability,
)
from surrogo.optimizers.global_model import Hyper, fit_global


def view_of(U, fails, pending=()):
    """Values are a bowl; points where `fails` is true gave none."""
    optimizer = Optimizer([(0, 1)] * 2)
    for u, failed in zip(U, fails, strict=True):
        trial = optimizer.ask_at(u)
        if failed:
            optimizer.tell_failure(trial, "the mesh did not close")
        else:
            optimizer.tell(trial, float(np.sum((u - 0.3) ** 2)))
    for u in pending:
        optimizer.ask_at(u)
    return View.of(optimizer.trials, effort=1)


def fit(view, how):
    return how(view, Hyper(), "matern52", False, np.random.default_rng(0))


def test_failures_beside_failures_are_of_the_place_and_lone_ones_are_not(rng):
    U = rng.random((60, 2))
    corner = np.all(U < 0.5, axis=1)
    lone = np.zeros(60, dtype=bool)
    lone[np.argmin(np.sum((U - 0.8) ** 2, axis=1))] = True
    view = view_of(U, corner | lone)
    found = of_the_place(view)
    in_corner = np.all(view.failed < 0.4, axis=1)
    assert np.all(found[in_corner])
    assert not np.any(found[np.all(view.failed > 0.6, axis=1)])


def test_failures_by_chance_are_hardly_ever_of_the_place(rng):
    for share in (0.2, 0.3):
        views = [view_of(rng.random((80, 2)), rng.random(80) < share) for _ in range(5)]
        assert np.mean(np.concatenate([of_the_place(view) for view in views])) < 0.1


def test_the_model_takes_those_for_the_median_and_the_others_as_predicted(rng):
    U = rng.random((40, 2))
    view = view_of(U, np.all(U < 0.5, axis=1), pending=[[0.9, 0.9]])
    model, _ = fit(view, fit_beside_failures)
    n, f = len(view.y), len(view.failed)
    bad = of_the_place(view)
    assert np.sum(bad) > 0
    median = np.median(model.y[:n])
    assert np.all(model.y[n : n + f][bad] >= median)
    believed, _ = fit(view, fit_global)
    assert np.allclose(model.y[n : n + f][~bad], believed.y[n : n + f][~bad], atol=1e-6)
    assert len(model.y) == n + f + 1


def test_without_failures_the_model_is_the_global_one(rng):
    view = view_of(rng.random((12, 2)), np.zeros(12), pending=[[0.1, 0.1]])
    one, two = fit(view, fit_beside_failures), fit(view, fit_global)
    assert np.array_equal(one[0].y, two[0].y)
    assert one[1] == two[1]


def test_a_random_place_is_where_success_is_likely(rng):
    U = rng.random((60, 2))
    view = view_of(U, U[:, 0] < 0.6)
    places = [promising_place(view, np.random.default_rng(k))[0] for k in range(20)]
    assert np.mean(np.array(places) > 0.6) >= 0.9
    nothing = view_of(np.full((3, 2), 0.1), np.ones(3))
    assert np.max(promising_place(nothing, rng)) > 0.5


def test_what_is_known_of_the_chance_is_fitted_once(rng):
    view = view_of(rng.random((20, 2)), np.arange(20) % 2)
    assert viability(view) is viability(view)


@pytest.mark.parametrize("seed", [153, 235, 279])
def test_results_and_failures_in_any_order_never_break_an_ask(seed):
    rng = np.random.default_rng(seed)
    d = int(rng.integers(1, 5))
    optimizer, running = Optimizer([(0, 1)] * d, rng=seed), []
    share = rng.choice([0.1, 0.3, 0.6])
    for _ in range(60):
        if running and rng.random() < 0.55:
            trial = running.pop(int(rng.integers(len(running))))
            if rng.random() < share:
                optimizer.tell_failure(trial, "no mesh")
            else:
                digits = int(rng.integers(1, 8))
                value = float(np.sum(np.round((trial.x - 0.3) ** 2, digits)))
                optimizer.tell(trial, value)
        else:
            running += optimizer.ask(int(rng.integers(1, 4)))
    assert len(optimizer.trials) > 20
