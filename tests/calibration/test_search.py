"""Whole searches: the right answer in few simulations, workers, stores."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.optimize import minimize

import surrogo
from surrogo import OdeModel, Real
from surrogo.calibration import (
    Laplace,
    LogNormal,
    LogNormalPrior,
    Noise,
    Normal,
    NormalPrior,
    Poisson,
    StudentT,
    calibrate,
    make_problem,
)
from surrogo.checks import FloatArray
from tests.calibration.lynx import BOUNDS, DATA, MODEL

T = np.linspace(0.0, 5.0, 12)


def decay(t: float, y: FloatArray, p: dict[str, float]) -> FloatArray:
    return -p["k"] * y


DECAY = OdeModel(decay, ["u"], {"u": "u0"})
BOX: dict[str, Any] = {"k": (0.01, 2.0), "u0": (1.0, 100.0)}


def noisy(seed: int, kind: str) -> dict[str, FloatArray]:
    rng = np.random.default_rng(seed)
    mean = 50 * np.exp(-0.4 * T)
    draws = {
        "normal": lambda: mean + rng.normal(0, 1, T.shape),
        "outliers": lambda: mean + rng.standard_t(1.5, T.shape),
        "counts": lambda: rng.poisson(mean).astype(np.float64),
    }
    return {"time": T, "u": draws[kind]()}


@pytest.mark.parametrize("seed", range(3))
def test_hare_and_lynx_are_solved_in_few_simulations(seed: int) -> None:
    fit = calibrate(MODEL, DATA, BOUNDS, noise=LogNormal(), max_evals=60, rng=seed)
    assert fit.nllh == pytest.approx(122.925951, abs=0.01)
    assert fit.eliminated["lynx"]["sigma"] == pytest.approx(0.22008, abs=1e-3)


@pytest.mark.parametrize(
    ("noise", "kind"),
    [
        (Normal(), "normal"),
        (Normal(sigma="s"), "normal"),
        (LogNormal(sigma="s"), "normal"),
        (Laplace(), "outliers"),
        (Laplace(sigma="s"), "outliers"),
        (StudentT(sigma="s", df=2.0), "outliers"),
        (Poisson(), "counts"),
    ],
)
def test_every_noise_is_searched_to_its_minimum(noise: Noise, kind: str) -> None:
    data, box = noisy(3, kind), dict(BOX)
    begin = {"k": 0.4, "u0": 50.0}
    if noise.sigma == "s":
        box["s"], begin["s"] = Real(1e-3, 10.0, scale="log"), 1.0
    problem = make_problem(DECAY, data, box, noise)
    u = problem.space.to_unit(problem.space.encode(begin)[None, :])[0]

    def value(v: FloatArray) -> float:
        x = problem.space.from_unit(np.clip(v, 0, 1)[None, :])[0]
        return float(problem.evaluate(x).value)

    fine = {"xatol": 1e-6, "fatol": 1e-6}
    best = minimize(value, u, method="Nelder-Mead", options=fine)
    fit = calibrate(DECAY, data, box, noise=noise, max_evals=60, rng=0)
    assert fit.value <= best.fun + 0.05


def test_priors_pull_the_estimates() -> None:
    data = noisy(1, "normal")
    priors = {"k": NormalPrior(1.0, 0.001), "u0": LogNormalPrior(np.log(50), 0.5)}
    noise = Normal(1.0)
    fit = calibrate(DECAY, data, BOX, noise=noise, priors=priors, max_evals=40, rng=0)
    assert fit.parameters is not None
    assert fit.parameters["k"] == pytest.approx(1.0, abs=0.02)
    assert fit.value != fit.nllh
    assert "with the priors" in repr(fit)


def test_several_conditions_and_a_hidden_state() -> None:
    def rhs(t: float, y: FloatArray, p: dict[str, float]) -> list[float]:
        return [-p["ka"] * y[0], p["ka"] * y[0] - p["ke"] * y[1]]

    start = {"gut": "dose", "blood": 0.0}
    model = OdeModel(rhs, ["gut", "blood"], start, {"c": "blood"})
    truth = {"ka": 1.2, "ke": 0.3}
    conditions = {"low": {"dose": 1.0}, "high": {"dose": 5.0}}
    data = {
        name: {"time": T, "c": model({**truth, **own}, T)["c"]}
        for name, own in conditions.items()
    }
    rate = Real(0.5, 5.0, scale="log")
    fit = calibrate(
        model,
        data,
        {"ka": rate, "ke": Real(0.05, 0.5, scale="log")},
        noise=Normal(0.05),
        conditions=conditions,
        max_evals=40,
        rng=0,
    )
    assert fit.parameters is not None
    for name, value in truth.items():
        assert fit.parameters[name] == pytest.approx(value, rel=0.01)


def test_workers_simulate_at_the_same_time() -> None:
    noise = LogNormal()
    fit = calibrate(MODEL, DATA, BOUNDS, noise=noise, max_evals=12, rng=0, workers=2)
    assert fit.n_simulations == 12
    assert fit.parameters is not None


def test_a_store_goes_on_with_the_same_points(tmp_path: Path) -> None:
    def run(store: str, n: int) -> surrogo.calibration.CalibrationResult:
        path = tmp_path / store
        noise = LogNormal()
        options = {"max_evals": n, "rng": 4, "store": path}
        return calibrate(MODEL, DATA, BOUNDS, noise=noise, **options)

    run("parts", 9)
    parts, whole = run("parts", 16), run("whole", 16)
    np.testing.assert_array_equal(parts.trials.rows(), whole.trials.rows())
    assert parts.nllh == whole.nllh
