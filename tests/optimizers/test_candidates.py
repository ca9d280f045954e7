"""Candidates around a point, the capped model, the weighted choice."""

import numpy as np
import pytest

from surrogo import Categorical, Integer, Real, Space
from surrogo.optimizers.candidates import (
    capped_model,
    choose,
    distance,
    falling_chance,
    mask,
    perturbed,
)
from surrogo.surrogates.rbf_model import RBFModel

CUBE = Space.of([(0, 1)] * 4)
MIXED = Space.of(
    {
        "x": (0, 1),
        "fixed": (2, 2),
        "n": Integer(1, 5),
        "c": Categorical(["a", "b", "c"]),
        "y": Real(0, 1, active_if={"c": "a"}),
    }
)


def test_the_chance_to_move_falls_from_20_coordinates_to_one():
    assert falling_chance(5, 0, 100) == 1.0
    assert falling_chance(40, 0, 100) == 0.5
    assert falling_chance(40, 99, 100) == 1.0 / 40.0
    # Regis & Shoemaker 2013
    published = 0.5 * (1.0 - np.log(10) / np.log(100))
    assert falling_chance(40, 9, 100) == pytest.approx(published)
    falling = [falling_chance(10, k, 50) for k in range(80)]
    assert falling == sorted(falling, reverse=True)
    assert min(falling) == 0.1


def test_distances_are_those_of_the_slow_way(rng):
    U, taken = rng.random((20, 3)), rng.random((7, 3))
    slow = [min(np.linalg.norm(u - t) for t in taken) for u in U]
    assert distance(U, taken) == pytest.approx(slow, rel=1e-12)
    assert np.all(distance(taken, taken) == 0.0)


def test_every_candidate_moves_and_about_the_chance_of_coordinates_do(rng):
    moved = mask(CUBE, 4000, 0.3, rng)
    assert np.all(np.any(moved, axis=1))
    none = 0.7**4  # then one of four moves all the same
    assert np.mean(moved) == pytest.approx(0.3 + none / 4, abs=0.02)
    assert np.all(mask(CUBE, 10, 1.0, rng))


def test_fixed_variables_never_move_and_all_may_be_fixed(rng):
    assert not np.any(mask(MIXED, 500, 1.0, rng)[:, 1])
    assert not np.any(mask(Space.of([(1, 1)]), 3, 1.0, rng))


def test_steps_have_the_standard_deviation_asked_for(rng):
    U = perturbed(CUBE, np.full(4, 0.5), 0.05, 1.0, rng)
    assert U.shape == (400, 4)
    assert np.std(U - 0.5) == pytest.approx(0.05, rel=0.1)


def test_tiny_steps_still_change_discrete_variables(rng):
    centre = MIXED.to_unit(MIXED.from_unit(np.full((1, 5), 0.5)))[0]
    U = perturbed(MIXED, centre, 1e-4, 1.0, rng)
    assert np.array_equal(U, MIXED.to_unit(MIXED.from_unit(U)))
    assert np.all(U[:, 1] == centre[1])
    assert 0.2 < np.mean(U[:, 2] != centre[2]) < 0.9
    assert len(np.unique(U[:, 3])) == 3
    assert np.max(np.abs(U[:, 0] - centre[0])) < 1e-3


def test_the_model_caps_values_at_the_median_and_puts_failures_there(rng):
    U, failed = rng.random((9, 2)), np.array([[0.5, 0.5]])
    y = np.array([3.0, 1.0, 2.0, 9.0, 1e300, 7.0, 4.0, 8.0, 6.0])
    model = capped_model(U, y, failed)
    everything = np.vstack([U, failed])
    plain = RBFModel.of(model.asked, everything, np.append(np.minimum(y, 6.0), 6.0))
    away = rng.random((5, 2))
    slope, _ = np.polyfit(plain.mean(away), model.mean(away), 1)
    assert slope > 0
    assert np.corrcoef(plain.mean(away), model.mean(away))[0, 1] > 1 - 1e-9
    at_cap = model.mean(np.vstack([failed, U[[3, 4, 5, 7, 8]]]))
    assert np.allclose(at_cap, at_cap[0])


def test_a_large_model_is_of_the_points_nearest_to_the_best(rng, monkeypatch):
    monkeypatch.setattr("surrogo.optimizers.candidates._LARGEST_MODEL", 6)
    U = np.linspace(0, 1, 21)[:, None]
    model = capped_model(U, (U[:, 0] - 0.5) ** 2, np.empty((0, 1)))
    assert model.sites.Z.min() >= 0.35
    assert model.sites.Z.max() <= 0.65
    assert len(model.sites.Z) == 6


def obvious_choice(candidates, predicted, taken, weight):
    r = np.array([min(np.linalg.norm(u - t) for t in taken) for u in candidates])
    value = (predicted - min(predicted)) / (max(predicted) - min(predicted))
    closeness = (max(r) - r) / (max(r) - min(r))
    return candidates[np.argmin(weight * value + (1 - weight) * closeness)]


def test_the_choice_equals_the_obvious_version(rng):
    for weight in (0.0, 0.3, 0.95, 1.0):
        U, taken = rng.random((50, 3)), rng.random((7, 3))
        s = rng.normal(size=50)
        assert np.array_equal(
            choose(U, s, taken, weight), obvious_choice(U, s, taken, weight)
        )


def test_points_next_to_known_ones_are_left_out():
    U, taken = np.array([[0.5], [0.7], [0.9]]), np.array([[0.5], [0.0]])
    assert choose(U, np.array([0.0, 1.0, 2.0]), taken, 1.0) == 0.7
    near = taken + 1e-7  # nothing else is left: then the farthest
    assert choose(near, np.zeros(2), np.vstack([taken, near[:1]]), 1.0) == near[1]


def test_equal_predictions_leave_the_choice_to_the_distance():
    U, taken = np.array([[0.2], [0.6]]), np.array([[0.0]])
    assert choose(U, np.zeros(2), taken, 0.95) == 0.6
