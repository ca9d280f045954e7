import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import minimize

from surrogo.acquisition import LogEI
from surrogo.acquisition.climb import _advance, _Climbers, _solve, climb
from tests.acquisition.hills import (
    bowl,
    corner,
    ellipsoid,
    flat_top,
    outside,
    rosenbrock,
    waves,
)
from tests.surrogates.cases import posterior

SMOOTH = [bowl, outside, corner, rosenbrock, waves, flat_top]
smooth = pytest.mark.parametrize("score", SMOOTH)
free = {d: np.ones(d, bool) for d in (1, 2, 5, 20)}


def starts(d, m=12, seed=0):
    return np.random.default_rng(seed).random((m, d))


@smooth
def test_gradients_of_these_functions_are_right(score):
    U = starts(3)
    _, slope = score(U)
    for j, step in enumerate(1e-6 * np.eye(3)):
        expected = (score(U + step)[0] - score(U - step)[0]) / 2e-6
        np.testing.assert_allclose(slope[:, j], expected, rtol=1e-5, atol=1e-5)


@smooth
@pytest.mark.parametrize("d", [1, 2, 5])
def test_ends_are_local_maxima_that_scipy_cannot_improve(score, d):
    U, f = climb(score, starts(d), free[d], rounds=300)
    for u, value in zip(U, f, strict=True):
        better = minimize(
            lambda u: [-part[0] for part in score(u[None])],
            u,
            jac=True,
            method="L-BFGS-B",
            bounds=[(0, 1)] * d,
            options={"ftol": 1e-14, "gtol": 1e-10},
        )
        assert -better.fun - value < 1e-6 * (1 + abs(value))
        if score is not flat_top:  # where the score says little about the place
            np.testing.assert_allclose(better.x, u, atol=2e-3)


@pytest.mark.parametrize("d", [1, 2, 5])
def test_known_maxima_are_found_from_everywhere(d):
    U, _ = climb(bowl, starts(d), free[d])
    np.testing.assert_allclose(U, np.tile(np.linspace(0.2, 0.8, d), (12, 1)), atol=1e-4)
    U, _ = climb(corner, starts(d), free[d])
    np.testing.assert_array_equal(U, np.tile(np.resize([1, 0, 1], d), (12, 1)))


@pytest.mark.parametrize("d", [2, 5, 10])
def test_skewed_ellipsoids_against_the_walls_are_solved(d):
    """Newton's step, cut off at the walls, may lead down: then the gradient must do."""
    for seed in range(15):
        score = ellipsoid(d, seed)
        _, f = climb(score, starts(d, m=6), np.ones(d, bool), rounds=300)
        best = minimize(
            lambda u, score=score: [-part[0] for part in score(u[None])],
            np.full(d, 0.5),
            jac=True,
            method="L-BFGS-B",
            bounds=[(0, 1)] * d,
            options={"ftol": 1e-15, "gtol": 1e-10},
        )
        # SciPy stops short now and then; all climbs agree on the one maximum
        assert np.all(f >= -best.fun - 1e-6 * (1 + best.fun))
        assert np.ptp(f) < 1e-6 * (1 + best.fun)


def test_rosenbrocks_valley_is_followed_to_its_end():
    U, f = climb(rosenbrock, np.full((1, 2), 0.2), free[2], rounds=100)
    np.testing.assert_allclose(U, 0.75, atol=1e-5)
    assert f[0] == pytest.approx(0, abs=1e-8)


def counting(score):
    """Return the score and a list that grows by the size of every batch."""
    calls = []

    def counted(U):
        calls.append(len(U))
        return score(U)

    return counted, calls


def test_climbs_need_few_points():
    """About as many as L-BFGS-B, which needs them one after the other."""
    model = posterior(lengths=np.full(10, 1.5), n=60)
    criterion = LogEI(best=float(model.y.min()))

    def improvement(U):
        return criterion.score_and_gradient(model, U)

    cases = (waves, 5, 12), (ellipsoid(10, 0), 10, 22), (improvement, 10, 30)
    for score, d, most in cases:
        counted, calls = counting(score)
        climb(counted, starts(d), np.ones(d, bool), rounds=300)
        assert sum(calls) < 12 * most
        assert len(calls) < 2 * most


def test_a_gradient_that_lies_ends_the_climb_soon():
    counted, calls = counting(lambda U: (bowl(U)[0], -bowl(U)[1]))
    U, _ = climb(counted, starts(2), free[2], rounds=300)
    np.testing.assert_array_equal(U, starts(2))
    assert len(calls) < 30  # halved each time: 1e-7 after 24 rounds


@smooth
@pytest.mark.parametrize("d", [1, 2, 5])
def test_no_step_leaves_the_cube_and_no_end_scores_less_than_its_start(score, d):
    def watched(U):
        assert np.all((U >= 0.0) & (U <= 1.0))
        return score(U)

    begin = np.vstack([starts(d), np.zeros((1, d)), np.ones((1, d))])
    U, f = climb(watched, begin, free[d])
    assert np.all(f >= score(begin)[0])
    np.testing.assert_array_equal(f, score(U)[0])


@smooth
def test_a_batch_gives_what_each_start_alone_gives(score):
    together, f = climb(score, starts(5), free[5])
    for row, start in enumerate(starts(5)):
        alone, value = climb(score, start[None], free[5])
        np.testing.assert_array_equal(together[row], alone[0])
        assert f[row] == value[0]


@smooth
def test_starts_stay_as_they_are_and_runs_repeat(score):
    begin = starts(2)
    first = climb(score, begin, free[2])
    np.testing.assert_array_equal(begin, starts(2))
    np.testing.assert_array_equal(first[0], climb(score, begin, free[2])[0])


def test_coordinates_that_may_not_move_keep_every_digit():
    movable = np.array([True, False, True, False, True])
    U, _ = climb(waves, starts(5), movable)
    np.testing.assert_array_equal(U[:, ~movable], starts(5)[:, ~movable])
    assert np.all(np.any(U[:, movable] != starts(5)[:, movable], axis=1))


def test_each_start_may_have_coordinates_of_its_own_to_move(rng):
    movable = rng.random((12, 5)) < 0.5
    U, _ = climb(bowl, starts(5), movable, rounds=200)
    np.testing.assert_array_equal(U[~movable], starts(5)[~movable])
    peak = np.tile(np.linspace(0.2, 0.8, 5), (12, 1))
    np.testing.assert_allclose(U[movable], peak[movable], atol=1e-4)


def test_gradients_of_coordinates_that_may_not_move_do_not_matter():
    def partly(U):
        f, g = bowl(U)
        return f, np.column_stack([g[:, 0], np.full(len(U), np.nan)])

    U, _ = climb(partly, starts(2), np.array([True, False]))
    np.testing.assert_allclose(U[:, 0], 0.2, atol=1e-4)


def test_nothing_moves_where_nothing_may():
    U, f = climb(bowl, starts(2), np.zeros(2, bool))
    np.testing.assert_array_equal(U, starts(2))
    np.testing.assert_array_equal(f, bowl(starts(2))[0])


def test_no_rounds_and_no_starts():
    U, f = climb(bowl, starts(2), free[2], rounds=0)
    np.testing.assert_array_equal(U, starts(2))
    U, f = climb(bowl, np.empty((0, 2)), free[2])
    assert U.shape == (0, 2)
    assert f.shape == (0,)


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("where", ["score", "gradient"])
def test_scores_and_gradients_that_are_not_finite_are_avoided(bad, where):
    def holed(U):
        f, g = bowl(U)
        hole = U[:, 0] > 0.6
        if where == "score":
            return np.where(hole, bad, f), g
        return f, np.where(hole[:, None], bad, g)

    begin = starts(2, m=30)
    U, f = climb(holed, begin, free[2])
    outside_of_it = begin[:, 0] <= 0.6
    np.testing.assert_array_equal(U[~outside_of_it], begin[~outside_of_it])
    assert np.all(U[outside_of_it, 0] <= 0.6)
    assert np.isfinite(f[outside_of_it]).all()
    assert np.mean(np.abs(U[outside_of_it] - [0.2, 0.8]) < 1e-3) > 0.9


def test_a_wall_of_minus_infinity_is_approached():
    def walled(U):
        with np.errstate(divide="ignore", invalid="ignore"):
            room = 0.5 - U[:, 0]
            f = np.where(room > 0, U[:, 0] + 1e-3 * np.log(room), -np.inf)
            g = np.column_stack([1.0 - 1e-3 / room, -2.0 * (U[:, 1] - 0.3)])
        return f - (U[:, 1] - 0.3) ** 2, g

    U, _ = climb(walled, starts(2, m=20) * [0.5, 1.0], free[2], rounds=200)
    np.testing.assert_allclose(U, np.tile([0.499, 0.3], (20, 1)), atol=1e-3)


@given(exponent=st.floats(-6, 12), d=st.sampled_from([1, 2, 5]))
def test_the_size_of_the_score_hardly_matters(exponent, d):
    """The end of a climb is relative to 1 + |score|: small scores end earlier."""
    scale = 10.0**exponent

    def scaled(U):
        f, g = waves(U)
        return scale * f, scale * g

    _, f = climb(scaled, starts(d), free[d], rounds=200)
    found = f / scale
    peaks, _ = climb(waves, found_starts := starts(d), free[d], rounds=200)
    assert np.all(found >= waves(found_starts)[0])
    error = 1e-6 + 1e-8 / scale
    assert np.all(found <= waves(peaks)[0].max() + error)


def test_slopes_of_any_steepness_do_no_harm():
    for scale in (1e-300, 1e-100, 1e40, 1e100, 1e200):

        def steep(U, scale=scale):
            return bowl(U)[0], scale * bowl(U)[1]

        U, f = climb(steep, starts(2), free[2])
        assert np.isfinite(U).all()
        assert np.all(f >= bowl(starts(2))[0])


def test_a_step_too_short_for_floating_point_is_no_step():
    half, one = np.full((1, 1), 0.5), np.ones(1)
    climbers = _Climbers(
        half, one, 1e4 * one[None], 1e14 * one[None, None], 1e-6 * one,
        np.ones(1, bool), np.ones((1, 1), bool),
    )  # fmt: skip
    after = _advance(lambda U: (np.ones(1), np.ones((1, 1))), climbers, half * 1e-12)
    np.testing.assert_array_equal(after.U, half)
    np.testing.assert_array_equal(after.B, climbers.B)
    assert after.step[0] < climbers.step[0]


def test_a_curvature_that_ran_out_of_digits_still_gives_a_step():
    A = np.array([np.ones((2, 2)), np.eye(2)])
    step = _solve(A, np.array([[1.0, 1.0], [1.0, 2.0]]))
    np.testing.assert_allclose(step, [[0.5, 0.5], [1.0, 2.0]], rtol=0.1)
