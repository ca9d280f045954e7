"""Values for a walk that come late, in any order, or were known before."""

import numpy as np
import pytest

from surrogo import Optimizer
from surrogo.optimizers import View, finish, finish_state, walking
from surrogo.optimizers.arms_memory import FINISH, Answer, Asked


def bowl(u):
    return float(np.sum([1.0, 3.0, 7.0] * (np.asarray(u) - 0.4) ** 2))


START = np.array([0.7, 0.2, 0.6])


def begun():
    return finish_state.begin(START, bowl(START))


def view_of(*known):
    """A view of these points (d,) and their values."""
    optimizer = Optimizer([(0, 1)] * 3)
    for u, value in known:
        optimizer.add(u, value)
    return View.of(optimizer.trials, effort=1)


def asked_for(u, id_=0):
    return Asked(id_, FINISH, u.tolist())


def answer_to(u, value=None):
    return Answer(asked_for(u), u, bowl(u) if value is None else value)


def batch_of(walk, n):
    """The points that n workers get: None where there is nothing to do."""
    running, points = [], []
    for id_ in range(n):
        u = walking.next_point(walk, running, EMPTY)
        if u is None:
            break
        points.append(u)
        running.append(asked_for(u, id_))
    return points


def one_by_one(walk, n):
    """The walk after n values in turn, and their points."""
    points = []
    for _ in range(n):
        points.append(finish.ask(walk))
        walk = finish.tell(walk, points[-1], bowl(points[-1]))
    return walk, points


EMPTY = view_of()


def test_without_values_nothing_changes():
    walk = begun()
    assert walking.advance(walk, [], EMPTY) == walk
    # The values of other points are of no use.
    other = answer_to(np.full(3, 0.5))
    assert walking.advance(walk, [other], view_of((START, bowl(START)))) == walk


def test_a_batch_has_the_points_of_one_whole_gradient():
    walk = begun()
    points = batch_of(walk, 8)
    assert len(points) == 3  # where the step leads nobody knows
    moved = np.array(points) - START
    assert np.count_nonzero(moved) == 3
    assert np.all(np.diag(moved) != 0.0)


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 2, 0)])
def test_values_out_of_order_lead_to_the_same_walk(order):
    walk = begun()
    straight, _ = one_by_one(walk, 3)
    points = batch_of(walk, 3)
    here = [answer_to(points[k]) for k in order]
    assert walking.advance(walk, here, EMPTY) == straight


def test_late_values_are_waited_for_and_early_ones_kept():
    walk = begun()
    straight, _ = one_by_one(walk, 3)
    points = batch_of(walk, 3)
    here = [answer_to(points[0]), answer_to(points[2])]
    walk = walking.advance(walk, here, EMPTY)
    assert walk.at == 1  # the last one is of no use without the second
    walk = walking.advance(walk, [*here, answer_to(points[1])], EMPTY)
    assert walk == straight


def test_values_that_the_record_knows_are_not_asked_again():
    walk = begun()
    straight, points = one_by_one(walk, 3)
    view = view_of(*((u, bowl(u)) for u in points))
    assert walking.advance(walk, [], view) == straight
    # To the last bit: a difference step is 1e-8.
    near = view_of((points[0] + 1e-13, 7.0))
    assert walking.advance(walk, [], near) == walk


def test_a_failure_lets_the_walk_go_on():
    walk = begun()
    u = finish.ask(walk)
    failed = walking.advance(walk, [answer_to(u, np.nan)], EMPTY)
    assert failed == finish.tell(walk, u, np.nan)
    assert failed.flipped == 1


def test_points_that_came_back_in_other_last_bits():
    walk = begun()
    u = finish.ask(walk)
    told = u + np.array([1e-16, 0.0, -1e-16])
    answer = Answer(asked_for(u), told, bowl(told))
    assert walking.advance(walk, [answer], EMPTY) == finish.tell(walk, told, bowl(told))


def test_while_a_step_runs_the_slopes_at_its_end_are_taken():
    walk, _ = one_by_one(begun(), 3)
    while walk.phase != "search" or walk.curved.gradients < 2:  # the second step
        walk, _ = one_by_one(walk, 1)
    points = batch_of(walk, 8)
    end = points[0]
    assert np.array_equal(end, finish.ask(walk))
    assert len(points) == 1 + 3
    moved = np.array(points[1:]) - end
    assert np.all(np.abs(np.diag(moved)) > 0.0)
    assert np.max(np.abs(moved)) <= 2e-8


def test_the_first_step_is_tried_at_many_lengths():
    walk, _ = one_by_one(begun(), 3)
    assert (walk.phase, walk.curved.gradients) == ("search", 1)
    points = batch_of(walk, 4)
    moved = [np.max(np.abs(u - START)) for u in points]
    assert moved / moved[0] == pytest.approx([1.0, 0.1, 0.01, 0.001])
    advanced = walking.advance(walk, [answer_to(u) for u in points], EMPTY)
    one, _ = one_by_one(walk, 1)
    assert advanced in (one, one_by_one(walk, 2)[0], one_by_one(walk, 3)[0])


def test_what_was_guessed_is_used_if_the_step_is_good():
    """A step without refinement: the differences at its end are the next gradient."""
    walk, _ = one_by_one(begun(), 3)
    while True:  # to a step that is taken as it is
        after, _ = one_by_one(walk, 1)
        second = walk.phase == "search" and walk.curved.gradients > 1
        if second and after.phase == "gradient":
            break
        walk = after
    points = batch_of(walk, 4)
    advanced = walking.advance(walk, [answer_to(u) for u in points], EMPTY)
    straight, _ = one_by_one(walk, 4)
    assert (advanced.phase, advanced.x) == ("search", straight.x)
    # The differences were as long as the value hoped for said.
    assert advanced.gradient == pytest.approx(straight.gradient, rel=1e-6)


def test_a_difference_of_another_length_will_do_but_not_of_any():
    walk = begun()
    u = finish.ask(walk)
    h = u - START
    for factor in (0.6, 1.4):
        near = answer_to(START + factor * h)
        assert walking.advance(walk, [near], EMPTY).at == 1
        assert not np.array_equal(walking.next_point(walk, [near.asked], EMPTY), u)
    for far in (answer_to(START + 0.3 * h), answer_to(START - h), answer_to(START)):
        assert walking.advance(walk, [far], EMPTY) == walk
        assert np.array_equal(walking.next_point(walk, [far.asked], EMPTY), u)


def test_a_guess_that_leads_to_a_point_known_is_none():
    walk = begun()
    first, second = batch_of(walk, 2)
    running = [answer_to(first).asked]
    assert np.array_equal(walking.next_point(walk, running, EMPTY), second)
    known = view_of((second, bowl(second)))
    assert walking.next_point(walk, running, known) is None


def test_a_walk_that_ended_needs_nothing():
    ended = finish_state.begin([0.5] * 3, 1.0, [False] * 3)
    assert walking.next_point(ended, [], EMPTY) is None
    assert walking.advance(ended, [], EMPTY) == ended


def test_a_step_against_a_wall_guesses_points_inside():
    def plane(u):
        return float(np.sum(u))

    walk = finish_state.begin([0.5] * 3, 1.5)
    for _ in range(3):
        u = finish.ask(walk)
        walk = finish.tell(walk, u, plane(u))
    points = np.array(batch_of(walk, 8))
    assert points[0].tolist() == [0.0] * 3
    assert np.all((points >= 0.0) & (points <= 1.0))
    assert len(np.unique(points, axis=0)) == len(points)


def test_a_whole_walk_in_batches_reaches_the_bottom():
    walk, view, rounds = begun(), EMPTY, 0
    while not walk.ended:
        points = batch_of(walk, 4)
        assert points
        walk = walking.advance(walk, [answer_to(u) for u in points[::-1]], view)
        rounds += 1
        assert rounds < 60
    assert walk.x == pytest.approx([0.4] * 3, abs=1e-7)
