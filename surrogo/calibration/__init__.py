"""Calibration: parameters of models from data."""

from __future__ import annotations

from surrogo.calibration.answers import Answers
from surrogo.calibration.calibrate import calibrate, make_problem
from surrogo.calibration.errors import SimulationError
from surrogo.calibration.events import Event
from surrogo.calibration.noise import (
    FromModel,
    Laplace,
    LogNormal,
    Noise,
    Normal,
    Poisson,
    StudentT,
)
from surrogo.calibration.ode_model import OdeModel
from surrogo.calibration.outcome import CalibrationResult
from surrogo.calibration.outer import NegativeLogPosterior
from surrogo.calibration.priors import (
    LaplacePrior,
    LogNormalPrior,
    NormalPrior,
    UniformPrior,
)
from surrogo.calibration.problem import Calibration

__all__ = [
    "Answers",
    "Calibration",
    "CalibrationResult",
    "Event",
    "FromModel",
    "Laplace",
    "LaplacePrior",
    "LogNormal",
    "LogNormalPrior",
    "NegativeLogPosterior",
    "Noise",
    "Normal",
    "NormalPrior",
    "OdeModel",
    "Poisson",
    "SimulationError",
    "StudentT",
    "UniformPrior",
    "calibrate",
    "make_problem",
]
