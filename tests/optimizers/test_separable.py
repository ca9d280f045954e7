"""Sums of functions of one variable: how they are found out, and searched."""

from dataclasses import replace

import numpy as np
import pytest

from surrogo import Optimizer
from surrogo.optimizers import separable
from surrogo.optimizers.lines import Line, Lines, Plan, Sample
from surrogo.optimizers.promises import Promise, Region


def begun(fun, d=3, centre=0.5, ray=0.2, sides=None):
    """Lines from a star about the middle."""
    S = np.full((d + 1, d), centre)
    sides = np.ones(d) if sides is None else sides
    np.fill_diagonal(S[1:], centre + ray * np.asarray(sides))
    y = np.array([fun(u) for u in S])
    return Lines.of(S[0], float(y[0]), S[1:], y[1:]), S, y.tolist()


def with_samples(fun, lines, rng, n=12):
    """More samples along the lines, as a search would take."""
    for _ in range(n):
        lines = separable.with_steps(lines, rng)
        sample, lines = separable.next_sample(lines, [])
        lines = lines.with_sample(sample, fun(lines.at(sample.i, sample.t)))
    return lines


def add_up(fun, lines, u):
    return separable.adds_up(lines, separable.sum_at(lines, u), fun(u))


def adds_up_at_corner(fun, **star):
    lines, S, y = begun(fun, **star)
    return add_up(fun, lines, separable.corner(S, y))


def cosines(u):
    return float(np.sum(np.cos(3.0 * u + np.arange(len(u))) * [1.0, 1e3, 1e-2]))


def rotated(u):
    z = u - 0.3
    return float(z @ z + (z[0] + z[1]) * (z[1] + z[2]))


@pytest.mark.parametrize("sides", [(1, 1, 1), (1, -1, 1), (-1, -1, -1)])
@pytest.mark.parametrize("offset", [0.0, 1e4, -1e7])
def test_a_sum_passes_the_test_of_the_corner(sides, offset):
    def fun(u):
        return offset + cosines(u)

    assert adds_up_at_corner(fun, sides=sides)


@pytest.mark.parametrize("sides", [(1, 1, 1), (1, -1, 1), (-1, -1, -1)])
@pytest.mark.parametrize(
    ("offset", "scale"), [(0.0, 1e-9), (0.0, 1e9), (1e4, 1.0), (-1e7, 1.0)]
)
def test_a_rotated_quadratic_does_not(sides, offset, scale):
    def fun(u):
        return offset + scale * rotated(u)

    assert not adds_up_at_corner(fun, sides=sides)


def test_a_large_offset_does_not_hide_the_coupling():
    """Rounding of 1e9 is 1e-7, the coupling here 0.08."""

    def fun(u):
        return 1e9 + rotated(u)

    assert not adds_up_at_corner(fun)


def test_all_coordinates_move_at_the_corner():
    slopes = np.array([-1.0, 2.0, -3.0, 4.0])
    lines, S, y = begun(lambda u: 7.0 + float(slopes @ (u - 0.5)), 4)
    u = separable.corner(S, y)
    assert u.tolist() == [0.7] * 4
    assert separable.sum_at(lines, u) == pytest.approx(7.4)


def test_a_coupling_of_any_two_is_seen(rng):
    d = 5
    for i in range(d):
        for j in range(i):

            def fun(u, i=i, j=j):
                z = u - 0.3
                return float(np.sum(np.arange(1, d + 1) * z**2) + 1e-3 * z[i] * z[j])

            assert not adds_up_at_corner(fun, d=d, sides=rng.choice([-1, 1], d))


def test_coordinates_that_do_nothing_are_no_test():
    def corner(fun):
        _, S, y = begun(fun)
        return separable.corner(S, y)

    assert corner(lambda u: 3.0) is None
    assert corner(lambda u: float(u[1] ** 2)) is None
    assert corner(lambda u: float(u[1] ** 2 + u[2])).tolist() == [0.5, 0.7, 0.7]


def test_values_of_the_star_that_have_not_come_may_do_something():
    _, S, y = begun(lambda u: float(u[1] ** 2))
    assert separable.corner(S, [y[0], None, *y[2:]]).tolist() == [0.7, 0.7, 0.5]
    assert separable.corner(S, [None] * 4).tolist() == [0.7] * 3


def test_a_failure_is_not_what_it_should_be():
    lines, *_ = begun(cosines)
    assert not separable.adds_up(lines, 1.0, np.nan)


def test_another_point_of_a_sum_adds_up(rng):
    lines = with_samples(cosines, begun(cosines)[0], rng)
    for _ in range(5):
        u = separable.other_point(lines, rng)
        assert np.all(u != lines.u)
        assert separable.sum_at(lines, u) == pytest.approx(cosines(u), rel=1e-12)
        assert add_up(cosines, lines, u)


def test_another_point_is_not_next_to_the_best(rng):
    """A difference of 1e-8 along two axes shows no coupling: 1e-16 times it."""
    t = [0.5, 0.7, 0.1, 0.3, 0.2, *(0.3 + 1e-8 * np.arange(1, 9))]
    line = Line(t, [(x - 0.3) ** 2 for x in t])
    lines = Lines(0.0, [line] * 3)
    for _ in range(10):
        u = separable.other_point(lines, rng)
        assert np.min(np.abs(u - lines.u)) > 1e-3


def test_it_finds_out_what_is_no_sum(rng):
    def fun(u):  # two couplings that cancel where all coordinates move alike
        z = u - 0.5
        return float(z @ ([1.0, 1.0, 3.0] * z) + z[1] * (z[2] - z[0]))

    assert adds_up_at_corner(fun)
    lines = with_samples(fun, begun(fun)[0], rng)
    found = [add_up(fun, lines, separable.other_point(lines, rng)) for _ in range(8)]
    assert not all(found)


def test_a_sum_of_parabolas_is_at_the_bottom_after_a_few_samples(rng):
    bottom = np.array([0.31, 0.62, 0.47])

    def fun(u):
        return 12.0 + float(np.sum([1.0, 1e3, 1e6] * (u - bottom) ** 2))

    lines = with_samples(fun, begun(fun)[0], rng, 24)
    assert lines.u == pytest.approx(bottom, abs=1e-5)
    assert fun(lines.u) - 12.0 < 1e-8
    assert lines.f == pytest.approx(12.0, abs=1e-8)


PROMISE = Promise(1.0, 1.0, 0.0, True)


def running(lines, *coordinates):
    """Samples of these coordinates whose values have not come."""
    return [
        Sample(i, 0.4 + 0.01 * k, lines.lines[i].best, lines.f, None)
        for k, i in enumerate(coordinates)
    ]


def test_busy_coordinates_wait_while_there_are_others(rng):
    lines = separable.with_steps(begun(cosines)[0], rng)
    for busy in ((0,), (0, 1), (1, 2)):
        steps = [replace(s, promise=PROMISE) for s in running(lines, *busy)]
        sample, _ = separable.next_sample(lines, steps)
        assert sample.i not in busy


def test_where_all_are_busy_other_samples_are_taken(rng):
    lines = separable.with_steps(begun(cosines)[0], rng)
    taken = [replace(s, promise=PROMISE) for s in running(lines, 0, 1, 2, 1)]
    for _ in range(12):
        sample, lines = separable.next_sample(lines, taken)
        known = [*lines.lines[sample.i].t, *(s.t for s in taken if s.i == sample.i)]
        assert 0.0 <= sample.t <= 1.0
        assert np.min(np.abs(np.array(known) - sample.t)) > 1e-3
        taken.append(sample)
    counts = np.bincount([sample.i for sample in taken])
    assert np.ptp(counts) <= 1  # each coordinate in turn


def batch(d, n):
    """Lines whose steps end on the border of the region, and n samples of a batch."""
    lines, taken = begun(lambda u: float(np.sum(u)), d)[0], []
    for i, line in enumerate(lines.lines):
        plan = Plan(0.3, 1.0, PROMISE)
        lines = lines.with_line(i, replace(line, step=plan))
    for _ in range(n):
        sample, lines = separable.next_sample(lines, taken)
        taken.append(sample)
    return lines, taken


def test_once_all_steps_are_running_their_common_end_is_seen():
    lines, steps = batch(3, 3)
    for n in range(3):
        assert separable.together(lines, steps[:n]) == []
    best, end = separable.together(lines, steps)
    assert best.tolist() == [0.5] * 3
    assert end.tolist() == [0.3] * 3


def test_beside_a_long_step_are_longer_ones_and_a_shorter_one():
    _, steps = batch(1, 4)
    assert [step.t for step in steps] == pytest.approx([0.3, 0.1, 0.4, 0.0])


def down():
    """Lines with nothing left to gain by steps: their regions have collapsed."""
    t = [0.5, 0.7, 0.1, 0.9, 0.3]
    v = [0.0, 0.4, 1.6, 1.7, 0.3]
    end = Plan(0.5, 0.0)
    line = Line(t, v, Region(radius=1e-12), step=end)
    return Lines(5.0, [line, replace(line, t=[*t, 0.2], v=[*v, 0.9])])


def test_at_the_bottom_it_looks_around():
    lines = down()
    taken = []
    for _ in range(16):
        sample, lines = separable.next_sample(lines, [])
        assert 0.0 <= sample.t <= 1.0
        assert sample.promise is None
        line = lines.lines[sample.i]
        assert np.min(np.abs(np.array(line.t) - sample.t)) > 1e-9
        lines = lines.with_sample(sample, lines.f + 1.0)
        still = replace(lines.lines[sample.i], step=Plan(0.5, 0.0))
        lines = lines.with_line(sample.i, still)  # the region stays collapsed
        taken.append(sample.t)
    assert 0.0 in taken  # ends of the cube come soon
    assert 1.0 in taken


def test_a_step_that_gains_comes_first():
    lines = down()
    lines = lines.with_line(0, replace(lines.lines[0], step=Plan(0.4, 0.1)))
    sample, _ = separable.next_sample(lines, [])
    assert (sample.i, sample.t) == (0, 0.4)


def test_an_invisible_gain_is_no_gain():
    lines = replace(down(), f=1e6)
    for gain, is_taken in ((1e-12, False), (1e-6, True)):
        step = Plan(0.4, gain, Promise(gain, 1.0, 0.0, True))
        with_step = lines.with_line(1, replace(lines.lines[1], step=step))
        sample, _ = separable.next_sample(with_step, [])
        assert (sample.promise is not None) is is_taken


def test_steps_that_are_planned_stay_until_a_value_comes(rng):
    lines = separable.with_steps(begun(cosines)[0], rng)
    assert separable.with_steps(lines, rng) == lines
    sample, lines = separable.next_sample(lines, [])
    after = lines.with_sample(sample, cosines(lines.at(sample.i, sample.t)))
    again = separable.with_steps(after, rng)
    for i in range(3):
        assert (again.lines[i].step == lines.lines[i].step) is (i != sample.i)


def test_a_step_evades_a_sample_that_failed_by_a_share_of_its_length(rng):
    lines = separable.with_steps(begun(cosines)[0], rng)
    sample, lines = separable.next_sample(lines, [])
    line = lines.lines[sample.i]
    for share in (0.2, -0.2, 0.4):
        t = lines.lines[sample.i].step.t
        lines = lines.with_sample(replace(sample, t=t), np.nan)
        lines = separable.with_steps(lines, rng)
        length = sample.t - line.best
        aside = lines.lines[sample.i].step.t - sample.t
        assert abs(aside) == pytest.approx(abs(share * length))
    assert lines.lines[sample.i].region.radius == line.region.radius


def test_every_sixth_turn_may_look_around(rng):
    """A far basin that steps never reach is found."""

    def fun(u):
        t = np.asarray(u)
        return float(np.sum(np.minimum((t - 0.6) ** 2, 4.0 * (t - 0.05) ** 2 - 0.05)))

    lines = with_samples(fun, begun(fun, 2)[0], rng, 60)
    assert lines.u == pytest.approx([0.05, 0.05], abs=1e-5)


@pytest.mark.parametrize("seed", [0, pytest.param(1, marks=pytest.mark.slow)])
def test_rastrigin_with_its_minimum_off_every_grid(seed):
    bottom = np.random.default_rng(100 + seed).uniform(-3.0, 3.0, 5)

    def rastrigin(x):
        z = x - bottom
        return float(np.sum(z * z + 10.0 - 10.0 * np.cos(2.0 * np.pi * z)))

    optimizer = Optimizer([(-5.12, 5.12)] * 5, strategy="three_arms", rng=seed)
    for _ in range(500):
        trial = optimizer.ask()
        value = rastrigin(np.array(trial.x))
        optimizer.tell(trial, value)
        if value <= 1e-8:
            break
    assert optimizer.result().fun <= 1e-8
    assert optimizer.trials.memory["separable"] == "yes"
