"""Hare and lynx as a calibration, for several tests."""

from __future__ import annotations

from typing import Any

from surrogo import OdeModel, Real
from surrogo.checks import FloatArray
from surrogo.problems.hare_lynx import HARE, LYNX, YEARS

DATA = {"time": YEARS, "hare": HARE, "lynx": LYNX}


def rhs(t: float, y: FloatArray, p: dict[str, Any]) -> tuple[float, float]:
    u, v = y.tolist()
    return (p["a"] - p["b"] * v) * u, (p["d"] * u - p["c"]) * v


MODEL = OdeModel(rhs, ["hare", "lynx"], {"hare": "u0", "lynx": "v0"}, start=1900.0)
BOUNDS = {
    "a": Real(0.01, 2, scale="log"),
    "b": Real(0.001, 0.2, scale="log"),
    "c": Real(0.01, 2, scale="log"),
    "d": Real(0.001, 0.2, scale="log"),
    "u0": Real(1, 100, scale="log"),
    "v0": Real(0.1, 50, scale="log"),
}
