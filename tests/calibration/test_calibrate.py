"""`calibrate`: its result, and what goes wrong."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

import surrogo
from surrogo import OdeModel, Real
from surrogo.calibration import (
    Laplace,
    LogNormal,
    LogNormalPrior,
    Normal,
    NormalPrior,
    Poisson,
    SimulationError,
    StudentT,
    UniformPrior,
    calibrate,
    make_problem,
)
from surrogo.checks import FloatArray
from tests.calibration.decay import DECAY, FLAT, T, decay, table, value_of
from tests.calibration.lynx import BOUNDS, DATA, MODEL


def test_estimates_sigma_scale_and_offset() -> None:
    wide = {"time": T, "u": 5.0 * (2 * np.exp(-0.4 * T)) + 1.0 + 0.01 * np.cos(5 * T)}
    noise = Normal(scale="eliminate", offset="eliminate")
    model = OdeModel(decay, ["u"], {"u": 2.0})
    fit = calibrate(model, wide, {"k": (0.01, 2.0)}, noise=noise, max_evals=30, rng=1)
    assert fit.parameters is not None
    assert fit.parameters["k"] == pytest.approx(0.4, rel=0.02)
    assert fit.eliminated["u"]["scale"] == pytest.approx(5.0, rel=0.02)
    assert fit.eliminated["u"]["offset"] == pytest.approx(1.0, abs=0.1)
    assert 0.002 < fit.eliminated["u"]["sigma"] < 0.02


def test_a_log_scale_is_a_factor() -> None:
    wide = {"time": T, "u": 7.0 * np.exp(-0.4 * T)}
    noise = LogNormal(scale="eliminate", transform="log10", sigma=0.1)
    fit = calibrate(
        DECAY, wide, {"k": (0.01, 2.0), "u0": 1.0}, noise=noise, max_evals=20, rng=1
    )
    assert fit.eliminated["u"]["scale"] == pytest.approx(7.0, rel=0.02)
    frame = fit.to_frame()
    np.testing.assert_allclose(frame["model"], frame["value"], rtol=0.02)


def test_result_tells_what_it_knows() -> None:
    fit = calibrate(DECAY, table(), FLAT, noise=Normal(0.1), max_evals=25, rng=0)
    assert fit.success
    assert fit.n_simulations == len(fit.trials) == 25
    assert fit.parameters == fit.result.x
    assert fit.nllh == fit.value == fit.result.fun
    lines = repr(fit).splitlines()
    assert len(lines) <= 24
    assert max(map(len, lines)) <= 80
    assert "k = 0.4" in repr(fit)
    assert "25, 0 failed" in repr(fit)
    frame = fit.to_frame()
    residual = (frame["value"] - frame["model"]) / 0.1
    np.testing.assert_allclose(frame["residual"], residual, atol=1e-9)


def test_smoothing_makes_starts_without_a_simulation() -> None:
    fit = calibrate(
        MODEL, DATA, BOUNDS, noise=LogNormal(sigma=1.0), max_evals=12, rng=0
    )
    logs = np.log(np.r_[DATA["hare"], DATA["lynx"]])
    ssq = np.sum((fit.needed_outputs() - logs) ** 2)
    assert fit.n_start_simulations == 0
    assert ssq < 16  # from bounds alone the best of twelve points is above 30


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (
            {"data": {"time": T, "u": [math.nan] * 6}},
            "at least one finite value, got 6",
        ),
        ({"data": table() | {"v": [math.nan] * 6}}, r"\['v'\] have none"),
        ({"data": {"u": T}}, "must have a time"),
        ({"data": {"time": T, "u": ["x"] * 6}}, "column value"),
        ({"data": {"time": T[:5], "u": T}}, "each of the 5 times.*of .u."),
        ({"data": {"time": T, "v": T}}, "which are \\[.u.\\], got \\[.v.\\]"),
        ({"data": {"time": [math.nan] * 6, "u": T}}, "times of data"),
        ({"data": {"time": T, "observable": ["u"] * 6, "value": T, "z": T}}, "nobody"),
        (
            {"data": {"time": T, "observable": ["u"] * 6, "value": T, "sigma": -T}},
            "above 0",
        ),
        ({"data": np.ones((3, 3))}, "a column of times and one for each of"),
        ({"parameters": {}}, "must be a dict of names"),
        ({"parameters": {"k": surrogo.Integer(1, 3), "u0": 1.0}}, "must be a Real"),
        ({"noise": 3.0}, "noise must be one of the classes"),
        ({"noise": {"v": Normal()}}, "missing"),
        ({"noise": Normal(sigma="s")}, "one of the parameters"),
        ({"noise": StudentT()}, "no formula for its sigma"),
        ({"noise": Poisson()}, "must be counts"),
        (
            {"data": {"time": T, "u": T}, "noise": LogNormal()},
            "above 0 for noise on a log",
        ),
        ({"priors": {"z": NormalPrior(0, 1)}}, "one for 'z'"),
        ({"priors": {"k": UniformPrior(0.1, 1)}}, "inside its uniform prior"),
        ({"conditions": {"a": {"x": 1}}}, "conditions must have the names"),
        ({"starts": "luck"}, "starts must be one of"),
        ({"model": 3}, "model must be a function"),
    ],
)
def test_errors_say_what_to_do(change: dict[str, Any], words: str) -> None:
    given: dict[str, Any] = {"model": DECAY, "data": table(), "parameters": FLAT}
    with pytest.raises(ValueError, match=words):
        calibrate(**(given | change), max_evals=3)


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: Laplace(scale="eliminate", offset="eliminate"), "scale with offset"),
        (lambda: LogNormal(offset="eliminate"), "log scale has no formula"),
        (lambda: StudentT(sigma="eliminate"), "StudentT noise"),
        (lambda: Poisson(sigma=1.0), "no sigma"),
        (lambda: Normal(sigma=0.0), "must be above 0"),
        (lambda: Normal(transform="sqrt"), "must be one of"),
        (lambda: LogNormal(transform="linear"), "take Normal"),
        (lambda: NormalPrior(0.0, -1.0), "must be above 0"),
        (lambda: LogNormalPrior(0.0, 1.0, "linear"), "take NormalPrior"),
        (lambda: UniformPrior(1.0, 1.0), "low must be below high"),
    ],
)
def test_noise_and_priors_check_themselves(make: Any, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        make()


@pytest.mark.parametrize(
    ("model", "words"),
    [
        (lambda p: {"v": T}, "must give the observable 'u'"),
        (lambda p: {"u": T[:3]}, "must return 6 values"),
        (lambda p: np.ones((3, 2)), r"shape \(6, 1\)"),
        (lambda p: np.full(6, np.nan), "gave nan for 'u'"),
    ],
)
def test_a_model_that_returns_nonsense_is_told(model: Any, words: str) -> None:
    with pytest.raises(SimulationError, match=words):
        value_of(table(), model)


def test_log_noise_needs_a_model_above_zero() -> None:
    problem = make_problem(lambda p: -T, table(), FLAT, LogNormal())
    with pytest.raises(SimulationError, match="needs model values above 0"):
        problem.evaluate([0.5, 2.0])


def test_failed_simulations_are_recorded_trials() -> None:
    def model(p: dict[str, float]) -> FloatArray:
        if p["k"] > 1.0:
            raise ArithmeticError("the solver diverged")
        return np.asarray(p["u0"] * np.exp(-p["k"] * T))

    fit = calibrate(model, table(), FLAT, noise=Normal(0.1), max_evals=30, rng=0)
    failed = fit.trials.in_state("failed")
    assert failed
    assert all("the solver diverged" in trial.reason for trial in failed)
    assert fit.parameters is not None
    assert fit.parameters["k"] < 1.0


def test_a_model_that_always_fails_leaves_a_sentence() -> None:
    fit = calibrate(lambda p: np.full(6, np.nan), table(), FLAT, max_evals=20, rng=0)
    assert fit.parameters is None
    assert not fit.success
    assert math.isnan(fit.nllh)
    assert fit.eliminated == {}
    assert "gave nan for 'u'" in repr(fit)
    with pytest.raises(ValueError, match="no fit to show"):
        fit.to_frame()


@pytest.mark.parametrize(
    "rhs",
    [
        lambda t, y, p: 1 / 0,
        lambda t, y, p: y**2 * 10 * p["k"],  # blows up at a finite time
        lambda t, y, p: np.full(1, math.nan),
        lambda t, y, p: np.log(-y),
        lambda t, y, p: -1e9 * p["k"] * np.sign(y),  # chatters
    ],
)
def test_right_hand_sides_that_fail_do_not_hang(rhs: Any) -> None:
    model = OdeModel(rhs, ["u"], {"u": "u0"}, limits=surrogo.ode.Limits(200, 1000, 5.0))
    fit = calibrate(model, table(), FLAT, noise=Normal(0.1), max_evals=12, rng=0)
    assert fit.trials.in_state("failed")
    assert "integration stopped" in fit.trials.in_state("failed")[0].reason


def test_a_parameter_that_does_nothing_disturbs_nothing() -> None:
    bounds = FLAT | {"idle": Real(1e-3, 1e3, scale="log")}
    fit = calibrate(DECAY, table(), bounds, noise=Normal(0.1), max_evals=40, rng=0)
    assert fit.parameters is not None
    assert fit.parameters["k"] == pytest.approx(0.4, rel=0.1)
    assert fit.unread() == ("idle",)
    assert "idle: never read by the model" in repr(fit)


@pytest.mark.parametrize(
    ("model", "left"),
    [
        (lambda p: T * p["k"], ("u0",)),
        (lambda p: (lambda k, u0: T)(**p), ()),
        (lambda p: T * sum(p.values()), ()),
        (lambda p: T * p.get("u0"), ("k",)),
    ],
)
def test_what_is_never_read_is_found(model: Any, left: tuple[str, ...]) -> None:
    fit = calibrate(model, table(), FLAT, max_evals=3, rng=0)
    assert fit.unread() == left


def test_what_noise_reads_is_read() -> None:
    bounds = FLAT | {"s": (0.01, 1.0), "o": (-1.0, 1.0)}
    noise = Normal(sigma="s", offset="o")
    fit = calibrate(DECAY, table(), bounds, noise=noise, max_evals=30, rng=0)
    assert fit.unread() == ()


def test_an_estimated_sigma_begins_where_the_curves_see_it() -> None:
    rng = np.random.default_rng(1)
    t = np.linspace(0, 4, 40)
    data = {"time": t, "u": 3 * np.exp(-0.4 * t) + 0.2 * rng.normal(size=40)}
    bounds = FLAT | {"s": Real(1e-3, 10.0, scale="log")}
    fit = calibrate(DECAY, data, bounds, noise=Normal(sigma="s"), max_evals=1, rng=0)
    assert fit.parameters is not None
    assert fit.parameters["s"] == pytest.approx(0.2, rel=0.3)
