"""Finished basins are filled, and the search goes elsewhere."""

import numpy as np

from surrogo import Optimizer, Space, Trials
from surrogo.evaluation import Evaluation
from surrogo.optimizers import EGO, View
from surrogo.optimizers.basins import Basin, fill


def view_of(X, y):
    trials = Trials(Space.of([(0, 1)] * np.shape(X)[1]))
    for x, value in zip(X, y, strict=True):
        trials.add(x, Evaluation(value))
    return View.of(trials, effort=1)


def test_a_basin_is_an_ellipsoid():
    basin = Basin([0.5, 0.5], [0.1, 0.4], 0.0)
    U = np.array([[0.5, 0.85], [0.59, 0.5], [0.61, 0.5], [0.58, 0.8]])
    assert basin.holds(U).tolist() == [True, True, False, False]


def test_fill_raises_only_low_values_inside_to_the_median_outside():
    view = view_of([[0.5], [0.55], [0.45], [0.1], [0.2], [0.9]], [0, 1, 9, 3, 4, 5])
    filled = fill(view, [Basin([0.5], [0.1], 0.0)])
    assert filled.y.tolist() == [4, 4, 9, 3, 4, 5]
    assert view.y.tolist() == [0, 1, 9, 3, 4, 5]


def test_fill_needs_a_basin_and_two_points_outside():
    view = view_of([[0.5], [0.1]], [0, 1])
    assert fill(view, []) is view
    assert fill(view, [Basin([0.5], [0.1], 0.0)]) is view


def test_a_point_clearly_deeper_than_the_bottom_is_not_filled():
    view = view_of(
        [[0.5], [0.52], [0.55], [0.1], [0.2], [0.9]], [1, 0.97, 0.5, 3, 4, 5]
    )
    filled = fill(view, [Basin([0.5], [0.1], 1.0)])
    assert filled.y.tolist() == [4, 4, 0.5, 3, 4, 5]


def two_wells(x):
    """A wide well of depth 1 at 0.25 and a narrow one of depth 1.5 at 0.85."""
    wide = np.exp(-np.sum(((x - 0.25) / 0.25) ** 2))
    return -wide - 1.5 * np.exp(-np.sum(((x - 0.85) / 0.12) ** 2))


def run(seed, **settings):
    optimizer = Optimizer([(0, 1)] * 2, strategy=EGO(**settings), rng=seed)
    for _ in range(50):
        trial = optimizer.ask()
        optimizer.tell(trial, float(two_wells(trial.x)))
    return optimizer


def test_a_finished_basin_is_recorded_and_most_later_points_lie_outside():
    for seed in range(2):
        optimizer, since = run(seed), None
        while since is None or len(optimizer.trials) < since + 20:
            trial = optimizer.ask()
            optimizer.tell(trial, float(two_wells(trial.x)))
            if since is None and optimizer.trials.memory["basins"]:
                since = trial.id
        first = Basin(**optimizer.trials.memory["basins"][0])
        later = optimizer.trials.rows()[since:]
        assert len(later) >= 8
        assert np.mean(first.holds(later)) < 0.5


def test_leaving_finished_basins_finds_the_deeper_well():
    # 10 of 10 seeds with it and 3 of 10 without, when this was written
    assert sum(run(seed).result().fun < -1.4 for seed in range(3, 7)) >= 3
