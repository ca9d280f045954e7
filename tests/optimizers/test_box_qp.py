"""The minimum of a quadratic on a box, against all sets of held bounds."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import lsq_linear

from surrogo.optimizers.box_qp import minimise_quadratic, solve_definite


def quadratic(d, log_condition, seed):
    """Random B, g and a box around 0 that is sometimes one-sided or has no width."""
    rng = np.random.default_rng([d, seed])
    Q, _ = np.linalg.qr(rng.standard_normal((d, d)))
    w = 10.0 ** (log_condition * np.linspace(0.0, 1.0, d) - log_condition / 2)
    lower = -rng.random(d) * rng.integers(0, 4, d).clip(0, 1)
    upper = rng.random(d) * rng.integers(0, 4, d).clip(0, 1)
    g = rng.standard_normal(d) * 10.0 ** rng.uniform(-6, 6)
    return (Q * w) @ Q.T, g, lower, upper


def value(B, g, p):
    return float(g @ p + 0.5 * p @ B @ p)


def lowest(B, g, lower, upper):
    """Least value among the minimisers over every set of held coordinates."""
    d, best = len(g), 0.0
    for sides in itertools.product((-1, 0, 1), repeat=d):
        side = np.array(sides)
        p = np.where(side < 0, lower, np.where(side > 0, upper, 0.0))
        free = side == 0
        rest = -(g[free] + B[np.ix_(free, ~free)] @ p[~free])
        p[free] = np.linalg.solve(B[np.ix_(free, free)], rest)
        if np.all(p >= lower) and np.all(p <= upper):
            best = min(best, value(B, g, p))
    return best


quadratics = st.builds(
    quadratic, st.integers(1, 4), st.floats(0.0, 12.0), st.integers(0, 10**6)
)


@given(quadratics)
def test_it_is_the_lowest_of_all_sets_of_held_bounds(problem):
    B, g, lower, upper = problem
    p = minimise_quadratic(B, g, lower, upper)
    assert np.all(p >= lower)
    assert np.all(p <= upper)
    best = lowest(B, g, lower, upper)
    assert value(B, g, p) == pytest.approx(best, rel=1e-3, abs=1e-12 * np.max(abs(g)))


@given(st.integers(1, 4), st.floats(0.0, 4.0), st.integers(0, 10**6))
def test_it_agrees_closely_where_the_condition_is_moderate(d, log_condition, seed):
    B, g, lower, upper = quadratic(d, log_condition, seed)
    p = minimise_quadratic(B, g, lower, upper)
    best = lowest(B, g, lower, upper)
    assert value(B, g, p) == pytest.approx(best, rel=1e-9, abs=1e-14 * np.max(abs(g)))


@pytest.mark.parametrize("seed", range(5))
def test_it_agrees_with_bounded_least_squares_in_twelve_dimensions(seed):
    rng = np.random.default_rng(seed)
    A, b = rng.standard_normal((20, 12)), rng.standard_normal(20)
    ours = minimise_quadratic(A.T @ A, -A.T @ b, np.full(12, -0.1), np.full(12, 0.1))
    theirs = lsq_linear(A, b, (-0.1, 0.1), method="bvls", tol=1e-14).x
    assert ours == pytest.approx(theirs, abs=1e-12)
    assert 0 < np.sum(np.abs(ours) == 0.1) < 12


def test_a_held_bound_is_left_again_when_that_pays():
    # Unbounded minimum (-0.5, 1.5): first the upper bound of the second is met.
    B = np.array([[2.0, 1.9], [1.9, 2.0]])
    p = minimise_quadratic(B, np.array([-1.0, -2.0]), np.zeros(2), np.array([1, 0.4]))
    assert p == pytest.approx([0.12, 0.4])


def test_a_coordinate_without_width_stays():
    p = minimise_quadratic(
        np.eye(2), np.array([-3.0, -3.0]), np.zeros(2), np.array([0, 9])
    )
    assert p.tolist() == [0.0, 3.0]


@pytest.mark.parametrize("scale", [1e-300, 1e-10, 1e10, 1e300])
def test_any_scale_gives_a_finite_point_in_the_box(scale):
    B, g, lower, upper = quadratic(4, 6.0, 1)
    with np.errstate(all="ignore"):
        for p in (
            minimise_quadratic(B * scale, g, lower, upper),
            minimise_quadratic(B, g * scale, lower, upper),
        ):
            assert np.all((p >= lower) & (p <= upper))


def test_a_singular_matrix_is_solved_as_far_as_rounding_lets():
    a = np.array([1.0, 2.0, -1.0])
    x = solve_definite(np.outer(a, a), 3.0 * a)
    assert float(a @ x) == pytest.approx(3.0)
