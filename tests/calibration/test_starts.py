"""Start points: smoothing against formulas, multiple shooting, reliability."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from scipy.interpolate import make_smoothing_spline
from scipy.optimize import least_squares

from surrogo import OdeModel, Real
from surrogo.calibration import Event, LogNormal, Normal, calibrate, make_problem
from surrogo.calibration.along import rates_along, rates_at_once
from surrogo.calibration.problem import Calibration
from surrogo.calibration.rates import fit_rates, is_straight
from surrogo.calibration.segments import cut
from surrogo.calibration.shooting import Shooting, shoot
from surrogo.calibration.smoothing import curves, observed_states, smooth
from surrogo.calibration.starts import start_points
from surrogo.checks import FloatArray
from surrogo.problems.hare_lynx import HARE, LYNX
from tests.calibration.lynx import BOUNDS, DATA, MODEL

LOGS = np.log(np.r_[HARE, LYNX])


def lynx(noise: Any = None) -> Calibration:
    return make_problem(MODEL, DATA, BOUNDS, noise or LogNormal(sigma=1.0))


def log_ssq(problem: Calibration, p: Any) -> float:
    r = np.asarray(problem.evaluate(p).outputs) - LOGS
    return float(r @ r)


def after_local_search(problem: Calibration, p: dict[str, Any]) -> float:
    def residuals(u: FloatArray) -> FloatArray:
        x = problem.space.from_unit(u[None, :])[0]
        return np.asarray(problem.evaluate(x).outputs) - LOGS

    u = problem.space.to_unit(problem.space.encode(p)[None, :])[0]
    return float(2 * least_squares(residuals, u, bounds=(0, 1), max_nfev=30).cost)


# ---- smoothing ------------------------------------------------------------------


def test_the_penalty_is_that_of_cross_validation() -> None:
    rng = np.random.default_rng(3)
    t = np.sort(rng.uniform(0, 6, 40))
    z = np.sin(t) + 0.1 * rng.normal(size=40)
    ours, scipys = smooth(t, z, 1.0), make_smoothing_spline(t, z)
    grid = np.linspace(t[0], t[-1], 200)
    assert np.max(np.abs(ours(grid) - scipys(grid))) < 0.05
    assert np.max(np.abs(ours(grid) - np.sin(grid))) < 0.2


def test_levels_go_from_all_data_to_smoother() -> None:
    t = np.arange(10.0)
    z = np.sin(t) + 0.3 * (-1.0) ** np.arange(10)
    misfit = [np.sum((smooth(t, z, level)(t) - z) ** 2) for level in (0.0, 1.0, 100.0)]
    assert misfit[0] == pytest.approx(0.0, abs=1e-20)
    assert misfit[0] < misfit[1] < misfit[2]


def test_constant_data_are_smooth() -> None:
    assert smooth(np.arange(6.0), np.full(6, 2.0), 1.0)(2.5) == pytest.approx(2.0)


@pytest.mark.parametrize("seed", range(10))
def test_hare_and_lynx_begin_in_the_right_valley(seed: int) -> None:
    # Also where every pelt count is off by a further 10 %.
    wiggle = np.exp(0.1 * np.random.default_rng(seed).normal(size=(2, 21)))
    data = DATA | {"hare": HARE * wiggle[0], "lynx": LYNX * wiggle[1]}
    moved = make_problem(MODEL, data, BOUNDS, LogNormal(sigma=1.0))
    points = start_points(moved, "auto", None).points
    assert min(after_local_search(lynx(), p) for p in points[:1]) < 3.0


def test_plain_noise_finds_the_valley_too() -> None:
    points = start_points(lynx(Normal(sigma=1.0)), "auto", None).points
    assert min(after_local_search(lynx(), p) for p in points) < 3.0


def test_a_straight_model_is_solved_in_one_step() -> None:
    t = np.linspace(0, 4, 25)
    data = {"time": t, "u": 3 * np.exp(-0.7 * t)}
    model = OdeModel(lambda t, y, p: -p["k"] * y, ["u"], {"u": "u0"})
    problem = make_problem(model, data, {"k": (0.0, 2.0), "u0": (1, 5)}, Normal(0.1))
    p = start_points(problem, "auto", None).points[0]
    assert p["k"] == pytest.approx(0.7, rel=0.02)
    assert p["u0"] == pytest.approx(3.0, rel=0.02)


def test_a_model_that_is_not_straight_is_searched() -> None:
    t = np.linspace(0, 6, 30)

    def rhs(t: float, y: FloatArray, p: dict[str, float]) -> FloatArray:
        return -p["V"] * y / (p["K"] + y)

    truth = OdeModel(rhs, ["c"], {"c": 4.0})
    data = {"time": t, "c": truth({"V": 1.5, "K": 0.8}, t)["c"]}
    log = Real(0.01, 100, scale="log")
    problem = make_problem(truth, data, {"V": log, "K": log}, Normal(0.05))
    p = start_points(problem, "auto", None).points[0]
    assert p["V"] == pytest.approx(1.5, rel=0.1)
    assert p["K"] == pytest.approx(0.8, rel=0.3)


def test_several_conditions_are_fitted_together() -> None:
    t = np.linspace(0, 3, 12)
    data = {
        name: {"time": t, "u": 2 * np.exp(-0.3 * x * t)}
        for name, x in (("a", 1.0), ("b", 3.0))
    }
    model = OdeModel(lambda t, y, p: -p["k"] * p["x"] * y, ["u"], {"u": 2.0})
    constants = {"a": {"x": 1.0}, "b": {"x": 3.0}}
    problem = make_problem(
        model, data, {"k": (0.01, 2.0)}, Normal(0.1), conditions=constants
    )
    p = start_points(problem, "auto", None).points[0]
    assert p["k"] == pytest.approx(0.3, rel=0.02)


def test_no_simulation_is_used() -> None:
    calls: list[Any] = []

    class Watched(OdeModel):
        def trajectory(self, p: Any, times: FloatArray) -> FloatArray:
            calls.append(p)
            return super().trajectory(p, times)

    model = Watched(MODEL.rhs, MODEL.states, MODEL.initial, start=1900.0)
    problem = make_problem(model, DATA, BOUNDS, LogNormal(sigma=1.0))
    begin = start_points(problem, "auto", None)
    assert len(begin.points) >= 3
    assert calls == []
    assert begin.n_simulations == 0


def test_rates_at_once_are_rates_one_by_one() -> None:
    t, Y = np.arange(3.0), np.array([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]])

    def rhs(t: Any, y: FloatArray, p: Any) -> Any:
        return [t * y[0], y[1] - y[0]]

    model = OdeModel(rhs, ["a", "b"], {"a": 0.0, "b": 0.0})
    np.testing.assert_allclose(
        rates_along(model, t, Y, {}), rates_at_once(model, t, Y, {})
    )


def test_rates_that_mix_times_are_asked_one_by_one() -> None:
    # y.sum() is the sum of the states of one time, or of all times at once.
    def rhs(t: Any, y: FloatArray, p: dict[str, float]) -> FloatArray:
        return -p["k"] * y / y.sum()

    t = np.linspace(0, 2, 10)
    truth = OdeModel(rhs, ["a", "b"], {"a": 2.0, "b": 3.0})
    out = truth({"k": 0.5}, t)
    problem = make_problem(truth, {"time": t, **out}, {"k": (0.1, 1.0)}, Normal(0.1))
    p = start_points(problem, "auto", None).points[0]
    assert p["k"] == pytest.approx(0.5, rel=0.01)


def test_an_event_or_an_unseen_state_means_no_smoothing() -> None:
    parts = MODEL.rhs, MODEL.states, MODEL.initial
    hidden = OdeModel(*parts, {"hare": "hare"}, start=1900.0)
    data = {"time": DATA["time"], "hare": HARE}
    event = OdeModel(*parts, events=[Event(1901.0)], start=1900.0)
    for problem in (
        make_problem(hidden, data, BOUNDS),
        make_problem(event, DATA, BOUNDS),
        make_problem(MODEL, DATA, BOUNDS, Normal(scale="eliminate")),
    ):
        assert observed_states(problem) is None
        assert start_points(problem, "auto", None).points == ()
        with pytest.raises(ValueError, match="all observed"):
            start_points(problem, "smoothing", None)


def test_own_points_come_first_and_none_means_none() -> None:
    own = {"a": 0.5, "b": 0.02, "c": 0.8, "d": 0.02, "u0": 30.0, "v0": 5.0}
    assert start_points(lynx(), None, own).points == (own,)
    both = start_points(lynx(), "auto", [own, own])
    assert both.points[:2] == (own, own)
    assert len(both.points) > 3


def test_straight_functions_are_known_as_such() -> None:
    low, high = np.array([0.1, 0.0]), np.array([2.0, 3.0])
    assert is_straight(lambda x: np.array([2 * x[0] - x[1] + 1, x[1]]), low, high)
    assert not is_straight(lambda x: np.array([x[0] ** 2]), low, high)
    assert not is_straight(lambda x: np.array([math.inf]), low, high)


def test_rates_that_are_nowhere_finite_give_no_point() -> None:
    model = OdeModel(lambda t, y, p: y * math.nan, ["u"], {"u": 1.0})
    t = np.arange(8.0)
    problem = make_problem(model, {"time": t, "u": np.exp(-t)}, {"k": (0, 1)})
    observed = observed_states(problem)
    assert observed is not None
    rng = np.random.default_rng(0)
    assert fit_rates(problem, curves(problem, observed, 1.0), rng) is None
    assert start_points(problem, "auto", None).points == ()


# ---- multiple shooting ----------------------------------------------------------


def shooting(problem: Calibration, gap: float) -> Shooting:
    observed = observed_states(problem)
    assert observed is not None
    pieces = [
        s for one in curves(problem, observed, 1.0) for s in cut(problem, observed, one)
    ]
    return Shooting(problem.space, pieces, gap)


def test_derivatives_are_those_of_the_residuals() -> None:
    both = {"x": DATA, "y": {key: value[:9] for key, value in DATA.items()}}
    problem = make_problem(MODEL, both, BOUNDS, LogNormal(sigma=1.0))
    one = shooting(problem, 10.0)
    w = one.begin(np.full(6, 0.45))
    h = 1e-5
    steps = h * np.eye(len(w))
    known = [(one.residuals(w + s) - one.residuals(w - s)) / (2 * h) for s in steps]
    np.testing.assert_allclose(one.jacobian(w), np.array(known).T, rtol=2e-3, atol=0.05)


def test_residuals_vanish_at_the_truth() -> None:
    p = {"a": 0.54, "b": 0.027, "c": 0.8, "d": 0.024, "u0": 34.6, "v0": 5.8}
    data = {"time": DATA["time"], **MODEL(p, DATA["time"])}
    problem = make_problem(MODEL, data, BOUNDS, LogNormal(sigma=1.0))
    one = shooting(problem, 10.0)
    u = problem.space.to_unit(problem.space.encode(p)[None, :])[0]
    w = one.begin(u)
    logs = np.log(np.column_stack([data["hare"], data["lynx"]]))
    for at, segment in zip(one.at, one.segments, strict=True):
        if not segment.is_first:
            row = np.searchsorted(data["time"], segment.grid[0])
            w[at] = logs[row] / segment.unit
    np.testing.assert_allclose(one.residuals(w), 0.0, atol=1e-3)


@pytest.mark.parametrize("seed", range(3))
def test_shooting_reaches_the_valley_from_anywhere(seed: int) -> None:
    problem = lynx()
    u = np.random.default_rng(seed).random(6)
    x = problem.space.from_unit(u[None, :])[0]
    shot = shoot(problem, shooting(problem, 1.0).segments, x)
    assert log_ssq(problem, problem.space.decode(shot.x)) < 3.0
    assert shot.n_simulations <= 130


def test_shooting_is_counted() -> None:
    fit = calibrate(
        MODEL,
        DATA,
        BOUNDS,
        noise=LogNormal(sigma=1.0),
        starts="shooting",
        max_evals=8,
        rng=0,
    )
    assert fit.n_start_simulations > 20
    assert fit.n_simulations == fit.n_start_simulations + 8
    assert "for start points" in repr(fit)
    assert log_ssq(fit.problem, fit.parameters) < 2.1


def test_a_segment_that_fails_is_no_end() -> None:
    def rhs(t: float, y: FloatArray, p: dict[str, float]) -> FloatArray:
        if p["k"] > 0.9:
            raise ArithmeticError("no")
        return -p["k"] * y

    t = np.arange(8.0)
    model = OdeModel(rhs, ["u"], {"u": 1.0})
    problem = make_problem(model, {"time": t, "u": np.exp(-0.3 * t)}, {"k": (0.1, 1.0)})
    shot = shoot(problem, shooting(problem, 1.0).segments, np.array([0.95]))
    assert np.isfinite(shot.x).all()
