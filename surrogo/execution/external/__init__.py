"""Programs as functions: `ExternalSimulator`, from template to evaluation.

`spec` checks what a user wrote and makes a `plan` of it, which `folders`, `child` and
`outputs` carry out at each point.
"""

from __future__ import annotations

from surrogo.execution.external.errors import SimulatorError, SpecError
from surrogo.execution.external.simulator import ExternalSimulator

__all__ = ["ExternalSimulator", "SimulatorError", "SpecError"]
