"""An exponential decay as a calibration, for several tests."""

from __future__ import annotations

from typing import Any

import numpy as np

from surrogo import OdeModel
from surrogo.calibration import Normal, make_problem
from surrogo.checks import FloatArray

T = np.arange(6.0)


def decay(t: float, y: FloatArray, p: dict[str, float]) -> FloatArray:
    return -p["k"] * y


DECAY = OdeModel(decay, ["u"], {"u": "u0"})
FLAT: dict[str, Any] = {"k": (0.01, 2.0), "u0": (0.5, 5.0)}


def table(k: float = 0.4, u0: float = 3.0) -> dict[str, FloatArray]:
    wiggle = 0.05 * np.cos(5 * T)
    return {"time": T, "u": u0 * np.exp(-k * T) + wiggle}


def value_of(data: Any, model: Any = DECAY, **more: Any) -> float:
    problem = make_problem(model, data, FLAT, Normal(0.1), **more)
    return float(problem.evaluate({"k": 0.5, "u0": 2.0}).value)
