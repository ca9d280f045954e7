"""`calibrate`: values with known answers, kinds of data and models, what goes wrong."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import stats

import surrogo
from surrogo import OdeModel, Real
from surrogo.calibration import (
    Laplace,
    LaplacePrior,
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
from tests.calibration.lynx import BOUNDS, DATA, MODEL

T = np.arange(6.0)


def decay(t: float, y: FloatArray, p: dict[str, float]) -> FloatArray:
    return -p["k"] * y


DECAY = OdeModel(decay, ["u"], {"u": "u0"})
FLAT: dict[str, Any] = {"k": (0.01, 2.0), "u0": (0.5, 5.0)}


def table(k: float = 0.4, u0: float = 3.0) -> dict[str, FloatArray]:
    wiggle = 0.05 * np.cos(5 * T)
    return {"time": T, "u": u0 * np.exp(-k * T) + wiggle}


# ---- values ---------------------------------------------------------------------


def test_hare_lynx_has_its_known_likelihood() -> None:
    problem = make_problem(MODEL, DATA, BOUNDS, LogNormal())
    best = {
        "a": 0.540014,
        "b": 0.027156,
        "c": 0.796599,
        "d": 0.023702,
        "u0": 34.5992,
        "v0": 5.84374,
    }
    evaluation = problem.evaluate(best)
    assert evaluation.value == pytest.approx(122.925951, abs=1e-5)
    found = problem.outer.likeliest(np.array(evaluation.outputs))
    assert found["hare"]["sigma"] == pytest.approx(0.21838, abs=1e-5)
    assert found["lynx"]["sigma"] == pytest.approx(0.22008, abs=1e-5)


@pytest.mark.parametrize(
    ("noise", "density"),
    [
        (Normal(sigma=0.3), lambda y, m: stats.norm.logpdf(y, m, 0.3)),
        (Normal(sigma="u0"), lambda y, m: stats.norm.logpdf(y, m, 2.0)),
        (
            Normal(sigma=lambda p, u: 0.1 * u),
            lambda y, m: stats.norm.logpdf(y, m, m / 10),
        ),
        (
            Normal(0.3, scale=2.0, offset="k"),
            lambda y, m: stats.norm.logpdf(y, 2 * m + 0.5, 0.3),
        ),
        (LogNormal(sigma=0.2), lambda y, m: stats.lognorm.logpdf(y, 0.2, scale=m)),
        (
            LogNormal(sigma=0.2, transform="log10"),
            lambda y, m: stats.lognorm.logpdf(y, 0.2 * math.log(10), scale=m),
        ),
        (Laplace(sigma=0.3), lambda y, m: stats.laplace.logpdf(y, m, 0.3)),
        (StudentT(sigma=0.3, df=3), lambda y, m: stats.t.logpdf(y, 3, m, 0.3)),
    ],
)
def test_values_are_minus_log_densities_of_the_data(noise: Any, density: Any) -> None:
    problem = make_problem(DECAY, table(), FLAT, noise)
    p = {"k": 0.5, "u0": 2.0}
    value = problem.evaluate(p).value
    assert value == pytest.approx(-density(table()["u"], 2 * np.exp(-0.5 * T)).sum())


def test_counts_have_the_poisson_likelihood() -> None:
    data = {"time": T, "u": [30, 22, 11, 12, 5, 0]}
    value = make_problem(DECAY, data, {"k": 0.4, "u0": 28.0}, Poisson()).evaluate(
        [0.4, 28.0]
    )
    known = -stats.poisson.logpmf(data["u"], 28 * np.exp(-0.4 * T)).sum()
    assert value.value == pytest.approx(known)


@pytest.mark.parametrize(
    ("prior", "density"),
    [
        (NormalPrior(1.0, 0.5), stats.norm(1.0, 0.5).logpdf(0.5)),
        (NormalPrior(0.3, 0.5, "log"), stats.norm(0.3, 0.5).logpdf(math.log(0.5))),
        (LogNormalPrior(0.3, 0.5), stats.lognorm(0.5, scale=math.exp(0.3)).logpdf(0.5)),
        (LaplacePrior(1.0, 0.5), stats.laplace(1.0, 0.5).logpdf(0.5)),
        (UniformPrior(0.0, 4.0), -math.log(4.0)),
    ],
)
def test_priors_add_minus_their_log_density(prior: Any, density: float) -> None:
    p = {"k": 0.5, "u0": 2.0}
    alone = make_problem(DECAY, table(), FLAT, Normal(0.1)).evaluate(p).value
    problem = make_problem(DECAY, table(), FLAT, Normal(0.1), {"k": prior})
    evaluation = problem.evaluate(p)
    assert evaluation.value - alone == pytest.approx(-density)
    assert problem.nllh(np.array(evaluation.outputs)) == pytest.approx(alone)


def test_two_observables_may_share_a_sigma() -> None:
    model = OdeModel(
        decay,
        ["u"],
        {"u": "u0"},
        observables={"u": "u", "w": lambda t, y, p: y[0] ** 2},
    )
    data = table() | {"w": np.ones(6)}
    noise = {"u": Normal(sigma="s"), "w": Laplace(sigma="s")}
    problem = make_problem(model, data, FLAT | {"s": (0.1, 2.0)}, noise)
    evaluation = problem.evaluate({"k": 0.5, "u0": 2.0, "s": 0.7})
    u = 2 * np.exp(-0.5 * T)
    known = stats.norm.logpdf(table()["u"], u, 0.7).sum()
    known += stats.laplace.logpdf(1.0, u**2, 0.7).sum()
    assert evaluation.value == pytest.approx(-known)
    assert len(np.array(evaluation.outputs)) == 13


# ---- forms of data and models ---------------------------------------------------


def value_of(data: Any, model: Any = DECAY, **more: Any) -> float:
    problem = make_problem(model, data, FLAT, Normal(0.1), **more)
    return float(problem.evaluate({"k": 0.5, "u0": 2.0}).value)


def test_all_forms_of_data_give_one_value() -> None:
    wide = table()
    long = pd.DataFrame({"time": T, "observable": "u", "value": wide["u"]})
    forms = [
        pd.DataFrame(wide),
        long,
        long.sample(frac=1.0, random_state=1),
        long.to_dict("list"),
        np.column_stack([T, wide["u"]]),
        {"only": wide},
        {"only": long},
        long.assign(sigma=0.1),
        long.assign(condition="a"),
    ]
    for form in forms:
        assert value_of(form) == pytest.approx(value_of(wide), rel=1e-12)
    own = make_problem(DECAY, long.assign(sigma=0.1), FLAT).evaluate([0.5, 2.0]).value
    assert own == pytest.approx(value_of(wide))


def test_missing_values_and_repeated_times_are_no_matter() -> None:
    wide = table()
    gaps = {"time": np.r_[T, 9.0], "u": np.r_[wide["u"], np.nan]}
    assert value_of(gaps) == pytest.approx(value_of(wide))
    twice = {"time": np.r_[T, T], "u": np.r_[wide["u"], wide["u"]]}
    assert value_of(twice) == pytest.approx(2 * value_of(wide))


@pytest.mark.parametrize(
    "model",
    [
        lambda p: {"u": p["u0"] * np.exp(-p["k"] * T)},
        lambda p: p["u0"] * np.exp(-p["k"] * T),
        lambda p, condition: (p["u0"] * np.exp(-p["k"] * T))[:, None],
        lambda p, condition=None: {"u": p["u0"] * np.exp(-p["k"] * T), "more": T},
    ],
)
def test_a_function_may_be_the_model(model: Any) -> None:
    assert value_of(table(), model) == pytest.approx(value_of(table()))


def test_conditions_bring_their_constants() -> None:
    data = {"slow": table(0.2), "fast": table(0.8)}
    constants = {"slow": {"x": 1.0}, "fast": {"x": 4.0}}
    model = OdeModel(lambda t, y, p: -p["k"] * p["x"] * y, ["u"], {"u": "u0"})
    bounds = {"k": (0.01, 1.0), "u0": (0.5, 5.0)}
    problem = make_problem(model, data, bounds, Normal(0.1), conditions=constants)
    both = problem.evaluate([0.2, 3.0]).value
    wiggle = 0.05 * np.cos(5 * T)
    assert both == pytest.approx(-2 * stats.norm.logpdf(wiggle, 0, 0.1).sum(), rel=1e-6)
    end = problem.simulate({"k": 0.2, "u0": 3.0}, [0.0, 2.0], "fast")["u"][-1]
    assert end == pytest.approx(3 * math.exp(-1.6))


def test_a_function_gets_the_condition() -> None:
    data = {"slow": table(0.2), "fast": table(0.8)}
    seen = []

    def model(p: dict[str, float], condition: dict[str, Any]) -> FloatArray:
        seen.append(condition)
        return np.asarray(p["u0"] * np.exp(-p["k"] * condition["x"] * T))

    constants = {"slow": {"x": 1.0}, "fast": {"x": 4.0}}
    make_problem(model, data, FLAT, conditions=constants).evaluate([0.2, 3.0])
    assert seen == [{"name": "slow", "x": 1.0}, {"name": "fast", "x": 4.0}]


# ---- whole calibrations ---------------------------------------------------------


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


# ---- what goes wrong ------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (
            {"data": {"time": T, "u": [math.nan] * 6}},
            "at least one finite value, got 6",
        ),
        ({"data": {"u": T}}, "must have a time"),
        ({"data": {"time": T, "u": ["x"] * 6}}, "column value"),
        ({"data": {"time": T[:5], "u": T}}, "equally long"),
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
