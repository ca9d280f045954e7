"""Designs inside constraints: predicates, thin and flat polytopes, refusals."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import LinearConstraint, NonlinearConstraint
from scipy.sparse import csr_array

from surrogo import Categorical, Integer, Real, Space
from surrogo.samplers import (
    SAMPLERS,
    Constrained,
    Distinct,
    LatinHypercube,
    Section,
    Sobol,
    Uniform,
    discrepancy,
)
from surrogo.samplers.conditions import Rows
from surrogo.samplers.polytope import Polytope

SQUARE = [(0, 1), (0, 1)]


def disk(x):
    return (x[0] - 0.5) ** 2 + (x[1] - 0.5) ** 2 < 0.16


# ---- by leaving points out ------------------------------------------------------


@pytest.mark.parametrize("name", sorted(SAMPLERS))
def test_all_points_are_inside(name):
    below = LinearConstraint([1, 1], ub=1)
    X = Constrained(SAMPLERS[name](), [disk, below]).sample(40, SQUARE, rng=2)
    assert X.shape == (40, 2)
    assert all(map(disk, X))
    assert np.all(X.sum(axis=1) <= 1)
    assert len(np.unique(X, axis=0)) == 40


def test_points_of_a_sequence_are_its_first_inside():
    X = Constrained(Sobol(), disk).sample(30, SQUARE, rng=2)
    seed = int(np.random.default_rng(2).integers(2**63))
    all_points = Sobol().sample(200, SQUARE, seed)
    inside = all_points[[disk(x) for x in all_points]]
    np.testing.assert_array_equal(X, inside[:30])


def test_constrained_designs_are_spread_over_the_set():
    """The lower half of the square, stretched, is a square again."""
    lower = LinearConstraint([0, 1], ub=0.5)

    def of(sampler, seed):
        return discrepancy(
            Constrained(sampler, lower).sample(64, SQUARE, seed) * [1, 2]
        )

    ours = np.median([of(Sobol(), seed) for seed in range(11)])
    assert ours < 0.2 * np.median([of(Uniform(), seed) for seed in range(11)])


def test_predicates_get_what_the_function_gets():
    space = {"kind": Categorical(["a", "b"]), "load": Real(1, 100, scale="log")}
    X = Constrained(Sobol(), lambda p: p["kind"] == "b" or p["load"] > 50).sample(
        60, space, rng=0
    )
    assert np.all((X[:, 0] == 1) | (X[:, 1] > 50))


def test_nonlinear_constraints_of_scipy_are_taken():
    ring = NonlinearConstraint(lambda x: [x @ x, x[0]], [0.5, 0.2], [0.9, 1])
    X = Constrained(Sobol(), ring).sample(50, SQUARE, rng=0)
    square = np.sum(X**2, axis=1)
    assert np.all((square >= 0.5) & (square <= 0.9) & (X[:, 0] >= 0.2))


def test_linear_equations_of_integers_are_solved_by_leaving_out():
    total = LinearConstraint([1, 1], 10, 10)
    space = [Integer(0, 10), Integer(0, 10)]
    X = Distinct(Constrained(Sobol(), total)).sample(11, space, rng=0)
    np.testing.assert_array_equal(X.sum(axis=1), 10)


# ---- by walks -------------------------------------------------------------------


@pytest.mark.parametrize("width", [0.0, 1e-9, 1e-6, 1e-3])
def test_thin_sets_are_filled_from_end_to_end(width):
    thin = LinearConstraint([1, 1], 1 - width, 1 + width)
    X = Constrained(Sobol(), thin).sample(200, SQUARE, rng=0)
    assert np.all(np.abs(X.sum(axis=1) - 1) <= width + 1e-14)
    assert np.all((X >= 0) & (X <= 1))
    np.testing.assert_allclose(X[:, 0].mean(), 0.5, atol=4 * np.sqrt(1 / 12 / 200))
    np.testing.assert_allclose(X[:, 0].var(), 1 / 12, atol=4 * np.sqrt(1 / 180 / 200))


@pytest.mark.parametrize("d", [2, 5, 12])
def test_walks_are_uniform_on_the_simplex(d):
    """Mixtures: each part has mean 1/d and variance (d - 1) / (d**2 (d + 1))."""
    mixture = LinearConstraint(np.ones((1, d)), 1, 1)
    X = Constrained(Sobol(), mixture).sample(1000, [(0, 1)] * d, rng=1)
    np.testing.assert_allclose(X.sum(axis=1), 1, rtol=1e-13)
    variance = (d - 1) / (d * d * (d + 1))
    atol = 4.5 * np.sqrt(variance / 1000)
    np.testing.assert_allclose(X.mean(axis=0), 1 / d, atol=atol)
    np.testing.assert_allclose(X.var(axis=0).mean(), variance, rtol=0.1)


def test_a_small_corner_of_many_variables_is_found():
    """The simplex sum(x) <= 1 has the volume 1/12! = 2e-9 in 12 variables."""
    corner = LinearConstraint(np.ones((1, 12)), ub=1)
    X = Constrained(LatinHypercube(), corner).sample(300, [(0, 1)] * 12, rng=1)
    assert np.all(X.sum(axis=1) <= 1)
    # the slack is one more part of a mixture: a Dirichlet distribution
    np.testing.assert_allclose(X.mean(), 1 / 13, rtol=0.05)


def test_equations_may_hide_in_two_constraints_and_meet_a_predicate():
    both = [LinearConstraint([1, 1], ub=1), LinearConstraint([[1, 1]], lb=1)]
    X = Constrained(Sobol(), [*both, lambda x: x[0] > 0.7]).sample(20, SQUARE, rng=0)
    np.testing.assert_allclose(X.sum(axis=1), 1, rtol=1e-13)
    assert np.all(X[:, 0] > 0.7)


def test_units_scales_and_other_variables_are_kept():
    space = {
        "a": Real(1e-3, 10, scale="log"),
        "kind": Categorical(["x", "y"]),
        "b": Real(1e6, 2e6),
        "c": Real(3, 3),
    }
    # 1e5 a - b + 1e5 c = -1e6
    rows = LinearConstraint(csr_array([[1e5, 0, -1, 1e5]]), -1e6, -1e6)
    X = Constrained(LatinHypercube(), rows).sample(40, space, rng=0)
    assert np.all(Space.of(space).contains(X))
    np.testing.assert_allclose(1e5 * X[:, 0] - X[:, 2] + 3e5, -1e6, rtol=1e-12)
    assert np.sum(X[:, 1] == 0) == 20
    assert np.ptp(X[:, 2]) > 5e5


def test_constraints_go_around_sections():
    mixture = LinearConstraint([[1, 1, 1]], 1, 1)
    sampler = Constrained(Section(Sobol(), {1: 0.3}), mixture)
    X = sampler.sample(30, [(0, 1)] * 3, rng=0)
    np.testing.assert_array_equal(X[:, 1], 0.3)
    np.testing.assert_allclose(X.sum(axis=1), 1, rtol=1e-14)
    np.testing.assert_allclose(X[:, 0].mean(), 0.35, atol=4 * 0.7 / np.sqrt(12 * 30))


def test_a_single_feasible_point_is_found():
    point = LinearConstraint(np.eye(2), [0.2, 0.4], [0.2, 0.4])
    X = Constrained(Sobol(), point).sample(3, SQUARE, rng=0)
    np.testing.assert_allclose(X, [[0.2, 0.4]] * 3, rtol=1e-12)


@given(seed=st.integers(0, 2**32), d=st.integers(1, 4), k=st.integers(1, 4))
def test_points_of_random_polytopes_are_inside(seed, d, k):
    rng = np.random.default_rng(seed)
    A, centre = rng.standard_normal((k, d)), rng.random(d)
    low = A @ centre - rng.choice([0, 1e-6, 0.1], k)
    polytope = Polytope.of(Rows(A, low, np.full(k, np.inf)))
    U = polytope.sample(20, rng)
    assert np.min(U @ A.T - low) > -1e-9
    assert np.all((U >= -1e-12) & (U <= 1 + 1e-12))


def test_walks_depend_on_the_seed_alone():
    sampler = Constrained(Sobol(), LinearConstraint([1, 1], 1, 1))
    first, again, other = (sampler.sample(5, SQUARE, seed) for seed in (1, 1, 2))
    np.testing.assert_array_equal(first, again)
    assert not np.any(first == other)


# ---- refusals -------------------------------------------------------------------


def refused(constraints, space=SQUARE, n=10):
    with pytest.raises(ValueError, match="constraints") as caught:
        Constrained(Sobol(), constraints).sample(n, space, rng=0)
    return str(caught.value)


def test_an_empty_set_is_refused_after_a_bounded_effort():
    calls = []
    text = refused(lambda x: calls.append(x))
    assert "among 16384 points of it 0 were inside, and n=10 were asked for" in text
    assert "ask for fewer, tighten the bounds, or give linear" in text
    assert len(calls) < 3 * 16384


def test_linear_constraints_that_exclude_each_other_are_named_so():
    text = refused([LinearConstraint([1, 1], lb=2.5)])
    assert text.startswith("the linear constraints must leave some point of the space")
    assert "loosen one" in text


def test_integers_in_an_equation_without_solution_are_refused():
    text = refused(LinearConstraint([2, 2], 5, 5), [Integer(0, 9), Integer(0, 9)])
    assert "0 were inside" in text


def test_a_predicate_that_refuses_all_of_a_flat_set_is_named():
    text = refused([LinearConstraint([1, 1], 1, 1), lambda x: x[0] > 2])
    assert "only 0 of the n=10 points asked for fulfil the other constraints" in text


@pytest.mark.parametrize(
    ("constraints", "message"),
    [
        (
            [],
            "constraints must be a function of a point that returns True or False, a ",
        ),
        ("x < 1", "or a list of them, got 'x < 1'"),
        ([disk, 3], "or a list of them, got"),
    ],
)
def test_something_else_than_constraints_is_refused(constraints, message):
    with pytest.raises(ValueError, match=message):
        Constrained(Sobol(), constraints)


@pytest.mark.parametrize(
    ("constraint", "message"),
    [
        (
            LinearConstraint([1, 1, 1], 0, 1),
            "one column for each of the 2 variables, got",
        ),
        (LinearConstraint([1, np.nan], 0, 1), "A of a LinearConstraint must be finite"),
        (LinearConstraint([1, 1], 1, 0), r"lb <= ub in every row, got lb=\[1.0\], ub="),
        (lambda x: x > 0.5, "with one point and must return True or False, got array"),
    ],
)
def test_constraints_that_do_not_fit_are_refused(constraint, message):
    with pytest.raises(ValueError, match=message):
        Constrained(Sobol(), constraint).sample(3, SQUARE)


def test_constraints_need_the_space():
    message = r"have no place in the unit cube: call sample\(n, space\) instead of"
    with pytest.raises(ValueError, match=message):
        Constrained(Sobol(), disk).sample_unit(3, 2)


@pytest.mark.parametrize("wrap", [lambda sampler: sampler, Distinct])
def test_constraints_inside_a_section_are_refused(wrap):
    message = (
        r"of a section must have no constraints, got .* write Constrained\(Section"
    )
    with pytest.raises(ValueError, match=message):
        Section(wrap(Constrained(Sobol(), disk)), {0: 0.5})


def test_walks_keep_to_a_section_of_distinct_points():
    mixture = LinearConstraint([[1, 1, 1]], 1, 1)
    sampler = Constrained(Distinct(Section(Sobol(), {1: 0.3})), mixture)
    np.testing.assert_array_equal(sampler.sample(9, [(0, 1)] * 3, rng=0)[:, 1], 0.3)
