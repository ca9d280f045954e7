"""Values of a calibration as half sums of squares."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from surrogo.calibration import (
    Laplace,
    LaplacePrior,
    LogNormal,
    LogNormalPrior,
    Normal,
    NormalPrior,
    Poisson,
    StudentT,
    make_problem,
)
from surrogo.calibration.deviance import roots
from surrogo.calibration.problem import Calibration
from surrogo.checks import FloatArray

T = np.linspace(0.0, 4.0, 9)
BOUNDS = {"A": (0.5, 5.0), "k": (0.1, 2.0), "s": (0.01, 3.0)}
CENTRE = {"A": 2.0, "k": 0.5, "s": 0.2}
BOTH = Normal(scale="eliminate", offset="eliminate")


def model(p: dict[str, float]) -> dict[str, FloatArray]:
    u = p["A"] * np.exp(-p["k"] * T)
    return {"u": u, "v": 3.0 * u}


def problem(noise: Any, priors: Any = None, counts: bool = False) -> Calibration:
    rng = np.random.default_rng(0)
    u = 2.0 * np.exp(-0.5 * T + 0.1 * rng.normal(size=9))
    v = 3.0 * u + 0.1 * rng.random(size=9)
    data = {"time": T, "u": np.round(u) if counts else u, "v": np.round(v)}
    return make_problem(model, data, BOUNDS, noise, priors)


def spread(of: Calibration) -> float:
    """Return how much the value less half the sum of squares varies."""
    rng = np.random.default_rng(1)
    root = roots(of.outer, of.evaluate(CENTRE).outputs)
    assert root is not None
    rests = []
    for _ in range(20):
        factors = np.exp(rng.normal(size=3) * [0.1, 0.1, 0.8])
        x = {k: v * f for (k, v), f in zip(CENTRE.items(), factors, strict=True)}
        came = of.evaluate(x)
        q = root(came.outputs)
        rests.append(came.value - 0.5 * q @ q)
    return float(np.ptp(rests))


@pytest.mark.parametrize(
    "noise",
    [
        Normal(sigma=0.1),
        Normal(),
        Normal(sigma="s"),
        {"u": Normal(sigma="s"), "v": BOTH},
        StudentT(sigma=0.1),
    ],
)
def test_values_are_half_sums_of_squares(noise: Any) -> None:
    assert spread(problem(noise)) < 1e-11


@pytest.mark.parametrize("scale", [1.0, "eliminate"])
def test_so_are_those_of_counts(scale: Any) -> None:
    assert spread(problem(Poisson(scale=scale), counts=True)) < 1e-11


def test_so_are_logarithms() -> None:
    data = {"time": T, **model(CENTRE)}
    data["u"] = data["u"] * np.exp(0.1 * np.cos(5.0 * T))
    noise = {"u": LogNormal(transform="log10"), "v": Normal(0.1)}
    assert spread(make_problem(model, data, BOUNDS, noise)) < 1e-11


def test_so_are_normal_priors() -> None:
    priors = {"A": LogNormalPrior(0.5, 0.3), "k": NormalPrior(0.5, 0.1)}
    assert spread(problem(Normal(0.1), priors)) < 1e-11


@pytest.mark.parametrize(
    ("noise", "priors"),
    [
        (Laplace(), None),
        (StudentT(sigma="s"), None),
        (Normal(sigma=lambda p, u: 0.1 + p["s"] * u), None),
        (Normal(0.1), {"A": LaplacePrior(2.0, 0.3)}),
    ],
)
def test_other_noise_has_values_alone(noise: Any, priors: Any) -> None:
    of = problem(noise, priors)
    assert roots(of.outer, of.evaluate(CENTRE).outputs) is None


def test_the_slope_at_the_estimate_is_that_of_residuals_by_sigma() -> None:
    of = problem({"u": Normal(), "v": Normal(0.1)})
    outputs = of.evaluate(CENTRE).outputs
    root = roots(of.outer, outputs)
    assert root is not None
    sigma = of.outer.likeliest(outputs)["u"]["sigma"]
    h = 1e-5
    moved = [root(outputs + side * h * np.eye(18)[3]) for side in (1.0, -1.0)]
    slope = (moved[0] - moved[1]) / (2 * h)
    at = int(np.argmax(np.abs(slope)))
    assert slope[at] == pytest.approx(1.0 / sigma, rel=1e-6)
    assert np.abs(np.delete(slope, at)).max() < 1e-6 / sigma
