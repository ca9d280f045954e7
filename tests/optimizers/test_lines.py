"""What is known of a sum, coordinate by coordinate: values relative to the best."""

import json
from dataclasses import asdict, replace

import numpy as np
import pytest

from surrogo.optimizers.lines import (
    Line,
    Lines,
    Plan,
    Sample,
    describe_lines,
    revive_lines,
    revive_sample,
)
from surrogo.optimizers.promises import RADIUS, Promise, Region

PROMISE = Promise(gain=1.0, length=1.0, best=0.0, poised=True)
TERMS = [
    lambda t: 100.0 * (t - 0.3) ** 2,
    lambda t: 7.0 * np.cos(5.0 * t),
    lambda t: 1e3 * t,
]


def total(u):
    return 5.0 + sum(float(term(t)) for term, t in zip(TERMS, u, strict=True))


def begun(centre=(0.5, 0.5, 0.5), ends=(0.7, 0.3, 0.3)):
    """Lines of the sum above, from a star."""
    S = np.tile(centre, (4, 1))
    np.fill_diagonal(S[1:], ends)
    y = np.array([total(u) for u in S])
    return Lines.of(S[0], float(y[0]), S[1:], y[1:])


def asked(lines, i, t, promise=None):
    """A sample as the strategy would ask for it now, and its value."""
    sample = Sample(i, t, lines.lines[i].best, lines.f, promise)
    return sample, total(lines.at(i, t))


def check(lines):
    """Values are those of the terms less the least, f is the value at the best."""
    for line, term in zip(lines.lines, TERMS, strict=True):
        values = np.array([float(term(t)) for t in line.t])
        assert line.v == pytest.approx(values - np.min(values), abs=1e-10)
        assert min(line.v) == 0.0
        assert line.best == line.t[int(np.argmin(values))]
    assert lines.f == pytest.approx(total(lines.u), rel=1e-13)


def test_a_star_becomes_lines_of_two_samples_each():
    lines = begun()
    check(lines)
    assert [len(line.t) for line in lines.lines] == [2, 2, 2]
    assert lines.u.tolist() == [0.5, 0.5, 0.3]
    assert (lines.turn, lines.tests) == (0, 0)


def test_a_star_with_both_ends_of_a_ray():
    S = np.tile(begun().u, (4, 1))
    S[[0, 1, 2], [0, 1, 2]] = 0.8, 0.9, 0.6
    S[3, 1] = 0.2
    u = begun().u
    lines = Lines.of(u, total(u), S, np.array([total(each) for each in S]))
    check(lines)
    assert [len(line.t) for line in lines.lines] == [2, 3, 2]


def test_the_best_point_is_put_together_from_coordinates():
    lines = begun()
    assert lines.at(1, 0.9).tolist() == [0.5, 0.9, 0.3]
    assert lines.u.tolist() == [0.5, 0.5, 0.3]  # not changed


@pytest.mark.parametrize("t", [0.31, 0.12, 0.9])
def test_a_sample_better_or_worse_than_the_best(t):
    lines = begun()
    check(lines.with_sample(*asked(lines, 0, t)))


def test_many_samples_in_turn(rng):
    lines = begun()
    for _ in range(40):
        i = int(rng.integers(3))
        lines = lines.with_sample(*asked(lines, i, float(rng.random())))
        check(lines)


def test_late_results_from_an_older_base_are_booked_right(rng):
    """Four samples at once, whose results come when the best point has moved."""
    lines = begun()
    for _ in range(12):
        batch = [
            asked(lines, int(i), float(rng.random())) for i in rng.integers(3, size=4)
        ]
        for k in rng.permutation(4):
            lines = lines.with_sample(*batch[k])
        check(lines)


def test_a_sample_too_large_to_add_gets_the_largest_value_of_the_line():
    lines = begun()
    sample, _ = asked(lines, 0, 0.9)
    high = lines.with_sample(sample, np.inf)
    assert high.lines[0].t[-1] == 0.9
    assert high.lines[0].v[-1] == max(lines.lines[0].v)
    assert high.f == lines.f
    assert high.u.tolist() == lines.u.tolist()


def test_a_failed_sample_is_no_value_and_no_turn():
    lines = replace(begun(), turn=3)
    sample, _ = asked(lines, 0, 0.9)
    failed = lines.with_sample(sample, np.nan, 7)
    line = replace(lines.lines[0], failed=[0.9], trials=[7])
    assert failed == replace(lines.with_line(0, line), turn=2)


def test_failures_are_barred_while_they_are_to_be_expected():
    lines = begun()
    for t, id in ((0.9, 7), (0.95, 8)):
        lines = lines.with_sample(asked(lines, 0, t)[0], np.nan, id)
    plan = Plan(0.2, 1.0)
    lines = lines.with_line(0, replace(lines.lines[0], step=plan))
    barred = lines.weighed({8, 20})
    t, v = barred.lines[0].arrays
    assert t[:, 0].tolist() == [*lines.lines[0].t, 0.95]
    assert v.tolist() == [*lines.lines[0].v, max(lines.lines[0].v)]
    assert barred.lines[0].step is None
    assert barred.weighed({8}) == barred
    assert lines.weighed(set()) == lines
    assert barred.weighed(set()).lines[0].barred == []


def test_a_sample_forgets_the_plans_of_its_coordinate_alone():
    plan = Plan(0.2, 1.0)
    lines = begun()
    for i in range(3):
        planned = replace(lines.lines[i], step=plan, look=plan)
        lines = lines.with_line(i, planned)
    lines = lines.with_sample(*asked(lines, 1, 0.6))
    plans = [(line.step, line.look) for line in lines.lines]
    assert plans == [(plan, plan), (None, None), (plan, plan)]


def test_a_step_is_judged_by_its_promise():
    line = Line([0.5, 0.6], [0.0, 3.0], Region(radius=0.1))
    assert line.with_sample(0.4, -1.0, PROMISE).region.radius == 0.2
    assert line.with_sample(0.4, 1.0, PROMISE).region.radius == 0.05
    assert line.with_sample(0.4, 1.0, None).region == line.region


@pytest.mark.parametrize(
    ("t", "radius"), [(0.75, 0.15), (0.99, RADIUS), (0.6001, 1e-3)]
)
def test_a_look_that_finds_a_better_place_begins_a_region_there(t, radius):
    line = Line([0.5, 0.6], [0.0, 3.0], Region(radius=1e-7, phi=[0.0] * 7))
    found = line.with_sample(t, -0.5, None)
    assert found.region.radius == pytest.approx(radius)
    assert found.region.phi == []
    assert found.best == t
    assert found.v == [0.5, 3.5, 0.0]


def test_the_value_at_the_best_point_keeps_its_digits_after_a_large_fall():
    lines = Lines.of(np.array([0.5]), 1e10, np.array([[0.7]]), np.array([3e10]))
    sample = Sample(0, 0.3, 0.5, lines.f, None)
    lines = lines.with_sample(sample, 1.234567890123e-5)
    assert lines.f == pytest.approx(1.234567890123e-5, abs=1e-5)


def test_plain_data_through_json():
    lines = replace(begun(), turn=3, tests=1)
    region = Region(radius=0.1, phi=[0.1 * k for k in range(7)], scale=3.0, unit=0.2)
    plans = {"step": Plan(0.2, 0.7, PROMISE), "look": Plan(1.0 / 3.0, 1e-300)}
    lines = lines.with_line(1, replace(lines.lines[1], region=region, **plans))
    for described in (describe_lines(lines), asdict(lines)):  # earlier versions: lists
        data = json.loads(json.dumps(described, allow_nan=False))
        assert revive_lines(data) == lines
    assert revive_lines(describe_lines(None)) is None
    for promise in (None, PROMISE):
        sample = Sample(2, 0.1, 0.3, 7.0, promise)
        assert revive_sample(json.loads(json.dumps(asdict(sample)))) == sample
