"""The walk to the bottom of a basin: how many points it takes, and what it survives."""

import json
from dataclasses import asdict

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from surrogo.optimizers.finish import BOTTOM, FLAT, STUCK, ask, tell
from surrogo.optimizers.finish_state import BARRED, NO_ROOM, Finish, begin, revive


def walk(fun, x, most=4000, free=None, resume=False):
    """All points and values until the end, and the last state."""
    x = np.array(x, dtype=float)
    state, U, values = begin(x, fun(x), free), [x], [fun(x)]
    while not state.ended and len(U) < most:
        if resume:
            state = revive(json.loads(json.dumps(asdict(state))))
        u = ask(state)
        U.append(u)
        values.append(fun(u))
        state = tell(state, u, values[-1])
    return np.array(U), np.array(values), state


def needed(values, target=1e-8):
    """Evaluations until the values are below the target."""
    return int(np.argmax(values <= target)) + 1 if np.min(values) <= target else np.inf


def ellipsoid(d, condition, seed):
    rng = np.random.default_rng([d, seed])
    Q, _ = np.linalg.qr(rng.standard_normal((d, d)))
    w = 100.0 * condition ** np.linspace(0.0, 1.0, d)
    bottom, start = rng.uniform(0.1, 0.9, d), rng.random(d)
    return lambda u: 0.5 * float(w @ (Q @ (u - bottom)) ** 2), start


def rosenbrock(u):
    z = 4.0 * u - 2.0
    return float(np.sum(100.0 * (z[1:] - z[:-1] ** 2) ** 2 + (1.0 - z[:-1]) ** 2))


def test_a_sphere_takes_two_gradients_but_for_rounding():
    _, values, state = walk(lambda u: float(np.sum((u - 0.3) ** 2)), [0.9] * 4)
    assert needed(values, 1e-6) <= 1 + 2 * 5
    assert needed(values, 1e-9) <= 1 + 3 * 5
    assert state.x == pytest.approx([0.3] * 4, abs=1e-9)


@pytest.mark.parametrize("scale", [1e-9, 1.0, 1e9])
@pytest.mark.parametrize("seed", range(3))
def test_a_rotated_ellipsoid_takes_about_2_d_gradients_on_any_scale(seed, scale):
    fun, start = ellipsoid(5, 1e6, seed)
    _, values, state = walk(lambda u: scale * fun(u), start)
    assert needed(values, 1e-8 * scale) <= 12 * 6
    assert state.ended


@pytest.mark.parametrize("d", [4, 8])
def test_the_valley_of_rosenbrock(d):
    _, values, state = walk(rosenbrock, np.linspace(0.9, 0.5, d))
    assert needed(values, 1e-10) <= 60 * (d + 1)
    assert state.x == pytest.approx([0.75] * d, abs=1e-5)


def test_a_minimum_on_a_bound_and_in_a_corner():
    bottom = np.array([0.4, -0.5, 1.3])
    _, _, state = walk(lambda u: float(np.sum((u - bottom) ** 2)), [0.5] * 3)
    assert state.x == pytest.approx([0.4, 0.0, 1.0], abs=1e-8)
    assert state.x[1:] == [0.0, 1.0]
    U, _, state = walk(lambda u: float(u @ [1.0, -2.0, 3.0]), [0.5] * 3)
    assert state.x == [0.0, 1.0, 0.0]
    assert len(U) <= 10


def test_a_bound_that_was_met_is_left_again():
    # Downhill leads to u[1] = 0 first; the minimum is inside.
    H = np.array([[100.0, 90.0], [90.0, 100.0]])
    fun = lambda u: 0.5 * float((u - 0.2) @ H @ (u - 0.2))  # noqa: E731
    U, _, state = walk(fun, [0.9, 0.1])
    assert np.any(U[:, 1] == 0.0)
    assert state.x == pytest.approx([0.2, 0.2], abs=1e-6)


def test_an_offset_costs_only_the_digits_that_rounding_takes():
    for seed in range(3):
        fun, start = ellipsoid(5, 1e6, seed)
        _, values, _ = walk(lambda u, fun=fun: 1e3 + fun(u), start)
        assert np.min(values) - 1e3 <= 1e-9


def test_fixed_coordinates_never_move():
    H = np.array([[9.0, 2.0, 4.0], [2.0, 5.0, 1.0], [4.0, 1.0, 7.0]])
    fun = lambda u: float((u - 0.4) @ H @ (u - 0.4))  # noqa: E731
    U, _, state = walk(fun, [0.9, 0.6, 0.1], free=[True, False, True])
    assert np.all(U[:, 1] == 0.6)
    # The minimum over the others, given that the second is 0.2 from the bottom.
    moved = -0.2 * np.linalg.solve(H[np.ix_([0, 2], [0, 2])], H[[0, 2], 1])
    assert np.array(state.x)[[0, 2]] == pytest.approx(0.4 + moved, abs=1e-7)


def test_no_free_coordinate_ends_at_once():
    state = begin([0.5, 0.5], 1.0, [False, False])
    assert state.ended
    assert state.reason == NO_ROOM


def test_the_same_points_after_json_at_every_step():
    fun, start = ellipsoid(4, 1e5, 7)
    straight, resumed = walk(fun, start), walk(fun, start, resume=True)
    assert np.array_equal(straight[0], resumed[0])
    assert straight[2] == resumed[2]


def test_a_state_is_not_changed_by_asking_and_telling():
    state = begin([0.5, 0.2], 3.0)
    before = json.dumps(asdict(state))
    tell(state, ask(state), 4.0)
    assert json.dumps(asdict(state)) == before
    assert np.array_equal(ask(state), ask(state))


def test_points_changed_in_the_last_bits_do_no_harm():
    fun, start = ellipsoid(5, 1e6, 1)
    state = begin(start, fun(start))
    values = []
    while not state.ended and len(values) < 500:
        u = (ask(state) * 37.7 - 11.3 + 11.3) / 37.7  # as in the units of a user
        values.append(fun(u))
        state = tell(state, u, values[-1])
    assert needed(np.array(values)) <= 12 * 6


def test_a_failing_region_is_backed_away_from():
    def half(u):
        return np.nan if u[0] < 0.5 else float(np.sum((u - 0.4) ** 2))

    _, values, state = walk(half, [0.9, 0.8])
    assert np.isnan(values).any()
    assert state.f < 0.03  # 0.41 at the start, 0.01 is the least
    assert state.ended


def test_a_failed_difference_is_taken_to_the_other_side():
    state = begin([0.5, 0.5], 1.0)
    first = ask(state)
    state = tell(state, first, np.inf)
    assert ask(state) - 0.5 == pytest.approx(0.5 - first, abs=1e-15)
    state = tell(state, ask(state), np.nan)
    assert ask(state)[0] - 0.5 == pytest.approx(3.0 * (first[0] - 0.5), rel=1e-6)
    for _ in range(3):
        state = tell(state, ask(state), np.nan)
    assert state.gradient[0] == 0.0
    assert ask(state)[0] == 0.5
    assert ask(state)[1] != 0.5


@pytest.mark.parametrize(
    ("B", "h"), [(1e-9, 1e-8), (1e4, 2e-2 * 2.0**-26), (1e12, 1e-11)]
)
def test_the_difference_step_balances_rounding_and_truncation(B, h):
    state = Finish([0.5], 1.0, [0], [[B]], [0.0])
    assert ask(state)[0] - 0.5 == pytest.approx(h, rel=1e-4)
    # The length is the one of the point told, and h B / 2 is taken off.
    told = 0.5 + 3.0 * 2.0**-30
    after = tell(state, [told], 1.0 + 7.0 * 2.0**-30)
    assert after.gradient == pytest.approx([7.0 / 3.0 - 1.5 * 2.0**-30 * B])


def test_after_a_failed_search_the_coupling_is_forgotten_until_one_succeeds():
    B = [[2.0, 1.0], [1.0, 3.0]]
    last = {"phase": "search", "direction": [-0.1, 0.1], "slope": -0.2, "cuts": 7}
    state = Finish([0.5, 0.5], 1.0, [0, 1], B, [1.0, -1.0], **last)
    failed = tell(state, ask(state), 9.0)
    assert failed.B == [[2.0, 0.0], [0.0, 3.0]]
    assert failed.direction == pytest.approx([-0.5, 1.0 / 3.0])
    assert (failed.failures, failed.share, failed.cuts) == (1, 1.0, 0)
    assert tell(failed, ask(failed), 0.0).failures == 0


def test_two_failed_searches_in_a_row_end_it():
    # A kink at the start: every difference says downhill, every step goes up.
    def kink(u):
        away = np.abs(u - 0.5)
        return float(np.sum(np.where(away < 1e-7, -away, away)))

    U, _, state = walk(kink, [0.5, 0.5])
    assert state.reason == STUCK
    assert state.failures == 1
    assert len(U) == 1 + 2 + 2 * 8
    assert np.array(state.B).any()


def search_from_half(whole):
    """The state before the whole step from 0.5 to 0, where the slope is `whole`."""
    state = begin([0.5], 1.0)
    u = ask(state)
    return tell(state, u, 1.0 + whole * float(u[0] - 0.5))


def test_a_step_is_cut_to_the_minimum_of_the_parabola():
    state = search_from_half(2.0)
    assert ask(state).tolist() == [0.0]
    # Value 1, slope -2 over the half: 1 - t + 4 t^2 / 3 is 4 / 3 at the end.
    assert tell(state, [0.0], 4.0 / 3.0).share == pytest.approx(0.375)
    assert tell(state, [0.0], 1e9).share == 0.1
    assert tell(state, [0.0], 1.0 + 1e-9).share == pytest.approx(0.5)
    once = tell(state, [0.0], np.nan)
    assert once.share == 0.8
    assert tell(once, ask(once), np.nan).share == pytest.approx(0.4)


@pytest.mark.parametrize(
    ("refined", "kept"), [(0.7, 0.7), (0.9, 0.8), (np.nan, 0.8), (-np.inf, 0.8)]
)
def test_a_step_well_short_of_the_minimum_is_refined(refined, kept):
    state = tell(search_from_half(2.0), [0.0], 0.8)
    assert state.phase == "search"
    assert state.share == pytest.approx(0.5 / 0.8)
    assert ask(state) == pytest.approx([0.5 - 0.5 * 0.625])
    there = tell(state, ask(state), refined)
    assert (there.phase, there.f) == ("gradient", kept)
    assert there.x == ([0.0] if kept == 0.8 else ask(state).tolist())


def test_a_good_step_is_not_refined():
    assert tell(search_from_half(2.0), [0.0], 0.7).phase == "gradient"


def test_a_plateau_ends_at_once():
    U, _, state = walk(lambda u: 3.0, [0.5, 0.5])
    assert state.reason == FLAT
    assert len(U) == 3


@given(st.integers(1, 4), st.integers(0, 10**6), st.sampled_from([0.0, 0.2, 0.6, 1.0]))
def test_any_values_end_inside_without_asking_twice(d, seed, failing):
    """Values with no sense, some failing, from a start that may lie on bounds."""
    rng = np.random.default_rng(seed)
    x = rng.choice([0.0, 1.0, *rng.random(3)], d)
    state, last = begin(x, float(rng.normal())), x
    for _ in range(60):
        if state.ended:
            break
        u = ask(state)
        assert np.all((u >= 0.0) & (u <= 1.0))
        assert not np.array_equal(u, last)
        wild = float(rng.normal()) * 10.0 ** rng.choice([0, 0, 9, 150, 307])
        fails = rng.random() < failing
        state, last = tell(state, u, rng.choice([np.nan, np.inf]) if fails else wild), u
        assert revive(json.loads(json.dumps(asdict(state)))) == state


@given(st.integers(2, 5), st.integers(0, 10**6))
def test_the_value_never_rises_and_is_the_one_of_the_point(d, seed):
    fun, start = ellipsoid(d, 1e4, seed)
    state = begin(start, fun(start))
    for _ in range(80):
        if state.ended:
            break
        u = ask(state)
        after = tell(state, u, fun(u))
        assert after.f <= state.f
        assert after.f == fun(np.array(after.x))
        state = after


def test_wrong_calls_are_refused():
    with pytest.raises(ValueError, match="must be finite, but it is nan"):
        begin([0.5], float("nan"))
    ended = begin([0.5], 1.0, [False])
    with pytest.raises(ValueError, match="nothing to ask, the walk has ended: no coor"):
        ask(ended)
    with pytest.raises(ValueError, match="nothing to tell, the walk has ended"):
        tell(ended, [0.5], 1.0)


def test_steps_in_the_noise_of_differences_end_it():
    """An offset of 1e3 leaves 1e-13: beyond that a walk would go on for long."""
    fun, start = ellipsoid(5, 1e6, 1)
    U, values, state = walk(lambda u: 1e3 + fun(u), start)
    reached = needed(values, 1e3 + 1e-9)
    assert np.isfinite(reached)
    assert state.reason in (BOTTOM, FLAT)
    assert len(U) <= reached + 6 * 6


def test_a_walk_saved_before_it_could_follow_valleys_goes_on():
    state, saved = begin([0.3, 0.4], 1.0), asdict(begin([0.3, 0.4], 1.0))
    del saved["curved"], saved["gain"], saved["idle"]
    saved |= {"before": None, "separable": False}
    assert revive(saved) == state


def test_a_walk_ends_where_all_points_of_a_search_fail():
    state = search_from_half(2.0)
    for _ in range(3):
        state = tell(state, ask(state), np.nan)
        assert not state.ended
    assert tell(state, ask(state), np.nan).reason == BARRED
