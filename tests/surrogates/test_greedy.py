"""Greedy centres and the Newton basis against the direct system, and theory."""

import numpy as np
import pytest
from scipy.spatial import cKDTree

from surrogo.surrogates import radial
from surrogo.surrogates.greedy import RULES, select
from surrogo.surrogates.radial import RADIAL
from surrogo.surrogates.rbf_model import RBFModel
from surrogo.surrogates.rbf_recipe import Recipe
from tests.reference import naive_rbf

every_rule = pytest.mark.parametrize("rule", sorted(RULES))
every_kernel = pytest.mark.parametrize("kernel", sorted(RADIAL))


def points(n=600, d=2, seed=0):
    return np.random.default_rng(seed).random((n, d))


def truth(Z):
    """A function with a bump in one corner."""
    return np.cos(3 * Z[:, 0]) + np.exp(-60 * np.sum((Z - 0.8) ** 2, axis=1))


def selection(kernel="matern52", n=40, rule="f", degree=None, shape=3.0):
    Z = points()
    shape = shape if radial.has_length(RADIAL[kernel]) else 1.0
    return select(Recipe(RADIAL[kernel], degree, shape), Z, truth(Z), n, rule)


@every_rule
@every_kernel
def test_equals_a_fit_at_the_centres(kernel, rule):
    basis = selection(kernel, rule=rule, shape=10.0)
    Z, new = points(), points(50, seed=1)
    assert len(set(basis.chosen)) == 40
    centres = Z[basis.chosen]
    direct = RBFModel.of(basis.recipe, centres, truth(centres))
    model = basis.model(truth(Z))
    for got, expected in zip(
        (*model.mean_std_gradients(new), model.covariance(new)),
        (*direct.mean_std_gradients(new), direct.covariance(new)),
        strict=True,
    ):
        size = np.max(np.abs(expected))
        np.testing.assert_allclose(got, expected, atol=1e-7 * size, rtol=0)
    assert model.norm == pytest.approx(direct.norm, rel=1e-7)
    assert np.sqrt(np.sum(basis.a**2)) == pytest.approx(direct.norm, rel=1e-7)


@every_rule
def test_residual_and_power_at_the_candidates_are_those_of_the_model(rule):
    basis, Z = selection("cubic", rule=rule), points()
    model = basis.model(truth(Z))
    np.testing.assert_allclose(basis.residual, truth(Z) - model.mean(Z), atol=1e-9)
    np.testing.assert_allclose(np.sqrt(basis.power2), model.power(Z), atol=1e-6)
    assert np.all(basis.residual[basis.chosen] == 0.0)


@every_rule
def test_fewer_centres_are_the_first_ones(rule):
    many, few = selection(n=30, rule=rule), selection(n=12, rule=rule)
    np.testing.assert_array_equal(many.chosen[:12], few.chosen)
    np.testing.assert_array_equal(many.a[:11], few.a)
    np.testing.assert_array_equal(many.V[:, :11], few.V)


@pytest.mark.parametrize("kernel", ["matern52", "cubic", "gaussian"])
def test_newton_functions_vanish_at_earlier_centres_and_are_orthonormal(kernel):
    basis = selection(kernel, n=25, rule="P", shape=10.0)
    later = basis.chosen[basis.reduced.tail.p :]
    at_centres = basis.newton(points()[later])
    np.testing.assert_allclose(at_centres, np.tril(at_centres), atol=1e-9)
    np.testing.assert_allclose(basis.newton(points()), basis.V, atol=1e-9)
    at = basis.reduced.coordinates(points()[later])
    W = basis.reduced.between(points()[later], at, points()[later], at)
    inner = np.linalg.solve(basis.L, np.linalg.solve(basis.L, W).T)
    np.testing.assert_allclose(inner, np.eye(len(later)), atol=1e-8)


@every_kernel
def test_largest_power_falls_with_each_centre(kernel):
    peaks = selection(kernel, rule="P", shape=8.0).peaks
    assert np.all(np.diff(peaks) <= 0.0)
    assert peaks[-1] < 0.65 * peaks[0]


@pytest.mark.parametrize("kernel", ["matern32", "thin_plate", "cubic"])
def test_power_spreads_centres_evenly_and_does_not_look_at_the_values(kernel):
    Z = points(2000)
    recipe = Recipe(RADIAL[kernel], None, 3.0)
    basis = select(recipe, Z, truth(Z), 80, "P")
    again = select(recipe, Z, np.zeros(2000), 80, "P")
    np.testing.assert_array_equal(again.chosen, basis.chosen)
    centres = Z[basis.chosen]
    fill = np.max(cKDTree(centres).query(Z)[0])
    separation = np.min(cKDTree(centres).query(centres, k=2)[0][:, 1])
    assert fill / separation < 2.5
    at_random = cKDTree(Z[:80]).query(Z[:80], k=2)[0][:, 1].min()
    assert at_random < 0.2 * separation


@pytest.mark.parametrize("kernel", ["matern52", "cubic", "gaussian", "multiquadric"])
def test_centres_by_residual_beat_random_ones(kernel):
    Z, new = points(), points(1000, seed=9)
    basis = selection(kernel, n=30, shape=5.0)
    error = np.max(np.abs(basis.model(truth(Z)).mean(new) - truth(new)))
    at_random = [
        np.max(
            np.abs(RBFModel.of(basis.recipe, Z[i], truth(Z[i])).mean(new) - truth(new))
        )
        for i in np.random.default_rng(0).permutation(600).reshape(20, 30)
    ]
    assert error < 0.7 * np.median(at_random)
    assert np.mean(np.array(at_random) > error) >= 0.9


def test_gain_in_norm_is_what_the_quotient_makes_large():
    """f/P: a_j^2 is the gain in squared norm, and no other candidate gives more."""
    short, longer = selection(n=10, rule="f/P"), selection(n=11, rule="f/P")
    power = np.sqrt(short.power2)
    stable = power >= 0.5 * power.max()
    gains = np.abs(short.residual[stable]) / power[stable]
    assert abs(longer.a[-1]) == pytest.approx(np.max(gains), rel=1e-12)


@every_rule
def test_works_where_the_direct_matrix_is_singular(rule):
    """Condition 1e16: solving the system fails, the Newton basis does not."""
    Z, new = points(3000), points(300, seed=1)
    y, expected = np.cos(3 * Z[:, 0]) * Z[:, 1], np.cos(3 * new[:, 0]) * new[:, 1]
    basis = select(Recipe(RADIAL["gaussian"], -1, 1.5), Z, y, 500, rule)
    centres = Z[basis.chosen]
    A = naive_rbf.kernel("gaussian", 1.5, centres, centres)
    assert np.linalg.cond(A) > 1e16
    assert 40 < len(centres) < 200  # stopped where the next is singular
    model = basis.model(y)
    assert np.max(np.abs(basis.residual)) < 1e-6
    assert np.max(np.abs(model.mean(new) - expected)) < 1e-6
    assert np.max(np.abs(basis.newton(new) @ basis.a - expected)) < 1e-6
    assert np.all(np.isfinite(model.power(new)))


def test_tolerance_stops_early():
    Z = points()
    recipe = Recipe(RADIAL["matern52"], None, 3.0)
    for rule in ("f", "f/P"):
        basis = select(recipe, Z, truth(Z), 600, rule, tolerance=1e-2)
        assert len(basis.chosen) < 200
        assert np.max(np.abs(basis.residual)) <= 1e-2
        assert np.max(np.abs(
            select(recipe, Z, truth(Z), len(basis.chosen) - 1, rule).residual
        )) > 1e-2  # fmt: skip
    basis = select(recipe, Z, truth(Z), 600, "P", tolerance=0.2)
    assert basis.peaks[-1] <= 0.2 < basis.peaks[-2]


def test_several_outputs_share_their_centres():
    Z = points()
    Y = np.column_stack([truth(Z), Z[:, 0] ** 2])
    basis = select(Recipe(RADIAL["cubic"]), Z, Y, 30)
    assert basis.a.shape == (27, 2)
    model = basis.model(Y)
    np.testing.assert_allclose(model.mean(Z), Y - basis.residual, atol=1e-9)


def test_polynomials_need_the_anchors_only():
    Z = points()
    basis = select(
        Recipe(RADIAL["cubic"]), Z, 2.0 * Z[:, 0] - Z[:, 1], 30, tolerance=1e-12
    )
    assert len(basis.chosen) == 3


def test_unknown_rules_are_refused():
    with pytest.raises(
        ValueError, match="rule must be one of 'P', 'f', 'f/P', got 'p'"
    ):
        select(Recipe(RADIAL["cubic"]), points(), truth(points()), 5, "p")
