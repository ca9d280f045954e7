"""Nearness: the coordinate that differs most decides."""

import numpy as np
import pytest

from surrogo.optimizers.nearness import SAME, gaps, same


def test_the_coordinate_that_differs_most_counts():
    U, u = np.array([[0.5, 0.1], [0.2, 0.9], [0.4, 0.4]]), np.array([0.4, 0.4])
    assert gaps(U, u) == pytest.approx([0.3, 0.5, 0.0])


def test_points_are_the_same_up_to_rounding():
    u = np.array([0.5, 0.5])
    U = u + np.array([[0.0, 0.5 * SAME], [0.0, 2.0 * SAME], [0.0, 0.0]])
    assert same(U, u).tolist() == [True, False, True]


def test_no_points_are_no_gaps():
    assert gaps(np.empty((0, 3)), np.zeros(3)).shape == (0,)
    assert not np.any(same(np.empty((0, 3)), np.zeros(3)))
