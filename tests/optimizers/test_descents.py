"""Where descents begin, and when they are left."""

from dataclasses import replace

import numpy as np
import pytest

from surrogo import Optimizer
from surrogo.optimizers import View, descents, finish_state
from surrogo.optimizers.arms_memory import STAR, STEP, ArmsMemory, Asked
from surrogo.optimizers.promises import RADIUS, Promise

POINTS = [([0.5, 0.5], 2.0), ([0.7, 0.6], 1.0), ([0.1, 0.9], 3.0)]


def view_of(known=(), d=2):
    optimizer = Optimizer([(0, 1)] * d)
    for u, value in known:
        optimizer.add(u, value)
    return View.of(optimizer.trials, effort=1)


def first(known=(), d=2):
    view = view_of(known, d)
    return view, *descents.begin(view, ArmsMemory(), 10, np.random.default_rng(0))


def again(view, memory, rng, looks=10):
    return descents.begin(view, memory, looks, rng)


def test_the_first_begins_in_the_middle():
    _, memory, descent = first(d=3)
    assert memory.descent == descent
    assert descent.star[0] == [0.5] * 3
    assert np.shape(descent.star) == (4, 3)
    assert descent.values == [None] * 4
    assert (descent.start, descent.begun, descent.looks) == (0, 0, 0)
    assert descent.region.radius == RADIUS


def test_or_at_the_best_point_known_which_is_not_asked_again():
    view, memory, descent = first(POINTS)
    assert descent.star[0] == [0.7, 0.6]
    assert descent.values == [1.0, None, None]
    assert (descent.start, descent.begun) == (0, 1)  # all known points belong to it
    u, memory = descents.next_star_point(view, memory, descent)
    assert u.tolist() == descent.star[1]
    (asked,) = memory.asked
    assert (asked.id, asked.arm, asked.k) == (3, STAR, 1)
    assert memory.descent.begun == 2


def test_a_batch_gets_the_opposite_ends_of_the_rays_too():
    view, memory, descent = first()
    for _ in range(3):
        _, memory = descents.next_star_point(view, memory, memory.descent)
    for k in (1, 2):
        u, memory = descents.next_opposite(view, memory, memory.descent)
        assert u == pytest.approx(1.0 - np.array(descent.star[k]))
    assert [asked.k for asked in memory.asked] == [0, 1, 2, 3, 4]
    assert (len(memory.descent.star), memory.descent.values) == (5, [None] * 5)
    assert descents.next_opposite(view, memory, memory.descent) is None


def test_trust_follows_more_slowly_where_steps_are_beside():
    _, _, descent = first()
    promise = Promise(gain=1.0, length=0.5, best=3.0, poised=True)
    alone, beside = (descents.judged(descent, promise, 4.0, n).trust for n in (1, 4))
    assert (alone, beside) == (pytest.approx(0.8), pytest.approx(0.95))


def test_a_failed_value_of_the_star_stays_unknown():
    _, _, descent = first()
    known = descent.with_value(0, 7.0).with_value(2, np.nan)
    assert known.values == [7.0, None, None]


def test_the_next_begins_anywhere_and_remembers_the_bottom(rng):
    view, memory, _ = first(POINTS)
    memory = replace(memory, asked=[Asked(2, STEP, [0.1, 0.9])])
    memory, descent = again(view, memory, rng)
    assert memory.bottoms == [[0.7, 0.6]]
    assert memory.asked == []  # nobody waits for it any more
    assert descent.start == 3
    assert descent.begun == 0
    assert (descent.walk, descent.trust, descent.turns) == (None, 1.0, 0)
    assert descent.region.phi == []
    others = [again(view, memory, rng)[1].star[0] for _ in range(30)]
    assert np.all(np.std(others, axis=0) > 0.2)


def test_every_third_looks_around_first(rng):
    view, memory, _ = first(POINTS)
    looks = []
    for _ in range(7):
        memory, descent = again(view, memory, rng, looks=4)
        looks.append(descent.looks)
    assert looks == [0, 8, 0, 0, 8, 0, 0]
    assert len(memory.bottoms) == 7


def test_the_bottom_is_the_lowest_of_the_own_trials(rng):
    view, memory, descent = first(POINTS)
    memory = replace(memory, descent=replace(descent, start=2, star=[[0.4, 0.4]]))
    assert again(view, memory, rng)[0].bottoms == [[0.1, 0.9]]
    memory = replace(
        memory, descent=replace(descent, start=9, star=[[0.4, 0.4]])
    )  # all of them failed
    assert again(view, memory, rng)[0].bottoms == [[0.7, 0.6]]


def test_after_looks_it_begins_at_the_best_point_away_from_bottoms(rng):
    view = view_of([*POINTS, ([0.72, 0.62], 1.1), ([0.7, 0.66], 1.5)])
    memory = ArmsMemory(bottoms=[[0.7, 0.6], [0.5, 0.5]])
    assert descents.outside(view, memory).tolist() == [False, False, True, False, True]
    descent = descents.after_looks(view, memory, rng)
    assert descent.star[0] == [0.7, 0.66]
    assert descent.values[0] == 1.5
    assert descent.start == 5
    assert descent.region.radius == 0.1
    moved = np.abs(np.array(descent.star[1:]) - descent.star[0])
    assert np.diag(moved) == pytest.approx([0.09, 0.09], abs=0.0101)


def test_where_all_points_are_near_bottoms_it_begins_at_the_best(rng):
    view = view_of(POINTS)
    memory = ArmsMemory(bottoms=[u for u, _ in POINTS])
    assert descents.after_looks(view, memory, rng).star[0] == [0.7, 0.6]


PROMISE = Promise(gain=1.0, length=1.0, best=5.0, poised=True)


@pytest.mark.parametrize(
    ("value", "trust"), [(4.0, 1.0), (3.0, 1.0), (4.5, 0.9), (5.0, 0.8), (9.0, 0.8)]
)
def test_trust_is_an_average_of_what_steps_gain_of_what_they_promise(value, trust):
    _, _, descent = first()
    assert descents.judged(descent, PROMISE, value).trust == pytest.approx(trust)


def test_trust_is_halved_by_three_steps_that_gain_nothing():
    _, _, descent = first()
    for value in (5.0, np.nan, 1e308):
        descent = descents.judged(descent, PROMISE, value)
    assert descent.trust == pytest.approx(0.8**3)
    assert descent.region.radius == pytest.approx(0.5 * 0.5 * RADIUS) or (
        descent.region.radius == pytest.approx(0.5 * RADIUS)
    )


def test_steps_are_hopeless_where_ten_times_the_gain_does_not_reach_the_best():
    view = view_of(POINTS)  # the best is 1
    known = ArmsMemory(bottoms=[[0.7, 0.6]])
    for gain, hopeless in ((0.39, True), (0.41, False)):
        promise = replace(PROMISE, gain=gain)
        assert descents.is_hopeless(promise, view, known) is hopeless
        assert not descents.is_hopeless(promise, view, ArmsMemory())  # the first one


def searching(gain):
    """A walk before a step of this predicted gain, from the value 5."""
    walk = finish_state.begin([0.5, 0.5], 5.0)
    step = {"phase": "search", "direction": [0.1, 0.1], "gain": gain}
    return replace(walk, B=[[1.0, 0.0], [0.0, 1.0]], **step)


def test_a_walk_is_over_where_it_will_not_be_the_lowest():
    view = view_of(POINTS)
    known = ArmsMemory(bottoms=[[0.7, 0.6]])
    for gain, over in ((0.79, True), (0.81, False)):  # 5 times .8 is 4
        assert descents.walk_is_over(searching(gain), view, known) is over
        assert not descents.walk_is_over(searching(gain), view, ArmsMemory())
    # Between steps nothing is known.
    assert not descents.walk_is_over(finish_state.begin([0.5] * 2, 5.0), view, known)


def test_a_walk_is_over_where_it_has_ended():
    ended = finish_state.begin([0.5], 1.0, [False])
    assert descents.walk_is_over(ended, view_of(POINTS), ArmsMemory())


def test_the_lowest_of_those_chosen_or_of_all():
    view = view_of(POINTS)
    assert descents.lowest(view, np.array([True, False, True])) == 0
    assert descents.lowest(view, np.zeros(3, dtype=bool)) == 1
