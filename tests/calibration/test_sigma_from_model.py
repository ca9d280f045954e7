"""Sigmas that the model gives, and priors on log10."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from surrogo import Real
from surrogo.calibration import (
    FromModel,
    LaplacePrior,
    Normal,
    NormalPrior,
    SimulationError,
    make_problem,
)

T = np.array([0.0, 1.0, 2.0])
DATA = {"time": T, "u": [1.0, 0.5, 0.2]}


def model(p: dict[str, float]) -> dict[str, Any]:
    u = np.exp(-p["k"] * T)
    return {"u": u, "width": 0.1 + 0.2 * u}


def test_a_sigma_of_the_model_is_that_of_each_datum() -> None:
    problem = make_problem(model, DATA, {"k": (0, 2)}, Normal(sigma=FromModel("width")))
    simulated = model({"k": 0.7})
    z = (simulated["u"] - DATA["u"]) / simulated["width"]
    constant = 1.5 * math.log(2 * math.pi)
    expected = np.sum(np.log(simulated["width"]) + z * z / 2) + constant
    assert problem.evaluate({"k": 0.7}).value == pytest.approx(expected)


def test_a_sigma_that_the_model_does_not_give_is_named() -> None:
    problem = make_problem(model, DATA, {"k": (0, 2)}, Normal(sigma=FromModel("w")))
    with pytest.raises(SimulationError, match="must give the observable 'w'"):
        problem.evaluate({"k": 0.7})


@pytest.mark.parametrize("prior", [NormalPrior, LaplacePrior])
def test_a_prior_on_log10_is_the_density_of_the_decimal_logarithm(prior: Any) -> None:
    k = {"k": Real(0.01, 2, scale="log")}
    values = [
        make_problem(model, DATA, k, Normal(0.1), priors).evaluate({"k": 0.7}).value
        for priors in ({}, {"k": prior(-1.0, 0.5, scale="log10")})
    ]
    z = (math.log10(0.7) + 1) / 0.5
    normal = z * z / 2 + 0.5 * math.log(2 * math.pi)
    rho = normal if prior is NormalPrior else z + math.log(2)
    assert values[1] - values[0] == pytest.approx(rho + math.log(0.5))
    with pytest.raises(ValueError, match="must be above 0"):
        make_problem(model, DATA, {"k": (0, 2)}, priors={"k": prior(0, 1, "log10")})
