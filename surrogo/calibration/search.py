"""The one place that knows how a calibration is searched."""

from __future__ import annotations

from typing import Any

from surrogo.calibration.problem import Calibration
from surrogo.optimizers.least_squares import composite
from surrogo.result import Result


def search(problem: Calibration, **options: Any) -> Result:
    """Minimise the negative log posterior; `options` are those of `optimize`."""
    return composite(problem.evaluate, problem.outer, problem.space, **options)
