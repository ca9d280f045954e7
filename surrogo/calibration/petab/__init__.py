"""Problems in the PEtab format, as calibrations."""

from __future__ import annotations

from surrogo.calibration.petab.needs import Unsupported
from surrogo.calibration.petab.problem import PetabProblem
from surrogo.calibration.petab.reading import load

__all__ = ["PetabProblem", "Unsupported", "load"]
