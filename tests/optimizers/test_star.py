"""The first points of a descent: where they lie."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from surrogo.optimizers.star import RAYS, opposite, other_end, star


@given(
    st.lists(st.floats(0.0, 1.0), min_size=1, max_size=6),
    st.floats(1e-3, 0.5),
    st.integers(0, 10**6),
)
def test_a_star_moves_one_coordinate_at_a_time_and_stays_inside(centre, ray, seed):
    centre = np.array(centre)
    points = star(centre, ray, np.random.default_rng(seed))
    assert points.shape == (len(centre) + 1, len(centre))
    assert np.array_equal(points[0], centre)
    assert np.all((points >= 0.0) & (points <= 1.0))
    moved = points[1:] - centre
    assert np.count_nonzero(moved - np.diag(np.diag(moved))) == 0
    lengths = np.abs(np.diag(moved))
    assert np.all((lengths > 0.799 * ray) & (lengths < 1.001 * ray))


def test_rays_differ_so_that_terms_do_not_cancel(rng):
    lengths = np.abs(np.diag(star(np.full(4, 0.5), 0.2, rng)[1:]) - 0.5)
    assert len(np.unique(lengths.round(4))) == 4


def test_both_sides_are_drawn_where_there_is_room(rng):
    sides = [np.diag(star(np.full(3, 0.5), 0.2, rng)[1:]) > 0.5 for _ in range(40)]
    assert np.all(np.mean(sides, axis=0) > 0.2)
    assert np.all(np.mean(sides, axis=0) < 0.8)
    assert len(np.unique(sides, axis=0)) == 8  # each coordinate by itself


@pytest.mark.parametrize(("at", "end"), [(0.0, 0.3), (1.0, 0.7), (0.9, 0.6)])
def test_a_ray_turns_back_where_the_cube_ends(at, end, rng):
    for _ in range(8):
        assert star(np.array([at]), 0.3, rng)[1] == pytest.approx([end], abs=0.06)


@pytest.mark.parametrize(
    ("at", "end", "expected"), [(0.5, 0.7, 0.3), (0.1, 0.3, 0.5), (1.0, 0.8, 0.6)]
)
def test_opposite_to_an_end_or_twice_as_far(at, end, expected):
    centre = np.array([0.5, at])
    u = opposite(centre, np.array([0.5, end]))
    assert u == pytest.approx([0.5, expected])


def test_an_opposite_point_stays_inside():
    assert opposite(np.array([0.4]), np.array([0.9])).tolist() == [1.0]


def test_other_ends_where_a_ray_fails():
    centre, end = np.array([0.5, 0.5]), np.array([0.7, 0.5])
    ends = [end]
    for tried in range(RAYS):
        ends.append(other_end(centre, ends[-1], tried))
        assert np.all((ends[-1] >= 0.0) & (ends[-1] <= 1.0))
        assert ends[-1][1] == 0.5
    assert ends[1][0] == pytest.approx(0.3)
    assert len({round(float(each[0]), 9) for each in ends}) == len(ends)
    assert other_end(np.array([0.1]), np.array([0.3]), 0)[0] == pytest.approx(0.18)
