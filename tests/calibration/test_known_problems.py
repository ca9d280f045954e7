"""Published problems, stated as calibrations."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from surrogo import OdeModel, Real
from surrogo.calibration import CalibrationResult, Normal, calibrate, make_problem
from surrogo.calibration.starts import start_points
from surrogo.checks import FloatArray
from surrogo.problems import boehm, fitzhugh_nagumo, get


def sum_of_squares(fit: CalibrationResult) -> float:
    constants = fit.problem.data.n * math.log(2 * math.pi)
    return 2 * fit.nllh - constants  # of sigma = 1


def test_boehm_has_its_published_likelihood() -> None:
    names = ("pA", "pB", "rA")
    noise = {name: Normal(sigma=f"sd_{name}") for name in names}

    def model(p: dict[str, float]) -> FloatArray:
        return boehm.outputs(np.array([p[name] for name in boehm.PARAMETERS]))

    data = {"time": boehm.TIMES} | dict(zip(names, boehm.DATA.T, strict=True))
    bounds = dict.fromkeys(boehm.PARAMETERS, Real(1e-5, 1e5, scale="log"))
    problem = make_problem(model, data, bounds, noise)
    best = get("boehm")
    evaluation = problem.evaluate(best.x_opt[0])
    assert evaluation.value == pytest.approx(best.f_opt, abs=1e-6)
    # The sigmas that are estimated there are those that a formula finds.
    rates = dict(zip(boehm.PARAMETERS[:6], best.x_opt[0][:6].tolist(), strict=True))
    eliminated = make_problem(model, data, bounds, Normal())
    given = rates | dict.fromkeys(boehm.PARAMETERS[6:], 1.0)
    assert eliminated.evaluate(given).value == pytest.approx(best.f_opt, abs=1e-6)


def lorenz(t: float, y: FloatArray, p: dict[str, float]) -> Any:
    return (
        p["s"] * (y[1] - y[0]),
        y[0] * (p["r"] - y[2]) - y[1],
        y[0] * y[1] - p["b"] * y[2],
    )


def lotka_volterra(t: float, y: FloatArray, p: dict[str, float]) -> Any:
    return p["a"] * y[0] - p["b"] * y[0] * y[1], p["d"] * y[0] * y[1] - p["c"] * y[1]


CHAOS = OdeModel(lorenz, ["x", "y", "z"], {"x": 1.0, "y": 0.0, "z": 0.0})
CYCLE = OdeModel(lotka_volterra, ["x", "y"], {"x": 1.0, "y": 1.0})


@pytest.mark.parametrize(
    ("model", "truth", "end"),
    [
        (CHAOS, {"s": 10.0, "r": 28.0, "b": 8 / 3}, 3.0),
        (CYCLE, {"a": 1.5, "b": 1.0, "c": 3.0, "d": 1.0}, 10.0),
    ],
)
def test_smoothing_recovers_what_made_the_data(
    model: OdeModel, truth: dict[str, float], end: float
) -> None:
    t = np.linspace(0, end, 101)
    data = {"time": t, **model(truth, t)}
    problem = make_problem(model, data, dict.fromkeys(truth, (0.01, 60.0)), Normal(1.0))
    first = start_points(problem, "auto", None).points[0]
    for name, value in truth.items():
        assert first[name] == pytest.approx(value, rel=2e-3)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(3))
def test_a_noisy_neuron_with_many_valleys_is_solved(seed: int) -> None:
    def rhs(t: float, y: FloatArray, p: dict[str, float]) -> Any:
        v, r = y
        return p["c"] * (v - v**3 / 3 + r), -(v - p["a"] + p["b"] * r) / p["c"]

    best = get("fitzhugh_nagumo")
    noisy = -fitzhugh_nagumo.residuals_noisy(best.x_opt[0]).reshape(-1, 2)
    data = noisy + fitzhugh_nagumo.simulate_noisy(best.x_opt[0])
    wide = {"time": np.linspace(0, 20, 401), "V": data[:, 0], "R": data[:, 1]}
    box = dict(zip("abc", best.space.variables, strict=True))
    model = OdeModel(rhs, ["V", "R"], {"V": -1.0, "R": 1.0})
    fit = calibrate(model, wide, box, noise=Normal(1.0), max_evals=60, rng=seed)
    assert sum_of_squares(fit) <= 1.01 * best.f_opt
